"""What the claims about speed rest on. `python -m benchmarks` prints a table; every figure is a ratio of one run."""
