"""The local fleet: order, slots, cancelling, closing, and names; nothing here goes by the clock."""

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, wait

import pytest

from understudy.errors import MachineError
from understudy.fleets.base import Fleet
from understudy.fleets.local import LocalFleet
from understudy.model.events import Emit, Event, JobStarted
from understudy.model.results import JobResult, Outcome

# A broken fleet would hang; this only bounds how long that takes to show.
PATIENCE_S = 60


def result_of(order: bytes) -> JobResult:
    return JobResult(Outcome.PASSED, 0.0, 1.0, reason=order.decode())


def ignore(event: Event) -> None:
    pass


class Gate:
    """Work that says when it has started and ends when it is let through."""

    def __init__(self) -> None:
        self.started: list[bytes] = []
        self.arrived = threading.Semaphore(0)
        self.passes = threading.Semaphore(0)

    def __call__(self, order: bytes, _: Emit) -> JobResult:
        self.started.append(order)
        self.arrived.release()
        assert self.passes.acquire(timeout=PATIENCE_S)
        return result_of(order)

    def await_start(self) -> None:
        assert self.arrived.acquire(timeout=PATIENCE_S)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def fleet(gate: Gate) -> Iterator[Fleet]:
    before = set(threading.enumerate())
    fleet = LocalFleet(2)
    yield fleet
    gate.passes.release(100)
    fleet.close()
    assert set(threading.enumerate()) == before


def test_it_says_what_it_is(fleet: Fleet) -> None:
    assert (fleet.name, fleet.slots()) == ("local", 2)


def test_no_thread_before_there_is_work() -> None:
    before = threading.active_count()
    fleet = LocalFleet(4)
    assert threading.active_count() == before
    fleet.close()


def test_slots_bound_what_runs_and_the_rest_follows_in_order(fleet: Fleet, gate: Gate) -> None:
    jobs = [fleet.submit(gate, str(number).encode(), ignore) for number in range(6)]
    gate.await_start()
    gate.await_start()
    assert sorted(gate.started) == [b"0", b"1"]
    for number in range(2, 6):
        gate.passes.release()
        gate.await_start()
        assert gate.started[-1] == str(number).encode()
    gate.passes.release(2)
    assert [job.result(PATIENCE_S).reason for job in jobs] == ["0", "1", "2", "3", "4", "5"]


def test_a_slot_is_used_again_after_rest(fleet: Fleet, gate: Gate) -> None:
    for _ in range(5):
        gate.passes.release()
        assert fleet.submit(gate, b"x", ignore).result(PATIENCE_S) == result_of(b"x")


def test_what_the_work_raises_comes_out_of_the_future(fleet: Fleet) -> None:
    def fail(order: bytes, emit: Emit) -> JobResult:
        raise OSError("lost")

    with pytest.raises(OSError, match="lost"):
        fleet.submit(fail, b"", ignore).result(PATIENCE_S)


def test_a_cancelled_job_never_starts_and_is_done_at_once(fleet: Fleet, gate: Gate) -> None:
    running = [fleet.submit(gate, b"runs", ignore) for _ in range(2)]
    queued = [fleet.submit(gate, name, ignore) for name in (b"first", b"second")]
    gate.await_start()
    gate.await_start()
    fleet.cancel(queued[0])
    fleet.cancel(queued[0])
    assert wait([queued[0]], timeout=PATIENCE_S).done == {queued[0]}
    with pytest.raises(CancelledError):
        queued[0].result(0)
    gate.passes.release(3)
    assert wait([*running, queued[1]], timeout=PATIENCE_S).not_done == set()
    assert b"first" not in gate.started
    assert b"second" in gate.started


def test_cancelling_what_runs_or_is_done_changes_nothing(fleet: Fleet, gate: Gate) -> None:
    job = fleet.submit(gate, b"x", ignore)
    gate.await_start()
    fleet.cancel(job)
    gate.passes.release()
    assert job.result(PATIENCE_S) == result_of(b"x")
    fleet.cancel(job)
    assert job.result(0) == result_of(b"x")
    fleet.cancel(Future())


def test_closing_waits_for_what_runs_and_gives_up_what_waits(gate: Gate) -> None:
    fleet = LocalFleet(1)
    running, queued = fleet.submit(gate, b"a", ignore), fleet.submit(gate, b"b", ignore)
    gate.await_start()
    closer = threading.Thread(target=fleet.close)
    closer.start()
    assert wait([queued], timeout=PATIENCE_S).done == {queued}
    assert closer.is_alive()
    gate.passes.release()
    closer.join(PATIENCE_S)
    assert running.result(0) == result_of(b"a")
    assert queued.cancelled()
    fleet.close()
    with pytest.raises(ValueError, match="closed"):
        fleet.submit(gate, b"c", ignore)


def test_events_come_home_and_the_thread_bears_the_job_s_name(fleet: Fleet) -> None:
    seen: list[tuple[Event, str]] = []

    def work(order: bytes, emit: Emit) -> JobResult:
        emit(JobStarted(1.0, "build"))
        return result_of(order)

    fleet.submit(work, b"", lambda event: seen.append((event, threading.current_thread().name))).result(PATIENCE_S)
    assert seen == [(JobStarted(1.0, "build"), "job build")]


def test_a_machine_without_threads_is_said(monkeypatch: pytest.MonkeyPatch, gate: Gate) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    fleet = LocalFleet(1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(MachineError):
            fleet.submit(gate, b"x", ignore)
    gate.passes.release()
    assert fleet.submit(gate, b"y", ignore).result(PATIENCE_S) == result_of(b"y")
    assert gate.started == [b"y"]
    fleet.close()


def test_a_fleet_without_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a slot"):
        LocalFleet(0)
