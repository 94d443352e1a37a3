"""Finds out what a `uses` step performs: one of the actions that are built in, or what the action's own files say."""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from understudy.dialects.base import ReadFile
from understudy.dialects.github.actions import composite, javascript
from understudy.dialects.github.actions.builtin import BUILT_IN
from understudy.dialects.github.actions.inputs import told, with_defaults
from understudy.dialects.github.actions.metadata import Composite, Docker, JavaScript, read_action
from understudy.dialects.github.actions.reference import Image, Local, Reference, Remote, parse
from understudy.dialects.github.actions.resolved import Resolved, asked
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Step, Use

DEEPEST = 10
"""How many composite actions may stand one in another.

https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runsstepsuses
"""

_SYNTAX = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses"


def resolve(step: Step, files: ReadFile, _job_id: str) -> Resolved:
    """What `step`, whose action is a Use, performs in a job; the Use stays where that can't be told.

    `files` is asked for files of the repository, and for `github://OWNER/REPOSITORY@REF/PATH`, of which None means
    that it isn't here. Never raises for bad input: findings say what is wrong.
    """
    return _resolved(step, files, depth=1)


def _resolved(step: Step, files: ReadFile, *, depth: int) -> Resolved:
    use = step.action
    if not isinstance(use, Use):
        return Resolved(step)
    reference = parse(use.ref.raw)
    if reference is None:
        hint = "write `./path`, `owner/repository@ref`, `owner/repository/path@ref` or `docker://image`"
        return _kept(step, use, Severity.ERROR, "uses", f"`{use.ref.raw}` names no action", hint)
    if depth > DEEPEST:
        message = f"`{use.ref.raw}` is the {depth}th action one in another, and {DEEPEST} are the most"
        return _kept(step, use, Severity.ERROR, "actions-too-deep", message, "does an action use itself?")
    if isinstance(reference, Image):
        return _image(step, use, reference)
    known = BUILT_IN.get(reference.name) if isinstance(reference, Remote) else None
    if known is not None:
        return known(asked(step, use))
    return _of_files(step, use, reference, files, lambda one: _resolved(one, files, depth=depth + 1))


def _of_files(
    step: Step, use: Use, place: Local | Remote, files: ReadFile, deeper: Callable[[Step], Resolved]
) -> Resolved:
    metadata, findings, there = read_action(place, files)
    if not there:
        return _image(step, use, place) if _has_dockerfile(place, files) else _absent(step, use, place)
    if metadata is None:
        return Resolved(step, (), findings)
    inputs = with_defaults(use, metadata)
    findings = (*findings, *told(use, metadata))
    runs = metadata.runs
    match runs:
        case Composite():
            found = composite.grouped(composite.Used(step, metadata, place, inputs), runs, deeper)
        case JavaScript():
            main, before = javascript.Call(step, runs, place, inputs).steps()
            found = Resolved(main, before)
        case Docker():
            found = _image(step, use, place)
        case _:
            assert_never(runs)
    return replace(found, findings=(*findings, *found.findings))


def _has_dockerfile(place: Local | Remote, files: ReadFile) -> bool:
    """A folder with a Dockerfile alone is an action too."""
    return any(files(place.address(name)) is not None for name in ("Dockerfile", "dockerfile"))


def _image(step: Step, use: Use, reference: Reference) -> Resolved:
    what = "an image" if isinstance(reference, Image) else "a Docker action"
    message = f"`{use.ref.raw}` is {what}, which is not run as a step here"
    hint = "run its program in a `run` step, or leave the step out with an `if`"
    return _kept(step, use, Severity.UNSUPPORTED, "docker-action", message, hint)


def _absent(step: Step, use: Use, place: Local | Remote) -> Resolved:
    if isinstance(place, Remote):
        message = f"the action `{use.ref.raw}` is not here"
        hint = "`understudy actions add` fetches it where there is a network"
        return _kept(step, use, Severity.UNSUPPORTED, "not-here", message, hint)
    message = f"there is no action in `{place.path or '.'}`: it has no `action.yml`, `action.yaml` or Dockerfile"
    hint = "an action of another repository, checked out by an earlier step, can't be read before the job"
    return _kept(step, use, Severity.UNSUPPORTED, "not-here", message, hint)


def _kept(step: Step, use: Use, severity: Severity, code: str, message: str, hint: str) -> Resolved:
    return Resolved(step, (), (Finding(severity, code, message, use.ref.at, hint, _SYNTAX),))
