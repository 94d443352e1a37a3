"""What is told of the steps of one job: their logs, and the events of their beginnings and ends."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from understudy.engine.mask import Secrets
from understudy.engine.output import StepLog, live
from understudy.engine.run import Run
from understudy.engine.turn import Ended
from understudy.model.events import Annotated, StepFinished, StepStarted, Summarized
from understudy.model.layout import Laid
from understudy.model.results import Outcome, StepResult


@dataclass(frozen=True, slots=True)
class Begun:
    """A step that has begun: `name` as it is shown, when it `started`, and its log."""

    laid: Laid
    name: str
    started: float
    log: StepLog
    attempts: int = 1


class Told:
    """Tells of the steps of the job of one node. Threads may share it."""

    def __init__(self, run: Run, node: str) -> None:
        self._run = run
        self._node = node
        self._clock = run.given.clock
        self._open: tuple[StepLog, ...] = ()

    def begin(self, laid: Laid, name: str, secrets: Secrets) -> Begun:
        """Opens the log of a step; `started` tells of its attempts."""
        tell = live(self._run.emit, self._node, laid.index)
        path = self._run.given.log_path(self._node, laid.index)
        log = StepLog(path, secrets, tell, self._run.ticker, clock=time.monotonic)
        self._open = (*(one for one in self._open if not one.closed), log)
        return Begun(laid, name, self._clock(), log)

    def hide(self, values: Iterable[str]) -> None:
        """Hides `values` in every log that is open."""
        for log in self._open:
            log.hide(values)

    def started(self, laid: Laid, name: str, attempt: int = 1) -> None:
        """An attempt of a step begins."""
        self._run.emit(StepStarted(self._clock(), self._node, laid.index, name, attempt))

    def skipped(self, laid: Laid, name: str, reason: str) -> None:
        """A step is not performed."""
        now = self._clock()
        result = StepResult(Outcome.SKIPPED, Outcome.SKIPPED, None, now, now, reason, attempts=0)
        self._run.emit(StepFinished(at=now, job=self._node, step=laid.index, name=name, result=result))

    def finished(self, begun: Begun, ended: Ended, secrets: Secrets, *, forgiven: bool) -> StepResult:
        """A step has ended, its log is closed; gives what is told of it, in which nothing secret is left."""
        now = self._clock()
        hide = secrets.hide_text
        result = StepResult(
            outcome=ended.outcome,
            conclusion=Outcome.PASSED if forgiven else ended.outcome,
            exit_code=ended.exit_code,
            started=begun.started,
            ended=now,
            reason=hide(ended.reason),
            attempts=begun.attempts,
            outputs={key: hide(value) for key, value in ended.effects.outputs.items()},
            log_bytes=begun.log.size_bytes,
            cached_from=None if ended.cached_from is None else hide(ended.cached_from),
        )
        self._remarks(begun, ended, secrets)
        self._run.emit(StepFinished(at=now, job=self._node, step=begun.laid.index, name=begun.name, result=result))
        return result

    def _remarks(self, begun: Begun, ended: Ended, secrets: Secrets) -> None:
        hide, step = secrets.hide_text, begun.laid.index
        for one in ended.effects.annotations:
            place = (hide(one.file), one.line, one.end_line, one.column)
            said = (hide(one.message), *place, hide(one.title))
            self._run.emit(Annotated(self._clock(), self._node, step, one.level, *said))
        if ended.effects.summary:
            self._run.emit(Summarized(self._clock(), self._node, step, hide(ended.effects.summary)))
