"""The steps of one job, in order: which of them are performed, groups and their inner steps, after-job steps."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

from understudy.dialects.base import Effects, EvaluationError, Scope
from understudy.engine.calls import GRACE_S, Background, Calls
from understudy.engine.frame import FOREVER, Frame
from understudy.engine.run import Run
from understudy.engine.spec import SOURCE, is_plain_checkout
from understudy.engine.steps import perform_step, reader
from understudy.engine.stop import JobStop
from understudy.engine.surroundings import Dressed, Surroundings
from understudy.engine.told import Begun, Told
from understudy.engine.turn import Ended, Turn
from understudy.engine.words import duration_text
from understudy.errors import MachineError, RoomError, StoreError
from understudy.model.layout import Laid, every_step, laid_anew, laid_out
from understudy.model.pipeline import Condition, Group, Step, Text
from understudy.model.results import Outcome
from understudy.plan.plan import Node
from understudy.runtimes.base import Call, Exit, Room

_MINUTE_S = 60.0


class Sequence:
    """Performs the steps of one job in its room; `frame` holds what came of them. For one thread."""

    def __init__(self, run: Run, node: Node, around: Surroundings, calls: Calls, stop: JobStop) -> None:
        self.frame = Frame()
        self._run = run
        self._given = run.given
        self._node = node
        self._around = around
        self._calls = calls
        self._stop = stop
        self._told = Told(run, node.id)
        self._due: list[tuple[Laid, Frame]] = []
        self._numbers = count(len(every_step(node.job)))
        self._background: list[Background] = []

    def perform(self, room: Room, timeout_s: float | None) -> None:
        """Performs all steps within `timeout_s`. Raises StoreError and what is a bug."""
        if timeout_s is not None:
            self.frame.deadline = time.monotonic() + timeout_s
            self.frame.out_of_time = f"the job ran longer than {duration_text(timeout_s)}"
        try:
            for laid in laid_out(self._node.job):
                self._perform_or_skip(room, self.frame, laid)
            for owner, frame in reversed(self._due):
                for laid in owner.after:
                    self._perform_after(room, frame, owner, laid)
        finally:
            self._end_background(room)

    def _perform_after(self, room: Room, frame: Frame, owner: Laid, laid: Laid) -> None:
        """One after-job step: it sees what the step saw that it belongs to, and the status of the job."""
        job = self.frame
        among = replace(
            frame,
            outer=job,
            owner=frame.owner or owner.step.id,
            status=job.status,
            reason="",
            failed_step=None,
            over="",
        )
        among.deadline = FOREVER
        self._perform_or_skip(room, among, laid)
        if among.failed_step is not None:
            job.failed_step = laid.index if job.failed_step is None else job.failed_step
            job.settle(among.status, among.reason)

    def _perform_or_skip(self, room: Room, frame: Frame, laid: Laid) -> None:
        self._calls.accept()
        self._heed(frame)
        step, name = laid.step, laid.step.name.raw
        dressed: Dressed | None = None
        try:
            dressed = self._around.dress(frame, step)
            name = self._given.dialect.evaluate(step.name, dressed.scope)
            reason = frame.ended() or self._why_not(step, dressed.scope)
        except EvaluationError as error:
            reason = frame.ended()
            if not reason:
                self._cannot(frame, laid, name, error.message)
                return
        name = self._around.secrets.hide_text(name)
        if reason:
            self._told.skipped(laid, name, reason)
            frame.skip(step.id)
            return
        if step.late is not None:
            try:
                laid = self._resolved(room, laid)
                step, dressed = laid.step, self._around.dress(frame, laid.step)
            except EvaluationError as error:
                self._cannot(frame, laid, name, error.message)
                return
        if laid.after:
            self._due.append((laid, frame))
        if isinstance(step.action, Group) and dressed is not None:
            self._perform_group(room, frame, laid, name, dressed)
        elif step.background:
            self._start_background(room, frame, laid, name)
        else:
            self._perform(room, frame, laid, name)

    def _resolved(self, room: Room, laid: Laid) -> Laid:
        """`laid` as it is now, with further numbers if it isn't what it was at reading. Raises EvaluationError."""
        step = self._given.dialect.resolve(laid.step, reader(room))
        return laid if step == laid.step else laid_anew(laid, step, self._numbers)

    def _heed(self, frame: Frame) -> None:
        """Takes in that the job is to end, or that time is up."""
        if self._stop.stage:
            for one in frame.chain():
                one.settle(Outcome.CANCELLED, self._stop.reason)
        if self._stop.stage > 1 and not self.frame.over:
            self.frame.over = "the run was interrupted"
        frame.expire(time.monotonic())

    def _why_not(self, step: Step, scope: Scope) -> str:
        """Why `step` is not performed, in one clause; empty when it is."""
        if scope.status not in step.when.after:
            if scope.status is Outcome.CANCELLED and self._stop.reason != "interrupted":
                return self._stop.reason
            return _AFTER.get(scope.status, f"the job has {scope.status.value}")
        if asks_dialect(step.when):
            holds, why = self._given.dialect.holds(step.when, scope)
            return "" if holds else why
        return ""

    def _cannot(self, frame: Frame, laid: Laid, name: str, message: str) -> None:
        """A step whose own texts can't be evaluated fails before it starts."""
        self._told.started(laid, name)
        begun = self._told.begin(laid, name, self._around.secrets)
        begun.log.line(message)
        begun.log.close()
        self._finish(frame, begun, Ended(Outcome.FAILED, message))

    def _perform(self, room: Room, frame: Frame, laid: Laid, name: str) -> None:
        """All attempts of one step."""
        step = laid.step
        begun = self._told.begin(laid, name, self._around.secrets)
        log = begun.log
        attempt = 0
        try:
            while True:
                attempt += 1
                self._told.started(laid, name, attempt)
                ended = self._attempt(room, frame, laid, attempt, begun)
                if ended.outcome is not Outcome.FAILED or attempt > step.retries or not self._may_retry(frame, step):
                    break
                log.line(f"Attempt {attempt} of {step.retries + 1} failed; once more.")
        finally:
            log.close()
        if ended.outcome is Outcome.FAILED and time.monotonic() >= frame.until():
            frame.expire(time.monotonic())
            ended = replace(ended, reason=frame.ended() or ended.reason)
        if ended.effects.halt and not self.frame.over:
            self.frame.over = "the job was halted"
        self._around.absorb(frame, step, ended.effects)
        self._finish(frame, replace(begun, attempts=attempt), ended)

    def _may_retry(self, frame: Frame, step: Step) -> bool:
        """Waits before a further attempt; whether there still may be one."""
        self._calls.asked.wait(min(step.retry_delay_s, max(0.0, frame.until() - time.monotonic())))
        return not self._stop.stage and time.monotonic() < frame.until()

    def _attempt(self, room: Room, frame: Frame, laid: Laid, attempt: int, begun: Begun) -> Ended:
        """One attempt; what goes wrong with the texts or the room is how it ended."""
        log = begun.log
        try:
            with self._calls.attempt():
                return perform_step(self._turn(room, frame, laid, attempt, begun))
        except EvaluationError as error:
            log.line(error.message)
            return Ended(Outcome.FAILED, error.message)
        except StoreError:
            raise
        except MachineError as error:
            if self._stop.stage:
                return Ended(Outcome.CANCELLED, self._stop.reason)
            log.line(error.message)
            return Ended(Outcome.ERRORED, error.message)

    def _turn(self, room: Room, frame: Frame, laid: Laid, attempt: int, begun: Begun) -> Turn:
        dressed = self._around.dress(frame, laid.step)
        timeout_s = self._timeout_s(laid.step, dressed.scope)
        in_place = laid.index == 0 and is_plain_checkout(self._node.job)
        return Turn(
            node=self._node,
            step=replace(laid.step, timeout_s=timeout_s),
            index=laid.index,
            attempt=attempt,
            room=room,
            scope=dressed.scope,
            env=dressed.env,
            secrets=self._around.secrets,
            log=begun.log,
            layers=self._run.layers,
            given=self._given,
            emit=self._run.emit,
            start=partial(self._start, frame),
            source=None if in_place else SOURCE,
        )

    def _timeout_s(self, step: Step, scope: Scope) -> float | None:
        if step.timeout is None:
            return step.timeout_s
        return minutes_s(self._given.dialect.evaluate(step.timeout, scope), step.timeout)

    def _start(self, frame: Frame, call: Call, sink: Callable[[bytes], None]) -> Exit:
        left = frame.until() - time.monotonic()
        if left < (FOREVER if call.timeout_s is None else call.timeout_s):
            call = replace(call, timeout_s=max(0.001, left))
        return self._calls.run(call, sink)

    def _perform_group(self, room: Room, frame: Frame, laid: Laid, name: str, dressed: Dressed) -> None:
        """The inner steps of a group, one after another, as one step."""
        group = laid.step.action
        assert isinstance(group, Group)
        self._told.started(laid, name)
        begun = self._told.begin(laid, name, self._around.secrets)
        inner: Frame | None = None
        try:
            inner = self._entered(frame, laid, group, dressed)
            for one in laid.inner:
                self._perform_or_skip(room, inner, one)
            ended = self._left(inner, group)
        except EvaluationError as error:
            begun.log.line(error.message)
            ended = Ended(Outcome.FAILED, error.message)
        finally:
            begun.log.close()
        self._finish(frame, begun, ended, failed_step=inner.failed_step if inner else None)

    def _entered(self, frame: Frame, laid: Laid, group: Group, dressed: Dressed) -> Frame:
        evaluate = self._given.dialect.evaluate
        timeout_s = self._timeout_s(laid.step, dressed.scope)
        inner = Frame(
            group=group,
            inputs={name: evaluate(text, dressed.scope) for name, text in group.inputs.items()},
            env={**frame.env, **dressed.own},
            outer=frame,
        )
        if timeout_s is not None:
            inner.deadline = time.monotonic() + timeout_s
            inner.out_of_time = f"timed out after {duration_text(timeout_s)}"
        return inner

    def _left(self, inner: Frame, group: Group) -> Ended:
        self._heed(inner)
        scope = self._around.scope(inner)
        outputs = {name: self._given.dialect.evaluate(text, scope) for name, text in group.outputs.items()}
        return Ended(inner.status, inner.reason, effects=Effects(outputs=outputs))

    def _finish(self, frame: Frame, begun: Begun, ended: Ended, failed_step: int | None = None) -> None:
        """Tells of the end of a step and takes it into the frame's status."""
        step, index = begun.laid.step, begun.laid.index
        forgiven = ended.outcome is Outcome.FAILED and self._is_forgiven(frame, step)
        result = self._told.finished(begun, ended, self._around.secrets, forgiven=forgiven)
        frame.note(step.id, result, ended.effects.outputs)
        if not step.background:
            frame.judge(index if failed_step is None else failed_step, index, begun.name, result)

    def _is_forgiven(self, frame: Frame, step: Step) -> bool:
        if step.forgiven is None:
            return step.continue_on_error or step.background
        try:
            dressed = self._around.dress(frame, step)
            return self._given.dialect.evaluate(step.forgiven, dressed.scope).lower() == "true"
        except EvaluationError:
            return False

    def _start_background(self, room: Room, frame: Frame, laid: Laid, name: str) -> None:
        self._told.started(laid, name)
        begun = self._told.begin(laid, name, self._around.secrets)

        def work() -> None:
            try:
                ended = self._attempt(room, frame, laid, 1, begun)
            finally:
                begun.log.close()
            if ended.outcome is Outcome.CANCELLED and not self._stop.stage:
                ended = Ended(Outcome.PASSED, "ended with the job")
            self._finish(frame, begun, ended)

        thread = Background(work)
        self._background.append(thread)
        thread.start()

    def _end_background(self, room: Room) -> None:
        """Background steps end with their job. https://circleci.com/docs/configuration-reference/#background-commands"""
        while any(thread.is_alive() for thread in self._background):
            try:
                room.stop(grace_s=0.0 if self._stop.stage > 1 else GRACE_S)
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


def minutes_s(value: str, text: Text) -> float | None:
    """The seconds of a time limit in minutes; None for no limit. Raises EvaluationError for what is no number."""
    try:
        minutes = float(value)
    except ValueError:
        raise EvaluationError(f"`{text.raw}` is to be a number of minutes, and is `{value}`") from None
    return minutes * _MINUTE_S if minutes > 0 else None


def asks_dialect(when: Condition) -> bool:
    """Whether `when` has parts that a dialect judges."""
    return any(part is not None for part in (when.expression, when.events, when.branches, when.tags, when.paths))
