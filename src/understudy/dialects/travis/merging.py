"""Puts the content of an imported file under that of the file which imports it, mode by mode.

https://docs.travis-ci.com/user/build-config-imports/#merge-modes
"""

from enum import Enum

from understudy.text import yaml


class Mode(Enum):
    """How an import is merged; in all of them the importing file wins where only one value can stay."""

    MERGE = "merge"
    DEEP_MERGE = "deep_merge"
    DEEP_MERGE_APPEND = "deep_merge_append"
    DEEP_MERGE_PREPEND = "deep_merge_prepend"


def mode(word: str) -> Mode:
    """The mode of that name, dashes being as good as underscores; the default for a word that is none."""
    known = {one.value: one for one in Mode}
    return known.get(word.replace("-", "_"), Mode.DEEP_MERGE_APPEND)


def merged(own: yaml.Mapping, imported: yaml.Mapping, how: Mode) -> yaml.Mapping:
    """`own` with what only `imported` has, its keys first.

    Deep modes do the same with maps inside. `append` puts the items of own lists behind the imported ones, `prepend`
    before them; in other modes own lists replace the imported ones.
    """
    theirs = {key.value: value for key, value in imported}
    pairs: list[tuple[yaml.Scalar, yaml.Node]] = [
        (key, _joined(value, theirs[key.value], how) if key.value in theirs else value) for key, value in own
    ]
    pairs += [(key, value) for key, value in imported if key.value not in own]
    return yaml.Mapping(tuple(pairs), own.at, own.tag, own.anchor, (*own.repeated, *imported.repeated))


def _joined(own: yaml.Node, theirs: yaml.Node, how: Mode) -> yaml.Node:
    if how is Mode.MERGE:
        return own
    if isinstance(own, yaml.Mapping) and isinstance(theirs, yaml.Mapping):
        return merged(own, theirs, how)
    if isinstance(own, yaml.Sequence) and isinstance(theirs, yaml.Sequence):
        if how is Mode.DEEP_MERGE_APPEND:
            return yaml.Sequence((*theirs.items, *own.items), own.at, own.tag, own.anchor)
        if how is Mode.DEEP_MERGE_PREPEND:
            return yaml.Sequence((*own.items, *theirs.items), own.at, own.tag, own.anchor)
    return own
