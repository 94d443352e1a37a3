"""The calls that run in a room, and how they are ended from outside."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy

from understudy.engine.stop import JobStop
from understudy.errors import RoomError
from understudy.runtimes.base import Call, Exit, Reason, Room

GRACE_S = 10.0
"""What a call gets between TERM and KILL when it is ended gracefully."""


class Calls:
    """What goes on in a job's room now, and its end when the run is to stop.

    A call begins only if the stage of the Stop is the one that was accepted before its step; so none slips through
    between the wish to stop and the end of those that run.
    """

    def __init__(self, stop: JobStop) -> None:
        self.room: Room | None = None
        self.asked = threading.Event()
        self._stop = stop
        self._accepted = 0
        self._present: set[object] = set()
        self._idle = threading.Condition()
        self._ending = threading.Lock()
        self._running: tuple[Call, ...] = ()

    def accept(self) -> None:
        """The steps from here on are those that the present stage allows."""
        self._accepted = self._stop.stage

    def beside(self, stop: JobStop) -> "Calls":
        """Those of a step in the background, which `stop` ends alone; what ends all ends it, too."""
        one = copy(self)
        one._stop = stop  # noqa: SLF001 - its own copy
        one._running = ()  # noqa: SLF001 - its own copy
        return one

    @property
    def refused(self) -> bool:
        """Whether nothing may begin any more."""
        return self._stop.stage > self._accepted

    def running(self) -> tuple[Call, ...]:
        """The calls that run now."""
        return self._running

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """While a step is attempted: its calls, and the files that it moves, end when the run is to stop."""
        token = object()
        with self._ending, self._idle:
            self._present.add(token)
        try:
            yield
        finally:
            with self._idle:
                self._present.discard(token)
                self._idle.notify_all()

    def run(self, call: Call, sink: Callable[[bytes], None]) -> Exit:
        """Runs `call` unless the run is to stop by now."""
        if self.room is None or self.refused:
            return Exit(None, Reason.STOPPED)
        self._running = (call,)
        try:
            return self.room.run(call, sink)
        finally:
            self._running = ()

    def end(self) -> None:
        """Ends what goes on now, again until it has ended: a call may be about to start."""
        self.asked.set()
        if self._stop.stage > 1:
            self._end_present(grace_s=0.0)
            return
        with self._ending:
            self._end_present(grace_s=GRACE_S)

    def _end_present(self, *, grace_s: float) -> None:
        with self._idle:
            present = frozenset(self._present)
        while self.room is not None and not self._gone(present, timeout_s=0):
            try:
                self.room.stop(grace_s=grace_s)
            except RoomError:
                return
            self._gone(present, timeout_s=0.05)

    def _gone(self, tokens: frozenset[object], *, timeout_s: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: not tokens & self._present, timeout=timeout_s)
