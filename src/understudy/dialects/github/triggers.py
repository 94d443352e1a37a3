"""The events that start a workflow, `on`, as one table whatever way they are written."""

from understudy.dialects.github.nodes import entries, is_null, items, text_of, tree
from understudy.model.pipeline import Tree
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

_TEXTS = frozenset(
    {"branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore", "types", "workflows", "names"}
)
"""Keys of an event whose value is a text or a list of texts."""


def read_triggers(on: Node | None) -> dict[str, Tree]:
    """Event by name to its table, None where it has none: `on: push` is `{"push": None}`.

    A filter is always a tuple of texts; `schedule` is a tuple of tables. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#on.
    """
    match on:
        case Scalar():
            return {} if is_null(on) else {text_of(on): None}
        case Sequence():
            return {text_of(item): None for item in on.items if isinstance(item, Scalar)}
        case Mapping():
            return {key.value: _event(value) for key, value in on.pairs}
        case None:
            return {}


def _event(node: Node) -> Tree:
    if isinstance(node, Sequence):
        return tuple(_event(item) for item in node.items)
    if not isinstance(node, Mapping):
        return None if is_null(node) else tree(node)
    return {key.value: _texts(value) if key.value in _TEXTS else tree(value) for key, value in entries(node)}


def _texts(node: Node) -> Tree:
    if isinstance(node, Scalar):
        return () if is_null(node) else (text_of(node),)
    return tuple(text_of(item) for item in items(node) if isinstance(item, Scalar))
