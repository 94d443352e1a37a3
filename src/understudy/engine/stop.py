"""The wish that a run should end, in two stages: gracefully, then at once."""

from collections.abc import Callable


class Stop:
    """A two-stage interrupt that any thread and any signal handler may raise: it takes no lock and never blocks."""

    def __init__(self) -> None:
        self._stage = 0
        self._listeners: list[Callable[[], None]] = []

    @property
    def stage(self) -> int:
        """0: go on; 1: running steps are ended, steps that always run still do, nothing new starts; 2: end now."""
        return self._stage

    @property
    def reason(self) -> str:
        """Why, in one clause."""
        return "interrupted"

    def request(self) -> None:
        """One stage further, as each Ctrl-C asks."""
        self._raise_to(min(2, self._stage + 1))

    def now(self) -> None:
        """Ends everything at once."""
        self._raise_to(2)

    def listen(self, listener: Callable[[], None]) -> None:
        """Calls `listener` at each stage from now on; it must be safe in a signal handler."""
        self._listeners.append(listener)

    def _raise_to(self, stage: int) -> None:
        if stage > self._stage:
            self._stage = stage
            for listener in tuple(self._listeners):
                listener()


class JobStop:
    """The wish that one job should end: the run's, or one for this job alone, which never goes beyond stage 1.

    A step in the background has one of its own, for which the job's takes the place of the run's.
    """

    def __init__(self, run: "Stop | JobStop") -> None:
        self._run = run
        self._why = ""

    @property
    def stage(self) -> int:
        """As `Stop.stage`."""
        return self._run.stage or int(bool(self._why))

    @property
    def reason(self) -> str:
        """Why the job is to end, in one clause."""
        return self._why if self._why and not self._run.stage else self._run.reason

    def cancel(self, reason: str) -> None:
        """Ends this job gracefully, for `reason`."""
        self._why = self._why or reason
