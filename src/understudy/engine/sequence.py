"""The steps of one job, in order: which of them are performed, groups and their inner steps, after-job steps."""

import time
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace
from functools import partial
from itertools import count

from understudy.dialects.base import Effects, EvaluationError, Scope
from understudy.engine.allotted import Allotted
from understudy.engine.asked import asks_dialect, minutes_s, outlasts
from understudy.engine.background import AT_ONCE, Backstage, Beside, Came, waited_for
from understudy.engine.calls import GRACE_S, Calls
from understudy.engine.frame import FOREVER, Frame
from understudy.engine.run import Run
from understudy.engine.spec import SOURCE, is_plain_checkout
from understudy.engine.steps import perform_step, reader
from understudy.engine.stop import JobStop
from understudy.engine.surroundings import Dressed, Surroundings
from understudy.engine.told import Begun, Told
from understudy.engine.turn import PASSED, Ended, Turn
from understudy.engine.words import duration_text
from understudy.errors import MachineError, StoreError
from understudy.model.layout import Laid, every_step, laid_anew, laid_out
from understudy.model.pipeline import Cancel, Checkout, Group, Step, Wait
from understudy.model.results import Outcome
from understudy.plan.plan import Node
from understudy.runtimes.base import Call, Exit, Room, Sink

Start = Callable[[Call, Sink], Exit]


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
        self._waits = run.given.dialect.TRAITS.waits_for_background
        self._allotted = Allotted(stop)
        self._backstage = Backstage(AT_ONCE if self._waits else None)
        self._beside: Beside | None = None

    def perform(self, room: Room, timeout_s: float | None) -> None:
        """Performs all steps within `timeout_s`. Raises StoreError and what is a bug."""
        if self._given.dialect.TRAITS.timeout_cancels:
            self._allotted.begin(time.monotonic(), timeout_s, self._afterwards_s())
        elif timeout_s is not None:
            self.frame.deadline = time.monotonic() + timeout_s
            self.frame.out_of_time = f"the job ran longer than {duration_text(timeout_s)}"
        try:
            for laid in laid_out(self._node.job):
                self._perform_or_skip(room, self.frame, laid)
            if self._waits:
                self._settle_background()
            if self.frame.over == self.frame.out_of_time != "" and self._given.dialect.TRAITS.timeout_breaks:
                self.frame.end(Outcome.ERRORED)
            for owner, frame in reversed(self._due):
                for laid in owner.after:
                    self._perform_after(room, frame, owner, laid)
        finally:
            # See https://circleci.com/docs/configuration-reference/#background-commands.
            self._backstage.end(room, grace_s=0.0 if self._stop.stage > 1 else GRACE_S)

    def _afterwards_s(self) -> float | None:
        """How long the job may go on once it is cancelled, as far as its file says. Raises EvaluationError."""
        limits = self._node.job.limits
        if limits.cancel_timeout is None:
            return limits.cancel_timeout_s
        return minutes_s(self._around.early(limits.cancel_timeout), limits.cancel_timeout) or 0.0

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
            reason = frame.ended() or self._not_asked(frame, laid) or self._why_not(step, dressed.scope)
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
        assert dressed is not None
        if isinstance(step.action, Wait | Cancel):
            self._control(room, frame, laid, name, step.action)
        elif step.background:
            self._start_background(room, frame, laid, name, dressed)
        elif isinstance(step.action, Group):
            self._perform_group(room, frame, laid, name, dressed)
        else:
            self._perform(room, frame, laid, name, dressed)

    def _resolved(self, room: Room, laid: Laid) -> Laid:
        """`laid` as it is now, with further numbers if it isn't what it was at reading. Raises EvaluationError."""
        step = self._given.dialect.resolve(laid.step, reader(room))
        return laid if step == laid.step else laid_anew(laid, step, self._numbers)

    def _heed(self, frame: Frame) -> None:
        """Takes in that the job is to end, or that time is up."""
        now = time.monotonic()
        self._allotted.heed(now)
        over = "the run was interrupted" if self._stop.stage > 1 else self._allotted.over(now)
        for one in frame.chain():
            if self._stop.stage:
                one.settle(Outcome.CANCELLED, self._stop.reason)
            one.over = one.over or over
        frame.expire(now)

    def _not_asked(self, frame: Frame, laid: Laid) -> str:
        """Why a step of the job itself is left out by the user's wish; inner and after-job steps go with theirs."""
        if self._node.steps is None or frame is not self.frame or isinstance(laid.step.action, Checkout):
            return ""
        first, last = self._node.steps
        return "" if first <= laid.index + 1 <= last else "not asked for"

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

    def _perform(self, room: Room, frame: Frame, laid: Laid, name: str, dressed: Dressed) -> None:
        """All attempts of one step, the first of them `dressed` so."""
        end = self._allotted.until(outlasts=outlasts(laid.step, dressed.scope, self._given.dialect))
        start = partial(self._start, frame, end)
        step = laid.step
        begun = self._told.begin(laid, name, self._around.secrets)
        log = begun.log
        attempt = 0
        try:
            while True:
                attempt += 1
                self._told.started(laid, name, attempt)
                worn = dressed if attempt == 1 else None
                ended = self._attempt(room, frame, begun, attempt=attempt, dressed=worn, start=start)
                if ended.outcome is not Outcome.FAILED or attempt > step.retries or not self._may_retry(frame, step):
                    break
                log.line(f"Attempt {attempt} of {step.retries + 1} failed; once more.")
        finally:
            log.close()
        now = time.monotonic()
        if ended.outcome is Outcome.FAILED and ended.exit_code is None and now >= end and self._allotted.heed(now):
            ended = replace(ended, outcome=Outcome.CANCELLED, reason=self._stop.reason)
        elif ended.outcome is Outcome.FAILED and now >= frame.until():
            frame.expire(now)
            ended = replace(ended, reason=frame.ended() or ended.reason)
        if ended.effects.halt and not self.frame.over:
            self.frame.over = "the job was halted"
        if ended.effects.verdict is not None:
            self.frame.end(ended.effects.verdict)
        self._hide(ended.effects.masks)
        if ended.outcome is Outcome.CANCELLED and self._beside is not None:
            ended = self._ended_beside(ended)
        elif ended.outcome is Outcome.CANCELLED and self._stop.stage:
            ended = replace(ended, reason=self._stop.reason)
        self._finish(frame, replace(begun, attempts=attempt), ended)

    def _may_retry(self, frame: Frame, step: Step) -> bool:
        """Waits before a further attempt; whether there still may be one."""
        self._calls.asked.wait(min(step.retry_delay_s, max(0.0, frame.until() - time.monotonic())))
        return not self._stop.stage and time.monotonic() < frame.until()

    def _attempt(
        self, room: Room, frame: Frame, begun: Begun, *, attempt: int, dressed: Dressed | None, start: Start
    ) -> Ended:
        """One attempt; what goes wrong with the texts or the room is how it ended."""
        log = begun.log
        if self._calls.refused:
            return Ended(Outcome.CANCELLED, self._stop.reason)
        try:
            with self._calls.attempt():
                dressed = dressed or self._around.dress(frame, begun.laid.step)
                return perform_step(self._turn(room, begun, attempt=attempt, dressed=dressed, start=start))
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

    def _turn(self, room: Room, begun: Begun, *, attempt: int, dressed: Dressed, start: Start) -> Turn:
        laid = begun.laid
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
            start=start,
            source=None if in_place else SOURCE,
            hide=self._hide,
        )

    def _hide(self, values: Iterable[str]) -> None:
        """Hides `values` from now on, in what other steps print, too."""
        self._around.hide(values)
        self._told.hide(values)

    def _timeout_s(self, step: Step, scope: Scope) -> float | None:
        if step.timeout is None:
            return step.timeout_s
        return minutes_s(self._given.dialect.evaluate(step.timeout, scope), step.timeout)

    def _start(self, frame: Frame, end: float, call: Call, sink: Sink) -> Exit:
        left = min(frame.until(), end) - time.monotonic()
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
        """Tells of the end of a step, and takes it in unless something is to wait for it."""
        forgiven = ended.outcome is Outcome.FAILED and self._is_forgiven(frame, begun.laid.step)
        result = self._told.finished(begun, ended, self._around.secrets, forgiven=forgiven)
        came = Came(begun, ended, result, begun.laid.index if failed_step is None else failed_step)
        if self._beside is not None and frame is self._beside.frame:
            self._beside.came = came
            if self._waits:
                return
        self._take_in(frame, came)
        if self._waits or not begun.laid.step.background:
            self._judge(frame, came)

    def _take_in(self, frame: Frame, came: Came) -> None:
        """What later steps see of one that has ended."""
        step, effects = came.begun.laid.step, came.ended.effects
        self._around.absorb(frame, step, effects)
        frame.note(step.id, came.result, effects.outputs)

    def _judge(self, frame: Frame, came: Came) -> None:
        """What the end of a step means for the steps around it."""
        frame.judge(came.culprit, came.begun.laid.index, came.begun.name, came.result)
        if came.result.conclusion is Outcome.FAILED and came.begun.laid.step.fatal:
            self.frame.end(Outcome.ERRORED)
        elif came.ended.late and self._given.dialect.TRAITS.timeout_breaks:
            forgiven = came.result.conclusion is not Outcome.FAILED
            self.frame.end(Outcome.FAILED if forgiven else Outcome.ERRORED)
            self.frame.settle(Outcome.FAILED, came.result.reason)

    def _is_forgiven(self, frame: Frame, step: Step) -> bool:
        if step.forgiven is None:
            return step.continue_on_error or (step.background and not self._waits)
        try:
            dressed = self._around.dress(frame, step)
            return self._given.dialect.evaluate(step.forgiven, dressed.scope).lower() == "true"
        except EvaluationError:
            return False

    def _start_background(self, room: Room, frame: Frame, laid: Laid, name: str, dressed: Dressed) -> None:
        """The step sees what there is now; how it comes out means nothing to others before something waits for it."""
        stop = JobStop(self._stop)
        among = replace(frame) if self._waits else frame
        beside = Beside(laid, name, among, frame, self._calls.beside(stop), stop)
        one = copy(self)
        one.step_aside(beside)
        self._backstage.begin(beside, lambda: one.perform_aside(room, beside, dressed))

    def step_aside(self, beside: Beside) -> None:
        """Performs nothing but `beside` from here on, in a thread of its own."""
        self._beside, self._stop, self._calls = beside, beside.stop, beside.calls

    def perform_aside(self, room: Room, beside: Beside, dressed: Dressed) -> None:
        """Performs the step that this one has stepped aside for."""
        if isinstance(beside.laid.step.action, Group):
            self._perform_group(room, beside.frame, beside.laid, beside.name, dressed)
        else:
            self._perform(room, beside.frame, beside.laid, beside.name, dressed)

    def _ended_beside(self, ended: Ended) -> Ended:
        """A step in the background that was ended: by whom."""
        if self._waits or self._stop.stage:
            return replace(ended, reason=self._stop.reason)
        return Ended(Outcome.PASSED, "ended with the job")

    def _control(self, room: Room, frame: Frame, laid: Laid, name: str, action: Wait | Cancel) -> None:
        """Waits for steps in the background, or cancels them, and takes them in."""
        self._told.started(laid, name)
        begun = self._told.begin(laid, name, self._around.secrets)
        try:
            those = self._backstage.control(action, room, name, begun.log)
        finally:
            begun.log.close()
        for one in those:
            if one.came is not None:
                self._take_in(one.home, one.came)
        ended, culprit = (PASSED, None) if isinstance(action, Cancel) else waited_for(those)
        frame.note(laid.step.id, self._told.finished(begun, ended, self._around.secrets, forgiven=False), {})
        if culprit is not None:
            self._judge(frame, culprit)

    def _settle_background(self) -> None:
        """The job's own steps have ended: what still goes on is waited for, and whatever failed counts."""
        rest = self._backstage.unwaited()
        self._backstage.wait(rest)
        for one in rest:
            if one.came is not None:
                self._take_in(one.home, one.came)
        for one in self._backstage.every():
            if one.came is not None and not one.expected:
                self._judge(one.home, one.came)


_AFTER = {
    Outcome.FAILED: "a step before it failed",
    Outcome.PASSED: "no step before it failed",
    Outcome.CANCELLED: "the run was interrupted",
}
