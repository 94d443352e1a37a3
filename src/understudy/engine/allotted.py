"""The time of a job whose service cancels it once that is up, and gives the steps that still run some more."""

from understudy.engine.frame import FOREVER
from understudy.engine.stop import JobStop
from understudy.engine.words import duration_text

AFTERWARDS_S = 300.0
"""How long it may go on once it is cancelled, unless its file says otherwise.

See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation: five minutes.
"""


class Allotted:
    """How long a job may take; nothing bounds it before `begin`. Times are seconds of the monotonic clock.

    Threads may share it.
    """

    def __init__(self, stop: JobStop) -> None:
        """`stop`: the job's, by which it is cancelled."""
        self._stop = stop
        self._deadline = FOREVER
        self._afterwards_s = FOREVER
        self._reason = ""

    def begin(self, now: float, timeout_s: float | None, afterwards_s: float | None) -> None:
        """The job has `timeout_s` from `now` on, and `afterwards_s` once it is cancelled; None: what services give."""
        self._afterwards_s = AFTERWARDS_S if afterwards_s is None else afterwards_s
        if timeout_s is not None:
            self._deadline = now + timeout_s
            self._reason = f"the job ran longer than {duration_text(timeout_s)}"

    def heed(self, now: float) -> bool:
        """Cancels the job if its time is up; whether it is.

        The time of a job that is cancelled for another reason is up then; it has what comes after that.
        """
        if self._stop.stage and self._afterwards_s < FOREVER and now < self._deadline:
            self._deadline, self._reason = now, self._stop.reason
            return False
        if now < self._deadline:
            return False
        self._stop.cancel(self._reason)
        return True

    def until(self, *, outlasts: bool) -> float:
        """When a step that begins now must have ended; `outlasts`: its condition holds for a cancelled job, too."""
        return self._deadline + self._afterwards_s if outlasts or self._stop.stage else self._deadline

    def over(self, now: float) -> str:
        """Why not even such a step may begin, in one clause; empty while it may."""
        return f"{self._reason}, and cleaning up took too long" if now >= self._deadline + self._afterwards_s else ""
