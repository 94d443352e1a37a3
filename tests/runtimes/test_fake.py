"""The fake runtime does what the environment of a call tells it, and keeps its files as the contract says."""

import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy.errors import RoomError
from understudy.model.pipeline import Platform
from understudy.runtimes.base import Call, Exit, Reason, Room, RoomSpec, Tree
from understudy.runtimes.fake import FakeRuntime


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    source = tmp_path / "source"
    (source / "pkg").mkdir(parents=True)
    (source / "pkg" / "mod.py").write_text("code")
    (source / "link").symlink_to("pkg/mod.py")
    runtime = FakeRuntime({"never": threading.Event()})
    with runtime.open(RoomSpec("r", tmp_path, trees=(Tree(source, "~/project"),))) as room:
        yield room


def run(room: Room, **env: str) -> tuple[Exit, bytes]:
    printed = bytearray()
    ended = room.run(Call(("x",), env, room.workdir, timeout_s=0.01), printed.extend)
    return ended, bytes(printed)


def test_exit_and_output(room: Room) -> None:
    assert run(room, FAKE_EXIT="3", FAKE_OUTPUT="hi\n") == (Exit(3, Reason.EXITED), b"hi\n")
    assert [run(room, FAKE_EXIT="1,0")[0].code for _ in range(3)] == [1, 0, 0]


def test_ends(room: Room) -> None:
    assert run(room, FAKE_END="no-output")[0] == Exit(None, Reason.NO_OUTPUT)
    assert run(room, FAKE_SLEEP_S="30")[0] == Exit(None, Reason.TIMEOUT)
    assert run(room, FAKE_END="lost")[0] == Exit(None, Reason.LOST)
    assert run(room)[0] == Exit(None, Reason.LOST)
    with pytest.raises(RoomError):
        room.read_file("x")


def test_stop_ends_what_runs_and_nothing_later(room: Room) -> None:
    ended: list[Exit] = []

    def work() -> None:
        ended.append(room.run(Call(("x",), {"FAKE_WAIT": "never"}, room.workdir), lambda _: None))

    worker = threading.Thread(target=work)
    worker.start()
    while worker.is_alive():
        room.stop(grace_s=0)
        worker.join(0.01)
    assert ended == [Exit(None, Reason.STOPPED)]
    assert run(room)[0] == Exit(0, Reason.EXITED)


def test_files_of_trees_and_calls(room: Room) -> None:
    run(room, FAKE_WRITE="pkg/new.py=x=1\n/tmp/y=2")
    assert room.read_file("~/project/pkg/mod.py") == b"code"
    assert room.read_file("/home/fake/project/link") == b"code"
    assert room.read_file("/home/fake/project/pkg/new.py") == b"x=1"
    assert room.read_file("/tmp/y") == b"2"
    assert room.read_file("/home/fake/project/pkg") is None


def test_pack_and_unpack(room: Room) -> None:
    run(room, FAKE_WRITE="pkg/new.py=1")
    packed = io.BytesIO()
    assert room.pack("~/project", ("pkg", "link", "none"), packed) == ("none",)
    packed.seek(0)
    with tarfile.open(fileobj=packed) as tar:
        assert sorted(tar.getnames()) == ["link", "pkg/mod.py", "pkg/new.py"]
    packed.seek(0)
    room.unpack(packed, "/there")
    assert room.read_file("/there/pkg/mod.py") == b"code"
    assert room.read_file("/there/link") == b"code"


def test_what_it_says_of_itself(tmp_path: Path) -> None:
    runtime = FakeRuntime()
    assert (runtime.name, runtime.missing(), runtime.resolve("x"), runtime.sweep(tmp_path)) == ("fake", None, "x", ())
    assert runtime.unmet(RoomSpec("r", tmp_path)) is None
    assert runtime.unmet(RoomSpec("r", tmp_path, platform=Platform.MACOS))
    assert "nothing runs" in runtime.stands_in(RoomSpec("r", tmp_path, image="img"))[0].message
    with pytest.raises(RoomError, match="broken"), FakeRuntime(broken="broken").open(RoomSpec("r", tmp_path)):
        pass
