"""Finds out what a `uses` step performs: one of the actions that are built in, or what the action's own files say."""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from understudy.dialects.base import EvaluationError, ReadFile
from understudy.dialects.github.actions import composite, docker, javascript
from understudy.dialects.github.actions.builtin import BUILT_IN
from understudy.dialects.github.actions.inputs import told, with_defaults
from understudy.dialects.github.actions.metadata import Composite, Docker, JavaScript, Metadata, read_action
from understudy.dialects.github.actions.reference import OWN, Image, Local, Reference, Remote, laid_path, parse
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
    return _resolved(step, files, None, depth=1)


def resolve_late(step: Step, files: ReadFile) -> Step:
    """What `step`, which uses an action among the project's files, performs now; `files` reads in the room.

    The service reads such an action when the step begins: a step before it may have written or changed it. See
    https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#example-using-an-action-in-the-same-repository-as-the-workflow.
    Raises EvaluationError.
    """
    if step.late is None:
        return step
    found = _resolved(step.late, lambda path: files(laid_path(path)), None, depth=1)
    if found.step == step and not isinstance(step.action, Use):
        return step
    wrong = (one for one in found.findings if one.severity in {Severity.ERROR, Severity.UNSUPPORTED})
    problem = next((one.message for one in wrong), "")
    if not problem and isinstance(found.step.action, Use):
        problem = f"{found.findings[-1].message} (is the project checked out?)"
    if problem:
        raise EvaluationError(problem)
    return found.step


def _resolved(step: Step, files: ReadFile, origin: Remote | None, *, depth: int) -> Resolved:
    """`origin`: the action of another repository in which the step stands."""
    use = step.action
    if not isinstance(use, Use):
        return Resolved(step)
    reference = _reference(use, origin)
    if reference is None or depth > DEEPEST:
        return Resolved(step, (), _refused(use, reference, depth))
    if isinstance(reference, Image):
        return docker.of_image(step, use, reference)
    known = BUILT_IN.get(reference.name) if isinstance(reference, Remote) else None
    if known is not None:
        return known(asked(step, use))
    inside = reference if isinstance(reference, Remote) else None
    found = _of_files(step, use, reference, files, lambda one: _resolved(one, files, inside, depth=depth + 1))
    late = step if isinstance(reference, Local) else None
    return replace(found, step=replace(found.step, late=late))


def _reference(use: Use, origin: Remote | None) -> Reference | None:
    reference = parse(use.ref.raw)
    if isinstance(reference, Local) and origin is not None and use.ref.raw.startswith(OWN):
        return replace(origin, path=reference.path)
    return reference


def _refused(use: Use, reference: Reference | None, depth: int) -> tuple[Finding, ...]:
    """Of a workflow's own steps the checks tell what names nothing; nobody else looks into actions."""
    if reference is not None:
        message = f"`{use.ref.raw}` is the {depth}th action one in another, and {DEEPEST} are the most"
        hint = "does an action use itself?"
        return (Finding(Severity.ERROR, "actions-too-deep", message, use.ref.at, hint, _SYNTAX),)
    if depth == 1:
        return ()
    hint = "write `./path`, `owner/repository@ref`, `owner/repository/path@ref` or `docker://image`"
    message = f"`{use.ref.raw}` names no action"
    return (Finding(Severity.ERROR, "bad-uses", message, use.ref.at, hint, _SYNTAX),)


def _of_files(
    step: Step, use: Use, place: Local | Remote, files: ReadFile, deeper: Callable[[Step], Resolved]
) -> Resolved:
    metadata, findings, there = _described(place, files)
    if not there:
        return docker.of_dockerfile(step, use, place) if _has_dockerfile(place, files) else _absent(step, use, place)
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
            found = docker.Call(step, use, runs, place, inputs).resolved()
        case _:
            assert_never(runs)
    return replace(found, findings=(*findings, *found.findings))


def _described(place: Local | Remote, files: ReadFile) -> tuple[Metadata | None, tuple[Finding, ...], bool]:
    """As `read_action`; `./folder/path` may also be `path` of the project, checked out into a folder before."""
    found = read_action(place, files)
    _, _, path = place.path.partition("/")
    if found[2] or isinstance(place, Remote) or not path:
        return found
    return read_action(Local(path), files)


def _has_dockerfile(place: Local | Remote, files: ReadFile) -> bool:
    """A folder with a Dockerfile alone is an action too."""
    return any(files(place.address(name)) is not None for name in ("Dockerfile", "dockerfile"))


def _absent(step: Step, use: Use, place: Local | Remote) -> Resolved:
    if isinstance(place, Remote):
        message = f"the action `{use.ref.raw}` is not here"
        hint = "`understudy actions add` fetches it where there is a network"
        return _kept(step, use, "not-here", message, hint)
    message = f"there is no action in `{place.path or '.'}`: it has no `action.yml`, `action.yaml` or Dockerfile"
    hint = "it is looked for again when the step begins: an earlier step may write it, or check it out"
    return Resolved(step, (), (Finding(Severity.WARNING, "not-here", message, use.ref.at, hint, _SYNTAX),))


def _kept(step: Step, use: Use, code: str, message: str, hint: str) -> Resolved:
    return Resolved(step, (), (Finding(Severity.UNSUPPORTED, code, message, use.ref.at, hint, _SYNTAX),))
