"""Replaces `<< >>` in nodes: a scalar that is nothing else takes the value with its type, the rest takes its text."""

import re
from collections.abc import Callable

from understudy.dialects.base import EvaluationError
from understudy.dialects.circleci.logic import expression_value
from understudy.dialects.circleci.nodes import literal, text, text_of
from understudy.dialects.circleci.notes import REUSING, did_you_mean
from understudy.dialects.circleci.values import UNKNOWN_VALUES
from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

Resolve = Callable[[str, Position], Node | None]
"""Gives the value of what stands between `<<` and `>>`; None leaves it as it is, for a later turn."""

MAX_TEXT = 4 * 1024 * 1024

_TAG = re.compile(r"\\<<|<<(?P<inner>(?:(?!<<).)*?)>>|(?P<open><<)", re.DOTALL)
_PARAMETER = re.compile(r"parameters\.(?P<name>[A-Za-z0-9_.-]+)")
_MATRIX = re.compile(r"matrix\.(?P<name>[A-Za-z0-9_.-]+)")
_PIPELINE = re.compile(r"\bpipeline\.")


class Substitution:
    """One turn of replacing: `resolve` gives the values."""

    def __init__(self, resolve: Resolve, notes: Notes) -> None:
        self._resolve = resolve
        self._notes = notes

    def node(self, node: Node) -> Node:
        """`node` with its tags replaced; the very same object where there were none."""
        match node:
            case Scalar():
                return self._scalar(node) if "<<" in node.value else node
            case Sequence():
                items = tuple(self.node(item) for item in node.items)
                same = all(new is old for new, old in zip(items, node.items, strict=True))
                return node if same else Sequence(items, node.at)
            case Mapping():
                return self._mapping(node)

    def _mapping(self, node: Mapping) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        same = True
        for key, value in node.pairs:
            new_key, new_value = key, self.node(value)
            if "<<" in key.value:
                replaced = self._scalar(key)
                new_key = replaced if isinstance(replaced, Scalar) else key
            same = same and new_key is key and new_value is value
            pairs.append((new_key, new_value))
        return node if same else Mapping(tuple(pairs), node.at)

    def _scalar(self, node: Scalar) -> Node:
        whole = _TAG.fullmatch(node.value)
        if whole and whole["inner"] is not None:
            value = self._resolve(whole["inner"].strip(), node.at)
            if value is None:
                return node
            return Scalar(value.value, node.at, value.plain, value.tag) if isinstance(value, Scalar) else value
        size = 0

        def replaced(tag: re.Match[str]) -> str:
            nonlocal size
            if tag["inner"] is None:
                return tag.group()
            value = self._resolve(tag["inner"].strip(), node.at)
            new = tag.group() if value is None else self._text(value, tag["inner"].strip(), node.at)
            size += len(new)
            return new if size <= MAX_TEXT else ""

        new = _TAG.sub(replaced, node.value)
        if size > MAX_TEXT:
            message = f"replacing `<< >>` here makes a text of more than {MAX_TEXT // 1024 // 1024} MiB"
            self._notes.error("text-too-long", message, node.at)
        return node if new == node.value else text(new, node.at)

    def _text(self, value: Node, inner: str, at: Position) -> str:
        if isinstance(value, Mapping):
            name = value.get("name")
            if isinstance(name, Scalar):
                return name.value
        if isinstance(value, Scalar):
            return text_of(value)
        message = f"`<< {inner} >>` holds steps, which can't stand inside a text"
        self._notes.error("not-a-text", message, at, "give them as the whole value of `steps`", REUSING + "#steps")
        return ""


def pipeline_scope(values: dict[str, object], notes: Notes, *, in_orb: bool = False) -> Resolve:
    """Resolves expressions over `pipeline.*`; everything else is left for the elements' own turn.

    Pipeline parameters are not in scope inside orbs.
    See https://circleci.com/docs/guides/orchestrate/pipeline-variables/#pipeline-parameter-scope.
    """

    def resolve(inner: str, at: Position) -> Node | None:
        if not _PIPELINE.search(inner):
            return None
        for name in UNKNOWN_VALUES:
            if name in inner and re.search(rf"{re.escape(name)}(?![\w.-])", inner):
                message = f"`{name}` can't be known here: it is empty"
                notes.warning("unknown-value-here", message, at)
        try:
            value = values[inner] if inner in values else expression_value(inner, values)
        except EvaluationError as error:
            hint = did_you_mean(inner, values, "see the list of pipeline values")
            if in_orb and "pipeline.parameters." in inner:
                hint = "pipeline parameters are not in scope inside an orb: pass the value as a parameter"
            elif inner.startswith("pipeline.parameters."):
                hint = did_you_mean(inner, (name for name in values if "parameters." in name), "declare it at the top")
            notes.error("unknown-value", error.message, at, hint, _VALUES_PAGE)
            return text("", at)
        return literal(value.replace("<<", "\\<<") if isinstance(value, str) else value, at)

    return resolve


_VALUES_PAGE = "https://circleci.com/docs/guides/orchestrate/pipeline-variables/"


def parameter_scope(values: dict[str, Node], what: str, notes: Notes) -> Resolve:
    """Resolves `parameters.*` of one element (`what` names it); anything else that is left is an error by now.

    See https://circleci.com/docs/reference/reusing-config/#the-scope-of-parameters.
    """

    def resolve(inner: str, at: Position) -> Node | None:
        named = _PARAMETER.fullmatch(inner)
        if named and named["name"] in values:
            return values[named["name"]]
        if named:
            message = f"`{named['name']}` is no parameter of {what}"
            hint = did_you_mean(named["name"], values, f"declare it under `parameters` of {what}")
            notes.error("undeclared-parameter", message, at, hint, REUSING + "#the-scope-of-parameters")
            return text("", at)
        message = f"`<< {_short(inner)} >>` is nothing that can be replaced here"
        hint = "write `\\<<` where the two signs themselves are meant, as for a here-document"
        notes.error("unknown-value", message, at, hint, REUSING)
        return text("", at)

    return resolve


def matrix_scope(values: dict[str, Node], notes: Notes) -> Resolve:
    """Resolves `matrix.*` of one cell; everything else is left.

    See https://circleci.com/docs/reference/configuration-reference/#dependencies-and-matrix-jobs.
    """

    def resolve(inner: str, at: Position) -> Node | None:
        named = _MATRIX.fullmatch(inner)
        if not named:
            return None
        if named["name"] not in values:
            message = f"`{named['name']}` is no parameter of this matrix"
            notes.error("unknown-matrix-parameter", message, at, did_you_mean(named["name"], values))
            return text("", at)
        return values[named["name"]]

    return resolve


def check_closed(node: Node, notes: Notes) -> None:
    """A finding for each `<<` that is never closed: version 2.1 takes it for the start of a value."""
    waiting: list[Node] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting.extend(value for _, value in one.pairs)
        elif isinstance(one, Sequence):
            waiting.extend(one.items)
        elif "<<" in one.value and any(tag["open"] for tag in _TAG.finditer(one.value)):
            hint = "write `\\<<` for a here-document: version 2.1 takes `<<` for the start of a value"
            notes.error("unclosed-value", "a `<<` here has no `>>`", one.at, hint, REUSING)


def unescaped(node: Node) -> Node:
    """`node` with `\\<<` as the two signs that it stands for."""
    match node:
        case Scalar():
            if "\\<<" not in node.value:
                return node
            return Scalar(node.value.replace("\\<<", "<<"), node.at, node.plain, node.tag)
        case Sequence():
            items = tuple(unescaped(item) for item in node.items)
            return node if all(a is b for a, b in zip(items, node.items, strict=True)) else Sequence(items, node.at)
        case Mapping():
            values = tuple((key, unescaped(value)) for key, value in node.pairs)
            same = all(new is old for (_, new), (_, old) in zip(values, node.pairs, strict=True))
            return node if same else Mapping(values, node.at)


def _short(inner: str) -> str:
    line = " ".join(inner.split())
    return line if len(line) <= 40 else line[:39] + "…"
