"""The actions that steps use, and the workflows that jobs call: how they are named and what they are given."""

import re
from collections.abc import Iterable, Mapping

from understudy.dialects.github.checks.actiontable import too_old
from understudy.dialects.github.checks.document import Document, Job, Step, has_expression, pairs, scalar
from understudy.dialects.github.checks.metadata import Input, Library
from understudy.dialects.github.checks.report import Report, listed
from understudy.dialects.github.notes import SYNTAX
from understudy.text import yaml
from understudy.text.nearest import suggestion

_USES_RULE = f"{SYNTAX}#jobsjob_idstepsuses"
_WITH_RULE = f"{SYNTAX}#jobsjob_idstepswith"
_CALL_RULE = f"{SYNTAX}#jobsjob_iduses"
_DOCKER = "docker://"
_OVERRIDES = ("entrypoint", "args")
"""What can be given to any action that runs in a container, whatever its inputs are."""
_REMOTE = re.compile(r"(?!\.)[^/@$:]+/[^/@]+(?:/[^@]*)?@.+")
_REMOTE_WORKFLOW = re.compile(r"(?![.$])[^/@]+/[^/@]+/[^@]+@.+")
_OWN = "$/"
"""Begins what is in the same repository, at the commit that runs."""
_LOCAL_WORKFLOW = re.compile(r"[.$]/[^@]+")
_GONE = {"actions/cache": 2, "actions/upload-artifact": 3, "actions/download-artifact": 3}
"""The last major version that GitHub's own servers turn away."""


def check(document: Document, library: Library, report: Report) -> None:
    """Names, inputs and secrets.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses.
    """
    seen: set[str] = set()
    for job in document.jobs:
        for step in job.steps:
            if step.uses and not has_expression(step.uses.value):
                _step(step, step.uses, library, report)
                if step.uses.value not in seen:
                    _age(step.uses, report)
                seen.add(step.uses.value)
        if job.uses and not has_expression(job.uses.value):
            _call(job, job.uses, library, report)


def _step(step: Step, uses: yaml.Scalar, library: Library, report: Report) -> None:
    problem = _problem(uses.value)
    if problem:
        hint = "write `owner/repository@ref`, `owner/repository/path@ref`, `./path`, `$/path` or `docker://image`"
        report.add("bad-uses", f"the action `{uses.value}` {problem}", uses.at, hint=hint, rule=_USES_RULE)
        return
    if uses.value.startswith(_DOCKER):
        return
    interface = library.action(uses.value)
    if interface is None:
        return
    what = f"the action `{uses.value}`"
    given = pairs(step.node, "with")
    overrides = [
        key for key, _ in given if key.value.lower() in _OVERRIDES and key.value.lower() not in interface.inputs
    ]
    for key in overrides if not interface.in_container else ():
        message = f"`{key.value}` is for actions that run in a container, and {what} doesn't"
        report.add("docker-input", message, key.at, rule=_WITH_RULE)
    others = [pair for pair in given if pair[0] not in overrides]
    _given(others, interface.inputs, what, report, certain=interface.certain)
    _missing(given, interface.inputs.values(), what, uses, report)
    for key, _ in given:
        known = interface.inputs.get(key.value.lower())
        if known and known.deprecated:
            message = f"the input `{key.value}` of {what} is deprecated"
            report.add("deprecated-input", message, key.at, rule=_WITH_RULE)


def _problem(uses: str) -> str:
    """What is wrong with the name of an action, as the end of a sentence about it."""
    if uses.startswith(_DOCKER):
        image = uses.removeprefix(_DOCKER)
        if not image:
            return "names no image"
        return "has an empty tag" if image.endswith(":") else ""
    if uses.startswith(_OWN):
        return "is of this commit, and can't have a ref" if "@" in uses else ""
    if uses.startswith(("./", ".\\")):
        return ""
    if "@" not in uses:
        return "has no `@` with a version after it"
    return "" if _REMOTE.fullmatch(uses) else "isn't named by owner, repository and ref"


def _age(uses: yaml.Scalar, report: Report) -> None:
    name, _, ref = uses.value.partition("@")
    major = re.match(r"v(\d+)(?=\.|$)", ref)
    if major is None:
        return
    gone = _GONE.get("actions/cache" if name.startswith("actions/cache/") else name, -1)
    if int(major[1]) <= gone:
        message = f"`{uses.value}` is too old: GitHub's servers turn it away"
        report.add("gone-action", message, uses.at, hint="take a newer version", rule=_USES_RULE)
    elif int(major[1]) <= too_old().get(name.lower(), -1):
        message = f"`{uses.value}` was made for a Node that GitHub's runners don't have any more"
        report.add("old-action", message, uses.at, hint="take a newer version", rule=_USES_RULE)


def _given(
    given: Iterable[tuple[yaml.Scalar, yaml.Node]],
    known: Mapping[str, Input],
    what: str,
    report: Report,
    *,
    certain: bool = True,
    noun: str = "input",
) -> None:
    for key, _ in given:
        if key.value.lower() not in known and not has_expression(key.value):
            names = [one.name for one in known.values()]
            hint = suggestion(key.value, names, f"it has {listed(names)}" if names else "it has none")
            code = f"unknown-{noun}" if certain else "newer-input"
            report.add(code, f"{what} has no {_CALLED[noun]} `{key.value}`", key.at, hint=hint, rule=_WITH_RULE)


def _missing(
    given: Iterable[tuple[yaml.Scalar, yaml.Node]],
    known: Iterable[Input],
    what: str,
    uses: yaml.Scalar,
    report: Report,
    *,
    noun: str = "input",
) -> None:
    names = {key.value.lower() for key, _ in given}
    if any(has_expression(name) for name in names):
        return
    for one in known:
        if one.required and one.name.lower() not in names:
            message = f"{what} needs the {_CALLED[noun]} `{one.name}`"
            report.add(f"missing-{noun}", message, uses.at, hint=f"give it {_WHERE[noun]}", rule=_WITH_RULE)


_WHERE = {"input": "under `with`", "workflow-input": "under `with`", "secret": "under `secrets`"}
_CALLED = {"input": "input", "workflow-input": "input", "secret": "secret"}


def _call(job: Job, uses: yaml.Scalar, library: Library, report: Report) -> None:
    """See https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations."""
    if not _LOCAL_WORKFLOW.fullmatch(uses.value) and not _REMOTE_WORKFLOW.fullmatch(uses.value):
        message = f"`{uses.value}` doesn't name a reusable workflow"
        hint = "write `owner/repository/path/file.yml@ref`, or `$/path/file.yml` or `./path/file.yml` without a ref"
        report.add("bad-uses", message, uses.at, hint=hint, rule=_CALL_RULE)
        return
    interface = library.workflow(uses.value)
    if interface is None:
        return
    what = f"the workflow `{uses.value}`"
    given = pairs(job.node, "with")
    _given(given, interface.inputs, what, report, noun="workflow-input")
    _missing(given, interface.inputs.values(), what, uses, report, noun="workflow-input")
    secrets = interface.secrets
    word = scalar(job.node, "secrets")
    if secrets is None or (word and word.value == "inherit"):
        return
    passed = pairs(job.node, "secrets")
    _given(passed, secrets, what, report, noun="secret")
    _missing(passed, secrets.values(), what, uses, report, noun="secret")
