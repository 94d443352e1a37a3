"""The entry point: arguments to a command, exceptions to one line, a hint and an exit code."""

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from understudy import __version__
from understudy.cli import streams


def entry() -> NoReturn:
    """The command: as `main`, and gone at once, since taking every module apart costs as much as a small command."""
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads any more, or what is written to is full: the command had its own word on it
        code = code or 1
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program; gives its exit code (see errors.py)."""
    streams.settle()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:  # the most frequent question of scripts, answered without loading anything
        sys.stdout.write(f"understudy {__version__}\n")
        return 0
    # Reading and planning make hundreds of thousands of objects and hardly a cycle: collecting there would take a third
    # of the time and find nothing. What goes on for longer (a run) turns it on again.
    gc.disable()
    from understudy.cli import handler  # noqa: PLC0415 - only now

    return handler.run(arguments)
