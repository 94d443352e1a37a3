"""What GitHub does while a workflow runs: the behaviour half of the dialect, as plain functions."""

import json
from collections.abc import Iterator, Mapping

from understudy.dialects.base import (
    Annotation,
    Effects,
    EvaluationError,
    Hearing,
    Invocation,
    Place,
    ReadFile,
    RoomFile,
    Scope,
)
from understudy.dialects.github import cells as matrix_cells
from understudy.dialects.github import containers, select, verdicts
from understudy.dialects.github.command_files import (
    LONGEST_SUMMARY_BYTES,
    CommandFileError,
    Variables,
    decoded,
    folders,
    variables,
)
from understudy.dialects.github.commands import Listener, is_debugging
from understudy.dialects.github.contexts import contexts, event_of
from understudy.dialects.github.expression import template
from understudy.dialects.github.shells import DEFAULT, Shell, emptying, shell_of
from understudy.dialects.github.variables import EVENT, built_in, command_files, home_path
from understudy.model.pipeline import Condition, Group, Job, Pipeline, RunContainer, Script, Step, Text
from understudy.model.results import Facts

_ALWAYS_GIVEN = ("GITHUB_", "RUNNER_")
"""The beginnings of the names of variables that nobody can overwrite."""


def holds(condition: Condition, scope: Scope) -> tuple[bool, str]:
    """Whether an `if` holds, and why. See `verdicts.holds`."""
    return verdicts.holds(condition, scope)


def on_schedule(pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
    """Whether the event of `facts` starts `pipeline`. See `select.selected`."""
    return select.selected(pipeline, facts)


def predefined(facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
    """The variables that the service sets for every step of `job`. See `variables.built_in`."""
    return built_in(facts, job, place)


def evaluate(text: Text, scope: Scope) -> str:
    """The value of `text` now, each `${{ }}` in it filled in. Raises EvaluationError.

    See https://docs.github.com/actions/reference/workflows-and-actions/expressions.
    """
    return template.text(text.raw, contexts(scope)) if template.OPEN in text.raw else text.raw


def cells(job: Job, scope: Scope) -> tuple[Job, ...] | None:
    """The jobs that `job` becomes by its matrix. See `cells.cells`."""
    return matrix_cells.cells(job, scope)


def hear(job: Job, step: Step, scope: Scope) -> Hearing | None:  # noqa: ARG001 - all steps are heard alike
    """What listens to the commands in a step's output. See `commands.Listener`."""
    return Listener(scope)


def invoke(job: Job, step: Step, scope: Scope) -> Invocation:
    """How the `Script` of `step` is run: by its shell, the job's or the default one, with the paths of its own files.

    For a container see `containers.invocation`.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsrun.
    Raises EvaluationError.
    """
    place = scope.place or Place("", "", 0)
    files = {kind: home_path(place, path) for kind, path in command_files(job, step).items()}
    if isinstance(step.action, RunContainer):
        own = _environment(job, step, scope, files)
        return containers.invocation(step.action, scope, own, tuple(files.values()))
    if not isinstance(step.action, Script):
        raise EvaluationError(f"the step `{step.name.raw}` has no script to run")
    written = step.action.shell or (job.shell if scope.group is None else None)
    shell = shell_of(evaluate(written, scope) if written else None, in_container=job.container is not None)
    return Invocation(
        argv=_fresh(shell, job, step, tuple(files.values())),
        script=shell.script(evaluate(step.action.body, scope)),
        suffix=shell.suffix,
        env=_environment(job, step, scope, files),
        otherwise=() if _is_repeated(job, step) else shell.otherwise,
        leaves=tuple(files.values()),
    )


def _fresh(shell: Shell, job: Job, step: Step, files: tuple[str, ...]) -> tuple[str, ...]:
    """The shell's command line; where the step has been performed before, its files must be emptied first."""
    if not _is_repeated(job, step):
        return shell.argv
    argv = ("/bin/sh", "-c", _FIRST_SHELL, "sh") if shell is DEFAULT else shell.argv
    return emptying(argv, files)


_FIRST_SHELL = 'if [ -x /bin/bash ]; then exec /bin/bash -e "$1"; else exec /bin/sh -e "$1"; fi'


def _is_repeated(job: Job, step: Step) -> bool:
    """Whether a step with the same files may have been performed: of an action that is used twice, or known late."""
    own = command_files(job, step)
    return sum(command_files(job, one) == own for one in _every_step(job)) != 1


def _every_step(job: Job) -> Iterator[Step]:
    """All steps of `job`, those in groups and those after it among them."""
    waiting = list(reversed(job.steps))
    while waiting:
        step = waiting.pop()
        yield step
        inside = step.action.steps if isinstance(step.action, Group) else ()
        waiting += [*reversed(step.after_job), *reversed(inside)]


def _environment(job: Job, step: Step, scope: Scope, files: Mapping[str, str]) -> dict[str, str]:
    """What no step can overwrite, and what is its own: its files, its name, its state.

    See https://docs.github.com/actions/reference/workflows-and-actions/variables#default-environment-variables and
    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#sending-values-to-the-pre-and-post-actions.
    """
    env = {f"GITHUB_{kind.upper()}": path for kind, path in files.items()}
    env["GITHUB_ACTION"] = step.id
    if scope.place is not None:
        given = built_in(scope.facts, job, scope.place, scope.pipeline)
        env |= {name: value for name, value in given.items() if name.startswith(_ALWAYS_GIVEN)}
    if scope.group is not None and scope.group.path is not None:
        env["GITHUB_ACTION_PATH"] = evaluate(Text("${{ github.action_path }}"), scope)
    if is_debugging(scope):
        env["RUNNER_DEBUG"] = "1"
    return env | {f"STATE_{name}": value for name, value in scope.state.items()}


def absorb(job: Job, step: Step, files: ReadFile) -> Effects:
    """What the step wrote into its files. One that can't be read fails the step, and the others count all the same.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files.
    """
    texts = {kind: files(f"~/{path}") or b"" for kind, path in command_files(job, step).items()}
    errors: list[str] = []

    def read(kind: str) -> Variables:
        try:
            return variables(decoded(texts[kind]))
        except CommandFileError as error:
            errors.append(f"the file `$GITHUB_{kind.upper()}` can't be read: {error.message}")
            return Variables({}, ())

    env, output, state = read("env"), read("output"), read("state")
    summary, told = _summary(texts["step_summary"])
    refused = (Annotation("error", f"`{name}` can't be set by `$GITHUB_ENV`") for name in env.blocked)
    return Effects(
        env=env.free,
        outputs=output.all,
        path=folders(decoded(texts["path"])),
        summary=summary,
        annotations=(*refused, *told),
        state=state.all,
        error="; ".join(errors),
    )


def _summary(content: bytes) -> tuple[str, tuple[Annotation, ...]]:
    """The summary, if it isn't too long for the service.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits.
    """
    if len(content) <= LONGEST_SUMMARY_BYTES:
        return decoded(content), ()
    sizes = f"{LONGEST_SUMMARY_BYTES // 1024} KiB at most, and this one has {len(content) // 1024}"
    return "", (Annotation("error", f"the summary is left out: it may have {sizes}"),)


def furnish(job: Job, scope: Scope) -> tuple[RoomFile, ...]:
    """An empty file for each command file of each step, since scripts may read them, too; and the event's payload."""
    place = scope.place or Place("", "", 0)
    paths = dict.fromkeys(path for step in _every_step(job) for path in command_files(job, step).values())
    written = tuple(RoomFile(home_path(place, path), b"", 0o666) for path in paths)
    event = json.dumps(event_of(scope), indent=2, ensure_ascii=False)
    return (*written, RoomFile(home_path(place, EVENT), f"{event}\n".encode("utf-8", "replace"), 0o666))
