"""Jobs with a container engine of their own: what they can do with it, and that nothing of it stays."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.errors import RoomError
from understudy.runtimes.base import Call, Exit, Room, RoomSpec, Tree
from understudy.runtimes.oci import Oci, docker
from understudy.runtimes.oci_client import Json
from understudy.runtimes.oci_settings import InJobs, OciSettings, Pull

pytestmark = pytest.mark.docker

BUILDER, BUSYBOX, ENGINE = "understudy-test/builder", "understudy-test/busybox", "understudy-test/engine"
BUILT = "understudy-nested-result:1"
BUILD = f"""
set -e
docker load --quiet --input busybox.tar
mkdir context
printf 'FROM {BUSYBOX}\\nRUN echo built >/made\\n' >context/Dockerfile
docker build --quiet --tag {BUILT} context
docker run --rm {BUILT} cat /made
"""


@pytest.fixture
def nesting(on_docker: Oci) -> Oci:
    if not all(on_docker.engine.images.present(name) for name in (BUILDER, ENGINE)):
        reason = "the images of nested engines aren't made: scripts/test-images"
        (pytest.fail if os.environ.get("UNDERSTUDY_TESTS_NEED_DOCKER") else pytest.skip)(reason)
    return with_engine(on_docker, ENGINE)


def with_engine(on_docker: Oci, image: str) -> Oci:
    settings = on_docker.engine.settings
    images = {**settings.images, "nested-engine": image, "machine": BUILDER}
    return docker(replace(settings, in_jobs=InJobs.NESTED, images=images))


@pytest.fixture
def source(on_docker: Oci, tmp_path: Path) -> Path:
    """A project that holds an image, since an engine that has just begun has none."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "busybox.tar").write_bytes(on_docker.engine.client.get(f"/images/{BUSYBOX}/get"))
    (folder / "page").write_text("of the job")
    return folder


def said(room: Room, script: str) -> tuple[Exit, str]:
    taken = bytearray()
    ended = room.run(Call(("sh", "-c", script), dict(room.env), room.workdir, 120), taken.extend)
    return ended, taken.decode(errors="replace")


def left(runtime: Oci, scratch: Path) -> list[str]:
    filters = {"label": [f"understudy.room={scratch.resolve()}"]}
    containers: Json = runtime.engine.client.get("/containers/json", all=True, filters=filters) or ()
    volumes: Json = runtime.engine.client.get("/volumes", filters=filters).get("Volumes") or ()
    return [*(one["Names"][0] for one in containers), *(one["Name"] for one in volumes)]


@pytest.mark.parametrize("place", ["here", "elsewhere"])
def test_a_job_builds_an_image_that_this_machines_engine_does_not_have(
    nesting: Oci, scratch: Path, source: Path, place: str
) -> None:
    nesting.engine.shares_files = place == "here"
    kept: dict[str, bytes] = {}
    trees = (Tree(source, "~/project"),)
    spec = RoomSpec("nested", scratch, BUILDER, wants_engine=True, trees=trees, keep=kept.__setitem__)
    assert nesting.provides("setup_remote_docker")
    assert [one.code for one in nesting.stands_in(spec)] == ["engine-nested"]
    with nesting.open(spec) as room:
        ended, output = said(room, BUILD)
        assert ended.code == 0, output
        assert output.endswith("built\n")
        assert len(left(nesting, scratch)) == 4, "the room, the engine, its storage and its socket"
    assert nesting.engine.images.present(BUILT) is None
    assert b"API listen on" in kept["container-engine"]
    assert left(nesting, scratch) == []


def test_the_real_program_gives_the_engine_that_was_chosen(nesting: Oci, source: Path, tmp_path: Path) -> None:
    (source / ".circleci").mkdir()
    steps = [*("checkout", "setup_remote_docker"), {"run": BUILD}]
    jobs = {"build": {"docker": [{"image": BUILDER}], "steps": steps}}
    config = {"version": 2.1, "jobs": jobs, "workflows": {"all": {"jobs": ["build"]}}}
    (source / ".circleci/config.yml").write_text(json.dumps(config))  # JSON is YAML
    (source / "understudy.toml").write_text(f'[images]\n"nested-engine" = "{ENGINE}"\n')
    subprocess.run(("git", "init", "--quiet", str(source)), check=True)
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    store = ("--store", str(tmp_path / "store"))
    run = ("run", "--runtime", "docker", "--pull", "never")
    found = {}
    for choice in ("none", "nested"):
        command = (sys.executable, "-m", "understudy", *store, *run, "--docker-in-jobs", choice)
        ended = subprocess.run(command, cwd=source, env=environment, capture_output=True, check=False)
        found[choice] = (ended.returncode, (ended.stdout + ended.stderr).decode())
    assert found["none"][0] == 2
    assert "--docker-in-jobs nested" in found["none"][1]
    assert found["nested"][0] == 0, found["nested"][1]
    assert "the job was given a container engine of its own" in found["nested"][1]
    (log,) = (tmp_path / "store").rglob("service-container-engine.log")
    assert b"API listen on" in log.read_bytes()
    assert nesting.engine.images.present(BUILT) is None
    rows: Json = nesting.engine.client.get("/volumes", filters={"label": ["understudy.room"]}).get("Volumes") or ()
    assert [row["Name"] for row in rows if str(tmp_path) in row["Labels"]["understudy.room"]] == []


def test_on_a_machine_ports_are_local_and_folders_can_be_mounted(nesting: Oci, scratch: Path, source: Path) -> None:
    spec = RoomSpec("machine", scratch, machine=True, trees=(Tree(source, "~/project"),))
    script = f"""
        docker load --quiet --input busybox.tar
        docker run --detach --publish 127.0.0.1:8080:80 --volume "$PWD:/www:ro" {BUSYBOX} httpd -f -h /www
        for try in 1 2 3 4 5 6 7 8 9 10; do
            python3 -c 'from urllib.request import *; print(urlopen("http://localhost:8080/page").read())' 2>&1 && break
            sleep 0.2
        done
    """
    with nesting.open(spec) as room:
        assert said(room, script)[1].splitlines()[-1] == "b'of the job'"
    assert left(nesting, scratch) == []


HOLDER = """
import sys
from pathlib import Path
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci import docker
from understudy.runtimes.oci_settings import InJobs, OciSettings
settings = OciSettings(images={"nested-engine": sys.argv[2]}, in_jobs=InJobs.NESTED)
with docker(settings).open(RoomSpec("killed", Path(sys.argv[1]), sys.argv[3], wants_engine=True)):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_program_leaves_goes_with_the_sweep(nesting: Oci, scratch: Path) -> None:
    command = (sys.executable, "-c", HOLDER, str(scratch), ENGINE, BUILDER)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait(30)
    assert left(nesting, scratch) != []
    assert nesting.sweep(scratch) != ()
    assert left(nesting, scratch) == []
    assert nesting.sweep(scratch) == ()


def test_an_engine_that_ends_under_the_job_is_named(nesting: Oci, scratch: Path) -> None:
    with nesting.open(RoomSpec("ends", scratch, BUILDER, wants_engine=True)) as room:
        (engine,) = (one for one in left(nesting, scratch) if one.startswith("/understudy-ends-engine"))
        nesting.engine.client.post(f"/containers{engine}/kill")
        ended, _ = said(room, "docker version")
    assert ended.code
    assert "own container engine is no longer running" in ended.why
    assert left(nesting, scratch) == []


def test_an_image_that_is_no_engine_is_named_with_its_last_words(on_docker: Oci, scratch: Path) -> None:
    runtime = with_engine(on_docker, BUSYBOX)
    spec = RoomSpec("none", scratch, "understudy-test/root", wants_engine=True)
    with pytest.raises(RoomError, match=rf"own container engine.*`{BUSYBOX}`.*dockerd.*not found") as caught:
        runtime.open(spec).__enter__()
    assert "nested-engine" in caught.value.hint
    assert left(runtime, scratch) == []


def test_an_engines_image_that_is_not_here_is_named(on_docker: Oci, scratch: Path) -> None:
    runtime = with_engine(on_docker, "understudy-test/engine:none")
    spec = RoomSpec("none", scratch, "understudy-test/root", wants_engine=True)
    with pytest.raises(RoomError, match=r"own container engine has no image.*understudy-test/engine:none") as caught:
        runtime.open(spec).__enter__()
    assert f"`{ENGINE}:latest`" in caught.value.hint
    assert left(runtime, scratch) == []


def test_a_remote_engines_socket_can_not_be_given() -> None:
    elsewhere = OciSettings(environ={"DOCKER_HOST": "tcp://there:2375"}, pull=Pull.NEVER)
    assert not docker(replace(elsewhere, in_jobs=InJobs.SOCKET)).provides("setup_remote_docker")
    assert docker(replace(elsewhere, in_jobs=InJobs.NESTED)).provides("setup_remote_docker")
