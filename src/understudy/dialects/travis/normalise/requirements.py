"""What must be there: defaults, required keys, and conditions that can be read."""

from understudy.dialects.travis import conditions
from understudy.dialects.travis.normalise.supported import is_supported
from understudy.dialects.travis.normalise.tree import Item, place_of
from understudy.dialects.travis.schema.forms import Choice, Map, Scalar


def defaulted(form: Scalar, item: Item) -> Item:
    """The default where nothing is written: https://docs.travis-ci.com/user/languages/"""
    if not item.run.options.defaults or not item.missing or not form.defaults:
        return item
    default = next((one for one in form.defaults if _applies(form, one, item)), None)
    if default is None:
        return item
    teller = item.parent or item
    if teller.kind == "seq" and teller.key == item.key and teller.parent is not None:
        teller = teller.parent
    teller.say("info", "default", {"key": item.key, "default": default.value}, place_of(item.key))
    return item.rebuilt(default.value)


def _applies(form: Scalar, default: Choice, item: Item) -> bool:
    choice = form.choice(default.value)
    support = choice.support if choice is not None and choice.support else default.support
    return is_supported(support, item.supporting())


def check_required(form: Map, item: Item) -> Item:
    """Tells of keys that must be there, and are not."""
    if not item.run.options.defaults or item.kind != "map":
        return item
    missing = [key for key in form.required if key not in item.map or item.map[key].missing]
    for key in missing:
        item.say("error", "required", {"key": key})
    return item.rebuilt({}) if missing and item.run.options.drop else item


def check_conditions(form: Map, item: Item) -> Item:
    """Tells of an `if` that can't be read: https://docs.travis-ci.com/user/conditions-v1/

    What only we can't read is no fault of the file.
    """
    condition = item.get("if") if "if" in form.keys and item.kind == "map" else None
    if condition is None or condition.kind != "str":
        return item
    version = item.root().get("conditions")
    error = conditions.problem(condition.text, version.text if version is not None else "")
    if error is None or error.ours:
        return item
    message = f"Invalid regular expression: /{error.pattern}/" if error.pattern is not None else None
    condition.say("error", "invalid_condition", {"condition": condition.text, "message": message})
    return item.rebuilt({}) if item.run.options.drop else item
