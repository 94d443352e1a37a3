"""Records the README's terminal picture: runs the demo's pipeline in a terminal of its own and draws what stands there.

Run by `make picture`, which performs `make demo` first: the picture shows a run that finds its caches.
"""
# ruff: noqa: TID251, S603 - it is no part of the program, and starts it as a person would

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "build" / "demo"
PICTURE = ROOT / "docs" / "demo.svg"
COMMAND = ("understudy", "run", "build-test-deploy", "--approve", "hold-deploy")
COLUMNS, ROWS = 100, 50

_TOKEN = re.compile(r"\x1b\[(?P<arguments>[0-9;?]*)(?P<final>[A-Za-z])|\x1b\][^\x07]*\x07|\x1b.|(?P<plain>[\s\S])")
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class Screen:
    """What a terminal shows in the end: as much of one as a program needs that redraws its last lines."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = [[]]
        self.row = self.column = 0
        self.style = ""

    def feed(self, output: str) -> None:
        """Takes what a program printed."""
        for token in _TOKEN.finditer(output):
            if token["final"]:
                self._control(token["final"], token["arguments"])
            elif token["plain"] == "\n":
                self._move(1)
            elif token["plain"] == "\r":
                self.column = 0
            elif token["plain"] and token["plain"] >= " ":
                self._put(token["plain"])

    def text(self) -> Text:
        """The screen with its colours, without empty lines at the end."""
        rows = [Text.from_ansi("".join(f"\x1b[0m{cell}" for cell in line)) for line in self.lines]
        for row in rows:
            row.rstrip()
        while rows and not rows[-1].plain:
            rows.pop()
        return Text("\n").join(rows)

    def _control(self, final: str, arguments: str) -> None:
        count = int(arguments) if arguments.isdigit() else 1
        match final:
            case "m":
                self.style = "" if arguments in {"", "0"} else f"{self.style}\x1b[{arguments}m"
            case "A":
                self._move(-count)
            case "B":
                self._move(count)
            case "G":
                self.column = count - 1
            case "K":
                kept = self.column if arguments in {"", "0"} else 0
                del self.lines[self.row][kept:]
            case "J":
                del self.lines[self.row][self.column :], self.lines[self.row + 1 :]
            case _:  # shows and hides the cursor, and the like
                pass

    def _move(self, rows: int) -> None:
        self.row = max(0, self.row + rows)
        while self.row >= len(self.lines):
            self.lines.append([])

    def _put(self, character: str) -> None:
        line = self.lines[self.row]
        line += [" "] * (self.column + 1 - len(line))
        line[self.column] = self.style + character
        self.column += 1


def perform(command: tuple[str, ...]) -> str:
    """Everything that `command` prints to a terminal in the demo's repository; the program must pass."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {
        name: value for name, value in os.environ.items() if name not in {"CI", "NO_COLOR", "COLUMNS", "LINES"}
    } | {
        "UNDERSTUDY_STORE": str(DEMO / "store"),
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }
    process = subprocess.Popen(
        command, cwd=DEMO / "digits", env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    output = b""
    while chunk := _read(ours):
        output += chunk
    os.close(ours)
    if process.wait() != 0:
        sys.exit(output.decode(errors="replace"))
    return output.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux's way to say that the last program on this terminal has gone
        return b""


def main() -> None:
    """Performs, draws, writes the picture."""
    screen = Screen()
    screen.feed(f"\x1b[1m$\x1b[0m {' '.join(COMMAND)}\r\n")
    screen.feed(perform(COMMAND))
    picture = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    picture.print(screen.text(), soft_wrap=True)
    svg = picture.export_svg(title="understudy")
    # The fonts would be fetched from somewhere; a picture that asks nobody shows the reader's own.
    PICTURE.write_text(_FONT.sub("", svg), encoding="utf-8")
    sys.stderr.write(f"wrote {PICTURE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
