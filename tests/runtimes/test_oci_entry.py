"""Entrypoints of a job's own image, as CircleCI describes them, in real containers.

https://circleci.com/docs/reference/configuration-reference/#docker
https://circleci.com/docs/guides/execution-managed/custom-images/#adding-an-entrypoint
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.errors import RoomError
from understudy.runtimes.base import Call, Exit, Reason, Room, RoomSpec, Tree
from understudy.runtimes.oci import Oci
from understudy.runtimes.oci_client import Json
from understudy.runtimes.oci_entry import entry_of
from understudy.runtimes.oci_images import Image

ROOT, PYTHON = "understudy-test/root", "understudy-test/python:3.11"
INSISTS = "understudy-test/insists"
WAITS = ("sh", "-c", "echo up; exec sleep 600")
FIRST = "tr '\\0' ' ' </proc/1/cmdline"


@pytest.fixture
def insisting(on_docker: Oci) -> Iterator[Oci]:
    """With an image that has the label, an entrypoint and a command."""
    client = on_docker.engine.client
    made: Json = client.post("/containers/create", {"Image": ROOT})
    config = {
        "Labels": {"com.circleci.preserve-entrypoint": "true"},
        "Entrypoint": ["env", "KEPT=yes"],
        "Cmd": ["sleep", "600"],
    }
    client.post("/commit", config, container=made["Id"], repo=INSISTS)
    client.remove_container(made["Id"])
    yield on_docker
    client.ask("DELETE", f"/images/{INSISTS}")


def said(room: Room, script: str) -> tuple[Exit, str]:
    taken = bytearray()
    ended = room.run(Call(("sh", "-c", script), dict(room.env), room.workdir, 60), taken.extend)
    return ended, taken.decode(errors="replace")


def left_of(engine: Oci, scratch: Path) -> list[str]:
    filters = {"label": [f"understudy.room={scratch.resolve()}"]}
    rows: Json = engine.engine.client.get("/containers/json", all=True, filters=filters)
    return [row["Id"] for row in rows or ()]


@pytest.mark.parametrize("image", [ROOT, PYTHON])
def test_an_entrypoint_of_the_file_is_the_first_process(engine: Oci, scratch: Path, tmp_path: Path, image: str) -> None:
    kept: dict[str, bytes] = {}
    (tmp_path / "source").mkdir()
    (tmp_path / "source/file").write_text("content")
    trees = (Tree(tmp_path / "source", "~/project"),)
    spec = RoomSpec("entry", scratch, image, trees=trees, entrypoint=WAITS, keep=kept.__setitem__)
    assert not [one for one in engine.stands_in(spec) if "entrypoint" in one.message]
    with engine.open(spec) as room:
        assert said(room, FIRST)[1] == "sleep 600 "
        assert said(room, 'cat file; echo; [ -w file ] && basename "$PWD"')[1] == "content\nproject\n"
        assert said(room, "exit 3")[0].code == 3
    assert kept == {"entrypoint": b"up\n"}
    assert left_of(engine, scratch) == []


def test_a_shell_as_entrypoint_waits(engine: Oci, scratch: Path) -> None:
    with engine.open(RoomSpec("shell", scratch, ROOT, entrypoint=("/bin/bash",))) as room:
        assert said(room, FIRST)[1] == "/bin/bash "


def test_an_image_that_insists_gets_its_own_with_its_command(insisting: Oci, scratch: Path) -> None:
    script = f"{FIRST}; tr '\\0' '\\n' </proc/1/environ | grep KEPT; echo \"<$KEPT>\""
    with insisting.open(RoomSpec("insists", scratch, INSISTS)) as room:
        assert said(room, script)[1] == "sleep 600 KEPT=yes\n<>\n"


def test_the_files_word_is_above_that_of_the_image(insisting: Oci, scratch: Path) -> None:
    with insisting.open(RoomSpec("insists", scratch, INSISTS, entrypoint=("sleep", "500"))) as room:
        assert said(room, FIRST)[1] == "sleep 500 "


def test_which_entrypoint_there_is(tmp_path: Path) -> None:
    plain = Image("a", "1", "1", entrypoint=("own",), command=("word",))
    insists = Image("a", "1", "1", entrypoint=("own",), command=("word",), keeps_entrypoint=True)
    silent, empty = RoomSpec("a", tmp_path, "a"), RoomSpec("a", tmp_path, "a", entrypoint=("",))
    given = RoomSpec("a", tmp_path, "a", entrypoint=("given", "too"))
    # "If neither `command` nor `entrypoint` is specified, any ENTRYPOINT and COMMAND in the image are ignored."
    assert entry_of(silent, plain) == entry_of(empty, plain) == ()
    assert entry_of(silent, insists) == ("own", "word")
    assert entry_of(given, plain) == entry_of(given, insists) == ("given", "too")
    assert entry_of(silent, Image("a", "1", "1", command=("word",), keeps_entrypoint=True)) == ()
    # "If the image has an ENTRYPOINT, Docker uses `command` as arguments to it", else "as the executable".
    bare = Image("a", "1", "1", command=("word",))
    assert entry_of(replace(silent, command=("mine",)), plain) == ("own", "mine")
    assert entry_of(replace(silent, command=("mine",)), bare) == ("mine",)
    assert entry_of(replace(empty, command=("mine",)), plain) == ("mine",)
    assert entry_of(replace(given, command=("mine",)), insists) == ("given", "too", "mine")


def test_an_entrypoint_that_ends_at_once_is_named_with_its_last_words(engine: Oci, scratch: Path) -> None:
    entrypoint = ("sh", "-c", "echo no such thing; exit 7")
    with (
        pytest.raises(RoomError, match=r"entrypoint `sh -c .*status 7.*no such thing") as caught,
        engine.open(RoomSpec("ends", scratch, ROOT, entrypoint=entrypoint)),
    ):
        pass
    assert "background step" in caught.value.hint
    assert left_of(engine, scratch) == []


def test_an_entrypoint_that_is_not_there_is_named(engine: Oci, scratch: Path) -> None:
    with (
        pytest.raises(RoomError, match=r"entrypoint `/none` can't be started"),
        engine.open(RoomSpec("none", scratch, ROOT, entrypoint=("/none",))),
    ):
        pass
    assert left_of(engine, scratch) == []


@pytest.mark.docker
def test_a_job_ends_with_its_entrypoint(on_docker: Oci, scratch: Path) -> None:
    entrypoint = ("sh", "-c", "until [ -e /tmp/over ]; do sleep 0.05; done")
    with on_docker.open(RoomSpec("middle", scratch, ROOT, entrypoint=entrypoint)) as room:
        ended, _ = said(room, "touch /tmp/over; sleep 600")
    assert ended == Exit(None, Reason.LOST)
    assert "entrypoint `sh -c" in ended.why


HOLDER = """
import sys
from pathlib import Path
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.known import RUNTIMES
spec = RoomSpec("killed", Path(sys.argv[1]), "understudy-test/root", entrypoint=("sleep", "600"))
with RUNTIMES["docker"]().open(spec):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.docker
def test_what_a_killed_program_leaves_of_it_is_swept(on_docker: Oci, scratch: Path) -> None:
    command = (sys.executable, "-c", HOLDER, str(scratch))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait(30)
    assert len(on_docker.sweep(scratch)) == 1
    assert left_of(on_docker, scratch) == []
