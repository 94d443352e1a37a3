"""Says what is wrong with values that have been brought into form, and drops what was asked to be dropped."""

import re

from understudy.dialects.travis.normalise.matching import candidates, custom, matches
from understudy.dialects.travis.normalise.normal import Value
from understudy.dialects.travis.normalise.requirements import check_conditions, check_required, defaulted
from understudy.dialects.travis.normalise.supported import check_keys, check_value
from understudy.dialects.travis.normalise.tree import Content, Item, place_of
from understudy.dialects.travis.schema.forms import Map, Node, OneOf, Scalar, Secret, Sequence


def validate(form: Node, item: Item) -> Item:
    """`item`, checked; with defaults and without what is empty."""
    match form:
        case OneOf():
            forms = candidates(form, item)
            return validate(next((one for one in forms if matches(one, item)), forms[0]), item)
        case Sequence():
            return _sequence(form, item)
        case Map():
            return _map(form, item)
        case Secret():
            return _secret(form, item)
        case Scalar():
            return _scalar(form, item)
        case _:
            raise TypeError(form)


def _sequence(form: Sequence, item: Item) -> Item:
    if item.kind == "seq":
        checked = [validate(form.item, child) for child in item.items]
        item = item.rebuilt([child for child in checked if child.kind != "none"])
    item = _of_kind(form, item)
    if item.kind == "seq" and "env_vars" not in form.changes and any(child.missing for child in item.items):
        item = item.rebuilt([child for child in item.items if not child.missing])
    item = _not_empty(form, item)
    _check_unique(form, item)
    return _flagged(form, item)


def _map(form: Map, item: Item) -> Item:
    if item.kind == "map":
        for key, child in tuple(item.map.items()):
            known = form.keys.get(key) or form.rest
            if known is not None:
                checked = validate(known, child)
                item.map[key] = checked
                checked.parent = item
    item = _of_kind(form, item)
    _check_unique_everywhere(form, item)
    _check_unknown(form, item)
    check_keys(form, item)
    if form.strict and item.kind == "map" and any(child.missing for child in item.map.values()):
        item = item.rebuilt({key: child for key, child in item.map.items() if not child.missing})
    item = check_required(form, item)
    item = _not_empty(form, item)
    return check_conditions(form, _flagged(form, item))


def _scalar(form: Scalar, item: Item) -> Item:
    item = _of_kind(form, item)
    if form.choices and item.plain and item.given and not form.allows(item.content):
        item.say("error", "unknown_value", {"value": item.value()})
        item = item.rebuilt(None) if item.run.options.drop else item
    check_value(form, item)
    item = _not_empty(form, defaulted(form, item))
    return _formatted(form, _flagged(form, item))


def _secret(form: Secret, item: Item) -> Item:
    item = _of_kind(form, item)
    _check_alarming(form, item)
    return _flagged(form, _not_empty(form, item))


def _blank(form: Node) -> Content:
    return {} if form.kind == "map" else [] if form.kind == "seq" else None


def _of_kind(form: Node, item: Item) -> Item:
    if not item.given:
        return item
    if isinstance(form, Secret) and form.strict and item.kind == "secure" and not item.encoded():
        item.say("warn", "invalid_secure", {"value": item.value()})
        return item
    if item.kind == form.kind or (isinstance(form, Secret) and item.kind == "str"):
        return item
    args: dict[str, Value] = {"expected": form.kind, "actual": item.kind, "value": item.value()}
    item.say("error", "invalid_type", args)
    dropped = item.run.options.drop and not (isinstance(form, Scalar) and item.plain)
    return item.rebuilt(_blank(form)) if dropped else item


def _not_empty(form: Node, item: Item) -> Item:
    """Lists, maps and secrets with nothing in them."""
    if item.given or not (form.kind in ("seq", "map") or item.kind == "secure"):
        return item
    if item.kind == "secure" or (not item.errored and item.run.options.empty):
        item.say("warn", "empty", {"key": item.full_key()})
    return item.rebuilt(_blank(form))


def _check_unknown(form: Map, item: Item) -> None:
    if not form.strict or item.kind != "map":
        return
    for key, child in tuple(item.map.items()):
        if key in form.keys or custom(key) or not child.given or key == "merge_mode":
            continue
        if key in item.run.anchored:
            args: dict[str, Value] = {"key": key, "info": "anchor on a non-private key"}
            item.say("warn", "deprecated_key", args, place_of(key))
            continue
        item.say("warn", "unknown_key", {"key": key, "value": child.value()}, place_of(child.key))
        if item.run.options.drop:
            del item.map[key]


def _flagged(form: Node, item: Item) -> Item:
    """What may change, or shouldn't be used any more."""
    if not item.given:
        return item
    if "edge" in form.flags:
        item.say("info", "edge")
    if isinstance(form, Map) and item.kind == "map":
        for key in item.map:
            known = form.keys.get(key)
            if known is not None and known.deprecated:
                item.say("warn", "deprecated_key", {"key": key, "info": known.deprecated}, place_of(key))
    if isinstance(form, Scalar) and item.kind == "str":
        choice = form.choice(item.content)
        if choice is not None and choice.deprecated:
            item.say("warn", "deprecated_value", {"value": item.text, "info": choice.deprecated})
    return item


def _check_alarming(form: Secret, item: Item) -> None:
    """Secrets in plain text: https://docs.travis-ci.com/user/encryption-keys/"""
    if not (form.strict and item.run.options.alert and item.kind == "str"):
        return
    if item.text.startswith("$") and ":$" not in item.text:
        return
    item.say("alert", "secure", {"type": "str"})
    if item.parent is not None and item.parent.key == "vault":
        item.say("error", "secure", {"message": 'The token value must be put under "secure" section'})


def _check_unique(form: Sequence, item: Item) -> None:
    """Maps of a list that have the same name."""
    if not isinstance(form.item, Map) or item.kind != "seq":
        return
    found: list[str] = []
    for key in form.item.unique_keys:
        values = [child.map[key].value() for child in item.items if child.kind == "map" and key in child.map]
        twice = [value for value in values if value is not None and values.count(value) > 1]
        if twice:
            found.append(f"{key}: {', '.join(dict.fromkeys(str(value) for value in twice))}")
    if found:
        item.say("info", "duplicate", {"values": ", ".join(found)})


def _check_unique_everywhere(form: Map, item: Item) -> None:
    if "unique-everywhere" not in form.flags or item.kind != "map" or not item.given:
        return
    value = next(iter(item.map.values())).value()
    if value in item.run.unique:
        item.say("error", "duplicate", {"values": tuple(item.run.unique)})
    else:
        item.run.unique.append(value)


def _formatted(form: Scalar, item: Item) -> Item:
    if form.variables:
        for name in re.findall(r"%{([^}]+)}", item.text):
            if name not in form.variables:
                item.say("warn", "unknown_var", {"var": name})
    if not form.format or item.content is None or item.content is False:
        return item
    if re.search(form.format, str(item.content)):
        return item
    item.say("error", "invalid_format", {"format": form.format, "value": item.value()})
    return item.rebuilt(None) if item.run.options.drop else item
