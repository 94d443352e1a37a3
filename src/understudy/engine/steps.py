"""What each kind of action does, in its room."""

import io
import shlex
import signal
from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from understudy.dialects.base import EvaluationError, ReadFile
from understudy.engine import bundles
from understudy.engine.cache import restore, save
from understudy.engine.given import Given
from understudy.engine.handover import (
    fetch_artifacts,
    fetch_workspace,
    publish_artifacts,
    publish_tests,
    publish_workspace,
)
from understudy.engine.listen import Listener, merged
from understudy.engine.paths import absolute
from understudy.engine.turn import NO_EFFECTS, PASSED, Ended, Turn, failed
from understudy.engine.words import duration_text
from understudy.findings import Finding, Severity
from understudy.model.events import ApprovalAsked, ApprovalGiven, Continued, Emit
from understudy.model.pipeline import (
    Approve,
    Cancel,
    Checkout,
    Fetch,
    Group,
    Kind,
    Publish,
    RestoreCache,
    RunContainer,
    SaveCache,
    Script,
    Step,
    Text,
    Use,
    Wait,
)
from understudy.model.results import Outcome
from understudy.runtimes.base import CONTAINERS, Aside, Call, Exit, Reason, Room

_SIGNALS = {one.value: one.name for one in signal.Signals}

COPY = """\
if [ "$3" = replace ]; then
  [ ! -d "$2" ] || find "$2" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
elif [ -e "$2/.git" ]; then
  (cd "$2" && git --git-dir=.git ls-files -z 2>/dev/null | xargs -0 rm -f --)
elif [ -n "$3" ] && [ -n "$(ls -A "$2" 2>/dev/null)" ]; then
  exit 73
fi
mkdir -p "$2" && cp -af "$1/." "$2/"
"""
"""Checks the files in `$1` out to `$2`. With `$3` only where there is nothing or an earlier checkout, or, where it is
`replace`, in place of whatever is there."""

_IN_THE_WAY = 73


def perform_step(turn: Turn) -> Ended:
    """Performs the action of the turn's step. Raises EvaluationError, RoomError, StoreError."""
    if not turn.given.rehearsed or isinstance(turn.step.action, Script | Approve):
        return _perform(turn)
    try:
        ended = _perform(turn)
    except EvaluationError as error:
        ended = failed(error.message)
    if ended.outcome is not Outcome.FAILED:
        return ended
    turn.log.line(ended.reason)
    turn.log.line("Nothing runs, so this is no failure: a step before it would have made what it lacks.")
    return PASSED


def _perform(turn: Turn) -> Ended:  # noqa: PLR0911 - one return for each kind of action
    action = turn.step.action
    match action:
        case Script():
            return _run_script(turn)
        case Checkout():
            return _check_out(turn, action)
        case RestoreCache():
            return restore(turn, action)
        case SaveCache():
            return save(turn, action)
        case Publish():
            return _publish(turn, action)
        case Fetch():
            return _fetch(turn, action)
        case Use():
            return _use(turn, action)
        case Approve():
            return ask(turn.given, turn.emit, turn.node.id, turn.value(action.prompt))
        case RunContainer():
            return _run_container(turn, action)
        case Group() | Wait() | Cancel():
            raise AssertionError("a group is performed step by step, by its job, and what waits for others by it, too")
        case _:
            assert_never(action)


def reader(room: Room) -> ReadFile:
    """Reads files of `room`: by absolute path, from home with `~`, or from the working directory."""
    return lambda path: room.read_file(absolute(path, room.workdir, room.home))


def _run_script(turn: Turn) -> Ended:
    step, room = turn.step, turn.room
    invocation = turn.given.dialect.invoke(turn.job, step, turn.scope)
    script = f"{room.tools}/steps/{turn.index + 1}{invocation.suffix}"
    call = Call(
        argv=(*invocation.argv, script),
        otherwise=(*invocation.otherwise, script) if invocation.otherwise else (),
        files=((script, invocation.script),),
        leaves=invocation.leaves,
        env={**turn.env, **invocation.env},
        workdir=turn.path(step.workdir),
        timeout_s=step.timeout_s,
        no_output_timeout_s=step.no_output_timeout_s,
    )
    return _called(turn, call)


def _run_container(turn: Turn, action: RunContainer) -> Ended:
    """What the container sees of the room's folders it is told of by their places in the container."""
    step, room = turn.step, turn.room
    if not turn.given.runtime.provides(CONTAINERS):
        return _unsupported(turn, container_of(step, action), action.image or step.name)
    folders = {place: absolute(path, room.workdir, room.home) for place, path in action.folders.items()}
    invocation = turn.given.dialect.invoke(turn.job, step, turn.scope)
    env = {**turn.given.env, **turn.scope.written, **invocation.env}  # nothing of the room's own image
    aside = Aside(
        image=turn.value(action.image) if action.image else "",
        dockerfile=turn.path(action.dockerfile) if action.dockerfile else "",
        entrypoint=invocation.entrypoint,
        folders=folders,
    )
    call = Call(
        argv=invocation.argv,
        env={name: _inside(value, folders) for name, value in env.items()},
        workdir=action.workdir,
        timeout_s=step.timeout_s,
        no_output_timeout_s=step.no_output_timeout_s,
        leaves=invocation.leaves,
        aside=aside,
    )
    _empty(turn, invocation.leaves)
    return _called(turn, call)


def _empty(turn: Turn, paths: tuple[str, ...]) -> None:
    """Empties files by which a step tells something: one that has been performed before may have left them."""
    if paths:
        command = ("sh", "-c", 'for file do : >"$file"; done', "empty", *paths)
        turn.start(Call(argv=command, env=turn.env, workdir=turn.room.workdir), turn.log)


def container_of(step: Step, action: RunContainer) -> str:
    """What `step` runs, for people."""
    return f"a container of `{action.image.raw}`" if action.image else f"the container of `{step.name.raw}`"


def _inside(value: str, folders: Mapping[str, str]) -> str:
    """`value` with a path of the room as the container has it."""
    for place, folder in sorted(folders.items(), key=lambda one: -len(one[1])):
        if value == folder or value.startswith(f"{folder}/"):
            return place + value[len(folder) :]
    return value


def _called(turn: Turn, call: Call) -> Ended:
    """Runs the process of a step, hears it, and takes up what it leaves."""
    step, room = turn.step, turn.room
    hearing = turn.given.dialect.hear(turn.job, step, turn.scope)
    listener = None if hearing is None else Listener(hearing, turn.log, turn.hide)
    exited = turn.start(call, listener or turn.log)
    ended = _ended(exited, call)
    effects = NO_EFFECTS if listener is None else listener.effects()
    unheeded = step.background and not turn.given.dialect.TRAITS.waits_for_background
    if not (unheeded or ended.outcome is Outcome.ERRORED or not exited.left):
        left = turn.given.dialect.absorb(turn.job, step, reader(room))
        effects = left if listener is None else merged(effects, left)
    if effects.continuation is not None:
        _continue(turn, *effects.continuation)
    if effects.error:
        turn.log.line(effects.error)
    if effects.error and ended.outcome is Outcome.PASSED:
        ended = failed(effects.error)
    return replace(ended, effects=effects)


def _ended(exit_: Exit, call: Call) -> Ended:
    """An Exit in terms of outcomes; the reason is empty where the exit code says it all."""
    match exit_.reason:
        case Reason.EXITED:
            code = exit_.code or 0
            return Ended(Outcome.FAILED if code else Outcome.PASSED, exit_.why or _signal(code), code)
        case Reason.TIMEOUT:
            return replace(failed(f"timed out after {duration_text(call.timeout_s or 0)}"), late=True)
        case Reason.NO_OUTPUT:
            message = f"timed out after {duration_text(call.no_output_timeout_s or 0)} with no output"
            return replace(failed(message), late=True)
        case Reason.STOPPED:
            return Ended(Outcome.CANCELLED, "interrupted")
        case Reason.LOST:
            return Ended(Outcome.ERRORED, f"the room died: {exit_.why}" if exit_.why else "the room died")
        case _:
            assert_never(exit_.reason)


def _signal(code: int) -> str:
    return f"ended by {_SIGNALS[code - 128]}" if code - 128 in _SIGNALS else ""


def _continue(turn: Turn, path: str, parameters: Mapping[str, str | int | bool]) -> None:
    """Keeps the configuration that a preparing pipeline made, and tells where it is."""
    content = reader(turn.room)(path)
    if content is None:
        raise EvaluationError(f"there is no configuration at `{path}` to continue with")
    digest, _ = turn.given.blobs.put(io.BytesIO(content))
    turn.emit(Continued(at=turn.given.clock(), job=turn.node.id, digest=digest, parameters=parameters))


def _check_out(turn: Turn, action: Checkout) -> Ended:
    """The project's files: they are there from the start, or they are copied from where the room keeps them.

    The service refuses a folder with files in it that is no git repository, and in one that is it removes what is no
    longer tracked. Only what lies in the job's home is sure to be the job's own doing; elsewhere an image that is not
    the real one may have left files. See https://circleci.com/docs/reference/configuration-reference/#checkout.
    """
    if turn.given.source is None:
        return failed("there are no project files to check out")
    if turn.source is None:
        turn.log.line("The project's files are in the working directory.")
        return PASSED
    source = absolute(turn.source, turn.room.home, turn.room.home)
    target = turn.path(action.path)
    strict = "strict" if target.startswith(turn.room.home.rstrip("/") + "/") else ""
    before = "replace" if action.replaces else strict
    call = Call(argv=("sh", "-c", COPY, "copy", source, target, before), env=turn.env, workdir=turn.room.home)
    ended = _ended(turn.start(call, turn.log), call)
    if ended.exit_code == _IN_THE_WAY:
        turn.log.line("Remove what is there, or check out before anything is restored or attached there.")
        return failed(f"`{target}` is not empty and no git repository")
    if ended.outcome is Outcome.PASSED:
        turn.log.line(f"Copied the project's files to `{target}`.")
    return ended


def _publish(turn: Turn, action: Publish) -> Ended:
    match action.kind:
        case Kind.ARTIFACT:
            return bundles.publish(turn, action) if action.whole else publish_artifacts(turn, action)
        case Kind.WORKSPACE:
            return publish_workspace(turn, action)
        case Kind.TEST_RESULTS:
            return publish_tests(turn, action)
        case _:
            assert_never(action.kind)


def _fetch(turn: Turn, action: Fetch) -> Ended:
    if action.kind is Kind.WORKSPACE:
        return fetch_workspace(turn, action)
    if action.kind is Kind.ARTIFACT:
        return bundles.fetch(turn, action) if action.handed_on else fetch_artifacts(turn, action)
    return _unsupported(turn, f"fetching {action.kind.value}s of earlier jobs", action.path)


def _use(turn: Turn, action: Use) -> Ended:
    if turn.given.runtime.provides(action.ref.raw):
        turn.log.line(f"`{action.ref.raw}`: the room has it.")
        return PASSED
    return _unsupported(turn, f"`{action.ref.raw}`", action.ref)


def _unsupported(turn: Turn, what: str, where: Text) -> Ended:
    message = f"{what} was not performed: it is the service's own, or is not here"
    turn.notice(Finding(Severity.UNSUPPORTED, "not-performed", message, where.at))
    turn.log.line(f"{what} is not performed: it is the service's own, or is not here.")
    return Ended(Outcome.SKIPPED, f"{what} can't be performed here")


def ask(given: Given, emit: Emit, node: str, prompt: str) -> Ended:
    """Asks a person, and passes only if one says yes."""
    emit(ApprovalAsked(at=given.clock(), job=node, prompt=prompt))
    approved = given.approve(node, prompt)
    if approved is None:
        return Ended(Outcome.CANCELLED, f"not approved; use --approve {shlex.quote(node)}")
    emit(ApprovalGiven(at=given.clock(), job=node, approved=approved, by=given.approver))
    return PASSED if approved else Ended(Outcome.CANCELLED, f"not approved by {given.approver}")
