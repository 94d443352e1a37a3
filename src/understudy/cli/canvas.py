"""The lower end of a terminal, drawn over and over: what scrolls by above it stays, and nothing flickers."""

import os
import re
from collections.abc import Callable, Sequence
from os import terminal_size
from shutil import get_terminal_size
from typing import TextIO

from understudy.cli.paint import width_of

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_ERASE_LINE, _ERASE_BELOW = "\x1b[K", "\x1b[J"


def size_of(stream: TextIO) -> terminal_size:
    """The size of the terminal behind `stream`; 80 by 24 where it doesn't tell."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return get_terminal_size()
    return size if size.columns and size.lines else terminal_size((80, 24))


class Canvas:
    """Draws a block of lines and, next time, draws over it. Not safe from several threads at once.

    Every change is one write: each line is overwritten and its rest erased, so that nothing is ever blank in between.
    """

    def __init__(self, stream: TextIO, size: Callable[[], terminal_size]) -> None:
        """`size` tells how large the terminal is now; it is asked for every drawing."""
        self._stream = stream
        self._size = size
        self._drawn: tuple[str, ...] = ()
        self._hidden = False

    def draw(self, block: Sequence[str], above: Sequence[str] = ()) -> None:
        """Replaces the block by `block`, with the lines of `above` (which stay) before it.

        Lines may be styled; those of the block must fit the terminal's width, those above may be longer.
        """
        size = self._size()
        kept = tuple(block[: max(1, size.lines - 1)])
        if not above and kept == self._drawn:
            return
        hide = "" if self._hidden else _HIDE_CURSOR
        lines = "".join(f"{line}{_ERASE_LINE}\n" for line in (*above, *kept))
        self._write(f"{hide}{self._back(size.columns)}{lines}{_ERASE_BELOW}")
        self._drawn, self._hidden = kept, True

    def clear(self, above: Sequence[str] = ()) -> None:
        """Takes the block away, leaves the lines of `above` in its place and gives the cursor back."""
        lines = "".join(f"{line}{_ERASE_LINE}\n" for line in above)
        show = _SHOW_CURSOR if self._hidden else ""
        text = f"{self._back(self._size().columns)}{lines}{_ERASE_BELOW if self._drawn else ''}{show}"
        if text:
            self._write(text)
        self._drawn, self._hidden = (), False

    def _back(self, columns: int) -> str:
        """To where the block begins. A terminal that was made narrower has broken its lines into several rows."""
        rows = sum(max(1, -(-width_of(_STYLE.sub("", line)) // max(1, columns))) for line in self._drawn)
        return f"\r\x1b[{rows}A" if rows else ""

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()
