"""What `make bench` times. Figures depend on the machine: each run prints its cores, Python and date."""
