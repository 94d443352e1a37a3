"""What often used actions take and give, by version, and which are too old: kept in text files beside this."""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Entry:
    """Versions of an action with the same interface.

    An input with `!` must be given, one with `~` is deprecated. With `*` among the outputs it makes up others.
    """

    refs: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@cache
def table() -> dict[str, tuple[Entry, ...]]:
    """The entries of each action, by its name in lower case."""
    found: dict[str, tuple[Entry, ...]] = {}
    for line in _lines("actions.txt"):
        name, refs, inputs, outputs = (part.split() for part in f"{line} |".split("|")[:4])
        found[name[0].lower()] = (
            *found.get(name[0].lower(), ()),
            Entry(tuple(refs), tuple(inputs), tuple(outputs)),
        )
    return found


@cache
def too_old() -> dict[str, int]:
    """By name in lower case, the last major version that asks for a Node which GitHub's runners have no more."""
    return {name.lower(): int(version) for name, version in map(str.split, _lines("old_actions.txt"))}


def _lines(file: str) -> list[str]:
    from importlib.resources import files  # noqa: PLC0415 - needed where actions are used

    text = files("understudy.dialects.github.checks").joinpath(file).read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]
