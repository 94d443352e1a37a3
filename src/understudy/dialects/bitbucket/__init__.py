"""Bitbucket Pipelines, as its service reads and performs it."""
