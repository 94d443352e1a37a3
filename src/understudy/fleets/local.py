"""This machine as a fleet: a thread for each job that runs, and a queue for those that wait."""

import threading
from collections import deque
from concurrent.futures import Future

from understudy.errors import MachineError
from understudy.fleets.base import Work
from understudy.model.events import Emit, Event, JobStarted
from understudy.model.results import JobResult


class LocalFleet:
    """`slots` orders at once, in the order of their submission; a thread is made only when there is work for it.

    An exception of the work comes out of its future. A thread bears the name of the job that it performs.
    """

    def __init__(self, slots: int) -> None:
        if slots < 1:
            raise ValueError(f"a fleet needs a slot, not {slots}")
        self._slots = slots
        self._guard = threading.Lock()
        self._waiting: deque[tuple[Future[JobResult], Work, bytes, Emit]] = deque()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._closed = False

    @property
    def name(self) -> str:
        """As `Fleet.name`."""
        return "local"

    def slots(self) -> int:
        """As `Fleet.slots`."""
        return self._slots

    def submit(self, work: Work, order: bytes, emit: Emit) -> Future[JobResult]:
        """As `Fleet.submit`. Raises MachineError where the system gives no thread, ValueError once closed."""
        future: Future[JobResult] = Future()
        with self._guard:
            if self._closed:
                raise ValueError("the fleet is closed")
            self._waiting.append((future, work, order, emit))
            if self._busy < self._slots:
                self._start_thread()
        return future

    def cancel(self, job: Future[JobResult]) -> None:
        """As `Fleet.cancel`: what waits is never started, what runs is left to end."""
        with self._guard:
            for entry in self._waiting:
                if entry[0] is job:
                    self._waiting.remove(entry)
                    break
            else:
                return
        _give_up(job)

    def close(self) -> None:
        """As `Fleet.close`: what waits is given up. Safe to repeat."""
        with self._guard:
            self._closed = True
            waiting = [entry[0] for entry in self._waiting]
            self._waiting.clear()
            threads = self._threads
        for job in waiting:
            _give_up(job)
        for thread in threads:
            thread.join()

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._perform_all, name="a free slot")
        try:
            thread.start()
        except RuntimeError as error:
            # With threads at work the order waits for one of them; else nobody would ever take it.
            if not self._busy:
                self._waiting.pop()
                raise MachineError("this machine gives no further thread", hint="end other programs") from error
            return
        self._busy += 1
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]

    def _perform_all(self) -> None:
        """Performs what waits until nothing does."""
        while True:
            with self._guard:
                if not self._waiting:
                    self._busy -= 1
                    return
                future, work, order, emit = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                _perform(future, work, order, emit)


def _perform(future: Future[JobResult], work: Work, order: bytes, emit: Emit) -> None:
    try:
        result = work(order, _naming(emit))
    except BaseException as error:  # noqa: BLE001 - whoever asks for the result is to have it
        future.set_exception(error)
    else:
        future.set_result(result)


def _naming(emit: Emit) -> Emit:
    def emit_and_name(event: Event) -> None:
        if isinstance(event, JobStarted):
            threading.current_thread().name = f"job {event.job}"
        emit(event)

    return emit_and_name


def _give_up(job: Future[JobResult]) -> None:
    # Told at once: `concurrent.futures.wait` doesn't take a future for done that was cancelled and not told.
    if job.cancel():
        job.set_running_or_notify_cancel()
