"""How a `run` becomes a process: the shells that GitHub knows by name, and command lines of one's own.

See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell.
"""

import shlex
from dataclasses import dataclass

from understudy.dialects.base import EvaluationError

_POWERSHELL = """\
$ErrorActionPreference = 'stop'
{0}
if (Test-Path -LiteralPath variable:\\LASTEXITCODE) {{ exit $LASTEXITCODE }}
"""


@dataclass(frozen=True, slots=True)
class Shell:
    """One shell: its command line, to which the path of the script is appended; `otherwise` where it isn't there.

    `suffix`: the ending of the script's name; `frame`: what stands around the script's text.
    """

    argv: tuple[str, ...]
    suffix: str = ""
    otherwise: tuple[str, ...] = ()
    frame: str = "{0}"

    def script(self, body: str) -> bytes:
        """The content of the script for `body`."""
        text = body if body.endswith("\n") or self.frame != "{0}" else f"{body}\n"
        return self.frame.format(text).encode("utf-8", "surrogateescape")


DEFAULT = Shell(("/bin/bash", "-e"), ".sh", ("/bin/sh", "-e"))
"""Without `shell`: bash, or sh in a room that has none, and neither of them fails for the first part of a pipe."""

IN_CONTAINER = Shell(("sh", "-e"), ".sh")
"""Without `shell` in a job that has a container."""

KNOWN = {
    "bash": Shell(("bash", "--noprofile", "--norc", "-e", "-o", "pipefail"), ".sh"),
    "sh": Shell(("sh", "-e"), ".sh"),
    "python": Shell(("python",), ".py"),
    "pwsh": Shell(("/bin/sh", "-c", "exec pwsh -command \". '$1'\"", "sh"), ".ps1", frame=_POWERSHELL),
}
_ELSEWHERE = {"cmd": "Windows", "powershell": "Windows"}


def shell_of(written: str | None, *, in_container: bool = False) -> Shell:
    """The shell that `written` names: by a word, or as a command line with `{0}` for the script.

    None and nothing: the default. Raises EvaluationError for one that isn't there on Linux, or is none at all.
    """
    text = (written or "").strip()
    if not text:
        return IN_CONTAINER if in_container else DEFAULT
    known = KNOWN.get(text.lower())
    if known is not None:
        return known
    try:
        argv = shlex.split(text)
    except ValueError as error:
        raise EvaluationError(f"`shell: {text}` is no command line: {error}") from None
    word = argv[0].lower()
    if word in _ELSEWHERE:
        raise EvaluationError(f"the shell `{word}` is on {_ELSEWHERE[word]} alone")
    if not any("{0}" in part for part in argv):
        names = ", ".join(f"`{name}`" for name in KNOWN)
        raise EvaluationError(
            f"`shell: {text}` is neither one of {names} nor a command line with `{{0}}` for the script"
        )
    return _custom(argv, KNOWN[word].suffix if word in KNOWN else "")


def _custom(argv: list[str], suffix: str) -> Shell:
    """A command line of one's own. The script's path is always last, so a shell puts it where it belongs."""
    if argv[-1] == "{0}" and not any("{0}" in part for part in argv[:-1]):
        return Shell(tuple(argv[:-1]), suffix)
    line = " ".join(_quoted(part) for part in argv)
    return Shell(("/bin/sh", "-c", f"exec {line}", "sh"), suffix)


def _quoted(part: str) -> str:
    return '"$1"'.join(shlex.quote(piece) if piece else "" for piece in part.split("{0}")) or "''"


def emptying(argv: tuple[str, ...], paths: tuple[str, ...]) -> tuple[str, ...]:
    """`argv` by way of a shell that first empties the files at `paths`."""
    emptied = "; ".join(f": >{shlex.quote(path)}" for path in paths)
    return ("/bin/sh", "-c", f'{emptied}; exec "$@"', "sh", *argv)
