"""Ctrl-C, polite kills, terminals that close and pipes that nobody reads: the run ends, or goes on, in good order."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from house import LIMIT_S, House, until

from understudy.model.events import JobFinished, StepFinished
from understudy.model.results import Outcome

pytestmark = [pytest.mark.sandbox, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

STEPS = """
- run: {name: long, command: "setsid sleep 600 & sleep 600; echo after"}
- run: {name: never, command: echo never}
- run: {name: always, when: always, command: echo tidied up}
"""
STUBBORN = """
- run: {name: long, command: "trap '' TERM; setsid sleep 600 & while true; do sleep 600; done"}
- run: {name: always, when: always, command: echo tidied up}
"""
SHORT = """
- run: {name: short, command: "sleep 0.3; for i in 1 2 3 4 5; do echo $i; sleep 0.1; done"}
- run: {name: last, command: echo the end}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as made:
        made.steps(STEPS)
        yield made


def underway(house: House, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
    """A run whose long step has begun."""
    program = house.start("run", *arguments, **options)
    assert until(lambda: sum("sleep 600" in command for command in house.living().values()) >= 2)
    return program


def steps(house: House) -> dict[str, Outcome]:
    (row,) = house.rows()
    assert row.ended is not None
    house.assert_kept(row.id)
    return {one.name: one.result.outcome for one in house.events(row.id) if isinstance(one, StepFinished)}


def assert_clean(house: House) -> None:
    house.assert_nothing_lives()
    assert house.scratch() == []
    house.assert_whole()
    assert list(house.temporary.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_gracefully(house: House, number: signal.Signals) -> None:
    program = underway(house, stderr=subprocess.PIPE)
    program.send_signal(number)
    _, said = program.communicate(timeout=LIMIT_S)
    assert program.returncode == 130
    assert b"Traceback" not in said
    assert steps(house) == {"long": Outcome.CANCELLED, "never": Outcome.SKIPPED, "always": Outcome.PASSED}
    assert_clean(house)


def test_a_second_signal_ends_it_now(house: House) -> None:
    house.steps(STUBBORN)
    program = underway(house, stderr=subprocess.PIPE)
    assert program.stderr is not None
    program.send_signal(signal.SIGINT)
    while b"stopping" not in program.stderr.readline():
        assert program.poll() is None
    time.sleep(0.6)  # what comes at once is taken for the same key
    program.send_signal(signal.SIGINT)
    _, said = program.communicate(timeout=LIMIT_S)
    assert program.returncode == 130
    assert b"Traceback" not in said
    assert steps(house) == {"long": Outcome.CANCELLED, "always": Outcome.SKIPPED}
    assert_clean(house)


def test_signals_at_any_moment_break_nothing(house: House) -> None:
    """The handler may interrupt the program in the middle of printing."""
    house.steps('- run: {name: chatty, command: "while true; do echo chatter; done"}')
    program = house.start("run", "--verbose", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert program.stderr is not None
    os.set_blocking(program.stderr.fileno(), True)
    while b"chatter" not in program.stderr.readline():
        assert program.poll() is None
    program.send_signal(signal.SIGTERM)
    _, said = program.communicate(timeout=LIMIT_S)
    assert program.returncode == 130
    assert b"Traceback" not in said
    assert b"bug of ours" not in said
    assert_clean(house)


def on_terminal(house: House, *, controlling: bool) -> tuple["subprocess.Popen[bytes]", int]:
    """A run on a terminal of its own, and the terminal's other side."""
    ours, theirs = pty.openpty()

    def control() -> None:
        import fcntl  # noqa: PLC0415 - in the child
        import termios  # noqa: PLC0415

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    env = {name: value for name, value in house.env.items() if name != "CI"} | {"TERM": "xterm"}
    program = house.start(
        "run",
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=env,
        start_new_session=True,
        preexec_fn=control if controlling else None,
    )
    os.close(theirs)
    return program, ours


def test_the_terminal_is_closed(house: House) -> None:
    program, terminal = on_terminal(house, controlling=True)
    assert until(lambda: sum("sleep 600" in command for command in house.living().values()) >= 2)
    os.close(terminal)
    assert program.wait(LIMIT_S) == 130
    assert steps(house) == {"long": Outcome.CANCELLED, "never": Outcome.SKIPPED, "always": Outcome.PASSED}
    assert_clean(house)


def test_a_terminal_that_only_showed_the_run_is_not_missed(house: House) -> None:
    house.steps(SHORT)
    program, terminal = on_terminal(house, controlling=False)
    assert until(lambda: bool(house.living()))
    os.close(terminal)
    assert program.wait(LIMIT_S) == 0
    assert steps(house) == {"short": Outcome.PASSED, "last": Outcome.PASSED}
    assert_clean(house)


def test_nobody_reads_the_events_any_more(house: House) -> None:
    """As in `understudy run --json | head -1`."""
    program = house.start("run", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert program.stdout is not None
    assert json.loads(program.stdout.readline())["class"] == "RunStarted"
    program.stdout.close()
    program.stdout = None
    _, said = program.communicate(timeout=LIMIT_S)
    assert program.returncode == 128 + signal.SIGPIPE
    assert said == b""
    assert_clean(house)


def test_nobody_reads_what_is_said_any_more(house: House) -> None:
    house.steps(SHORT)
    program = house.start("run", stderr=subprocess.PIPE)
    assert program.stderr is not None
    program.stderr.readline()
    program.stderr.close()
    program.stderr = None
    assert program.wait(LIMIT_S) == 0
    assert steps(house) == {"short": Outcome.PASSED, "last": Outcome.PASSED}
    assert_clean(house)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_are_closed_from_the_start(house: House, closed: str) -> None:
    house.steps(SHORT)
    program = subprocess.run(
        ("sh", "-c", f'exec "$@" {closed}', "sh", *house.command("run")),
        cwd=house.project,
        env=house.env,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert program.returncode == 0, program.stderr
    assert b"Traceback" not in program.stderr
    (row,) = house.rows()
    assert [one.result.outcome for one in house.events(row.id) if isinstance(one, JobFinished)] == [Outcome.PASSED]
    house.assert_kept(row.id)
    assert_clean(house)
