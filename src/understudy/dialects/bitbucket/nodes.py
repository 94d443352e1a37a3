"""What the reader does with YAML nodes: their values by the rules of YAML 1.1, and nothing where there is none."""

from collections.abc import Iterator

from understudy.model.pipeline import Text
from understudy.text.shape import is_null
from understudy.text.yaml import MISSING, Mapping, Node, Scalar, Schema, Sequence, scalar_value


def value_of(node: Node | None) -> bool | int | float | str | None:
    """What a scalar means; None for anything else, and for what stands for an alias that leads nowhere."""
    if not isinstance(node, Scalar) or node.tag == MISSING:
        return None
    return scalar_value(node, Schema.YAML_1_1)


def text_of(node: Node | None) -> Text | None:
    """A scalar as a text, with its words as they are written; None for nothing and for what is no scalar."""
    if not isinstance(node, Scalar) or is_null(node) or node.tag == MISSING:
        return None
    return Text(node.value, node.at)


def texts(node: Node | None) -> tuple[Text, ...]:
    """The texts of a list, or of a single text; what is none is left out."""
    found = (text_of(item) for item in (node.items if isinstance(node, Sequence) else (node,)))
    return tuple(one for one in found if one is not None)


def flag(node: Node | None, *, otherwise: bool) -> bool:
    """A boolean, also one in quotes."""
    value = value_of(node)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return value if isinstance(value, bool) else otherwise


def whole(node: Node | None) -> int | None:
    """A whole number, also one in quotes."""
    value = value_of(node)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def entries(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """The pairs of a map; nothing for anything else."""
    if isinstance(node, Mapping):
        yield from node.pairs


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; nothing for anything else."""
    return node.items if isinstance(node, Sequence) else ()


def member(node: Node | None, *keys: str) -> Node | None:
    """What stands under `keys`, one inside the other; None where there is nothing."""
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return None if node is None or is_null(node) else node
