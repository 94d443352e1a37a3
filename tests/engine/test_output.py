"""The log has everything; live readers get a bounded share, at a bounded rate."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy.engine.mask import Secrets
from understudy.engine.output import LIVE_BYTES, StepLog, Ticker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticker() -> Iterator[Ticker]:
    ticker = Ticker()
    yield ticker
    ticker.close()


class StillTicker(Ticker):
    """Never ticks: time in these tests is the clock's."""

    def wake(self, log: StepLog) -> None:
        del log


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def log(tmp_path: Path, told: list[str], clock: Clock) -> StepLog:
    return StepLog(tmp_path / "log", Secrets(["hunter2"]), told.append, StillTicker(), clock=clock)


def test_the_log_is_flushed_with_every_chunk(log: StepLog, tmp_path: Path) -> None:
    log(b"one\n")
    assert (tmp_path / "log").read_bytes() == b"one\n"
    log.close()


def test_a_silent_step_leaves_no_file(log: StepLog, tmp_path: Path) -> None:
    log.close()
    assert not (tmp_path / "log").exists()


def test_an_earlier_attempts_log_is_kept(log: StepLog, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"before\n")
    log(b"after\n")
    log.close()
    assert (tmp_path / "log").read_bytes() == b"before\nafter\n"
    assert log.size_bytes == 6


def test_the_rate_is_bounded(log: StepLog, told: list[str], clock: Clock) -> None:
    for _ in range(1000):
        clock.now += 0.001
        log(b"x")
    log.close()
    assert "".join(told) == "x" * 1000
    assert len(told) <= 22  # a second's twenty, the first and the last


def test_live_readers_get_the_end_and_the_log_all(log: StepLog, told: list[str], tmp_path: Path) -> None:
    log(b"first\n")
    chunk = b"0123456789abcde\n" * 4096
    for _ in range(40):
        log(chunk)
    log(b"last\n")
    log.close()
    assert (tmp_path / "log").stat().st_size == 6 + 40 * len(chunk) + 5
    assert told[0] == "first\n"
    assert f"[... {40 * len(chunk) + 5 - LIVE_BYTES:,} bytes more are in the log ...]" in told[1]
    assert told[-1].endswith("last\n")
    assert len("".join(told)) < LIVE_BYTES + 100


def test_a_character_cut_in_two_is_told_whole(log: StepLog, told: list[str], clock: Clock) -> None:
    snowman = "☃".encode()
    log(snowman[:2])
    clock.now += 1
    log(snowman[2:])
    log(b"\xff")
    log.close()
    assert "".join(told) == "☃\N{REPLACEMENT CHARACTER}"


def test_lines_of_ours_are_lines_of_their_own(log: StepLog, tmp_path: Path) -> None:
    log(b"no end")
    log.line("ours, hunter2")
    log(b"more\n")
    log.close()
    log.close()
    log(b"too late")
    log.line("too late")
    assert (tmp_path / "log").read_bytes() == b"no end\nours, ****\nmore\n"


def test_what_falls_silent_is_told_by_the_ticker(tmp_path: Path, ticker: Ticker) -> None:
    heard = threading.Event()
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        if "".join(told) == "onetwo":
            heard.set()

    log = StepLog(tmp_path / "log", Secrets(), tell, ticker, clock=time.monotonic)
    log(b"one")
    log(b"two")
    assert heard.wait(60)
    log.close()


def test_a_reader_that_fails_is_heard_of_at_the_end(tmp_path: Path, clock: Clock) -> None:
    def tell(text: str) -> None:
        if text == "two":
            raise OSError("no reader")

    log = StepLog(tmp_path / "log", Secrets(), tell, StillTicker(), clock=clock)
    log(b"one")
    log(b"two")
    clock.now += 1
    log.tick()
    with pytest.raises(OSError, match="no reader"):
        log.close()
