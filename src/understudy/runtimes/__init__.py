"""What gives a job its room."""
