"""What GitHub makes of YAML nodes: values by the rules of YAML 1.2, texts as its runner writes numbers."""

import re
from collections.abc import Iterator

from understudy.dialects.github.expression.numbers import format_number
from understudy.model.pipeline import Text, Tree
from understudy.text.yaml import Mapping, Node, Scalar, Schema, Sequence, scalar_value

_LONG = 300
_WHOLE = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?")


def value_of(node: Node | None) -> object:
    """A scalar as a value: GitHub knows YAML 1.2, where `on` and `yes` are words. Anything else is None."""
    if not isinstance(node, Scalar):
        return None
    value = scalar_value(node, Schema.YAML_1_2)
    endless = isinstance(value, str) and node.plain and len(value) > _LONG and _WHOLE.fullmatch(value)
    return float(node.value) if endless else value


def text_of(node: Scalar) -> str:
    """A scalar as the text that a variable gets: `3.10` without quotes is `3.1`, nothing is empty.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#literals.
    """
    value = value_of(node)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_number(float(value)) if isinstance(value, int | float) else node.value


def is_null(node: Node | None) -> bool:
    """Whether there is nothing: no node, or an empty or null one."""
    return node is None or (isinstance(node, Scalar) and value_of(node) is None)


def holds_expression(text: str) -> bool:
    """Whether `text` has a `${{` in it."""
    return "${{" in text


def late(node: Node | None) -> Text | None:
    """A scalar whose value an expression gives later; None for anything that is known by now."""
    if not isinstance(node, Scalar) or not isinstance(value_of(node), str) or not holds_expression(node.value):
        return None
    return Text(node.value, node.at)


def as_text(node: Node | None) -> Text | None:
    """A scalar as a Text; None for nothing, and for lists and maps."""
    return Text(text_of(node), node.at) if isinstance(node, Scalar) and not is_null(node) else None


def texts(node: Node | None) -> tuple[Text, ...]:
    """The texts of a value that may be one or a list of them."""
    if isinstance(node, Sequence):
        return tuple(Text(text_of(item), item.at) for item in node.items if isinstance(item, Scalar))
    one = as_text(node)
    return (one,) if one else ()


def table(node: Node | None) -> dict[str, Text]:
    """A map of names to texts; values that are no scalars are left out."""
    return {key.value: Text(text_of(value), value.at) for key, value in entries(node) if isinstance(value, Scalar)}


def entries(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """The pairs of a map; nothing for anything else."""
    if isinstance(node, Mapping):
        yield from node.pairs


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; nothing for anything else."""
    return node.items if isinstance(node, Sequence) else ()


def member(node: Node | None, key: str) -> Node | None:
    """The value of `key`, if `node` is a map that has it."""
    return node.get(key) if isinstance(node, Mapping) else None


def tree(node: Node | None) -> Tree:
    """`node` as plain values, with a Text for each scalar that holds an expression."""
    match node:
        case Scalar():
            return late(node) or scalar_value(node, Schema.YAML_1_2)
        case Sequence():
            return tuple(tree(item) for item in node.items)
        case Mapping():
            return {key.value: tree(value) for key, value in node.pairs}
        case None:
            return None
