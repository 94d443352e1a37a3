"""The keys of a map as Travis knows them: other names resolved, slips corrected, missing ones filled in."""

import re

from understudy.dialects.travis.normalise.matching import custom, forbidden
from understudy.dialects.travis.normalise.nearness import nearest
from understudy.dialects.travis.normalise.tree import Item, key_at, place_of
from understudy.dialects.travis.schema.forms import Map
from understudy.dialects.travis.schema.languages import UNGUESSED
from understudy.dialects.travis.schema.spelling import MEANT
from understudy.findings import Position

_INTERNAL = re.compile(r"\W*(?:configured|result|fetching_failed|parsing_failed)\W*", re.ASCII)


def known_keys(form: Map, item: Item) -> Item:
    """`item` with the keys that `form` knows, where they can be told. https://config.travis-ci.com"""
    if not form.strict or item.kind != "map":
        return item
    if item.run.options.defaults:
        item = _completed(form, item)
    for key in [key for key in item.map if _INTERNAL.fullmatch(key)]:
        del item.map[key]
    for key in tuple(item.map):
        if key not in form.keys and not custom(key):
            _rename(form, item, key)
    return item


def _completed(form: Map, item: Item) -> Item:
    """With the keys that must be there, or have a default, before all others."""
    written = {key: key for key in item.map}
    order = dict.fromkeys((*form.required, *form.default_keys, *item.map))
    content: dict[str, Item] = {}
    for key in order:
        child = item.get(key)
        content[written.get(key, key)] = child or Item(item.run, item, key, item.at, None)
    return item.rebuilt(content)


def _rename(form: Map, item: Item, key: str) -> None:
    name = key_at(_Namer(form, item, key).name(), place_of(key))
    child = item.map.pop(key)
    item.map[name] = child
    child.key = name


class _Namer:
    """Looks for the known name of one key of `item`, and tells how it was found."""

    def __init__(self, form: Map, item: Item, key: str) -> None:
        self._form = form
        self._item = item
        self._key = key
        self._at: Position = place_of(key)

    def name(self) -> str:
        """The known name; the key itself where there is none."""
        key = self._unaliased(self._key)
        if key in self._form.keys or not self._item.run.options.fix:
            return key
        for correct in (self._stripped, self._underscored, self._cleaned, self._guessed):
            key = self._unaliased(correct(key))
            if key in self._form.keys:
                break
        return key

    def _unaliased(self, key: str) -> str:
        aliases = self._form.key_aliases
        other = aliases.get(key) or aliases.get(key.replace("-", "_"))
        if key in self._form.keys or not other or other == key:
            return key
        self._item.say("info", "alias_key", {"alias": key, "key": other}, self._at)
        if other in self._item.map:
            self._item.say("error", "overwrite", {"key": key, "other": other}, self._at)
        return other

    def _stripped(self, key: str) -> str:
        other = re.sub(r"^[\u00a0\s]+|[\u00a0\s]+$", "", key)
        return self._corrected("warn", "strip_key", key, other)

    def _underscored(self, key: str) -> str:
        return self._corrected("info", "underscore_key", key, _underscored(key))

    def _cleaned(self, key: str) -> str:
        other = re.sub(r"[^\w.]", "", key.replace("-", "_").replace(" ", "_"), flags=re.ASCII)
        other = re.sub(r"^__+|_+$", "", other).replace("__", "_")
        return self._corrected("warn", "clean_key", key, other)

    def _guessed(self, key: str) -> str:
        listed = MEANT.get(key)
        if listed and listed in self._form.keys and not forbidden(key, listed):
            return self._corrected("warn", "find_key", key, listed)
        words = tuple(one for one in (*self._form.keys, *self._form.key_aliases) if one not in UNGUESSED)
        near = nearest(words, key, forbidden)
        if near is None:
            return key
        self._item.say("warn", "find_key", {"original": key, "key": near}, self._at)
        return near

    def _corrected(self, level: str, code: str, key: str, other: str) -> str:
        if other not in self._form.keys:
            return key
        if other != key:
            args = {"original": key, "key": other}
            self._item.say("info" if level == "info" else "warn", code, args, self._at)
        return other


def _underscored(key: str) -> str:
    """`camelCase` and `kebab-case` as `snake_case`."""
    parted = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", key)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", parted).replace("-", "_").lower()
