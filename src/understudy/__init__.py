"""Performs a project's hosted CI on the project's own machine."""

__version__ = "0.1.0"
