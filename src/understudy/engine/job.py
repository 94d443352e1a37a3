"""One job from start to end: its room, its environment, its steps in order."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from understudy.dialects.base import EvaluationError, Place, Scope
from understudy.engine.calls import GRACE_S, Background, Calls
from understudy.engine.environment import compose, evaluated, secrets_of, with_tools
from understudy.engine.furnish import furnish
from understudy.engine.given import Given
from understudy.engine.layers import Layers
from understudy.engine.mask import Secrets
from understudy.engine.output import StepLog, Ticker, live
from understudy.engine.spec import SOURCE, is_plain_checkout, remove_tree, room_spec
from understudy.engine.steps import perform_step, reader
from understudy.engine.stop import Stop
from understudy.engine.timings import Times
from understudy.engine.turn import Ended, Turn
from understudy.engine.words import duration_text
from understudy.errors import MachineError, RoomError, StoreError
from understudy.model.events import Emit, JobStarted, Noticed, StepFinished, StepStarted
from understudy.model.pipeline import Condition, Step, Text
from understudy.model.results import JobResult, Outcome, StepResult
from understudy.plan.plan import Node, Plan
from understudy.runtimes.base import Call, Exit, Room


@dataclass(frozen=True)
class Run:
    """What the jobs of one run share. `outcomes` are those of the jobs settled so far, by job id."""

    plan: Plan
    given: Given
    emit: Emit
    stop: Stop
    secrets: Secrets
    layers: Layers
    ticker: Ticker
    outcomes: Mapping[str, Outcome]
    times: Times = field(default_factory=Times)


class Performer:
    """Performs one node of the plan, in a thread of its own. `interrupt` may come from any other."""

    def __init__(self, run: Run, node: Node, scratch: Path) -> None:
        """`scratch` is a folder for this job alone; it is made for the room and removed after it."""
        self._run = run
        self._given = run.given
        self._node = node
        self._job = node.job
        self._scratch = scratch
        self._calls = Calls(run.stop)
        self._secrets = run.secrets
        self._visible: Mapping[str, str] = run.given.secrets
        self._env: dict[str, str] = {}
        self._added: dict[str, str] = {}
        self._folders: tuple[str, ...] = ()
        self._outputs: dict[str, Mapping[str, str]] = {}
        self._status = Outcome.PASSED
        self._reason = ""
        self._failed_step: int | None = None
        self._over = ""
        self._place = Place(run.given.run, node.id, run.given.number, node.index, node.total)
        self._deadline = float("inf")
        self._background: list[Background] = []

    def perform(self) -> JobResult:
        """The job's result. Raises StoreError and what is a bug; everything else is an outcome."""
        started = self._given.clock()
        outputs: dict[str, str] = {}
        image = ""
        try:
            spec = room_spec(self._run.plan, self._node, self._given, self._scratch)
            unmet = self._given.runtime.unmet(spec)
            if unmet is not None:
                return JobResult(Outcome.SKIPPED, started, self._given.clock(), unmet)
            self._run.emit(JobStarted(at=self._given.clock(), job=self._node.id))
            for finding in self._given.runtime.stands_in(spec):
                self._run.emit(Noticed(at=self._given.clock(), job=self._node.id, finding=finding))
            self._scratch.mkdir(parents=True)
            spec = replace(spec, tell=lambda line: live(self._run.emit, self._node.id, -1)(f"{line}\n"))
            with self._given.runtime.open(spec) as room:
                image = self._given.runtime.resolve(spec.image) if spec.image else ""
                outputs = self._in_room(room)
        except StoreError:
            raise
        except MachineError as error:
            self._settle(Outcome.ERRORED, f"{error.message}; {error.hint}" if error.hint else error.message)
        except EvaluationError as error:
            self._settle(Outcome.FAILED, error.message)
        finally:
            remove_tree(self._scratch)
        reason = self._secrets.hide_text(self._reason)
        return JobResult(self._status, started, self._given.clock(), reason, self._failed_step, outputs, image)

    def interrupt(self) -> None:
        """Ends the calls that run now, as the run's Stop asks. Returns once they have ended."""
        self._calls.end()

    def _early(self, text: Text, env: Mapping[str, str]) -> str:
        """The value of `text` under `env`, before or between steps."""
        scope = Scope(self._run.plan.facts, self._place, env, self._visible, self._job.cell)
        return self._given.dialect.evaluate(text, scope)

    def _in_room(self, room: Room) -> dict[str, str]:
        """Performs the steps; gives the job's outputs."""
        self._calls.room = room
        if self._job.limits.timeout_s is not None:
            self._deadline = time.monotonic() + self._job.limits.timeout_s
        self._settle_in(room)
        try:
            for index, step in enumerate(self._job.steps):
                self._perform_or_skip(room, index, step)
        finally:
            self._end_background(room)
        scope = self._scope(room, self._env)
        return {name: self._given.dialect.evaluate(text, scope) for name, text in self._job.outputs.items()}

    def _settle_in(self, room: Room) -> None:
        """Puts the service's tools into the room and works the environment out."""
        given, job, facts = self._given, self._job, self._run.plan.facts
        self._place = replace(self._place, workdir=room.workdir, home=room.home, pipeline=self._run.plan.pipeline.name)
        furnish(room, given.dialect.furnish(job, self._place, self._run.times.of(given, job.id)))
        predefined = given.dialect.predefined(facts, job, self._place)
        self._visible = secrets_of(job, given, self._early)
        layers = (room.env, given.env, self._visible, predefined)
        self._env = compose(layers, job, self._run.plan.pipeline, self._early)

    def _scope(self, room: Room, env: Mapping[str, str]) -> Scope:
        needs = {need.job: self._run.outcomes.get(need.job, Outcome.SKIPPED) for need in self._job.needs}
        return Scope(
            facts=self._run.plan.facts,
            place=self._place,
            env=env,
            secrets=self._visible,
            cell=self._job.cell,
            needs=needs,
            outputs=self._outputs,
            status=self._effective(),
            read_file=reader(room),
            now=self._given.clock(),
        )

    def _effective(self) -> Outcome:
        return Outcome.CANCELLED if self._run.stop.stage else self._status

    def _perform_or_skip(self, room: Room, index: int, step: Step) -> None:
        self._calls.accept()
        if self._run.stop.stage:
            self._settle(Outcome.CANCELLED, "interrupted")
        if self._run.stop.stage > 1 and not self._over:
            self._over = "the run was interrupted"
        if time.monotonic() >= self._deadline and not self._over:
            self._out_of_time()
        name = step.name.raw
        try:
            env = self._step_env(room, step)
            scope = self._scope(room, env)
            name = self._given.dialect.evaluate(step.name, scope)
            reason = self._over or self._why_not(step, scope)
        except EvaluationError as error:
            reason = self._over
            if not reason:
                self._cannot(index, step, name, error.message)
                return
        name = self._secrets.hide_text(name)
        if reason:
            self._tell_skipped(index, name, reason)
        elif step.background:
            self._start_background(room, index, step, name)
        else:
            self._perform(room, index, step, name)

    def _step_env(self, room: Room, step: Step) -> dict[str, str]:
        env = self._env | self._added
        return with_tools(env | evaluated(step.env, env, self._early), room.tools, self._folders)

    def _why_not(self, step: Step, scope: Scope) -> str:
        """Why `step` is not performed, in one clause; empty when it is."""
        if scope.status not in step.when.after:
            return _AFTER.get(scope.status, f"the job has {scope.status.value}")
        if _asks_dialect(step.when):
            holds, why = self._given.dialect.holds(step.when, scope)
            return "" if holds else why
        return ""

    def _tell_skipped(self, index: int, name: str, reason: str) -> None:
        now = self._given.clock()
        result = StepResult(Outcome.SKIPPED, Outcome.SKIPPED, None, now, now, reason, attempts=0)
        self._run.emit(StepFinished(at=now, job=self._node.id, step=index, name=name, result=result))

    def _cannot(self, index: int, step: Step, name: str, message: str) -> None:
        """A step whose own texts can't be evaluated fails before it starts."""
        self._run.emit(StepStarted(at=self._given.clock(), job=self._node.id, step=index, name=name))
        log = self._open_log(index)
        log.line(message)
        log.close()
        self._finish(index, step, name, Ended(Outcome.FAILED, message), (self._given.clock(), 1, log.size_bytes))

    def _perform(self, room: Room, index: int, step: Step, name: str) -> None:
        """All attempts of one step."""
        log = self._open_log(index)
        started = self._given.clock()
        attempt = 0
        try:
            while True:
                attempt += 1
                self._run.emit(StepStarted(self._given.clock(), self._node.id, index, name, attempt))
                ended = self._attempt(room, index, step, attempt, log)
                if ended.outcome is not Outcome.FAILED or attempt > step.retries or not self._may_retry(step):
                    break
                log.line(f"Attempt {attempt} of {step.retries + 1} failed; once more.")
        finally:
            log.close()
        if ended.outcome is Outcome.FAILED and time.monotonic() >= self._deadline:
            self._out_of_time()
            ended = replace(ended, reason=self._over)
        self._absorb(step, ended)
        self._finish(index, step, name, ended, (started, attempt, log.size_bytes))

    def _may_retry(self, step: Step) -> bool:
        """Waits before a further attempt; whether there still may be one."""
        self._calls.asked.wait(min(step.retry_delay_s, max(0.0, self._deadline - time.monotonic())))
        return not self._run.stop.stage and time.monotonic() < self._deadline

    def _attempt(self, room: Room, index: int, step: Step, attempt: int, log: StepLog) -> Ended:
        """One attempt; what goes wrong with the texts or the room is how it ended."""
        try:
            with self._calls.attempt():
                return perform_step(self._turn(room, index, step, attempt, log))
        except EvaluationError as error:
            log.line(error.message)
            return Ended(Outcome.FAILED, error.message)
        except StoreError:
            raise
        except MachineError as error:
            if self._run.stop.stage:
                return Ended(Outcome.CANCELLED, "interrupted")
            log.line(error.message)
            return Ended(Outcome.ERRORED, error.message)

    def _turn(self, room: Room, index: int, step: Step, attempt: int, log: StepLog) -> Turn:
        env = self._step_env(room, step)
        in_place = index == 0 and is_plain_checkout(self._job)
        return Turn(
            node=self._node,
            step=step,
            index=index,
            attempt=attempt,
            room=room,
            scope=self._scope(room, env),
            env=env,
            secrets=self._secrets,
            log=log,
            layers=self._run.layers,
            given=self._given,
            emit=self._run.emit,
            start=self._start,
            source=None if in_place else SOURCE,
        )

    def _start(self, call: Call, sink: Callable[[bytes], None]) -> Exit:
        left = self._deadline - time.monotonic()
        if left < (float("inf") if call.timeout_s is None else call.timeout_s):
            call = replace(call, timeout_s=max(0.001, left))
        return self._calls.run(call, sink)

    def _open_log(self, index: int) -> StepLog:
        tell = live(self._run.emit, self._node.id, index)
        path = self._given.log_path(self._node.id, index)
        return StepLog(path, self._secrets, tell, self._run.ticker, clock=time.monotonic)

    def _absorb(self, step: Step, ended: Ended) -> None:
        effects = ended.effects
        self._added |= effects.env
        self._folders = (*effects.path, *self._folders)
        self._secrets = self._secrets.also(effects.masks)
        self._outputs[step.id] = effects.outputs
        if effects.halt and not self._over:
            self._over = "the job was halted"

    def _finish(self, index: int, step: Step, name: str, ended: Ended, told: tuple[float, int, int]) -> None:
        """Tells of the end of a step and takes it into the job's status. `told`: start, attempts, bytes of log."""
        started, attempts, log_bytes = told
        forgiven = ended.outcome is Outcome.FAILED and (step.continue_on_error or step.background)
        now = self._given.clock()
        hide = self._secrets.hide_text
        result = StepResult(
            outcome=ended.outcome,
            conclusion=Outcome.PASSED if forgiven else ended.outcome,
            exit_code=ended.exit_code,
            started=started,
            ended=now,
            reason=hide(ended.reason),
            attempts=attempts,
            outputs={key: hide(value) for key, value in ended.effects.outputs.items()},
            log_bytes=log_bytes,
            cached_from=None if ended.cached_from is None else hide(ended.cached_from),
        )
        self._run.emit(StepFinished(at=now, job=self._node.id, step=index, name=name, result=result))
        if not step.background:
            self._judge(index, name, result)

    def _judge(self, index: int, name: str, result: StepResult) -> None:
        outcome = result.conclusion
        if outcome in {Outcome.PASSED, Outcome.SKIPPED}:
            return
        reason = result.reason or f"exit {result.exit_code}"
        if outcome is Outcome.ERRORED:
            self._over = self._over or reason
        if self._failed_step is None:
            self._failed_step = index
        self._settle(outcome, reason if outcome is Outcome.CANCELLED else f'step {index + 1} "{name}": {reason}')

    def _settle(self, outcome: Outcome, reason: str) -> None:
        """The first thing that goes wrong decides, but that the machine failed is told in any case."""
        if self._status is Outcome.PASSED or (outcome is Outcome.ERRORED and self._status is not Outcome.ERRORED):
            self._status, self._reason = outcome, reason

    def _out_of_time(self) -> None:
        self._over = f"the job ran longer than {duration_text(self._job.limits.timeout_s or 0)}"
        self._settle(Outcome.FAILED, self._over)

    def _start_background(self, room: Room, index: int, step: Step, name: str) -> None:
        self._run.emit(StepStarted(self._given.clock(), self._node.id, index, name))
        log = self._open_log(index)
        started = self._given.clock()

        def work() -> None:
            try:
                ended = self._attempt(room, index, step, 1, log)
            finally:
                log.close()
            if ended.outcome is Outcome.CANCELLED and not self._run.stop.stage:
                ended = Ended(Outcome.PASSED, "ended with the job")
            self._finish(index, step, name, ended, (started, 1, log.size_bytes))

        thread = Background(work)
        self._background.append(thread)
        thread.start()

    def _end_background(self, room: Room) -> None:
        """Background steps end with their job. https://circleci.com/docs/configuration-reference/#background-commands"""
        while any(thread.is_alive() for thread in self._background):
            try:
                room.stop(grace_s=0.0 if self._run.stop.stage > 1 else GRACE_S)
            except RoomError:
                break
            for thread in self._background:
                thread.join(0.05)
        for thread in self._background:
            thread.result()


_AFTER = {
    Outcome.FAILED: "a step before it failed",
    Outcome.PASSED: "no step before it failed",
    Outcome.CANCELLED: "the run was interrupted",
}


def _asks_dialect(when: Condition) -> bool:
    return any(part is not None for part in (when.expression, when.events, when.branches, when.tags, when.paths))
