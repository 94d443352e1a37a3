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
