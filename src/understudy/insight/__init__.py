"""What runs teach: tests and their timings."""
