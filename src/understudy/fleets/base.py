"""What a fleet must offer: slots, and a way to place work in them."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from understudy.model.events import Emit
from understudy.model.results import JobResult

Work = Callable[[bytes, Emit], JobResult]
"""Performs an order where it was placed: picks its plug-ins by the order's names; events come home through Emit."""


class Fleet(Protocol):
    """Where jobs are placed. `submit` may be called from one thread only; `close` after the last result."""

    @property
    def name(self) -> str:
        """`local` or `ray`."""
        ...

    def slots(self) -> int:
        """How many orders are performed at once."""
        ...

    def submit(self, work: Work, order: bytes, emit: Emit) -> Future[JobResult]:
        """Starts `work` on `order` in a free slot, or as soon as there is one. Never blocks."""
        ...

    def cancel(self, job: Future[JobResult]) -> None:
        """Ends a job that hasn't started; one that runs is told through its own room. Safe to repeat."""
        ...

    def close(self) -> None:
        """Waits for what runs and frees the slots."""
        ...
