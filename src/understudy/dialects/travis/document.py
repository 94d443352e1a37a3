"""Reads the text of a `.travis.yml`, or of a file that it imports, as Travis's YAML library does."""

import re
from collections.abc import Iterator
from dataclasses import replace

from understudy.findings import Finding, Position, Severity
from understudy.text import yaml

_YAML = "https://docs.travis-ci.com/user/build-config-yaml/"
_HARD_SPACES = re.compile("^\u00a0+", re.MULTILINE)
_TOLERATED = frozenset({"unknown-anchor", "bad-merge"})

MOST_VALUES = 100_000
"""More than any real file has, however often it repeats itself."""


def load(data: bytes | str, path: str) -> yaml.Loaded:
    """The content of the file at `path`, which must be a map, with findings for what is wrong with its YAML.

    Repeated keys are left for `normalise` to tell, merges replace the keys above them, and hard spaces indent as
    ordinary ones do. https://docs.travis-ci.com/user/build-config-yaml/
    """
    loaded = yaml.load(_soft(data), path, duplicates=None, later_merges_win=True)
    told = [replace(one, tolerated=one.tolerated or one.code in _TOLERATED) for one in loaded.findings]
    root = loaded.root
    if root is not None and _size(root, {}) > MOST_VALUES:
        message = f"aliases make more than {MOST_VALUES:,} values of this file"
        return yaml.Loaded(None, (*told, Finding(Severity.ERROR, "alias-bomb", message, root.at, "", _YAML)))
    if isinstance(root, yaml.Mapping):
        return yaml.Loaded(root, (*told, *_beyond_ascii(root)))
    if root is not None and not (isinstance(root, yaml.Scalar) and root.plain and root.value in ("", "~", "null")):
        hint = "write `key: value` lines"
        told.append(Finding(Severity.ERROR, "not-a-map", "the file must hold a map", root.at, hint, _YAML))
    return yaml.Loaded(None, tuple(told))


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values there are in `node` with its aliases followed; `known` by the ids of nodes."""
    if isinstance(node, yaml.Scalar):
        return 1
    if id(node) not in known:
        inner = node.items if isinstance(node, yaml.Sequence) else [value for _, value in node]
        known[id(node)] = 1 + sum(_size(one, known) for one in inner)
    return known[id(node)]


def _soft(data: bytes | str) -> bytes | str:
    """With spaces for hard spaces that lines begin with. What is no UTF-8 is left for the loader to tell."""
    if isinstance(data, bytes):
        try:
            data = data.decode()
        except UnicodeDecodeError:
            return data
    return _HARD_SPACES.sub(lambda found: " " * len(found[0]), data)


def _beyond_ascii(root: yaml.Node) -> tuple[Finding, ...]:
    """Travis drops all letters that aren't ASCII before it reads a file; here they stay."""
    first = min(_foreign(root), default=None)
    if first is None:
        return ()
    message = "Travis leaves letters that aren't ASCII out of its file; here they stay"
    hint = "inside double quotes, escapes like `\\u00fc` survive"
    return (Finding(Severity.NOTE, "beyond-ascii", message, first, hint, _YAML),)


def _foreign(node: yaml.Node) -> Iterator[Position]:
    match node:
        case yaml.Scalar():
            if not node.value.isascii():
                yield node.at
        case yaml.Sequence():
            for item in node.items:
                yield from _foreign(item)
        case yaml.Mapping():
            for key, value in node:
                yield from _foreign(key)
                yield from _foreign(value)
