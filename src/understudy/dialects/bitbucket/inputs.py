"""The variables that a custom pipeline asks for when it is started: what is given, defaults, values that are allowed.

See https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/#Custom-pipelines.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from understudy.dialects.base import EvaluationError
from understudy.dialects.bitbucket.parts import Variable
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Text
from understudy.model.results import Facts
from understudy.text.nearest import suggestion

PAGE = "https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/#Custom-pipelines"
_MARK = "\0bitbucket-input:"


def environment(variables: Iterable[Variable]) -> dict[str, Text]:
    """The variables of a custom pipeline, each a text that comes to what it is when the pipeline is started."""
    found = {}
    for one in variables:
        default = one.default.raw if one.default else ""
        allowed = [value.raw for value in one.allowed]
        found[one.name.raw] = Text(_MARK + json.dumps([one.name.raw, default, allowed]), one.name.at)
    return found


def given(facts: Facts) -> Mapping[str, str]:
    """What whoever started the pipeline has said."""
    return {**facts.parameters, **facts.inputs}


def is_input(text: str) -> bool:
    """Whether `text` is one that `value` reads."""
    return text.startswith(_MARK)


def value(text: str, facts: Facts) -> str:
    """What the variable of `text` is. Raises EvaluationError for a value that isn't allowed."""
    name, default, allowed = json.loads(text.removeprefix(_MARK))
    found = str(given(facts).get(name, default))
    if allowed and found not in allowed:
        raise EvaluationError(f"`{found}` is no allowed value of the variable `{name}`: {', '.join(allowed)}")
    return found


def checked(custom: Mapping[str, Iterable[Variable]], facts: Facts) -> Iterator[Finding]:
    """What is wrong with the values that were given, seen by the variables of all custom pipelines by name."""
    declared: dict[str, list[Variable]] = {}
    for variables in custom.values():
        for one in variables:
            declared.setdefault(one.name.raw, []).append(one)
    for name, text in given(facts).items():
        several = declared.get(name, [])
        if several and all(one.allowed and text not in {each.raw for each in one.allowed} for one in several):
            values = [each.raw for each in several[0].allowed]
            message = f"`{text}` is no allowed value of the variable `{name}`"
            hint = suggestion(text, values, f"allowed: {', '.join(values)}")
            yield Finding(Severity.ERROR, "not-allowed", message, several[0].name.at, hint, PAGE)
