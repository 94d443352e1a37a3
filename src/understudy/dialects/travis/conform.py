"""Answers how Travis reads conditions and configurations, for a comparison with the test cases of others."""

from collections.abc import Mapping
from typing import Any

from understudy.dialects.travis import document, matrix
from understudy.dialects.travis.conditions import ConditionError, Data, Value, holds, parse
from understudy.dialects.travis.normalise import Normal, Options, normalise
from understudy.errors import InputError

_FILE = ".travis.yml"
Answer = dict[str, Any]


def condition(question: Mapping[str, Any]) -> Answer:
    """{condition, data?} -> {parses, value}: whether it is one, and whether it holds.

    Without `data` there is no value. What is no text is taken as the value of an `if`: null is no condition, and holds.
    """
    written = question.get("condition")
    if written is None:
        return {"parses": True, "value": True}
    text = str(written).lower() if isinstance(written, bool) else str(written)
    try:
        tree = parse(text)
    except ConditionError as error:
        return {"parses": False, "error": _fault(error)}
    given = _frozen(question.get("data"))
    if not isinstance(given, Mapping):
        return {"parses": True}
    try:
        return {"parses": True, "value": holds(tree, Data.of(given))}
    except ConditionError as error:
        return {"parses": True, "value": False, "error": _fault(error)}


def rows(question: Mapping[str, Any]) -> Answer:
    """{text, data?, options?} -> {rows}: one configuration for each job. Without `data` no condition is judged."""
    given = _frozen(question.get("data"))
    try:
        found = matrix.expand(_normal(question).config, given if isinstance(given, Mapping) else None)
    except matrix.TooManyJobs as error:
        return {"error": str(error)}
    return {"rows": [_thawed(row) for row in found]}


def normalised(question: Mapping[str, Any]) -> Answer:
    """{text, options?} -> {config, messages}: the configuration in normal form, and what Travis remarks on it."""
    normal = _normal(question)
    return {"config": _thawed(normal.config), "messages": [_thawed(one.as_list()) for one in normal.messages]}


def _normal(question: Mapping[str, Any]) -> Normal:
    """`options` are the names of what is asked for beyond corrections, each with a value that counts as yes."""
    text = question.get("text")
    if not isinstance(text, str):
        raise InputError("the question has no `text`")
    options = question.get("options")
    asked = [str(name) for name, value in options.items() if value] if isinstance(options, Mapping) else None
    return normalise(document.load(text, _FILE).root, _FILE, Options() if asked is None else Options.only(asked))


def _fault(error: ConditionError) -> Answer:
    return {"message": error.message, "offset": error.offset}


def _frozen(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(_frozen(one) for one in value)
    if isinstance(value, dict):
        return {str(key): _frozen(one) for key, one in value.items()}
    return value if isinstance(value, bool | int | float | str) else None


def _thawed(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_thawed(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _thawed(one) for key, one in value.items()}
    return value
