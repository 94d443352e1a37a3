"""What Travis CI does for a language: how it is set up, and what is performed where the file says nothing."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from understudy.dialects.travis.conditions import Value

Row = Mapping[str, Value]
"""The configuration of one job."""


@dataclass(frozen=True, slots=True)
class Language:
    """A `language`. Its lines are of bash, performed in the job's shell.

    `key`: its key of versions, `default` the version where there is none, `variable` what the version is exported as.
    `programs`: those that a room must have, the first of them telling its version, and `title` what they are together.
    `settings`: further lines before anything else, in which `{version}` is filled in, as in all others. `caches`: the
    paths that a word of `cache` stands for; `mark`: what the versions are called in the keys of caches.
    """

    title: str
    key: str = ""
    default: str = ""
    variable: str = ""
    programs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    setup: str = ""
    install: tuple[str, ...] = ()
    script: tuple[str, ...] = ()
    caches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mark: str = ""

    def version(self, row: Row) -> str:
        """The version that `row` asks for."""
        return text(row.get(self.key)) or self.default if self.key else ""

    def set_up(self, row: Row) -> str:
        """The lines that set the language up; none for one that needs nothing."""
        if self.setup:
            return self.filled(self.setup, row)
        if not self.programs:
            return ""
        words = (self.title, self.version(row) or "any", *self.programs)
        return f"travis_use {shlex.join(words)}"

    def filled(self, lines: str, row: Row) -> str:
        """`lines` with what `row` says in its place."""
        virtualenv = row.get("virtualenv")
        system = isinstance(virtualenv, Mapping) and virtualenv.get("system_site_packages") is True
        filled = lines.replace("{version}", shlex.quote(self.version(row)))
        return filled.replace("{system}", "--system-site-packages" if system else "").rstrip()


def text(value: Value) -> str:
    """A value as a word: of several the first, nothing for what is no scalar."""
    if isinstance(value, tuple):
        return text(value[0]) if value else ""
    if value is None or isinstance(value, Mapping):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts(value: Value) -> tuple[str, ...]:
    """A value as words: one, or a list of them."""
    found = value if isinstance(value, tuple) else (value,)
    return tuple(word for one in found if (word := text(one)))
