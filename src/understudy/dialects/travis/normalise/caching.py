"""Short forms of `cache`: https://docs.travis-ci.com/user/caching/"""

from understudy.dialects.travis.normalise.matching import forbidden
from understudy.dialects.travis.normalise.nearness import nearest
from understudy.dialects.travis.normalise.tree import Item
from understudy.dialects.travis.schema.forms import Map


def cached(form: Map, item: Item) -> Item:
    """`pip` as `{pip: true}`, another text as a directory, and a list of such and of maps as one map."""
    switches = tuple(key for key, node in form.keys.items() if node.kind == "bool" and key != "edge")
    if item.kind == "str":
        return item.rebuilt(_of_word(_spelled(item, switches), switches))
    if item.kind != "seq":
        return item
    content: dict[str, Item] = {}
    for entry in _entries(item, switches):
        for key, child in entry.items():
            content[key] = _joined(content[key], child) if key in content else child
    return item.rebuilt(content)


def _spelled(item: Item, switches: tuple[str, ...]) -> Item:
    near = nearest(switches, item.text, forbidden)
    if near is None:
        return item
    item.say("info", "find_value", {"original": item.text, "value": near})
    return item.rebuilt(near)


def _of_word(item: Item, switches: tuple[str, ...]) -> dict[str, Item]:
    if item.kind == "str" and item.text in switches:
        return {item.text: item.rebuilt(True)}  # noqa: FBT003 - the content of a switch, not a way to build it
    return {"directories": item.rebuilt([item.copied()])}


def _entries(item: Item, switches: tuple[str, ...]) -> list[dict[str, Item]]:
    found: list[dict[str, Item]] = []
    for child in item.items:
        if child.kind == "seq":
            found += _entries(child, switches)
        elif child.kind in ("map", "secure"):
            found += [{key: _switch(key, one, switches)} for key, one in child.map.items()]
        else:
            found.append(_of_word(child, switches))
    return found


def _switch(key: str, item: Item, switches: tuple[str, ...]) -> Item:
    """In a list, a switch is on whatever it is set to."""
    return item.rebuilt(True) if key in switches else item.copied()  # noqa: FBT003 - as above


def _joined(one: Item, other: Item) -> Item:
    if one.kind == other.kind == "seq":
        known = [child.value() for child in one.items]
        return one.rebuilt([*one.items, *(child for child in other.items if child.value() not in known)])
    if one.kind == other.kind == "map":
        content = dict(one.map)
        for key, child in other.map.items():
            content[key] = _joined(content[key], child) if key in content else child
        return one.rebuilt(content)
    return other
