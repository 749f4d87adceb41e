"""What the claims about speed rest on. `python -m benchmarks` prints a table; what it compares is of one run."""
