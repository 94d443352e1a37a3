"""What expressions compute with, and how one kind of value becomes another.

See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators for the loose comparisons.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.dialects.github.expression.numbers import format_number, parse_number


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """Values in order; equal only to itself. `filtered`: made by `*`, so that an index applies to every element."""

    items: tuple["Value", ...]
    filtered: bool = False


class Object:
    """Values by name in their order, found whatever the case of the name; equal only to itself."""

    __slots__ = ("_folded", "entries")

    def __init__(self, entries: Mapping[str, "Value"], *, case_sensitive: bool = False) -> None:
        """`case_sensitive`: as the `env` context is on Linux and macOS."""
        self.entries = entries
        self._folded = None if case_sensitive else {fold(name): value for name, value in entries.items()}

    def __contains__(self, name: str) -> bool:
        return name in self.entries if self._folded is None else fold(name) in self._folded

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, name: str) -> "Value":
        """The value by that name; None when there is none."""
        return self.entries.get(name) if self._folded is None else self._folded.get(fold(name))


Primitive = None | bool | float | str
Value = Primitive | Array | Object


def fold(text: str) -> str:
    """`text` as it is compared when case does not count: each character alone in upper case, none becoming ASCII."""
    if text.isascii():
        return text.upper()
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    upper = character.upper()
    return upper if len(upper) == 1 and (character.isascii() or not upper.isascii()) else character


def kind(value: Value) -> str:
    """What GitHub calls the kind of `value`; also the text of an array or an object."""
    match value:
        case None:
            return "Null"
        case bool():
            return "Boolean"
        case str():
            return "String"
        case Array():
            return "Array"
        case Object():
            return "Object"
        case _:
            return "Number"


def is_primitive(value: Value) -> bool:
    """Whether `value` is neither array nor object."""
    return not isinstance(value, Array | Object)


def truthy(value: Value) -> bool:
    """Whether `value` counts as true: all does but false, 0, NaN, null and the empty text."""
    if isinstance(value, Array | Object):
        return True
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def to_number(value: Value) -> float:
    """`value` as a number; NaN for arrays, objects and texts that are none."""
    match value:
        case None:
            return 0.0
        case str():
            return parse_number(value)
        case Array() | Object():
            return math.nan
        case _:
            return float(value)


def to_text(value: Value) -> str:
    """`value` as text; nothing for null, and for an array or an object the word for what it is."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Array() | Object():
            return kind(value)
        case _:
            return format_number(value)


def equal(left: Value, right: Value) -> bool:
    """Whether `left == right`: different kinds as numbers, texts whatever the case, arrays and objects if the same."""
    if isinstance(left, Array | Object) or isinstance(right, Array | Object):
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return fold(left) == fold(right)
    if type(left) is type(right):
        return left == right
    return to_number(left) == to_number(right)


def less(left: Value, right: Value) -> bool:
    """Whether `left < right`, for values as `equal` compares them; arrays, objects and two nulls have no order."""
    if isinstance(left, Array | Object) or isinstance(right, Array | Object):
        return False
    if isinstance(left, str) and isinstance(right, str):
        return _ordinal(left) < _ordinal(right)
    return to_number(left) < to_number(right)


def _ordinal(text: str) -> bytes:
    """What orders texts: their UTF-16 units, whatever the case."""
    return fold(text).encode("utf-16-be", "surrogatepass")


def from_plain(value: object) -> Value:
    """The value that plain data says: null, booleans, numbers, texts, lists and maps with texts as keys."""
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            try:
                return float(value)
            except OverflowError:
                return math.inf if value > 0 else -math.inf
        case Mapping():
            return Object({str(name): from_plain(one) for name, one in value.items()})
        case list() | tuple():
            return Array(tuple(from_plain(one) for one in value))
        case _:
            return str(value)


def to_plain(value: Value) -> object:
    """`value` as plain data: null, booleans, numbers (whole ones as integers), texts, lists and dicts."""
    match value:
        case Array(items=items):
            return [to_plain(one) for one in items]
        case Object():
            return {name: to_plain(one) for name, one in value.entries.items()}
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
