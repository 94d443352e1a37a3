"""Every CI language there is here, and which of them a repository uses."""

from collections.abc import Callable

from understudy.dialects.base import Dialect
from understudy.dialects.circleci import CIRCLECI
from understudy.dialects.github import GITHUB

DIALECTS: dict[str, Dialect] = {dialect.NAME: dialect for dialect in (CIRCLECI, GITHUB)}


def detect(exists: Callable[[str], bool]) -> tuple[tuple[Dialect, str], ...]:
    """The CI files of a repository, each with its dialect; `exists` is asked for paths from its root."""
    return tuple((dialect, path) for dialect in DIALECTS.values() for path in dialect.FILES if exists(path))
