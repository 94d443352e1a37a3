"""What the compiler does with YAML nodes: builds them, reads their values by CircleCI's YAML rules, compares them."""

from collections.abc import Hashable, Iterable, Iterator

from understudy.findings import Position
from understudy.text.yaml import Mapping, Node, PlainValue, Scalar, Schema, Sequence, plain, scalar_value

VALUE = "!value"
"""The tag of a scalar that a `<< >>` was replaced by, so that its words are no longer read as an expression."""


def value_of(node: Node | None) -> PlainValue:
    """`node` as ordinary values. CircleCI reads YAML by the rules of 1.1: `yes` and `on` are true."""
    return plain(node, Schema.YAML_1_1)


def text_of(node: Scalar) -> str:
    """A scalar as the text that a step or a variable gets: `yes` is `true`, `3.10` without quotes is `3.1`."""
    if not node.plain:
        return node.value
    value = scalar_value(node, Schema.YAML_1_1)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def written(node: Node | None) -> str:
    """`node` on one line, in YAML's flow style, for people: `and: [<< pipeline.parameters.nightly >>, not: quick]`."""
    match node:
        case None:
            return ""
        case Scalar():
            return " ".join(node.value.split())
        case Sequence():
            return f"[{', '.join(map(written, node.items))}]"
        case Mapping():
            pairs = ", ".join(f"{key.value}: {written(value)}" for key, value in node.pairs)
            return pairs if len(node.pairs) == 1 else f"{{{pairs}}}"


def is_null(node: Node | None) -> bool:
    """Whether there is nothing: no node, or an empty or null one."""
    return node is None or (isinstance(node, Scalar) and node.plain and value_of(node) is None)


def text(value: str, at: Position) -> Scalar:
    """A scalar that is text whatever it looks like."""
    return Scalar(value, at, plain=False, tag=VALUE)


def literal(value: object, at: Position) -> Scalar:
    """A scalar for a value of Python, with its type."""
    if value is None:
        return Scalar("null", at, tag=VALUE)
    if isinstance(value, bool):
        return Scalar("true" if value else "false", at, tag=VALUE)
    if isinstance(value, int | float):
        return Scalar(str(value), at, tag=VALUE)
    return text(str(value), at)


def mapping(pairs: Iterable[tuple[str, Node]], at: Position) -> Mapping:
    """A map of `pairs`, all keys at one place."""
    return Mapping(tuple((Scalar(key, at), value) for key, value in pairs), at)


def without(node: Mapping, *keys: str) -> Mapping:
    """`node` less `keys`."""
    return Mapping(tuple(pair for pair in node.pairs if pair[0].value not in keys), node.at)


def with_pair(node: Mapping, key: str, value: Node) -> Mapping:
    """`node` with `key` set to `value`, in its old place or at the end."""
    if key not in node:
        return Mapping((*node.pairs, (Scalar(key, value.at), value)), node.at)
    return Mapping(tuple((name, value if name.value == key else old) for name, old in node.pairs), node.at)


def strings(node: Node | None) -> tuple[Scalar, ...]:
    """The scalars of a value that may be one or a list of them; what is neither is left out."""
    if isinstance(node, Scalar):
        return () if is_null(node) else (node,)
    return tuple(item for item in node.items if isinstance(item, Scalar)) if isinstance(node, Sequence) else ()


def entries(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """The pairs of a map; nothing for anything else."""
    if isinstance(node, Mapping):
        yield from node.pairs


def fingerprint(node: Node | None) -> Hashable:
    """A value that is equal for nodes that say the same, wherever they stand; a map's order is no matter."""
    match node:
        case None:
            return None
        case Scalar():
            value = scalar_value(node, Schema.YAML_1_1)
            return type(value).__name__, str(value), node.tag if node.tag != VALUE else None
        case Sequence():
            return tuple(fingerprint(item) for item in node.items)
        case Mapping():
            return frozenset((key.value, fingerprint(value)) for key, value in node.pairs)


def relocated(node: Node, at: Position) -> Node:
    """`node` with every part of it at one place."""
    match node:
        case Scalar():
            return Scalar(node.value, at, node.plain, node.tag)
        case Sequence():
            return Sequence(tuple(relocated(item, at) for item in node.items), at)
        case Mapping():
            pairs = ((Scalar(key.value, at, key.plain, key.tag), relocated(value, at)) for key, value in node.pairs)
            return Mapping(tuple(pairs), at)
