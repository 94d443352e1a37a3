"""`NAME=value NAME="other value"`, as a shell would see it, with the quotes kept."""

import re

_NAME = re.compile(r"\s*([^\s=]+)(=?)", re.ASCII)
_PIECE = re.compile(
    r"""
      "(?:\\.|[^"\\])*"           # in double quotes
    | '[^']*'                     # in single quotes
    | `(?:\\.|[^`\\])*`           # the output of a command
    | \$\( (?:[^()]|\([^()]*\))* \)
    | \\.                         # an escaped character
    | [^\s"'`\\]                  # any other
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


def variables(text: str) -> tuple[tuple[str, str], ...]:
    """Names and values in `text`, in order, a name alone with nothing; none where it is no list of variables."""
    found: list[tuple[str, str]] = []
    at = 0
    while named := _NAME.match(text, at):
        at = start = named.end()
        while named[2] and (piece := _PIECE.match(text, at)):
            at = piece.end()
        if text[at : at + 1].strip():
            return ()  # a quote that is never closed
        found.append((named[1], text[start:at]))
    return tuple(found)
