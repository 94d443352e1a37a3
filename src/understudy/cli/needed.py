"""What a file needs from elsewhere, as a list."""

from collections.abc import Sequence

from understudy.cli.asked import Request
from understudy.cli.paint import width_of
from understudy.cli.retype import typed


def show_needed(request: Request, rows: Sequence[tuple[str, str]], lacks: str) -> None:
    """`rows`: each thing, and where it is. `lacks`: what to do about those that aren't here; empty where all are."""
    paint = request.console.paint
    shown = [(paint.clean(name), paint.clean(where)) for name, where in rows]
    column = max((width_of(name) for name, _ in shown), default=0)
    request.console.data(*(f"{paint.pad(name, column)}  {where}" for name, where in shown))
    if rows:
        request.console.say("", lacks or f"all are here; what would start: {typed(request.options, 'plan')}")
