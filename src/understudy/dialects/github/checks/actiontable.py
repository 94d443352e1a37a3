"""What often used actions take and give, by the version that is asked for: kept in `actions.txt` beside this."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


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
    text = files("understudy.dialects.github.checks").joinpath("actions.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, refs, inputs, outputs = (part.split() for part in f"{line} |".split("|")[:4])
        found[name[0].lower()] = (
            *found.get(name[0].lower(), ()),
            Entry(tuple(refs), tuple(inputs), tuple(outputs)),
        )
    return found
