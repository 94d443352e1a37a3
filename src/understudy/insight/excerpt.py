"""Of a step's log, the few lines that tell why it failed."""

import re
from collections.abc import Sequence

_MOST_LINES = 12
_BEFORE_CAUSE = 6
_LAST = 4

# ECMA-48: control sequences, operating system commands (titles, links), and the two-character escapes.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|[\x00-\x08\x0b-\x1a\x7f]")

_PROGRESS = re.compile(
    r"""^\s*(?:
        (?:.{0,60}\s)?\d{1,3}(?:\.\d+)?\s?%(?:\s.*)?                      # 42% and what stands beside it
      | [\s|#=.\-━╸╺█▏▎▍▌▋▊▉░▒>]*\d*                                     # bars and rulers
      | [━╸╺█▏▎▍▌▋▊▉░▒]{3,}.*
      | (?:Collecting|Downloading|Using\ cached|Requirement\ already\ satisfied|Installing\ collected|Preparing|Fetching
        |Get:\d+|Hit:\d+|Selecting\ previously|Unpacking|Setting\ up|Processing\ triggers)\b.*
    )$""",
    re.VERBOSE,
)
_CAUSE = re.compile(
    r"""(?:
        ^E\ {2,}\S                                                        # pytest
      | ^[\w.]*(?:Error|Exception|Interrupt)\b:?                          # a traceback's last line
      | \b(?:error|fatal|panic)(?:\[\w+\])?:                              # compilers, git, Go, Rust
      | ^\s*(?:ERROR|FATAL|FAIL|CRITICAL)\b
      | ^npm\ ERR!\ (?!A\ complete\ log)
      | :\ (?:command\ not\ found|No\ such\ file\ or\ directory|Permission\ denied)$
      | \bAssertionError\b | \bSegmentation\ fault\b | \bKilled$
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# Said by those who only pass the failure of another on.
_TRAILER = re.compile(
    r"^(?:g?make(?:\[\d+\])?: \*\*\*|npm ERR! code|ERROR: InvocationError|error: Recipe )|exited with code"
)
_COUNTS = re.compile(r"^(?:E\s+)?(?:\d+ )?(?:errors?|failures?)[:=]? ?0\b|\b0 errors?\b", re.IGNORECASE)


def plain(line: str) -> str:
    """`line` as it stood in the end: of a progress bar its last state, without colours, titles and other controls."""
    return _ESCAPE.sub("", line.rstrip("\r\n").rpartition("\r")[2]).rstrip()


def relevant(lines: Sequence[str], most: int = _MOST_LINES) -> list[str]:
    """At most `most` of `lines`: those around the last that names an error, and the end; blank and progress lines go.

    Where none names an error, or where that one is near the end anyway, it is the last lines. Lines that were left out
    in between are told of by `...`.
    """
    shown = [line for line in map(plain, lines) if line.strip()]
    said = [line for line in shown if not _PROGRESS.match(line)] or shown
    if len(said) <= most:
        return said
    cause = next((index for index in reversed(range(len(said))) if _names_error(said[index])), None)
    if cause is None or cause >= len(said) - most:
        return said[-most:]
    start = max(0, cause - _BEFORE_CAUSE + 1)
    end = start + most - _LAST - 1
    return [*said[start:end], "...", *said[-_LAST:]]


def _names_error(line: str) -> bool:
    return bool(_CAUSE.search(line)) and not _TRAILER.search(line) and not _COUNTS.search(line)
