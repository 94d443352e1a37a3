"""JSON as `toJSON` lays it out: two spaces a level, an element a line, nothing inside of what is empty."""

import re
from collections.abc import Iterator

from understudy.dialects.github.expression.values import Array, Object, Value, to_text

_SPECIAL = re.compile('["\\\\\x00-\x1f\x85\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write_json(value: Value, level: int = 0) -> Iterator[str]:
    """The pieces of `value` as JSON; `level`: how many arrays and objects it is in.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#tojson.
    """
    match value:
        case None:
            yield "null"
        case str():
            yield _quoted(value)
        case Array(items=items):
            yield from _collection("[]", ((), items), level)
        case Object():
            yield from _collection("{}", (tuple(value.entries), tuple(value.entries.values())), level)
        case _:
            yield to_text(value)


def _collection(brackets: str, content: tuple[tuple[str, ...], tuple[Value, ...]], level: int) -> Iterator[str]:
    names, values = content
    if not values:
        yield brackets
        return
    indent = "\n" + "  " * (level + 1)
    yield brackets[0]
    for index, value in enumerate(values):
        yield f"{',' if index else ''}{indent}{_quoted(names[index]) + ': ' if names else ''}"
        yield from write_json(value, level + 1)
    yield "\n" + "  " * level + brackets[1]


def _quoted(text: str) -> str:
    return '"' + _SPECIAL.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text) + '"'
