"""Brings values into the form that Travis wants: cast, wrapped into lists, put under the key that was meant."""

from understudy.dialects.travis.normalise.caching import cached
from understudy.dialects.travis.normalise.casting import cast
from understudy.dialects.travis.normalise.environment import entries
from understudy.dialects.travis.normalise.matching import candidates, matches
from understudy.dialects.travis.normalise.naming import known_keys
from understudy.dialects.travis.normalise.spelling import spelled
from understudy.dialects.travis.normalise.tree import Content, Item
from understudy.dialects.travis.schema.forms import Map, Node, OneOf, Scalar, Secret, Sequence

_INHERITED = ("on_success", "on_failure")
_DEEPEST = 24
"""So many lists within lists are looked into for the value that was meant."""


def change(form: Node, item: Item, *, depth: int = 0) -> Item:
    """`item` in `form`, as far as it can be brought there; the rest is for `validate` to complain of."""
    match form:
        case OneOf():
            return _change_to_one(form, item, depth)
        case Sequence():
            return _change_to_sequence(form, item, depth)
        case Map():
            return _change_to_map(form, item, depth)
        case Secret():
            return _picked(form, item, depth)
        case Scalar():
            return spelled(form, _cast(form, _picked(form, item, depth)))
        case _:
            raise TypeError(form)


def _change_to_one(form: OneOf, item: Item, depth: int) -> Item:
    for one in candidates(form, item):
        other = change(one, item, depth=depth)
        if one.normal or matches(one, other):
            return other
    return item


def _change_to_sequence(form: Sequence, item: Item, depth: int) -> Item:
    """A list, flat; a value alone becomes a list of one."""
    if "env_vars" in form.changes:
        item = entries(item)
    item = _picked(form, _flat(item), depth)
    if item.kind != "seq":
        item = item.rebuilt([item.copied()])
    return item.rebuilt([change(form.item, child, depth=depth) for child in item.items])


def _flat(item: Item) -> Item:
    if item.kind != "seq" or all(child.kind != "seq" for child in item.items):
        return item
    return item.rebuilt(_leaves(item))


def _leaves(item: Item) -> list[Item]:
    found: list[Item] = []
    for child in item.items:
        found += _leaves(child) if child.kind == "seq" else [child]
    return found


def _change_to_map(form: Map, item: Item, depth: int) -> Item:
    item = known_keys(form, item)
    if "cache" in form.changes:
        item = cached(form, item)
    if "enable" in form.changes:
        item = _enabled(form, item)
    if form.prefix:
        item = _prefixed(form, item, depth)
    item = _picked(form, item, depth)
    if "inherit" in form.changes:
        item = _inherited(form, item, depth)
    return _change_values(form, item, depth) if item.kind == "map" else item


def _change_values(form: Map, item: Item, depth: int) -> Item:
    content: dict[str, Item] = {}
    for key, child in item.map.items():
        known = form.keys.get(key) or form.rest
        content[key] = change(known, child, depth=depth) if known is not None else child
    return item.rebuilt(content)


def _picked(form: Node, item: Item, depth: int) -> Item:
    """The first of a list where one value belongs, if it will do."""
    if item.kind != "seq" or not item.items or matches(form, item) or depth > _DEEPEST:
        return item
    first = item.items[0]
    if isinstance(form, Sequence):
        fits = matches(form, first)
    else:
        fits = matches(form, change(form, first, depth=depth + 1)) or (isinstance(form, Scalar) and first.plain)
    if not fits:
        return item
    item.say("warn", "unexpected_seq", {"value": first.value()})
    return first


def _cast(form: Scalar, item: Item) -> Item:
    if not item.plain or not item.given or item.kind == form.kind:
        return item
    content = item.content
    if isinstance(content, (list, dict)):
        return item
    kind = form.kind
    if kind not in ("str", "num", "bool"):
        return item
    value = cast(content, kind)
    return item if value is content else item.rebuilt(value)


def _enabled(form: Map, item: Item) -> Item:
    """`true` and `false` as `enabled`, `disabled` turned around."""
    word = item.kind == "bool" or item.text in ("yes", "no")
    if "enabled" in form.keys and word:
        item = item.rebuilt({"enabled": item.rebuilt(_boolean(item))})
    if item.kind != "map" or "disabled" not in item.map:
        return item
    enabled, disabled = item.get("enabled"), item.map["disabled"]
    value = _boolean(enabled) if enabled is not None else _boolean(disabled) is False
    content = {key: child for key, child in item.map.items() if key != "disabled" and child.content not in ("", [], {})}
    content["enabled"] = (enabled or disabled).rebuilt(value)
    return item.rebuilt(content)


def _boolean(item: Item) -> Content:
    content = item.content
    if content is None or isinstance(content, (list, dict)):
        return content is not None
    return cast(content, "bool")


def _prefixed(form: Map, item: Item, depth: int) -> Item:
    """Under the key that was meant: `branches: main` as `branches: {only: main}`; itself if it doesn't fit there."""
    if not item.given or (form.prefix_only and item.kind not in form.prefix_only):
        return item
    if item.kind == "map":
        if form.prefix in item.map or all(key in form.keys or key in form.key_aliases for key in item.map):
            return item
        copy = item.copied().map
        others = {key: child for key, child in copy.items() if key not in form.keys}
        known = {key: child for key, child in copy.items() if key in form.keys}
        other = item.rebuilt({form.prefix: item.rebuilt(others), **known})
    else:
        other = item.rebuilt({form.prefix: item.copied()})
    if not matches(form, other):
        other = change(form, other, depth=depth + 1)
    return other if matches(form, other) else item


def _inherited(form: Map, item: Item, depth: int) -> Item:
    """What is said for all notifications is said for each that doesn't say otherwise."""
    if item.kind != "map":
        return item
    general = {key: child for key, child in item.map.items() if key in _INHERITED}
    content: dict[str, Item] = {}
    for key, child in item.map.items():
        known = form.keys.get(key)
        one = change(known, child, depth=depth) if known is not None and child.kind not in ("map", "seq") else child
        if key not in _INHERITED:
            content[key] = _inheriting(one, general)
        elif child.kind == "str":
            general[key] = one
    return item.rebuilt(content)


def _inheriting(item: Item, general: dict[str, Item]) -> Item:
    if item.kind == "seq":
        return item.rebuilt([_inheriting(child, general) if child.kind == "map" else child for child in item.items])
    if item.kind != "map":
        return item
    missing = {key: child.copied() for key, child in general.items() if key not in item.map}
    return item.rebuilt({**item.map, **missing})
