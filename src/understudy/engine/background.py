"""Steps that are performed beside the others of their job: begun, waited for, cancelled, ended with it."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from understudy.engine.calls import GRACE_S, Calls
from understudy.engine.frame import Frame
from understudy.engine.output import StepLog
from understudy.engine.stop import JobStop
from understudy.engine.told import Begun
from understudy.engine.turn import PASSED, Ended
from understudy.errors import RoomError
from understudy.model.layout import Laid
from understudy.model.pipeline import Cancel, Wait
from understudy.model.results import Outcome, StepResult
from understudy.runtimes.base import Room

AT_ONCE = 10
"""How many steps a service that waits for them performs in the background at once; others begin as these end."""

_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a step: how it `ended`, what was told of it, and the index of what made it so."""

    begun: Begun
    ended: Ended
    result: StepResult
    culprit: int


class Beside:
    """One step in the background. `frame`: what it is performed in, a copy of the `home` that it belongs to.

    `came`: set once it has ended; the job's own thread takes it in. `dismissed`: a step has cancelled it.
    """

    def __init__(self, laid: Laid, name: str, frame: Frame, home: Frame, calls: Calls, stop: JobStop) -> None:
        self.laid = laid
        self.name = name
        self.frame = frame
        self.home = home
        self.calls = calls
        self.stop = stop
        self.came: Came | None = None
        self.dismissed = False
        self.thread: Background | None = None

    @property
    def outcome(self) -> Outcome:
        """How it came out, after `continue-on-error`; of one that never came to an end that it was cancelled."""
        return self.came.result.conclusion if self.came else Outcome.CANCELLED

    @property
    def expected(self) -> bool:
        """Whether it ended as a step has it: that it was cancelled is then no fault."""
        return self.dismissed and self.outcome is Outcome.CANCELLED


class Background(threading.Thread):
    """Work beside the steps; what it raised is raised again by `result`."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(name="understudy-background", daemon=True)
        self._work = work
        self._error: BaseException | None = None
        self.over = threading.Event()

    def run(self) -> None:
        """Works, in the thread."""
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - raised again in the job's own thread
            self._error = error
        finally:
            self.over.set()

    def result(self) -> None:
        """Waits for its end, and raises what the work raised."""
        self.over.wait()
        if self._error is not None:
            raise self._error


class Backstage:
    """The steps of one job that are in the background. Their threads call `_leave`, the job's own all the rest."""

    def __init__(self, most: int | None = None) -> None:
        """`most`: how many are performed at once; None for all of them."""
        self.waited: set[str] = set()
        self._most = most
        self._every: list[Beside] = []
        self._queue: list[Background] = []
        self._working = 0
        self._lock = threading.Lock()

    def begin(self, one: Beside, work: Callable[[], None]) -> None:
        """Begins `one`, or has it begin when there is room for it."""
        one.thread = Background(lambda: self._perform(work))
        self._every.append(one)
        with self._lock:
            if self._most is not None and self._working >= self._most:
                self._queue.append(one.thread)
                return
            self._working += 1
        one.thread.start()

    def every(self) -> tuple[Beside, ...]:
        """All that have begun or are to, in the order of the file."""
        return tuple(self._every)

    def named(self, ids: Iterable[str]) -> tuple[Beside, ...]:
        """Those of `ids`; ids of no such step count for nothing."""
        wanted = tuple(ids)
        return tuple(one for one in self._every if one.laid.step.id in wanted)

    def unwaited(self) -> tuple[Beside, ...]:
        """Those that nothing has waited for or cancelled."""
        return tuple(one for one in self._every if one.laid.step.id not in self.waited)

    def control(self, action: Wait | Cancel, room: Room, name: str, log: StepLog) -> tuple[Beside, ...]:
        """Waits for steps, or cancels them, as the step `name` says; gives them. Raises what they raised.

        See https://github.com/actions/runner/blob/main/src/Runner.Worker/BackgroundStepCoordinator.cs.
        """
        those = self.unwaited() if action.ids is None else self.named(action.ids)
        verb = "Waits for" if isinstance(action, Wait) else "Cancels"
        log.line(f"{verb}: {', '.join(one.name for one in those) or 'nothing'}")
        if isinstance(action, Cancel):
            self.cancel(those, room, f"cancelled by `{name}`")
        self.wait(those)
        for one in those:
            log.line(f"{one.name}: {one.outcome.value}")
        return those

    def wait(self, those: Iterable[Beside]) -> None:
        """Waits for the end of `those`. Raises what they raised."""
        for one in those:
            if one.thread is not None:
                one.thread.result()
            self.waited.add(one.laid.step.id)

    def cancel(self, those: Iterable[Beside], room: Room, reason: str) -> None:
        """Ends `those` and waits until they have."""
        those = tuple(those)
        for one in those:
            one.dismissed = True
        ending = tuple(one for one in those if one.thread is not None and not one.thread.over.is_set())
        for one in ending:
            one.stop.cancel(reason)
            self._hasten(one)
        for one in ending:
            while one.thread is not None and not one.thread.over.wait(_PAUSE_S):
                for call in one.calls.running():
                    room.stop(grace_s=GRACE_S, call=call)

    def end(self, room: Room, *, grace_s: float) -> None:
        """Ends all that still go on. Raises what they raised."""
        with self._lock:
            self._queue.clear()
        begun = [one.thread for one in self._every if one.thread is not None and one.thread.ident is not None]
        while any(not thread.over.is_set() for thread in begun):
            try:
                room.stop(grace_s=grace_s)
            except RoomError:
                break
            for thread in begun:
                thread.over.wait(_PAUSE_S)
        for thread in begun:
            thread.result()

    def _hasten(self, one: Beside) -> None:
        """Begins what waits in the queue at once, so that it ends."""
        thread = one.thread
        with self._lock:
            if thread is None or thread not in self._queue:
                return
            self._queue.remove(thread)
            self._working += 1
        thread.start()

    def _perform(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._lock:
            follower = self._queue.pop(0) if self._queue else None
            if follower is None:
                self._working -= 1
        if follower is not None:
            follower.start()


def waited_for(those: Iterable[Beside]) -> tuple[Ended, Came | None]:
    """How a step comes out that waits for `those`, and which of them the job fails for.

    One that was cancelled makes it cancelled, too, which means nothing to the job.
    """
    for worst in _WORST:
        culprit = next((one for one in those if one.outcome is worst), None)
        if culprit is not None:
            how = "was cancelled" if worst is Outcome.CANCELLED else worst.value
            return Ended(worst, f"`{culprit.name}` {how}"), None if worst is Outcome.CANCELLED else culprit.came
    return PASSED, None


_WORST = (Outcome.ERRORED, Outcome.CANCELLED, Outcome.FAILED)
