"""The inputs of workflows: typed values, of who starts one by hand and of jobs that call one."""

import re
from collections.abc import Mapping
from math import isnan

from understudy.dialects.base import EvaluationError
from understudy.dialects.github.expression import template
from understudy.dialects.github.expression.contexts import Contexts
from understudy.dialects.github.expression.numbers import parse_number
from understudy.dialects.github.expression.values import (
    Value,
    fold,
    from_plain,
    is_primitive,
    kind,
    to_plain,
    to_text,
)
from understudy.dialects.github.payload import dig, event_name, given_payload
from understudy.model.pipeline import Caller, Pipeline, Text, Tree
from understudy.model.results import Facts

_INSERT = re.compile(r"\$\{\{\s*insert\s*\}\}")
_BY_HAND = ("workflow_dispatch", "workflow_call")
"""Events with inputs. The second is none of the service's: it performs by itself a workflow that others call."""

_EMPTY: Mapping[str, Value] = {"boolean": False, "number": 0.0}


def dispatched(facts: Facts, pipeline: Pipeline | None) -> dict[str, Value]:
    """The inputs of a workflow that was started by hand, with their types and defaults; none for another event.

    Those that aren't given have their default, else what is empty for their type, a choice its first option.
    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_dispatchinputs.
    Raises EvaluationError for a value that isn't of its type.
    """
    event = event_name(facts)
    if event not in _BY_HAND:
        return {}
    declared = dig(pipeline.triggers if pipeline else None, event, "inputs")
    given: dict[str, object] = {**_table(dig(given_payload(facts), "inputs")), **facts.inputs}
    found = {name: _dispatched(name, spec, given) for name, spec in _table(declared).items()}
    return found | {name: from_plain(value) for name, value in given.items() if not _among(name, found)}


def as_texts(inputs: Mapping[str, Value]) -> dict[str, str]:
    """`inputs` as `github.event.inputs` has them: all of them texts."""
    return {name: to_text(value) for name, value in inputs.items()}


def _table(value: object) -> Mapping[str, object]:
    return {str(name): one for name, one in value.items()} if isinstance(value, Mapping) else {}


def _among(name: str, names: Mapping[str, object]) -> bool:
    return fold(name) in {fold(one) for one in names}


def _dispatched(name: str, spec: object, given: Mapping[str, object]) -> Value:
    wanted = dig(spec, "type")
    value = next((one for key, one in given.items() if fold(key) == fold(name)), dig(spec, "default"))
    if isinstance(value, Text):
        value = value.raw
    if value is None:
        options = dig(spec, "options")
        first = options[0] if isinstance(options, list | tuple) and options else ""
        return to_text(from_plain(first)) if wanted == "choice" else _EMPTY.get(str(wanted), "")
    text = to_text(from_plain(value))
    if wanted == "boolean":
        if text.lower() not in {"true", "false"}:
            raise EvaluationError(f"the input `{name}` is `true` or `false`, not `{text}`")
        return text.lower() == "true"
    if wanted == "number":
        number = parse_number(text)
        if isnan(number):
            raise EvaluationError(f"the input `{name}` is a number, not `{text}`")
        return number
    return text


def handed_in(caller: Caller, outside: Contexts) -> dict[str, Value]:
    """The inputs of a called workflow: what its caller hands in, evaluated where that stands, and defaults.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_callinputs.
    Raises EvaluationError for a value that isn't of its type.
    """
    given = {fold(name): tree for name, tree in caller.inputs.items()}
    found: dict[str, Value] = {}
    for name, spec in caller.declared.items():
        wanted = str(dig(spec, "type") or "string")
        default = _member(spec, "default")
        tree = given.get(fold(name), default)
        found[name] = _EMPTY.get(wanted, "") if tree is None else _typed(name, wanted, evaluated(tree, outside))
    return found


def _member(spec: Tree, name: str) -> Tree:
    return spec.get(name) if isinstance(spec, Mapping) else None


def _typed(name: str, wanted: str, value: Value) -> Value:
    """`value`, which nothing but a text is made of: the service takes `'true'` for no boolean."""
    if wanted == "string" and is_primitive(value):
        return to_text(value)
    if (wanted == "boolean" and isinstance(value, bool)) or (wanted == "number" and kind(value) == "Number"):
        return value
    raise EvaluationError(f"the input `{name}` of the called workflow is a {wanted}, and got the {_shown(value)}")


def _shown(value: Value) -> str:
    return f"{kind(value).lower()} `{to_text(value)}`" if is_primitive(value) else kind(value).lower()


def evaluated(tree: Tree, contexts: Contexts) -> Value:
    """`tree` with every expression in it evaluated. Raises EvaluationError."""
    return from_plain(_plain(tree, contexts))


def _plain(tree: Tree, contexts: Contexts) -> object:
    if isinstance(tree, Text):
        return to_plain(template.value(tree.raw, contexts))
    if isinstance(tree, Mapping):
        return _map(tree, contexts)
    if isinstance(tree, tuple):
        return [_plain(one, contexts) for one in tree]
    return tree


def _map(tree: Mapping[str, Tree], contexts: Contexts) -> dict[str, object]:
    """A map whose keys may be expressions, too; the key `${{ insert }}` stands for all that the map behind it has."""
    found: dict[str, object] = {}
    for key, tree_of in tree.items():
        value = _plain(tree_of, contexts)
        if template.OPEN not in key:
            found[key] = value
        elif _INSERT.fullmatch(key.strip()):
            if not isinstance(value, Mapping):
                raise EvaluationError(f"`{key}` needs a map behind it")
            found |= value
        else:
            found[template.text(key, contexts)] = value
    return found
