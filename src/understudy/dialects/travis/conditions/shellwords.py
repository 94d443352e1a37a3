"""`NAME=value NAME="other value"`, as a shell would see it, with the quotes kept."""

import re
from collections.abc import Iterator

_NAME = re.compile(r"\s*([^\s=]+)=", re.ASCII)
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


def variables(text: str) -> Iterator[tuple[str, str]]:
    """Names and values in `text`, in order; none from where it is no list of variables."""
    at = 0
    while named := _NAME.match(text, at):
        at = start = named.end()
        while piece := _PIECE.match(text, at):
            at = piece.end()
        yield named[1], text[start:at]
