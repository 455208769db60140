"""Files as received, turned into typed tables. The only package that opens files in data/raw/."""
