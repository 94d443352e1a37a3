"""A program that is killed while it holds a room: the room's processes end, and a sweep removes the rest."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from understudy.runtimes import remains
from understudy.runtimes.known import RUNTIMES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

HOLDER = """
import sys, threading
from pathlib import Path
from understudy.runtimes.base import Call, RoomSpec
from understudy.runtimes.known import RUNTIMES

scratch, mark = Path(sys.argv[2]), sys.argv[3]
with RUNTIMES[sys.argv[1]]().open(RoomSpec(name="killed", scratch=scratch)) as room:
    script = f"export MARK={mark}; setsid sleep 600 & (setsid sh -c 'sleep 600; :' &) ; mkdir a; chmod 0 a; sleep 600"
    call = Call(("/bin/sh", "-c", script), dict(room.env), room.workdir)
    thread = threading.Thread(target=room.run, args=(call, print), daemon=True)
    thread.start()
    print("open", flush=True)
    thread.join()
"""


def marked(mark: str) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if f"MARK={mark}".encode() in (entry / "environ").read_bytes() and state not in "ZX":
                found.add(int(entry.name))
    return found


def until(true: Callable[[], bool], timeout_s: float = 20) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture(params=[pytest.param("sandbox", marks=pytest.mark.sandbox), "plain"])
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if reason := RUNTIMES[found]().missing():
        pytest.skip(f"no {found}: {reason}")
    return found


@pytest.fixture
def held(name: str, tmp_path: Path) -> tuple[subprocess.Popen[bytes], Path, str]:
    scratch, mark = tmp_path / "scratch", uuid.uuid4().hex
    scratch.mkdir()
    command = (sys.executable, "-c", HOLDER, name, str(scratch), mark)
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    holder.stdout.close()
    assert until(lambda: len(marked(mark)) >= 3)
    return holder, scratch, mark


def test_killing_the_program_ends_the_jobs_processes(
    held: tuple[subprocess.Popen[bytes], Path, str], name: str
) -> None:
    holder, scratch, mark = held
    holder.kill()
    holder.wait()
    assert until(lambda: not marked(mark))
    holder_record = remains.recorded(scratch / "holder.pid")
    assert holder_record is not None
    assert until(lambda: not holder_record.alive)
    links = [entry.readlink() for entry in scratch.iterdir() if entry.is_symlink()]  # folders of the room elsewhere
    RUNTIMES[name]().sweep(scratch)
    assert list(scratch.iterdir()) == []
    assert not any(link.exists() for link in links)
    assert RUNTIMES[name]().sweep(scratch) == ()


def test_sweep_ends_what_outlived_even_the_holder(held: tuple[subprocess.Popen[bytes], Path, str], name: str) -> None:
    holder, scratch, mark = held
    holder_record = remains.recorded(scratch / "holder.pid")
    assert holder_record is not None
    os.kill(holder_record.number, signal.SIGSTOP)  # so that it can't do its work
    holder.kill()
    holder.wait()
    assert len(marked(mark)) >= 3
    assert RUNTIMES[name]().sweep(scratch) != ()
    assert until(lambda: not marked(mark))
    assert list(scratch.iterdir()) == []


def test_a_number_that_went_to_another_process_is_left_alone(name: str, tmp_path: Path) -> None:
    with subprocess.Popen(("sleep", "600")) as innocent:
        try:
            found = remains.identify(innocent.pid)
            assert found is not None
            (tmp_path / "holder.pid").write_text(f"{innocent.pid} {found.start - 1}\n")
            (tmp_path / "first.pid").write_text("not a number\n")
            assert RUNTIMES[name]().sweep(tmp_path) == ()
            assert innocent.poll() is None
        finally:
            innocent.kill()


def test_a_program_that_is_interrupted_closes_its_room(
    held: tuple[subprocess.Popen[bytes], Path, str],
) -> None:
    holder, scratch, mark = held
    holder.send_signal(signal.SIGINT)
    holder.wait()
    assert until(lambda: not marked(mark))
    assert list(scratch.iterdir()) == []


def test_what_can_not_be_emptied_is_told(tmp_path: Path) -> None:
    remains.erase(tmp_path / "is not there")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(NotADirectoryError):
        remains.erase(tmp_path / "file")
