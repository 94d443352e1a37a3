"""The functions that exist wherever there are expressions.

See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#functions.
"""

from collections.abc import Callable, Sequence

from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.formatting import pieces
from understudy.dialects.github.expression.json_reader import read_json
from understudy.dialects.github.expression.json_writer import write_json
from understudy.dialects.github.expression.memory import Memory
from understudy.dialects.github.expression.signatures import SIGNATURES, STATUS_FUNCTIONS, Kind, Signature
from understudy.dialects.github.expression.values import Array, Value, equal, fold, is_primitive, to_text

__all__ = ["FUNCTIONS", "SIGNATURES", "STATUS_FUNCTIONS", "Kind", "Signature"]

Arguments = Sequence[Value]


def _contains(arguments: Arguments, _memory: Memory) -> Value:
    where = arguments[0]
    if isinstance(where, Array):
        return any(equal(arguments[1], item) for item in where.items)
    return _compared(arguments, lambda text, part: part in text)


def _starts_with(arguments: Arguments, _memory: Memory) -> Value:
    return _compared(arguments, str.startswith)


def _ends_with(arguments: Arguments, _memory: Memory) -> Value:
    return _compared(arguments, str.endswith)


def _compared(arguments: Arguments, compare: Callable[[str, str], bool]) -> bool:
    """Both arguments as texts, case not counting; never for arrays and objects."""
    if not is_primitive(arguments[0]) or not is_primitive(arguments[1]):
        return False
    return compare(fold(to_text(arguments[0])), fold(to_text(arguments[1])))


def _format(arguments: Arguments, memory: Memory) -> Value:
    found = pieces(to_text(arguments[0]), len(arguments) - 1)
    texts = (piece if isinstance(piece, str) else to_text(arguments[piece + 1]) for piece in found)
    return "".join(memory.spend(text) for text in texts)


def _join(arguments: Arguments, memory: Memory) -> Value:
    what = arguments[0]
    if is_primitive(what):
        return to_text(what)
    if not isinstance(what, Array) or not what.items:
        return ""
    separator = ","
    if len(arguments) > 1 and len(what.items) > 1 and is_primitive(arguments[1]):
        separator = to_text(arguments[1])
    parts = [memory.spend(to_text(what.items[0]))]
    for item in what.items[1:]:
        parts += (memory.spend(separator), memory.spend(to_text(item)))
    return "".join(parts)


def _to_json(arguments: Arguments, memory: Memory) -> Value:
    return "".join(memory.spend(piece) for piece in write_json(arguments[0]))


def _from_json(arguments: Arguments, _memory: Memory) -> Value:
    return read_json(to_text(arguments[0]))


def _case(arguments: Arguments, _memory: Memory) -> Value:
    for index in range(0, len(arguments) - 1, 2):
        holds = arguments[index]
        if not isinstance(holds, bool):
            raise ExpressionError("evaluation", "case predicate must evaluate to a boolean value")
        if holds:
            return arguments[index + 1]
    return arguments[len(arguments) - 1]


FUNCTIONS: dict[str, Callable[[Arguments, Memory], Value]] = {
    "contains": _contains,
    "startswith": _starts_with,
    "endswith": _ends_with,
    "format": _format,
    "join": _join,
    "tojson": _to_json,
    "fromjson": _from_json,
    "case": _case,
}
"""By name in lower case. An argument that a function does not ask for is not evaluated."""
