"""What CircleCI does while a pipeline runs: the behaviour half of the dialect, as plain functions."""

import json
import shlex
from collections.abc import Mapping

from understudy.dialects.base import Effects, EvaluationError, Invocation, Place, ReadFile, RoomFile, Scope
from understudy.dialects.circleci import schedule
from understudy.dialects.circleci.filters import filtered
from understudy.dialects.circleci.keys import is_key_template, render
from understudy.dialects.circleci.logic import evaluate_logic, show
from understudy.dialects.circleci.variables import bash_env_path, built_in
from understudy.model.pipeline import Condition, Job, Pipeline, Platform, Script, Step, Text
from understudy.model.results import Facts

TOOLS = ("circleci", "circleci-agent", "understudy-continue")
"""The programs that a room of CircleCI has on its PATH."""

PARTS = ("glob.awk", "split.awk", "subst.awk", "parameters.awk")
"""What those programs are made of, in the folder `circleci.d` beside them."""

FOLDER = "circleci.d"
STATE = ".understudy-agent"
"""The folder in the job's home that the tools note in what a step leaves behind; `circleci.d/state` is its path."""

STEP_VARIABLE = "UNDERSTUDY_STEP"
"""Names the running step to the tools, so that what they leave behind can be told from another step's."""

# The service picks the shell by what the image has, and only the room knows that.
_LINUX_SHELL = ("/bin/bash", "-eo", "pipefail")
_WITHOUT_BASH = ("/bin/sh", "-eo", "pipefail")
_MACOS_SHELL = ("/bin/bash", "--login", "-eo", "pipefail")
_WINDOWS_SHELL = ("powershell.exe", "-ExecutionPolicy", "Bypass", "-File")
_SUFFIXES = {"powershell": ".ps1", "pwsh": ".ps1", "cmd": ".cmd"}


def holds(condition: Condition, scope: Scope) -> tuple[bool, str]:
    """Whether a workflow's `when`, or a job's filters, hold, and why, in a clause. Raises EvaluationError.

    `condition.expression` is JSON: a logic statement with its `<< >>` replaced, or what `logic.expression_statement`
    made of an expression. A job that is to run for no tag says so itself (`filters.job_filters`).
    See https://circleci.com/docs/reference/configuration-reference/#using-when-in-workflows and #jobfilters there.
    """
    if condition.events is not None and scope.facts.event.value not in condition.events:
        return False, f"it does not run for a {scope.facts.event.value} event"
    passes, why = filtered(condition.branches, condition.tags, scope.facts)
    if not passes or condition.expression is None:
        return passes, why or "nothing keeps it out"
    tree = _statement(condition.expression)
    holds_now = evaluate_logic(tree)
    if condition.written:  # it may be an `unless`
        return holds_now, f"`{condition.written}` is {'met' if holds_now else 'not met'}"
    return holds_now, f"`{show(tree)}` {'holds' if holds_now else 'does not hold'}"


def _statement(expression: Text) -> object:
    try:
        return json.loads(expression.raw)
    except (ValueError, RecursionError):
        raise EvaluationError(f"the condition `{expression.raw}` can't be read") from None


def on_schedule(pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
    """Whether the event of `facts` starts `pipeline` as far as its schedules go. See `schedule.on_schedule`."""
    return schedule.on_schedule(pipeline, facts)


def predefined(facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
    """The variables that the service sets for every step of `job`. See `variables.built_in`."""
    return built_in(facts, job, place)


def evaluate(text: Text, scope: Scope) -> str:
    """The value of `text` now: templates of cache keys are filled in, all else is literal, `$` included.

    A text with no template that CircleCI's keys know is not touched: `{{.Names}}` may be meant for another program.
    See https://circleci.com/docs/reference/configuration-reference/#savecache and
    https://circleci.com/docs/guides/security/env-vars/#parameters-and-bash-environment. Raises EvaluationError.
    """
    return render(text.raw, scope) if is_key_template(text.raw) else text.raw


def invoke(job: Job, step: Step, scope: Scope) -> Invocation:  # noqa: ARG001 - nothing is filled in at run time
    """How the `Script` of `step` is run: by its own shell, else by the job's, else by the service's default.

    On Linux that is `/bin/bash -eo pipefail`, or `/bin/sh -eo pipefail` in a room without bash; it is no login shell.
    `shell` is a command line, and may name any interpreter: the path of the script is appended to it.
    See https://circleci.com/docs/reference/configuration-reference/#default-shell-options. Raises EvaluationError.
    """
    if not isinstance(step.action, Script):
        raise EvaluationError(f"the step `{step.name.raw}` has no script to run")
    argv = _shell(step.action.shell or job.shell, job.platform)
    program = argv[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    # All that the service fills in, it has filled in before the run.
    body = step.action.body.raw
    script = (body if body.endswith("\n") else f"{body}\n").encode("utf-8", "replace")
    otherwise = _WITHOUT_BASH if argv is _LINUX_SHELL else ()
    leaves = (f"~/{STATE}/effects",)
    return Invocation(argv, script, _SUFFIXES.get(program, ""), {STEP_VARIABLE: step.id}, otherwise, leaves)


def _shell(shell: Text | None, platform: Platform) -> tuple[str, ...]:
    if shell is None or not shell.raw.strip():
        return {Platform.LINUX: _LINUX_SHELL, Platform.MACOS: _MACOS_SHELL, Platform.WINDOWS: _WINDOWS_SHELL}[platform]
    try:
        argv = shlex.split(shell.raw)
    except ValueError as error:
        raise EvaluationError(f"`shell: {shell.raw}` is no command line: {error}") from None
    if not argv or not argv[0]:
        raise EvaluationError(f"`shell: {shell.raw}` names no program")
    return tuple(argv)


def absorb(job: Job, step: Step, files: ReadFile) -> Effects:  # noqa: ARG001 - CircleCI's effects are of a step
    """What the step left behind: whether it halted its job, and the configuration to go on with.

    `files` is asked for paths in the home folder, where `furnish` laid them in.
    See https://circleci.com/docs/reference/configuration-reference/#ending-a-job-from-within-a-step and
    https://circleci.com/docs/guides/orchestrate/dynamic-config/.
    """
    lines = (files(f"~/{STATE}/effects") or b"").decode("utf-8", "surrogateescape").splitlines()
    marks = [line.split("\t") for line in lines]
    own = [mark[1:] for mark in marks if len(mark) > 1 and mark[0] in {step.id, "*"}]
    paths = [mark[1] for mark in own if mark[0] == "continue" and len(mark) > 1]
    continuation = (paths[-1], _parameters(files(f"~/{STATE}/continuation.json"))) if paths else None
    return Effects(halt=["halt"] in own, continuation=continuation)


def _parameters(content: bytes | None) -> dict[str, str | int | bool]:
    """What `understudy-continue` was given; it has refused all but strings, whole numbers and booleans."""
    try:
        found = json.loads(content or b"{}", strict=False)
    except (ValueError, RecursionError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {str(name): value for name, value in pairs if isinstance(value, str | int | bool)}


def furnish(job: Job, place: Place, timings: Mapping[str, float]) -> tuple[RoomFile, ...]:  # noqa: ARG001
    """The `circleci` programs, an empty file for `$BASH_ENV`, and what past runs say of the tests' times.

    See https://circleci.com/docs/guides/toolkit/environment-cli-usage-guide/.
    """
    from importlib.resources import files as package_files  # noqa: PLC0415 - needed by runs alone

    folder = package_files("understudy.dialects.circleci") / "tools"
    programs = tuple(RoomFile(name, (folder / name).read_bytes(), 0o755) for name in TOOLS)
    parts = tuple(RoomFile(f"{FOLDER}/{name}", (folder / name).read_bytes()) for name in PARTS)
    rows = (f"{name}\t{seconds:.6f}\n" for name, seconds in timings.items() if "\t" not in name and "\n" not in name)
    known = RoomFile(f"{FOLDER}/timings.tsv", "".join(rows).encode("utf-8", "replace"))
    return (*programs, *parts, known, *_state(place))


def _state(place: Place) -> tuple[RoomFile, ...]:
    """What the tools write to: there from the start, and open to all of the room, as they may be called by `sudo`."""
    state = f"{place.home.rstrip('/')}/{STATE}"
    written = (f"{state}/effects", f"{state}/continuation.json", bash_env_path(place))
    return (RoomFile(f"{FOLDER}/state", f"{state}\n".encode()), *(RoomFile(path, b"", 0o666) for path in written))
