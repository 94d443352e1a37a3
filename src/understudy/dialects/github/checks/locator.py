"""Where in the file a part of a text stands."""

import re
from bisect import bisect_right
from dataclasses import replace
from functools import cached_property

from understudy.findings import Position
from understudy.text import yaml

_OPEN = "${{"
_ANCHOR = re.compile(r"&\S+[ \t]+")


class Locator:
    """Finds places in the text of one file; without the text (None) it is content with where a scalar begins."""

    def __init__(self, text: str | None) -> None:
        self._text = text or ""

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        starts += [found.end() for found in re.finditer(r"\r\n|\r|\n", self._text)]
        return starts

    def place(self, scalar: yaml.Scalar, offset: int) -> Position:
        """The place of the character at `offset` of the value of `scalar`.

        It is exact where that stands on one line with the `${{` before it, which is found again by counting.
        """
        if not self._text or scalar.at.line > len(self._starts):
            return scalar.at
        begin = self._starts[scalar.at.line - 1] + scalar.at.column - 1
        opening = scalar.value.rfind(_OPEN, 0, offset + len(_OPEN))
        if opening < 0:
            return self._bare(scalar, begin, offset)
        at = begin
        for _ in range(scalar.value.count(_OPEN, 0, opening + len(_OPEN))):
            at = self._text.find(_OPEN, at) + len(_OPEN)
            if at < len(_OPEN):
                return scalar.at
        between = scalar.value[opening:offset]
        return self._position(scalar.at, at - len(_OPEN) + (0 if "\n" in between else len(between)))

    def _bare(self, scalar: yaml.Scalar, begin: int, offset: int) -> Position:
        """The place in a text without `${{`."""
        anchor = _ANCHOR.match(self._text, begin)
        begin = anchor.end() if anchor else begin
        if self._text.startswith(("|", ">"), begin):
            first = re.compile(r"[^\n]*\n\s*").match(self._text, begin)
            begin = first.end() if first and "\n" not in scalar.value[:offset] else begin - offset
        elif self._text.startswith(("'", '"'), begin):
            begin += 1
        return self._position(scalar.at, begin + offset)

    def _position(self, near: Position, index: int) -> Position:
        line = bisect_right(self._starts, index)
        return replace(near, line=line, column=index - self._starts[line - 1] + 1)
