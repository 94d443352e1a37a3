"""Recognises handwritten digits in images of eight by eight pixels."""

__version__ = "1.0.0"
