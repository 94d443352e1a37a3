"""Properties, indices and `*`: what of a value an expression picks.

See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#object-filters.
"""

import math

from understudy.dialects.github.expression.values import Array, Object, Value, is_primitive, to_number, to_text

_MAX_INDEX = 2**31 - 1


def select(value: Value, index: Value) -> Value:
    """`value[index]`: null where there is none. Of what `*` gave, that of every element which has it."""
    match value:
        case Array(filtered=True):
            return Array(tuple(found for one in value.items for found in _found(one, index)), filtered=True)
        case _:
            return next(iter(_found(value, index)), None)


def select_all(value: Value) -> Value:
    """`value.*`: the elements of an array, the values of an object; of what `*` gave, those of every element."""
    match value:
        case Array(filtered=True):
            return Array(tuple(found for one in value.items for found in _elements(one)), filtered=True)
        case _:
            return Array(_elements(value), filtered=True)


def _elements(value: Value) -> tuple[Value, ...]:
    match value:
        case Array(items=items):
            return items
        case Object():
            return tuple(value.entries.values())
        case _:
            return ()


def _found(value: Value, index: Value) -> tuple[Value, ...]:
    """What `value` has at `index`, or nothing."""
    match value:
        case Array(items=items):
            position = _position(index)
            return (items[position],) if position is not None and position < len(items) else ()
        case Object():
            name = to_text(index)
            return (value.get(name),) if is_primitive(index) and name in value else ()
        case _:
            return ()


def _position(index: Value) -> int | None:
    """`index` as a place in an array: a number that is not negative, without its fraction."""
    number = to_number(index)
    return math.floor(number) if 0 <= number <= _MAX_INDEX else None
