"""What starts a sandbox's programs: nothing in the room can look into it, nor hold it up."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy.runtimes.base import Call, Exit, Reason, RoomSpec
from understudy.runtimes.room import AgentRoom
from understudy.runtimes.sandbox import Sandbox
from understudy.runtimes.spawner import found, lay, open_output

pytestmark = [pytest.mark.sandbox, pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")]

# Looks for the program that starts others here, in the moment before the started one takes its place.
LOOK = """
import os, sys
device, number = int(sys.argv[1]), int(sys.argv[2])
turned_away = 0
while not os.path.exists("/tmp/enough"):
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                state = os.stat(f"/proc/{name}/exe")
            except PermissionError:
                turned_away += 1
            except OSError:
                continue
            else:
                if (state.st_dev, state.st_ino) == (device, number):
                    sys.exit(7)
print(turned_away)
"""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[AgentRoom]:
    sandbox = Sandbox()
    if reason := sandbox.missing():
        pytest.skip(f"no sandbox: {reason}")
    with sandbox.open(RoomSpec(name="room", scratch=tmp_path)) as opened:
        yield opened


def started(
    room: AgentRoom, *argv: str, files: tuple[tuple[str, bytes], ...] = (), timeout_s: float = 60
) -> tuple[Exit, bytes]:
    printed = bytearray()
    asked = Call(argv, dict(room.env), room.workdir, timeout_s=timeout_s, files=files)
    return room.run(asked, printed.extend), bytes(printed)


def test_its_own_program_file_is_out_of_reach_while_it_starts_others(room: AgentRoom) -> None:
    own = Path(sys.executable).stat()
    script = ("/tmp/look.py", LOOK.encode())
    ends: list[tuple[Exit, bytes]] = []

    def look() -> None:
        ends.append(started(room, "python3", script[0], str(own.st_dev), str(own.st_ino), files=(script,)))

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(100):
        assert started(room, "true")[0] == Exit(0, Reason.EXITED)
    assert started(room, "touch", "/tmp/enough")[0].code == 0
    looking.join()
    ((ended, printed),) = ends
    assert ended.code == 0, printed
    assert int(printed.split()[-1]) > 0, "it was never met, so nothing was tried"


def test_a_pipe_in_the_place_of_a_script_holds_nothing_else_up(room: AgentRoom) -> None:
    assert started(room, "sh", "-c", "mkfifo /tmp/script")[0].code == 0
    ended, _ = started(room, "sh", "/tmp/script", files=(("/tmp/script", b"echo never"),), timeout_s=0.5)
    assert ended.reason is Reason.TIMEOUT
    assert started(room, "echo", "on")[1] == b"on\n"


def test_what_a_job_writes_to_the_agents_pipes_ends_nothing(room: AgentRoom) -> None:
    words = "x\\n99999999999\\n-1\\n\\377\\0\\n7777\\n"
    started(room, "sh", "-c", f"for pipe in /run/understudy/control/orders.*; do printf '{words}' >$pipe; done")
    assert started(room, "echo", "on")[1] == b"on\n"


def test_a_program_is_found_as_a_shell_finds_it(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one/tool").write_text("not executable")
    (tmp_path / "two").mkdir()
    (tmp_path / "two/tool").touch(mode=0o755)
    path = os.fsencode(f"{tmp_path}/one:{tmp_path}/two")
    assert found(b"tool", path) == os.fsencode(tmp_path / "two/tool")
    assert found(b"other", path) is None
    assert found(b"./tool", path) == b"./tool"


def test_files_are_laid_through_links_and_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    lay(os.fsencode(tmp_path / "link/deep/file"), b"long content")
    lay(os.fsencode(tmp_path / "link/deep/file"), b"short")
    assert (tmp_path / "real/deep/file").read_bytes() == b"short"


def test_the_output_of_a_program_that_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "output"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="No such device"):
        open_output(str(pipe))
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = open_output(str(pipe))
    assert os.get_blocking(writer)
    os.close(writer)
    os.close(reader)
