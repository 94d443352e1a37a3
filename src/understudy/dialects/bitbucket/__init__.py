"""Bitbucket Pipelines, as its service reads and performs it."""

from understudy.dialects.bitbucket.dialect import BITBUCKET

__all__ = ["BITBUCKET"]
