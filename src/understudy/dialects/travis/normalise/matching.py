"""Whether a value has a form, and which of several forms it is to have."""

import re
from functools import lru_cache

from understudy.dialects.travis.normalise.nearness import nearest
from understudy.dialects.travis.normalise.tree import Item
from understudy.dialects.travis.schema.forms import Map, Node, OneOf, Scalar, Secret, Sequence
from understudy.dialects.travis.schema.root import everyday_keys

_NEVER_TYPOS = frozenset(
    [
        "after_vendor",
        "branch",
        "branches",
        "erlang",
        "gcc",
        "golang",
        "html",
        "jvm",
        "nvm",
        "osx",
        "pip",
        "pgsql",
        "postgres",
        "prose",
        "sdk",
        "slack",
        "start_script",
        "test",
        "trusty",
        "versions",
        "vimscript",
    ]
)
_NEVER_MEANT = frozenset({"elm_test"})


def forbidden(word: str, other: str) -> bool:
    """Whether `word` is never taken for `other`: it is a word of its own, if not here."""
    return word in _NEVER_TYPOS or word in everyday_keys() or other in _NEVER_MEANT


def custom(key: str) -> bool:
    """Whether `key` is anyone's own, for YAML's anchors: https://docs.travis-ci.com/user/customizing-the-build/"""
    return key.startswith(("_", "."))


def matches(form: Node, item: Item) -> bool:
    """Whether `item` has `form`, as far as its kinds go. Nothing at all is any list, map or scalar."""
    if isinstance(form, OneOf):
        return any(matches(one, item) for one in form.forms)
    if isinstance(form, Secret):
        return item.kind in ("secure", "str")
    if isinstance(form, Scalar):
        text = str(item.content or "")
        return item.kind in (form.kind, "none") and (not form.format or re.search(form.format, text) is not None)
    if item.kind == "none":
        return True
    if isinstance(form, Sequence):
        return item.kind == "seq" and all(matches(form.item, child) for child in item.items)
    return isinstance(form, Map) and item.kind == "map" and _matches_map(form, item)


def _matches_map(form: Map, item: Item) -> bool:
    for key, child in item.map.items():
        known = form.keys.get(key)
        if known is not None:
            if not matches(known, child):
                return False
        elif not custom(key) and (form.strict or (form.format is not None and not form.format.search(key))):
            return False
    return True


def candidates(form: OneOf, item: Item) -> tuple[Node, ...]:
    """The forms that `item` may take: the one its own words choose (a provider's), or the normal ones, or all."""
    word = _choosing_word(form.detect, item) if form.detect else None
    if word is not None:
        chosen = _chosen(form, word)
        if chosen is not None:
            item.detected = form.detect
            return (chosen,)
    return form.normal_forms


def _choosing_word(key: str, item: Item) -> str | None:
    if item.kind == "map":
        found = item.get(key)
        return found.text if found is not None and found.kind == "str" else None
    return item.text if item.kind == "str" else None


@lru_cache(maxsize=256)
def _chosen(form: OneOf, word: str) -> Node | None:
    for one in form.forms:
        for choices in _choices(one, form.detect):
            if word in choices or nearest(choices, word, forbidden) is not None:
                return one
    return None


def _choices(form: Node, key: str) -> list[tuple[str, ...]]:
    """The single choices that maps of `form` have for `key`."""
    match form:
        case OneOf():
            return [choices for one in form.forms for choices in _choices(one, key)]
        case Map():
            chosen = form.keys.get(key)
            single = isinstance(chosen, Scalar) and len(chosen.choices) == 1
            return [tuple(str(one) for one in chosen.values)] if single and isinstance(chosen, Scalar) else []
        case _:
            return []
