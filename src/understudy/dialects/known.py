"""Every CI language there is here, and which of them a repository uses; each is loaded when a file of it is used."""

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

from understudy.dialects.base import Dialect


def _circleci() -> Dialect:
    from understudy.dialects.circleci import CIRCLECI  # noqa: PLC0415 - a language takes longer to load than to ask

    return CIRCLECI


def _github() -> Dialect:
    from understudy.dialects.github import GITHUB  # noqa: PLC0415 - as above

    return GITHUB


def _bitbucket() -> Dialect:
    from understudy.dialects.bitbucket import BITBUCKET  # noqa: PLC0415 - as above

    return BITBUCKET


def _travis() -> Dialect:
    from understudy.dialects.travis import TRAVIS  # noqa: PLC0415 - as above

    return TRAVIS


_LOADERS: Mapping[str, Callable[[], Dialect]] = {
    "circleci": _circleci,
    "github": _github,
    "bitbucket": _bitbucket,
    "travis": _travis,
}

FILES: Mapping[str, tuple[str, ...]] = {
    "circleci": (".circleci/config.yml",),
    "github": (".github/workflows/*.yml", ".github/workflows/*.yaml"),
    "bitbucket": ("bitbucket-pipelines.yml",),
    "travis": (".travis.yml",),
}
"""The files of each language, as its `Dialect.FILES`, for whoever must not load it to know."""


class _Known(Mapping[str, Dialect]):
    """The languages by name, in the order in which a repository's files are looked for."""

    def __getitem__(self, name: str) -> Dialect:
        return _LOADERS[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(_LOADERS)

    def __len__(self) -> int:
        return len(_LOADERS)


DIALECTS: Mapping[str, Dialect] = _Known()


def dialect_of(path: str, content: bytes) -> Dialect | None:
    """The language of the file at `path`: by where it lies, else by what stands in it; None where neither tells."""
    fitting = (name for name, files in FILES.items() if any(fnmatchcase(path, pattern) for pattern in files))
    name = next(fitting, None)
    if name is not None:
        return DIALECTS[name]
    return next((one for one in DIALECTS.values() if _is_marked(one, content)), None)


def _is_marked(dialect: Dialect, content: bytes) -> bool:
    marks = dialect.TRAITS.marks
    patterns = (rf"""^(['"]?){re.escape(mark)}\1[ \t]*:""".encode() for mark in marks)
    return bool(marks) and all(re.search(pattern, content, re.MULTILINE) for pattern in patterns)


def detect(exists: Callable[[str], bool]) -> tuple[tuple[Dialect, str], ...]:
    """The CI files of a repository, each with its dialect; `exists` is asked for paths from its root."""
    return tuple((DIALECTS[name], path) for name, files in FILES.items() for path in files if exists(path))
