"""Pipes: programs in images of their own, called in the midst of a script."""

from understudy.dialects.bitbucket.pipes.made import step

__all__ = ["step"]
