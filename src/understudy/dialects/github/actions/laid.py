"""Which other repositories' files a job needs in its room, and which actions a file names at all."""

from collections.abc import Iterator

from understudy.dialects.github.actions.reference import LAID, Local, Remote
from understudy.dialects.github.nodes import entries, items, member
from understudy.findings import Position
from understudy.model.pipeline import Group, Job, Step, Text
from understudy.text.yaml import Node, Scalar

REPOSITORY = "GITHUB_ACTION_REPOSITORY"
REF = "GITHUB_ACTION_REF"


def origin(place: Local | Remote, at: Position) -> dict[str, Text]:
    """The variables that tell a step whose action it is of; a local one has none.

    See https://docs.github.com/actions/reference/workflows-and-actions/variables.
    """
    if isinstance(place, Local):
        return {}
    return {REPOSITORY: Text(f"{place.owner}/{place.repository}", at), REF: Text(place.ref, at)}


def repositories(job: Job) -> tuple[Remote, ...]:
    """The repositories whose actions `job` performs from their files, each once."""
    return tuple(dict.fromkeys(_of_steps(job.steps)))


def _of_steps(steps: tuple[Step, ...]) -> Iterator[Remote]:
    for step in steps:
        if REPOSITORY in step.env and REF in step.env:
            owner, _, repository = step.env[REPOSITORY].raw.lower().partition("/")
            yield Remote(owner, repository, "", step.env[REF].raw)
        if isinstance(step.action, Group):
            yield from _of_steps(step.action.steps)


def folder(repository: Remote, home: str) -> str:
    """Where the files of `repository` lie in a room with that home folder."""
    return f"{home.rstrip('/')}{LAID.removeprefix('~')}/{repository.slug}/{repository.ref}"


def used(root: Node | None) -> tuple[Scalar, ...]:
    """Every `uses` of a workflow's or a composite action's steps, in order; not those of called workflows."""
    found = [member(root, "runs"), *(job for _, job in entries(member(root, "jobs")))]
    steps = (step for place in found for step in items(member(place, "steps")))
    values = (member(step, "uses") for step in steps)
    return tuple(value for value in values if isinstance(value, Scalar))


def called(root: Node | None) -> tuple[Scalar, ...]:
    """Every `uses` of a workflow's jobs, in order."""
    values = (member(job, "uses") for _, job in entries(member(root, "jobs")))
    return tuple(value for value in values if isinstance(value, Scalar))
