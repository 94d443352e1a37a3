"""What a file gets wrong before it runs."""
