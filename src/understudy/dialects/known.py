"""Every CI language there is here, and which of them a repository uses."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from understudy.dialects.base import Dialect
from understudy.dialects.circleci import CIRCLECI
from understudy.dialects.github import GITHUB

DIALECTS: dict[str, Dialect] = {dialect.NAME: dialect for dialect in (CIRCLECI, GITHUB)}


def dialect_of(path: str, content: bytes) -> Dialect | None:
    """The language of the file at `path`: by where it lies, else by what stands in it; None where neither tells."""
    fitting = (one for one in DIALECTS.values() if any(fnmatchcase(path, pattern) for pattern in one.FILES))
    return next(fitting, None) or next((one for one in DIALECTS.values() if _is_marked(one, content)), None)


def _is_marked(dialect: Dialect, content: bytes) -> bool:
    marks = dialect.TRAITS.marks
    patterns = (rf"""^(['"]?){re.escape(mark)}\1[ \t]*:""".encode() for mark in marks)
    return bool(marks) and all(re.search(pattern, content, re.MULTILINE) for pattern in patterns)


def detect(exists: Callable[[str], bool]) -> tuple[tuple[Dialect, str], ...]:
    """The CI files of a repository, each with its dialect; `exists` is asked for paths from its root."""
    return tuple((dialect, path) for dialect in DIALECTS.values() for path in dialect.FILES if exists(path))
