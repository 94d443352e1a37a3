"""The only module that prints: data to one stream, words for people to the other."""

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from json import dumps
from typing import TextIO

from understudy.cli import findings, graph
from understudy.cli.paint import Paint
from understudy.findings import Finding
from understudy.plan.plan import Plan

_WIDEST = 120
_USUAL = 80


@dataclass(frozen=True, slots=True)
class Console:
    """Where text goes: data to `out`, the rest to `error`; `paint` says what these can show."""

    out: TextIO
    error: TextIO
    paint: Paint

    def data(self, *lines: str) -> None:
        """Prints lines that the user asked for, and may pipe on."""
        _print(self.out, lines)

    def say(self, *lines: str) -> None:
        """Prints lines about how it goes: progress, findings, hints."""
        _print(self.error, lines)

    def json(self, value: object) -> None:
        """Prints one value as JSON on one line, in ASCII so that any stream can carry it."""
        _print(self.out, (dumps(value, separators=(",", ":")),))


def console(shows: Mapping[str, bool]) -> Console:
    """A console on the process's own streams; `shows`: `color` and `unicode`, as config.terminal tells."""
    width = max(40, min(_columns(), _WIDEST))
    return Console(sys.stdout, sys.stderr, Paint(width, shows["color"], shows["unicode"]))


def copy_raw(console: Console, pieces: Iterable[bytes]) -> None:
    """Copies what steps printed to the data stream: as it is into a pipe, without controls of the terminal into one."""
    clean = console.out.isatty()
    buffer = console.out.buffer if hasattr(console.out, "buffer") else None
    for piece in pieces:
        if buffer is not None and not clean:
            buffer.write(piece)
        else:
            console.out.write(_harmless(piece.decode("utf-8", "replace")))
    console.out.flush()


def _harmless(text: str) -> str:
    """Colours stay; what moves the cursor, sets titles or answers queries goes."""
    return _ESCAPES.sub("", text)


_ESCAPES = re.compile(
    r"\x1b(?:\[[0-9;?]*[A-Za-ln-z@`]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[^\[\]])|[\x00-\x08\x0b\x0c\x0e-\x1a\x7f-\x9f]"
)


def show_findings(
    console: Console, noticed: Iterable[Finding], source: findings.Source, *, most: int | None = None
) -> None:
    """Prints every finding, or the gravest, with its source line, and their count."""
    console.say(*findings.finding_lines(noticed, source, console.paint, wrap=console.error.isatty(), most=most))


def failure(message: str, hint: str = "") -> None:
    """Prints an exception's message and what to do about it, before anything is known of the terminal but its width."""
    paint = Paint(width=_columns(), unicode=(sys.stderr.encoding or "").lower().startswith("utf"))
    show_error(Console(sys.stdout, sys.stderr, paint), message, hint)


def show_error(console: Console, message: str, hint: str = "") -> None:
    """Prints an exception's message and what to do about it."""
    paint = console.paint
    lead = paint.styled("error", "error")
    first, *rest = _clean_lines(message, paint)
    for line in (f"{lead}: {first}", *rest):  # whole in a pipe, for programs that look for it
        console.say(*(paint.wrap(line, first="", indent="  ") if console.error.isatty() else (line,)))
    if hint:
        console.say(*paint.wrap(paint.clean(hint), first="  hint: ", indent="        "))


def show_plans(console: Console, plans: Sequence[Plan], *, every_reason: bool = False) -> None:
    """Prints what would start, what not, and why."""
    console.data(*graph.plan_lines(plans, console.paint, every_reason=every_reason))


def show_graph(console: Console, plans: Sequence[Plan]) -> None:
    """Prints the plans as trees."""
    console.data(*graph.graph_lines(plans, console.paint))


def show_mermaid(console: Console, plans: Sequence[Plan]) -> None:
    """Prints the plans as a Mermaid flowchart."""
    console.data(graph.mermaid(plans).rstrip("\n"))


def show_json(console: Console, value: Mapping[str, object]) -> None:
    """Prints `value` as indented JSON."""
    console.data(dumps(value, indent=2))


def _clean_lines(text: str, paint: Paint) -> list[str]:
    return [paint.clean(line) for line in text.split("\n")]


def _print(stream: TextIO, lines: Iterable[str]) -> None:
    """Prints lines at once; what the stream's encoding lacks is escaped, so that printing never fails for it."""
    encoding = stream.encoding or "utf-8"
    for line in lines:
        print(line.encode(encoding, "backslashreplace").decode(encoding), file=stream)
    stream.flush()


def _columns() -> int:
    """How wide the terminal is that words for people go to; 80 where there is none."""
    for stream in (sys.__stderr__, sys.__stdout__):
        try:
            return (os.get_terminal_size(stream.fileno()).columns if stream else 0) or _USUAL
        except (OSError, ValueError):
            continue
    return _USUAL
