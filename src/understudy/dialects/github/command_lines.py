"""A line of output that is a workflow command: `::name key=value,key=value::data`, or `##[name key=value;...]data`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Known = Callable[[str], bool]
"""Whether there is a command of this name, in small letters."""

_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
_OLD = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%"))
Escapes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `name` and the keys of `properties` in small letters, all escapes undone."""

    name: str
    data: str
    properties: Mapping[str, str] = field(default_factory=dict)


def parse(line: str, known: Known) -> Command | None:
    """The command that `line` is, or None: it is output like any other.

    White space may stand before `::`, and anything before `##[`. What is no known command is output.
    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#about-workflow-commands.
    """
    return _colons(line.lstrip(), known) or _brackets(line, known)


def _colons(line: str, known: Known) -> Command | None:
    if not line.startswith("::"):
        return None
    head, end, data = line[2:].partition("::")
    return _command(head, data, known, ",", (_DATA, _PROPERTY)) if end else None


def _brackets(line: str, known: Known) -> Command | None:
    _, begin, rest = line.partition("##[")
    head, end, data = rest.partition("]")
    return _command(head, data, known, ";", (_OLD, _OLD)) if begin and end else None


def _command(head: str, data: str, known: Known, comma: str, escapes: tuple[Escapes, Escapes]) -> Command | None:
    name, _, written = head.partition(" ")
    if not known(name.lower()):
        return None
    properties: dict[str, str] = {}
    for one in written.strip().split(comma):
        key, _, value = one.lstrip("=").partition("=")
        if key and value:
            properties[key.lower()] = _plain(value, escapes[1])
    return Command(name.lower(), _plain(data, escapes[0]), properties)


def _plain(text: str, escapes: Escapes) -> str:
    for escaped, letter in escapes:
        text = text.replace(escaped, letter)
    return text
