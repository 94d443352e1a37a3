"""A GitHub workflow file as YAML: version 1.2, with anchors, without merges, with GitHub's limits."""

import re
from collections.abc import Iterator
from dataclasses import replace

from understudy.dialects.github.nodes import value_of
from understudy.dialects.github.notes import REUSE, SYNTAX
from understudy.findings import Finding, Position, Severity
from understudy.text import yaml
from understudy.text.yaml import Loaded, Mapping, Node, Scalar, Sequence

ANCHORS = f"{REUSE}#yaml-anchors-and-aliases"
MAX_BYTES = 1024 * 1024
MAX_DEPTH = 50
MAX_NODES = 50_000
_MERGE = re.compile(r"<<(?=[ \t]*:(?:[ \t]|$))", re.MULTILINE)
_STAND_IN = "\ue000\ue000"
_TAG = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "float": (int, float), "null": (type(None),)}


def load(data: bytes, file: str) -> Loaded:
    """The document of `data`, with a finding for everything that GitHub's reader of YAML refuses in it.

    `<<` stays an ordinary key, since GitHub has no merges. Never raises. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#yaml-anchors-and-aliases.
    """
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; GitHub reads up to {MAX_BYTES:,}"
        return Loaded(None, (Finding(Severity.ERROR, "file-too-large", message, Position(file)),))
    text = data.decode("utf-8", "surrogateescape")
    merges = _MERGE.search(text) is not None and _STAND_IN not in text
    if merges:
        data = _MERGE.sub(_STAND_IN, text).encode("utf-8", "surrogateescape")
    loaded = yaml.load(data, file)
    if loaded.root is None:
        return loaded
    root = _restored(loaded.root, {}) if merges else loaded.root
    refused = tuple(_refused(root))
    endless = any(one.code in ("too-deep", "too-many-nodes") for one in refused)
    return Loaded(None if endless else root, (*map(_restored_words, loaded.findings), *refused))


def _restored(node: Node, done: dict[int, tuple[Node, Node]]) -> Node:
    """`node` with `<<` in place of what stood for it; a node that is seen twice stays one."""
    known = done.get(id(node))
    if known is not None:
        return known[1]
    new: Node
    match node:
        case Scalar():
            if _STAND_IN not in node.value:
                return node
            new = replace(node, value=node.value.replace(_STAND_IN, "<<"))
        case Sequence():
            new = replace(node, items=tuple(_restored(item, done) for item in node.items))
        case Mapping():
            pairs = [(_restored(key, done), _restored(value, done)) for key, value in node.pairs]
            new = replace(node, pairs=tuple((key, value) for key, value in pairs if isinstance(key, Scalar)))
    done[id(node)] = (node, new)
    return new


def _restored_words(finding: Finding) -> Finding:
    message = finding.message.replace(_STAND_IN, "<<")
    return Finding(finding.severity, finding.code, message, finding.at, finding.hint, finding.rule)


def _refused(root: Node) -> Iterator[Finding]:
    """Wrong tags, and more depth or nodes than GitHub follows."""
    count = 0
    stack: list[tuple[Node, int]] = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if count > MAX_NODES:
            message = f"the file has more than {MAX_NODES:,} nodes, those behind aliases counted each time"
            yield Finding(Severity.ERROR, "too-many-nodes", message, Position(root.at.file), rule=ANCHORS)
            return
        if isinstance(node, Scalar):
            yield from _wrong_tag(node)
            continue
        if depth > MAX_DEPTH:
            message = f"lists and maps stand in one another deeper than {MAX_DEPTH} levels"
            yield Finding(Severity.ERROR, "too-deep", message, node.at, rule=SYNTAX)
            return
        inner = node.items if isinstance(node, Sequence) else [one for pair in node.pairs for one in pair]
        stack += [(one, depth + 1) for one in reversed(inner)]


def _wrong_tag(node: Scalar) -> Iterator[Finding]:
    """A tag is one of YAML's own types, and the value of that type and without quotes."""
    if node.tag is None or node.tag in ("!", yaml.MISSING):
        return
    name = node.tag.removeprefix(_TAG)
    types = _TYPES.get(name) if node.tag.startswith(_TAG) else None
    if types is None:
        message = f"the tag `{node.tag}` is none that GitHub knows"
        hint = "remove it, or take one of `!!str`, `!!bool`, `!!int`, `!!float` and `!!null`"
        yield Finding(Severity.ERROR, "bad-tag", message, node.at, hint)
    elif not node.plain:
        message = f"a value with the tag `!!{name}` stands in quotes"
        yield Finding(Severity.ERROR, "bad-tag", message, node.at, "remove the tag or the quotes")
    elif type(value_of(node)) not in types:
        message = f"`{node.value}` is no value of the type `!!{name}`"
        yield Finding(Severity.ERROR, "bad-tag", message, node.at, "remove the tag")
