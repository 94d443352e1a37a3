"""What would start for an event, and why."""
