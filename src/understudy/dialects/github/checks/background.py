"""Steps that run in the background, and those that wait for them or cancel them."""

from collections.abc import Iterator

from understudy.dialects.github.checks.document import Document, child, items, scalar, texts
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.notes import SYNTAX
from understudy.text import yaml
from understudy.text.nearest import suggestion

_RULE = f"{SYNTAX}#jobsjob_idsteps"
_NOT_IN_PARALLEL = ("background", "wait", "wait-all", "cancel", "parallel")


def check(document: Document, report: Report) -> None:
    """What is waited for must stand before; a `parallel` holds nothing but steps that run or use something.

    See https://github.com/actions/languageservices/blob/main/workflow-parser/src/model/converter/steps.ts.
    """
    for job in document.jobs:
        known: dict[str, bool] = {}
        for node in items(job.node, "steps"):
            if not isinstance(node, yaml.Mapping):
                continue
            _targets(node, known, report)
            _parallel(node, report)
            own = scalar(node, "id")
            if own is not None:
                known[own.value] = _in_background(node)


def _targets(node: yaml.Mapping, known: dict[str, bool], report: Report) -> None:
    """`known`: the ids of the steps before, and whether they run in the background."""
    own = scalar(node, "id")
    for one in (*texts(node, "wait"), *texts(node, "cancel")):
        if one.value.startswith("__"):
            message = f"`{one.value}` can't be the id of a step"
            report.add("bad-id", message, one.at, hint="ids that start with `__` are reserved", rule=_RULE)
        elif own is not None and one.value.lower() == own.value.lower():
            report.add("unknown-step", f"the step `{one.value}` can't wait for itself, nor cancel itself", one.at)
        elif one.value not in known:
            message = f"no step before this one has the id `{one.value}`"
            report.add("unknown-step", message, one.at, hint=suggestion(one.value, list(known)), rule=_RULE)
        elif not known[one.value]:
            message = f"the step `{one.value}` is not in the background: it has ended when this one begins"
            hint = f"add `background: true` to `{one.value}`"
            report.add("not-in-background", message, one.at, hint=hint, rule=_RULE)
    key, value = node.key("wait-all"), scalar(node, "wait-all")
    if key is not None and value is not None and value.value.lower() == "false":
        report.add("bad-value", "`wait-all` is `true` or has no value", value.at, hint="remove the step", rule=_RULE)


def _parallel(node: yaml.Mapping, report: Report) -> None:
    for one, key in _forbidden(node):
        if key == "background":
            hint = "remove the key: the steps of a `parallel` are in the background all of them"
        else:
            hint = "put the step before or after the `parallel`"
        report.add("not-in-parallel", f"`{key}` can't stand in a `parallel`", one.at, hint=hint, rule=_RULE)


def _forbidden(node: yaml.Mapping) -> Iterator[tuple[yaml.Scalar, str]]:
    for inner in items(node, "parallel"):
        for key in _NOT_IN_PARALLEL:
            found = inner.key(key) if isinstance(inner, yaml.Mapping) else None
            if found is not None:
                yield found, key


def _in_background(node: yaml.Mapping) -> bool:
    value = child(node, "background")
    return isinstance(value, yaml.Scalar) and value.value.lower() == "true"
