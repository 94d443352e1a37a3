"""The addons of Travis CI that change a room: packages, sources and names; the others are named.

https://docs.travis-ci.com/user/addons/
"""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.languages import Row, text, texts

PAGE = "https://docs.travis-ci.com/user/addons/"
PERFORMED = frozenset({"apt", "apt_packages", "hosts", "hostname", "postgresql", "mariadb", "rethinkdb", "deploy"})
"""Addons that are performed here, some of them as services."""
NEEDLESS = frozenset({"ssh_known_hosts", "apt_retries"})
"""Addons that change nothing here: the project is there without a connection, and apt retries by itself."""


@dataclass(frozen=True, slots=True)
class Addon:
    """An addon that is a step: its name, what it performs, and the path of what asks for it in the configuration."""

    name: str
    title: str
    lines: str
    path: tuple[str | int, ...]


def steps(row: Row) -> Iterator[Addon]:
    """The addons of a job that are steps, in the order in which Travis performs them."""
    addons = row.get("addons")
    if not isinstance(addons, Mapping):
        return
    apt = addons.get("apt")
    sources = apt.get("sources") if isinstance(apt, Mapping) else None
    packages = texts(apt.get("packages")) if isinstance(apt, Mapping) else texts(apt)
    packages = (*packages, *texts(addons.get("apt_packages")))
    if added := tuple(_sources(sources)):
        yield Addon("apt.sources", "Add APT sources", "\n".join(added), ("addons", "apt", "sources"))
    if packages:
        lines = f"travis_apt_install {shlex.join(packages)}"
        yield Addon("apt.packages", "Install APT packages", lines, ("addons", "apt", "packages"))
    elif isinstance(apt, Mapping) and apt.get("update") is True:
        yield Addon("apt.update", "Update APT", "travis_apt_get_update", ("addons", "apt", "update"))
    if names := texts(addons.get("hosts")):
        yield Addon("hosts", "Add hosts", f"travis_hosts {shlex.join(names)}", ("addons", "hosts"))
    if name := text(addons.get("hostname")):
        yield Addon("hostname", "Set the hostname", f"travis_hostname {shlex.quote(name)}", ("addons", "hostname"))


def _sources(value: Value) -> Iterator[str]:
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, Mapping):
            line = text(one.get("sourceline")) or text(one.get("name"))
            words: tuple[str, ...] = (line, text(one.get("key_url")))
        else:
            words = (text(one),)
        if words[0]:
            yield f"travis_apt_source {shlex.join(word for word in words if word)}"


def others(row: Row) -> tuple[str, ...]:
    """The addons of a job that aren't performed here."""
    addons = row.get("addons")
    names = addons if isinstance(addons, Mapping) else {}
    return tuple(name for name in names if name not in PERFORMED | NEEDLESS and names[name] not in (None, False))
