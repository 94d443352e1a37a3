"""Slips of the pen that are often made, and what was meant."""

from collections.abc import Mapping

MEANT: Mapping[str, str] = {}
