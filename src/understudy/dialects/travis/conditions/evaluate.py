"""Judges a condition that has been read, with Ruby's notions of truth and equality, as Travis does."""

from collections.abc import Callable, Mapping
from typing import assert_never

from understudy.dialects.travis.conditions import rubyregex
from understudy.dialects.travis.conditions.data import Data, Value
from understudy.dialects.travis.conditions.errors import ConditionError
from understudy.dialects.travis.conditions.nodes import (
    Among,
    And,
    Call,
    Equal,
    Is,
    Match,
    Not,
    Operand,
    Or,
    Predicate,
    Tree,
    Variable,
    Word,
)


def holds(tree: Tree, data: Data) -> bool:
    """Whether the condition holds. Raises ConditionError where Travis can't judge it either: it then does not hold."""
    match tree:
        case And(parts):
            return all(holds(part, data) for part in parts)
        case Or(parts):
            return any(holds(part, data) for part in parts)
        case Not(inner):
            return not holds(inner, data)
        case Equal() | Match() | Among() | Is():
            return _compared(tree, data) != tree.negated
        case Variable() | Word() | Call():
            return _is_true(value_of(tree, data))
        case _:
            assert_never(tree)


def _compared(node: Equal | Match | Among | Is, data: Data) -> bool:
    match node:
        case Equal():
            return same(value_of(node.left, data), value_of(node.right, data))
        case Match():
            return _matches(node, data)
        case Among():
            return _among(node, data)
        case Is():
            return _PREDICATES[node.predicate](value_of(node.value, data))
        case _:
            assert_never(node)


def value_of(operand: Operand, data: Data) -> Value:
    """The value of `operand`; the words `true` and `false` are booleans wherever they come from."""
    match operand:
        case Variable(name):
            return _cast(data.attributes.get(name))
        case Word(text):
            return _cast(text)
        case Call():
            return _cast(_called(operand, [value_of(one, data) for one in operand.arguments], data))
        case _:
            assert_never(operand)


def same(left: Value, right: Value) -> bool:
    """Whether two values are equal, a boolean and a number never being."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def as_text(value: Value) -> str:
    """`value` as Ruby writes it into a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _called(call: Call, arguments: list[Value], data: Data) -> Value:
    if call.name == "concat":
        return "".join(as_text(one) for one in arguments)
    if len(arguments) > 1:
        raise ConditionError(f"`env` takes one name, not {len(arguments)}", call.at)
    name = arguments[0] if arguments else None
    if name is not None and not isinstance(name, str):
        raise ConditionError("`env` takes the name of a variable", call.at)
    return None if name is None else data.variable(name)


def _matches(node: Match, data: Data) -> bool:
    value = value_of(node.value, data)
    pattern = None if node.pattern is None else value_of(node.pattern, data)
    if node.pattern is None or pattern is None or pattern is False:
        return False
    if not isinstance(pattern, str):
        raise ConditionError(f"`{as_text(pattern)}` can't be used as a regular expression", node.pattern.at)
    compiled = rubyregex.compiled(pattern, node.pattern.at)
    return value is not None and rubyregex.found(compiled, as_text(value), node.pattern.at)


def _among(node: Among, data: Data) -> bool:
    if node.choices is None:
        raise ConditionError("a list of values in parentheses is expected after `IN`", node.at)
    choices = [value_of(one, data) for one in node.choices]
    value = value_of(node.value, data)
    return any(same(value, choice) for choice in choices)


def _is_true(value: Value) -> bool:
    return value is not None and value is not False


def _is_present(value: Value) -> bool:
    return bool(value) if isinstance(value, str | tuple | Mapping) else _is_true(value)


_PREDICATES: Mapping[Predicate, Callable[[Value], bool]] = {
    Predicate.PRESENT: _is_present,
    Predicate.BLANK: lambda value: not _is_present(value),
    Predicate.TRUE: _is_true,
    Predicate.FALSE: lambda value: not _is_true(value),
}


def _cast(value: Value) -> Value:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value)
    return value
