"""The composition root: finds, reads, plans and performs; alone picks concrete plug-ins."""
