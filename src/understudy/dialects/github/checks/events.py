"""The events under `on`: filters that contradict one another, and the inputs of calls and of starts by hand."""

from understudy.dialects.github.checks.document import (
    Document,
    Event,
    child,
    has_expression,
    items,
    pairs,
    scalar,
    texts,
)
from understudy.dialects.github.checks.report import Report, listed
from understudy.dialects.github.notes import EVENTS, SYNTAX
from understudy.text import yaml
from understudy.text.nearest import suggestion

_INPUTS_RULE = f"{SYNTAX}#onworkflow_dispatchinputs"
_CALL_RULE = f"{SYNTAX}#onworkflow_callinputs"
_MOST_INPUTS = 25


def check(document: Document, report: Report) -> None:
    """Filters must not contradict one another; inputs must agree with their type.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows.
    """
    for event in document.events:
        for name in ("branches", "paths", "tags"):
            _filter(event, name, report)
        if event.name.value == "workflow_dispatch":
            _dispatch(event, report)
        elif event.name.value == "workflow_call":
            _call(event, report)
        elif event.name.value == "workflow_run" and not texts(event.settings, "workflows"):
            rule = f"{EVENTS}#workflow_run"
            report.add("missing-workflows", "`workflow_run` names no workflows", event.name.at, rule=rule)


def _filter(event: Event, name: str, report: Report) -> None:
    if not isinstance(event.settings, yaml.Mapping):
        return
    keys = [key for key, value in event.settings.pairs if key.value in (name, f"{name}-ignore") and texts(value)]
    if len(keys) > 1:
        message = f"`{name}` and `{name}-ignore` can't both be there for `{event.name.value}`"
        hint = "take one of them, with `!` before patterns that exclude"
        report.add("both-filters", message, max(key.at for key in keys), hint=hint, rule=f"{SYNTAX}#on")


def _dispatch(event: Event, report: Report) -> None:
    inputs = pairs(event.settings, "inputs")
    if len(inputs) > _MOST_INPUTS:
        message = f"`workflow_dispatch` has {len(inputs)} inputs, and can have {_MOST_INPUTS}"
        report.add("too-many-inputs", message, event.name.at, rule=f"{EVENTS}#providing-inputs")
    for name, node in inputs:
        kind = scalar(node, "type")
        if kind and kind.value == "choice":
            _choice(name, node, report)
            continue
        if items(node, "options"):
            message = f"the input `{name.value}` has `options` and isn't of the type `choice`"
            report.add("bad-input", message, name.at, rule=_INPUTS_RULE)
        _default(name, node, _INPUTS_RULE, report)


def _choice(name: yaml.Scalar, node: yaml.Node, report: Report) -> None:
    options = texts(node, "options")
    if not isinstance(child(node, "options"), yaml.Sequence) or not options:
        if not has_expression(options[0].value if options else ""):
            message = f"the input `{name.value}` is a choice and has no `options`"
            report.add("bad-input", message, name.at, rule=_INPUTS_RULE)
        return
    seen: set[str] = set()
    for option in options:
        if not option.value:
            message = f"the input `{name.value}` has an option without text"
            report.add("empty-option", message, option.at, rule=_INPUTS_RULE)
        if option.value in seen:
            message = f"the input `{name.value}` has the option `{option.value}` twice"
            report.add("bad-input", message, option.at, rule=_INPUTS_RULE)
        seen.add(option.value)
    default = scalar(node, "default")
    if default and default.value not in seen and not has_expression(default.value):
        message = f"the default `{default.value}` of the input `{name.value}` is none of its options"
        hint = suggestion(default.value, sorted(seen), f"one of {listed(sorted(seen))}")
        report.add("bad-input", message, default.at, hint=hint, rule=_INPUTS_RULE)


def _call(event: Event, report: Report) -> None:
    for name, node in pairs(event.settings, "inputs"):
        default, required = scalar(node, "default"), scalar(node, "required")
        _default(name, node, _CALL_RULE, report)
        if default and required and required.value.lower() == "true":
            message = f"the input `{name.value}` is required, so its default is never used"
            report.add("useless-default", message, default.at, hint="remove one of both", rule=_CALL_RULE)


def _default(name: yaml.Scalar, node: yaml.Node, rule: str, report: Report) -> None:
    """The default of an input must be of the input's type."""
    kind, default = scalar(node, "type"), scalar(node, "default")
    if not kind or not default or has_expression(default.value):
        return
    wrong = (kind.value == "number" and not is_number(default.value)) or (
        kind.value == "boolean" and default.value.lower() not in ("true", "false")
    )
    if wrong:
        message = f"the input `{name.value}` is a {kind.value}, and its default is `{default.value}`"
        report.add("bad-default", message, default.at, rule=rule)


def is_number(text: str) -> bool:
    """Whether `text` says a number."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
