"""Text with positions: YAML and the services' patterns."""
