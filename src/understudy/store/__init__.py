"""What stays: runs, events, logs, caches and blobs."""
