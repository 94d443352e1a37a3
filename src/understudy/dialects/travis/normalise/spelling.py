"""Texts that must be one of several words: letters made small, other names resolved, slips corrected."""

import re

from understudy.dialects.travis.normalise.matching import forbidden
from understudy.dialects.travis.normalise.nearness import nearest
from understudy.dialects.travis.normalise.tree import Item
from understudy.dialects.travis.schema.forms import Scalar


def spelled(form: Scalar, item: Item) -> Item:
    """`item`, its text one of the choices of `form` where it can be told which was meant."""
    if item.kind != "str" or not item.given:
        return item
    if form.downcase and form.kind == "str" and item.text.lower() != item.text:
        item.say("info", "downcase", {"value": item.text})
        item = item.rebuilt(item.text.lower())
    if not form.choices or item.text in form.values:
        return item
    alias = form.value_aliases.get(item.text)
    if alias is not None:
        item.say("info", "alias_value", {"alias": item.text, "value": alias})
        return item.rebuilt(alias)
    return _corrected(form, item) if item.run.options.fix else item


def _corrected(form: Scalar, item: Item) -> Item:
    if "\n" in item.text:
        item = _said(item, "clean_value", item.text.split("\n")[0])
    if item.text in form.values:
        return item
    near = nearest(
        tuple(str(one).lower() if isinstance(one, bool) else one for one in form.values), item.text, forbidden
    )
    if near is not None:
        return _said(item, "find_value", near)
    clean = _cleaned(form, item.text)
    return _said(item, "clean_value", clean) if clean is not None else item


def _cleaned(form: Scalar, word: str) -> str | None:
    first = (word.split() or [""])[0]
    tries = (first, re.sub(r"\W", "", word, flags=re.ASCII).lower(), re.sub(r"[^a-z]", "", first))
    return next((one for one in tries if one in form.values), None)


def _said(item: Item, code: str, value: str) -> Item:
    item.say("warn", code, {"original": item.text, "value": value})
    return item.rebuilt(value)
