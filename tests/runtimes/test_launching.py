"""One script opens all sandboxes of a program: many at once, also after it was killed; it ends with the program."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from understudy.runtimes import remains
from understudy.runtimes.base import Call, Exit, Reason, RoomSpec
from understudy.runtimes.launching import LAUNCHER
from understudy.runtimes.sandbox import Sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")]

PROGRAM = """
import sys
from pathlib import Path
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.launching import LAUNCHER
from understudy.runtimes.sandbox import Sandbox

with Sandbox().open(RoomSpec(name="one", scratch=Path(sys.argv[1]))):
    print(LAUNCHER._process.pid)
"""


@pytest.fixture
def sandbox() -> Sandbox:
    found = Sandbox()
    if reason := found.missing():
        pytest.skip(f"no sandbox: {reason}")
    return found


def passes(sandbox: Sandbox, scratch: Path) -> bool:
    scratch.mkdir()
    with sandbox.open(RoomSpec(name="room", scratch=scratch)) as room:
        return room.run(Call(("true",), dict(room.env), room.workdir), lambda _: None) == Exit(0, Reason.EXITED)


def test_rooms_are_opened_at_the_same_time(sandbox: Sandbox, tmp_path: Path) -> None:
    passed: list[bool] = []
    threads = [
        threading.Thread(target=lambda place: passed.append(passes(sandbox, place)), args=(tmp_path / str(number),))
        for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed == [True] * 6


def test_a_script_that_was_killed_is_started_again(sandbox: Sandbox, tmp_path: Path) -> None:
    assert passes(sandbox, tmp_path / "first")
    process = LAUNCHER._process
    assert process is not None
    process.kill()
    process.wait()
    assert passes(sandbox, tmp_path / "second")


def test_it_ends_with_the_program(sandbox: Sandbox, tmp_path: Path) -> None:
    del sandbox
    done = subprocess.run((sys.executable, "-c", PROGRAM, str(tmp_path)), capture_output=True, text=True, check=True)
    process = remains.identify(int(done.stdout))
    assert process is None or not process.alive
