"""Calls in containers of their own, beside a room's."""

import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.model.pipeline import Container, Text
from understudy.runtimes.base import CONTAINERS, Aside, Call, Exit, Reason, Room, RoomSpec, Tree
from understudy.runtimes.fake import FakeRuntime
from understudy.runtimes.known import RUNTIMES
from understudy.runtimes.oci import Oci

ROOT, PYTHON, BUSYBOX = "understudy-test/root", "understudy-test/python:3.11", "understudy-test/busybox"
SHARED = ("~/work/p", "~/work/_temp", "~/work/_temp/commands")
FOLDERS = {"/github/workspace": "work/p", "/github/temp": "work/_temp", "/github/commands": "work/_temp/commands"}


def spec(scratch: Path, image: str = ROOT, **more: object) -> RoomSpec:
    return replace(RoomSpec("aside", scratch, image, workdir="~/work/p", shared=SHARED), **more)  # type: ignore[arg-type]


def beside(room: Room, aside: Aside, *argv: str, **more: object) -> tuple[Exit, str]:
    """A call in a container; with the folders of the room that every one here is given."""
    folders = {place: f"{room.home.rstrip('/')}/{path}" for place, path in FOLDERS.items()}
    call = Call(argv, {"WHO": "me"}, "/github/workspace", timeout_s=60, aside=replace(aside, folders=folders))
    taken = bytearray()
    ended = room.run(replace(call, **more), taken.extend)  # type: ignore[arg-type]
    return ended, taken.decode(errors="replace")


def said(room: Room, script: str) -> str:
    taken = bytearray()
    room.run(Call(("sh", "-c", script), dict(room.env), room.workdir, 60), taken.extend)
    return taken.decode(errors="replace")


def script(text: str, image: str = BUSYBOX) -> Aside:
    return Aside(image, entrypoint=("sh", "-c", text))


def test_only_engines_provide_containers() -> None:
    assert {name for name in RUNTIMES if RUNTIMES[name]().provides(CONTAINERS)} == {"docker", "podman"}
    assert not FakeRuntime().provides(CONTAINERS)


@pytest.mark.parametrize("image", [ROOT, PYTHON])
def test_the_room_and_the_container_see_each_others_files(
    engine: Oci, scratch: Path, tmp_path: Path, image: str
) -> None:
    source = tmp_path / "project"
    source.mkdir()
    (source / "README").write_text("hello\n")
    with engine.open(spec(scratch, image, trees=(Tree(source, "~/work/p"),))) as room:
        said(room, "echo step >mine; echo command >~/work/_temp/commands/env; echo up >../beside")
        text = 'pwd; cat README mine "$0"; echo "$WHO $HOME"; echo it >theirs; echo more >>/github/commands/env; exit 3'
        ended, output = beside(room, script(text), "/github/temp/commands/env")
        after = said(room, "cat theirs ~/work/_temp/commands/env ../beside; ls")
    assert (ended.code, ended.reason) == (3, Reason.EXITED)
    assert output.split() == ["/github/workspace", "hello", "step", "command", "me", "/root"]
    assert after.split() == ["it", "command", "more", "up", "README", "mine", "theirs"]
    assert [path.name for path in source.iterdir()] == ["README"]


@pytest.mark.docker
def test_it_is_in_the_network_of_the_room_and_its_services(on_docker: Oci, scratch: Path) -> None:
    services = (Container(Text("understudy-test/redis:7"), "cache"),)
    with on_docker.open(spec(scratch, services=services)) as room:
        ended, output = beside(room, Aside("understudy-test/root", entrypoint=("redis-cli",)), "-h", "cache", "ping")
    assert (ended.code, output.strip()) == (0, "PONG")


def test_the_images_own_entrypoint_and_command_are_kept(engine: Oci, scratch: Path) -> None:
    with engine.open(spec(scratch)) as room:
        files = {"Dockerfile": f'FROM {BUSYBOX}\nENTRYPOINT ["echo", "first"]\nCMD ["by itself"]\n'}
        dockerfile = laid(room, files)
        runs = (
            beside(room, Aside(dockerfile=dockerfile))[1],
            beside(room, Aside(dockerfile=dockerfile), "given")[1],
            beside(room, Aside(dockerfile=dockerfile, entrypoint=("echo", "other")), "given")[1],
        )
    assert [run.splitlines()[-1] for run in runs] == ["first by itself", "first given", "other given"]


def laid(room: Room, files: dict[str, str]) -> str:
    """Where the Dockerfile among `files` lies now."""
    for name, text in files.items():
        room.write_file(f"~/work/p/action/{name}", text.encode(), mode=0o755)
    return f"{room.home.rstrip('/')}/work/p/action/Dockerfile"


@pytest.mark.docker
def test_an_image_is_built_of_the_folder_of_its_dockerfile(on_docker: Oci, scratch: Path) -> None:
    files = {"Dockerfile": f"FROM {BUSYBOX}\nCOPY say /say\nENTRYPOINT ['/say']\n".replace("'", '"')}
    with on_docker.open(spec(scratch)) as room:
        dockerfile = laid(room, {**files, "say": '#!/bin/sh\necho "it says $1"\n'})
        ended, output = beside(room, Aside(dockerfile=dockerfile), "this")
        laid(room, {"say": '#!/bin/sh\necho "now it says $1"\n'})
        anew = beside(room, Aside(dockerfile=dockerfile), "that")[1]
    assert (ended.code, output.splitlines()[-1]) == (0, "it says this")
    assert anew.splitlines()[-1] == "now it says that"


@pytest.mark.docker
@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"Dockerfile": f"FROM {BUSYBOX}\nRUN exit 7\n"}, "can't be built: .*returned a non-zero code: 7"),
        ({"Dockerfile": "NOTHING\n"}, "can't be built: .*unknown instruction: NOTHING"),
        ({}, "there is no Dockerfile at"),
    ],
)
def test_an_image_that_cannot_be_built_fails_the_call(
    on_docker: Oci, scratch: Path, files: dict[str, str], why: str
) -> None:
    with on_docker.open(spec(scratch)) as room:
        ended, output = beside(room, Aside(dockerfile=laid(room, files)))
    assert (ended.code, ended.reason) == (1, Reason.EXITED)
    assert re.search(why, ended.why)
    assert output


@pytest.mark.docker
def test_a_program_that_is_not_in_the_image_fails_the_call(on_docker: Oci, scratch: Path) -> None:
    with on_docker.open(spec(scratch)) as room:
        ended, output = beside(room, Aside(BUSYBOX, entrypoint=("/not/here",)))
    assert (ended.code, ended.why) == (127, "its program can't be started")
    assert "/not/here" in output


def test_its_time_is_bounded_and_nothing_of_it_is_left(engine: Oci, scratch: Path) -> None:
    with engine.open(spec(scratch)) as room:
        ended, _ = beside(room, script("trap exit TERM; while :; do sleep 0.1; done"), timeout_s=0.5)
        rows = engine.engine.client.get(
            "/containers/json", all=True, filters={"label": [f"understudy.room={scratch.resolve()}"]}
        )
    assert ended == Exit(None, Reason.TIMEOUT)
    assert len(rows) == 1
    assert engine.engine.client.get("/volumes", filters={"label": [f"understudy.room={scratch.resolve()}"]})[
        "Volumes"
    ] in ([], None)


@pytest.mark.docker
def test_it_ends_when_the_room_is_to_stop(on_docker: Oci, scratch: Path) -> None:
    with on_docker.open(spec(scratch)) as room:
        found: list[Exit] = []
        began = threading.Event()
        text = "trap 'exit 1' TERM; echo up; while :; do sleep 0.1; done"
        call = Call((), {}, "/", aside=script(text))
        thread = threading.Thread(target=lambda: found.append(room.run(call, lambda _: began.set())))
        thread.start()
        assert began.wait(30)
        room.stop(grace_s=5)
        thread.join(30)
        assert found == [Exit(None, Reason.STOPPED)]
        assert beside(room, script("echo on"))[1].split() == ["on"]
