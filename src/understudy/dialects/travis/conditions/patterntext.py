"""Where a regular expression in a condition ends: at a space or a `)`, or between slashes."""

import re

_BARE = re.compile(r"[^ \t\r\n\f\v]*[^ \t\r\n\f\v)]")
_OUTER_SLASH = re.compile(r"^/|/$", re.MULTILINE)
_BLANK = " \t\n\v\f\r\0"


def pattern_text(rest: str) -> str | None:
    """The regular expression that `rest` begins with, slashes included; None where there is none.

    One that begins with a slash goes on to the next one that no backslash stands before, or to the end.
    """
    rest = rest.lstrip(_BLANK[:-1]).rstrip(_BLANK)
    if not rest.startswith("/"):
        found = _BARE.match(rest)
        return found.group() if found else None
    escaped = False
    for at, char in enumerate(rest[1:], 1):
        if char == "/" and not escaped:
            return rest[: at + 1]
        escaped = char == "\\"
    return rest


def unslashed(text: str) -> str:
    """`text` without the slashes around it; Travis takes one away at either end, whether or not it has a partner."""
    return _OUTER_SLASH.sub("", text)
