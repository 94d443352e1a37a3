"""Keys and values that mean nothing on a language, system or distribution. https://config.travis-ci.com"""

from collections.abc import Iterator

from understudy.dialects.travis.normalise.tree import Item
from understudy.dialects.travis.schema.forms import Attributes, Map, Scalar, Support


def unsupported(support: Support, here: Attributes) -> Iterator[tuple[str, str]]:
    """Where in `here`, as (attribute, value), something with `support` isn't supported."""
    for key, words in support.only.items():
        mine = here.get(key, ())
        if not set(mine) & set(words):
            yield from ((key, one) for one in mine)
    for key, words in support.excluding.items():
        mine = here.get(key, ())
        if not set(mine) - set(words):
            yield from ((key, one) for one in mine)


def is_supported(support: Support, here: Attributes) -> bool:
    """Whether something with `support` means anything where `here` holds."""
    return not any(True for _ in unsupported(support, here))


def check_keys(form: Map, item: Item) -> None:
    """Tells of keys that aren't supported."""
    if not item.run.options.support or item.kind != "map":
        return
    for key, child in item.map.items():
        known = form.keys.get(key)
        if known is not None:
            _tell(child, key, unsupported(known.all_support, child.supporting()))


def check_value(form: Scalar, item: Item) -> None:
    """Tells of a choice that isn't supported."""
    choice = form.choice(item.content) if item.run.options.support and item.plain else None
    if choice is not None:
        _tell(item, item.key or "", unsupported(choice.support, item.supporting()))


def _tell(item: Item, key: str, places: Iterator[tuple[str, str]]) -> None:
    for attribute, value in places:
        args = {"on_key": attribute, "on_value": value, "key": key, "value": item.value()}
        item.say("warn", "unsupported", args)
