"""What `make bench` times. Figures depend on the machine: each run prints its number of cores."""
