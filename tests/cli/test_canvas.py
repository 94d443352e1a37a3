"""The lower end of a terminal: what stands on a screen after drawing, by a small terminal of the test's own."""

import io
import re
from os import terminal_size

import pytest

from understudy.cli.canvas import Canvas

_TOKEN = re.compile(r"\x1b\[(?P<number>\d*)(?P<final>[A-Za-z])|\x1b\[\?25(?P<cursor>[lh])|(?P<plain>[\s\S])")


class Terminal(io.StringIO):
    """Rows of a terminal that is `columns` wide; lines break at its edge, and are broken anew when it is resized."""

    def __init__(self, columns: int = 40, lines: int = 10) -> None:
        super().__init__()
        self.size = terminal_size((columns, lines))
        self.rows = [""]
        self.row = self.column = 0
        self.cursor_shown = True
        self.writes = 0

    @property
    def encoding(self) -> str:  # type: ignore[override] # io.StringIO has none
        return "utf-8"

    def write(self, text: str) -> int:
        self.writes += 1
        for token in _TOKEN.finditer(text):
            if token["cursor"]:
                self.cursor_shown = token["cursor"] == "h"
            elif token["final"]:
                self._control(token["final"], int(token["number"] or 1))
            else:
                self._put(token["plain"])
        return len(text)

    def narrow(self, columns: int) -> None:
        """As terminals do that break long lines anew; the cursor stays behind the same text."""
        below = len(self.rows) - self.row
        self.rows = [row[start : start + columns] for row in self.rows for start in range(0, max(1, len(row)), columns)]
        self.size = terminal_size((columns, self.size.lines))
        self.row = len(self.rows) - below

    def shown(self) -> list[str]:
        return [row.rstrip() for row in self.rows if row.rstrip()]

    def _control(self, final: str, number: int) -> None:
        match final:
            case "A":
                assert number <= self.row, "above the first line"
                self.row -= number
            case "K":
                self.rows[self.row] = self.rows[self.row][: self.column]
            case "J":
                self.rows[self.row] = self.rows[self.row][: self.column]
                del self.rows[self.row + 1 :]
            case "m":
                pass
            case _:
                raise AssertionError(final)

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
            return
        if character == "\n" or self.column == self.size.columns:
            self.row, self.column = self.row + 1, 0
            if self.row == len(self.rows):
                self.rows.append("")
            if character == "\n":
                return
        row = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = row[: self.column] + character + row[self.column + 1 :]
        self.column += 1


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
def canvas(terminal: Terminal) -> Canvas:
    return Canvas(terminal, lambda: terminal.size)


def test_a_block_is_replaced_and_what_is_above_it_stays(terminal: Terminal, canvas: Canvas) -> None:
    canvas.draw(["one", "two", "three"], ["opening"])
    assert terminal.shown() == ["opening", "one", "two", "three"]
    canvas.draw(["1"], ["first has ended"])
    assert terminal.shown() == ["opening", "first has ended", "1"]
    canvas.draw(["a", "b"])
    assert terminal.shown() == ["opening", "first has ended", "a", "b"]
    assert not terminal.cursor_shown
    canvas.clear(["the end"])
    assert terminal.shown() == ["opening", "first has ended", "the end"]
    assert terminal.cursor_shown


def test_a_longer_line_leaves_nothing_behind(terminal: Terminal, canvas: Canvas) -> None:
    canvas.draw(["a long line indeed"])
    canvas.draw(["short"])
    assert terminal.shown() == ["short"]


def test_every_drawing_is_one_write_and_an_unchanged_one_none(terminal: Terminal, canvas: Canvas) -> None:
    canvas.draw(["one", "two"])
    canvas.draw(["one", "two"])
    assert terminal.writes == 1
    canvas.draw(["one", "three"], ["above"])
    assert terminal.writes == 2


def test_a_terminal_that_is_made_narrower_keeps_no_leftovers(terminal: Terminal, canvas: Canvas) -> None:
    canvas.draw(["x" * 39, "\x1b[2m" + "y" * 30 + "\x1b[0m"], ["opening"])
    terminal.narrow(20)
    canvas.draw(["x" * 19, "y" * 19])
    assert terminal.shown() == ["opening", "x" * 19, "y" * 19]


def test_a_block_is_never_higher_than_the_terminal(terminal: Terminal, canvas: Canvas) -> None:
    canvas.draw([str(number) for number in range(100)])
    assert len(terminal.shown()) == 9
    canvas.draw(["end"])
    assert terminal.shown() == ["end"]


def test_clearing_nothing_prints_nothing(terminal: Terminal, canvas: Canvas) -> None:
    canvas.clear()
    assert terminal.writes == 0


def test_what_the_encoding_lacks_is_escaped() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Canvas(stream, lambda: terminal_size((40, 10))).draw(["✔ done"])
    stream.flush()
    assert b"\\u2714 done" in stream.buffer.getvalue()
