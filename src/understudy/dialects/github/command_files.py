"""What a step writes into the files that `GITHUB_ENV`, `GITHUB_OUTPUT` and their like name."""

from collections.abc import Iterator
from dataclasses import dataclass

from understudy.dialects.base import EvaluationError

PAGE = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files"

FILES = {
    "env": "set_env",
    "output": "set_output",
    "path": "add_path",
    "state": "save_state",
    "step_summary": "step_summary",
}
"""The beginning of each file's name, by what `GITHUB_` precedes in its variable (in small letters)."""

BLOCKED = frozenset({"NODE_OPTIONS"})
"""Variables that no step may set for later ones: an error that doesn't fail the step."""

LONGEST_SUMMARY_BYTES = 1024 * 1024
"""See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary."""


class CommandFileError(EvaluationError):
    """A command file isn't of the form; the step that wrote it fails."""


@dataclass(frozen=True, slots=True)
class Variables:
    """What a file sets: `all`, and of `GITHUB_ENV` those that are `free`, and the names of those that are not."""

    all: dict[str, str]
    blocked: tuple[str, ...]

    @property
    def free(self) -> dict[str, str]:
        """Those that may be set."""
        return {name: value for name, value in self.all.items() if name not in self.blocked}


def decoded(content: bytes | None) -> str:
    """A command file's text: UTF-8, a mark of byte order is no part of it."""
    return (content or b"").decode("utf-8-sig", "replace")


def pairs(text: str) -> dict[str, str]:
    """Names and values of `text`: lines `NAME=VALUE`, or `NAME<<END`, lines, and `END` on a line of its own.

    A line ends with a line feed alone. Of two values of one name the last is kept. Empty lines are skipped.
    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings.
    Raises CommandFileError.
    """
    return dict(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    lines = _Lines(text)
    while (line := lines.next()) is not None:
        if not line:
            continue
        name, sign, rest = _first(line)
        if not name:
            raise CommandFileError(f"invalid format `{line}`: it needs a name before `{sign}`")
        yield name, rest if sign == "=" else _until(lines, line, rest)


def _first(line: str) -> tuple[str, str, str]:
    """`line` split at its `=` or its `<<`, whichever comes first."""
    equals, arrows = line.find("="), line.find("<<")
    if equals < 0 and arrows < 0:
        raise CommandFileError(f"invalid format `{line}`: expected `NAME=VALUE` or `NAME<<DELIMITER`")
    return line.partition("<<" if equals < 0 or 0 <= arrows < equals else "=")


def _until(lines: "_Lines", line: str, delimiter: str) -> str:
    """The value that ends before the line `delimiter`, without its last line end."""
    if not delimiter:
        raise CommandFileError(f"invalid format `{line}`: it needs a delimiter after `<<`")
    start = end = lines.at
    while (found := lines.next()) != delimiter:
        if found is None or not lines.ended:
            raise CommandFileError(f"invalid value: there is no line `{delimiter}` to end it")
        end = lines.at - 1
    return lines.text[start:end]


class _Lines:
    """The lines of a text, and where they are. `ended`: the last one had a line end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.ended = True

    def next(self) -> str | None:
        """The next line without its end; None after the last."""
        if self.at >= len(self.text):
            return None
        start = self.at
        end = self.text.find("\n", start)
        self.ended = end >= 0
        self.at = end + 1 if self.ended else len(self.text)
        return self.text[start : end if self.ended else None]


def variables(text: str) -> Variables:
    """What a file of `GITHUB_ENV`, `GITHUB_OUTPUT` or `GITHUB_STATE` sets. Raises CommandFileError.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable.
    """
    found = pairs(text)
    return Variables(found, tuple(name for name in found if name.upper() in BLOCKED))


def folders(text: str) -> tuple[str, ...]:
    """What a file of `GITHUB_PATH` adds, the last first, as it will stand in PATH; each once.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-system-path.
    """
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return tuple(dict.fromkeys(line for line in reversed(list(lines)) if line))
