"""Entries of `env`: https://docs.travis-ci.com/user/environment-variables/"""

from understudy.dialects.travis.normalise.tree import Item
from understudy.dialects.travis.normalise.variables import VariableError, variables


def entries(item: Item) -> Item:
    """A list of entries, each a map of variables or a secret, out of lines, maps and lists of both."""
    match item.kind:
        case "map":
            return item.rebuilt([item.rebuilt(item.content)])
        case "seq":
            return item.rebuilt([_entry(child) for child in _leaves(item)])
        case "str":
            return _entry(item)
        case _:
            return item


def _leaves(item: Item) -> list[Item]:
    found: list[Item] = []
    for child in item.items:
        found += _leaves(child) if child.kind == "seq" else [child]
    return found


def _entry(item: Item) -> Item:
    if item.content is None or item.content is False:
        return item.rebuilt({})
    if item.kind != "str":
        return item
    try:
        pairs = variables(item.text)
    except VariableError:
        item.say("error", "invalid_env_var", {"var": item.text})
        pairs = ()
    return item.rebuilt({name: item.rebuilt(value) for name, value in pairs})
