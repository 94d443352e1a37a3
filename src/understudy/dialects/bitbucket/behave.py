"""What Bitbucket does while a pipeline runs: the behaviour half of the dialect, as plain functions."""

from collections.abc import Mapping

from understudy.dialects.base import (
    Asked,
    Effects,
    EvaluationError,
    Invocation,
    Place,
    ReadFile,
    RoomFile,
    Scope,
    Traits,
)
from understudy.dialects.bitbucket import conditions, scripts, select, shell, variables
from understudy.dialects.bitbucket.texts import evaluated
from understudy.model.pipeline import Condition, Job, Pipeline, RunContainer, Script, Step, Text
from understudy.model.results import Facts

TRAITS = Traits(
    secrets_are_variables=True,
    conditions_at_start=True,
    events=(select.CUSTOM_EVENT,),
    marks=("pipelines",),
    merges_base=True,
    loose_contexts=True,
)

STATE = ".understudy-shell"
"""Beneath the job's home: what shells leave for later ones."""

_SHELL = ("/bin/bash",)
_WITHOUT_BASH = ("/bin/sh",)


def holds(condition: Condition, scope: Scope) -> tuple[bool, str]:
    """Whether the conditions of a step or a stage hold, and why. See `conditions.holds`."""
    return conditions.holds(condition, scope)


def on_schedule(pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
    """Whether the event of `facts` starts `pipeline`. See `select.selected`."""
    return select.selected(pipeline, facts)


def predefined(facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
    """The variables that the service sets for every step of `job`. See `variables.built_in`."""
    return variables.built_in(facts, job, place)


def asked(job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
    """The variables of the service that the job mentions and nobody but the service knows. See `variables.asked`."""
    return variables.asked(job, pipeline)


def evaluate(text: Text, scope: Scope) -> str:
    """The value of `text` now. See `texts.evaluated`. Raises EvaluationError."""
    return evaluated(text, scope)


def invoke(job: Job, step: Step, scope: Scope) -> Invocation:
    """How the `Script` or the pipe of `step` is run: a script by bash where the image has it, else by sh.

    See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Script-property. Raises EvaluationError.
    """
    place = scope.place or Place("", "", 0)
    if isinstance(step.action, RunContainer):
        return Invocation((), b"", env=_pipe_environment(step.action, job, scope, place))
    if not isinstance(step.action, Script):
        raise EvaluationError(f"the step `{step.name.raw}` has no script to run")
    part = scripts.part_of(step) or scripts.SCRIPT
    all_parts = scripts.parts(job, part)
    shells = scripts.shells(all_parts)
    state = _state(place, part)
    first = not shells or step.id == shells[0].id
    last = not all_parts or step.id == all_parts[-1].id
    text = shell.script_text(
        shell.lines_of(step.action),
        "" if first else shell.going_on(state),
        "" if last else shell.leaving(state, _wanted(all_parts)),
    )
    env = {"BITBUCKET_EXIT_CODE": str(scripts.exit_code(scope))} if part == scripts.AFTER_SCRIPT else {}
    leaves = (f"~/{variables.HANDED}", *(() if last else (shell.values_path(f"~/{_below(part)}"),)))
    return Invocation(_SHELL, text.encode("utf-8", "surrogateescape"), env=env, otherwise=_WITHOUT_BASH, leaves=leaves)


def _below(part: str) -> str:
    return f"{STATE}/{part}"


def _state(place: Place, part: str) -> str:
    return f"{place.home.rstrip('/')}/{_below(part)}"


def _wanted(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The variables that the pipes among `steps` mention."""
    containers = (step.action for step in steps if isinstance(step.action, RunContainer))
    return shell.named_in(text for action in containers for text in action.env.values())


def _pipe_environment(action: RunContainer, job: Job, scope: Scope, place: Place) -> dict[str, str]:
    """What a pipe is told: the service's variables and its own, and none else of the project's.

    See https://support.atlassian.com/bitbucket-cloud/docs/write-a-pipe-for-bitbucket-pipelines/.
    """
    given = variables.built_in(scope.facts, job, place)
    told = {name: value for name, value in given.items() if name == "CI" or name.startswith("BITBUCKET_")}
    exit_code = {"BITBUCKET_EXIT_CODE": str(scripts.exit_code(scope))}
    return {**told, **exit_code, **{name: evaluated(text, scope) for name, text in action.env.items()}}


def absorb(job: Job, step: Step, files: ReadFile) -> Effects:
    """What the step has left: variables that it hands on to later steps, and to pipes of its own script."""
    part = scripts.part_of(step)
    if part is None or not isinstance(step.action, Script):
        return Effects()
    all_parts = scripts.parts(job, part)
    outputs: dict[str, str] = {}
    if step.id != all_parts[-1].id:
        values = shell.left_values(files(shell.values_path(f"~/{_below(part)}")), _wanted(all_parts))
        if values is not None:
            outputs |= {"reached": "true", **{f"value:{name}": value for name, value in values.items()}}
    handed = files(f"~/{variables.HANDED}")
    if handed:
        found = variables.read_handed(handed, job.outputs)
        outputs |= {f"handed:{name}": value for name, value in found.items()}
    return Effects(outputs=outputs)


def furnish(job: Job, scope: Scope) -> tuple[RoomFile, ...]:
    """The file for variables that are handed on, and the folder in which shells leave what later ones go on from."""
    del job
    home = scope.place.home.rstrip("/") if scope.place else ""
    return (RoomFile(f"{home}/{variables.HANDED}", b"", 0o666),)
