"""The first argument of `format`: text with places for the other arguments.

See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#format.
"""

import re
from collections.abc import Iterator

from understudy.dialects.github.expression.errors import ExpressionError

_PIECE = re.compile(
    r"(?P<plain>[^{}]+)|(?P<brace>\{\{|\}\})|\{(?P<index>[0-9]+)(?::(?P<specifier>(?:[^}]|\}\})*))?\}(?(specifier)(?!\}))"
)
_MAX_INDEX = 255


def pieces(text: str, count: int) -> Iterator[str | int]:
    """The pieces of `text`: what is plain, and which of the `count` arguments come between. Raises ExpressionError."""
    at = 0
    found: list[str | int] = []
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None or (piece["index"] and _number(piece["index"]) > _MAX_INDEX):
            raise ExpressionError("evaluation", f"The following format string is invalid: {text}")
        if piece["index"] is None:
            found.append(piece["plain"] or piece["brace"][0])
        elif piece["specifier"]:
            raise ExpressionError("evaluation", f"The format specifiers '{piece['specifier']}' are not valid")
        elif _number(piece["index"]) >= count:
            message = f"The following format string references more arguments than were supplied: {text}"
            raise ExpressionError("evaluation", message)
        else:
            found.append(_number(piece["index"]))
        at = piece.end()
    return iter(found)


def _number(digits: str) -> int:
    return int(digits.lstrip("0")[:4] or "0")
