"""Rooms in containers: what the contract leaves to them, on every engine that is here."""

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.errors import MachineError, RoomError
from understudy.model.pipeline import Container, Platform, Resources, Text
from understudy.runtimes.base import Call, Exit, Reason, Room, RoomSpec, Tree
from understudy.runtimes.oci import Oci, docker
from understudy.runtimes.oci_client import Client, Json
from understudy.runtimes.oci_room import Circumstances, cause_of_end
from understudy.runtimes.oci_settings import Endpoint, InJobs, OciSettings

ROOT, PYTHON = "understudy-test/root", "understudy-test/python:3.11"


@pytest.fixture(
    params=[
        pytest.param("on_docker", marks=pytest.mark.docker),
        pytest.param("on_podman", marks=pytest.mark.podman),
    ]
)
def engine(request: pytest.FixtureRequest) -> Oci:
    found: Oci = request.getfixturevalue(request.param)
    return found


def said(room: Room, script: str) -> tuple[Exit, str]:
    taken = bytearray()
    ended = room.run(Call(("sh", "-c", script), dict(room.env), room.workdir, 60), taken.extend)
    return ended, taken.decode(errors="replace")


def containers_of(engine: Oci, scratch: Path) -> list[str]:
    filters = {"label": [f"understudy.room={scratch.resolve()}"]}
    rows: Json = engine.engine.client.get("/containers/json", all=True, filters=filters)
    return [row["Id"] for row in rows or ()]


def test_the_image_gives_the_user_its_home_and_path_and_its_entrypoint_is_left_out(engine: Oci, scratch: Path) -> None:
    with engine.open(RoomSpec("own-user", scratch, PYTHON)) as room:
        _, output = said(room, 'id -un; echo "$HOME $USER"; pwd; echo "$PATH"')
    # USER, WORKDIR, ENV and ENTRYPOINT as scripts/test-images wrote them into the Dockerfile.
    assert output.splitlines()[:3] == ["circleci", "/home/circleci circleci", "/home/circleci/project"]
    assert output.splitlines()[3].endswith(":/home/circleci/.local/bin:" + STANDARD)


STANDARD = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.mark.parametrize(
    ("image", "user", "number"), [(PYTHON, "root", "0"), (ROOT, "postgres", None), (ROOT, "1234", "1234")]
)
def test_the_file_may_ask_for_another_user(
    engine: Oci, scratch: Path, image: str, user: str, number: str | None
) -> None:
    with engine.open(RoomSpec("other-user", scratch, image, user=user)) as room:
        ended, output = said(room, "id -u; touch here && ls")
        expected = number or said(room, f"id -u {user}")[1].strip()
    assert ended.code == 0
    assert output.split() == [expected, "here"]


def test_a_user_that_the_image_does_not_know(engine: Oci, scratch: Path) -> None:
    with (
        pytest.raises(RoomError, match="nobody-of-that-name"),
        engine.open(RoomSpec("no-user", scratch, ROOT, user="nobody-of-that-name")),
    ):
        pass
    assert containers_of(engine, scratch) == []


def test_an_image_without_bash_or_python(engine: Oci, scratch: Path, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/file").write_text("content")
    trees = (Tree(tmp_path / "source", "~/project"),)
    with engine.open(RoomSpec("busybox", scratch, "understudy-test/busybox", trees=trees)) as room:
        assert said(room, "cat file; echo; command -v bash || echo none")[1] == "content\nnone\n"
        target = io.BytesIO()
        assert room.pack("~/project", ("file",), target) == ()
        target.seek(0)
        room.unpack(target, "~/copy")
        assert room.read_file("~/copy/file") == b"content"


def test_an_image_without_a_shell_is_named(engine: Oci, scratch: Path) -> None:
    with (
        pytest.raises(RoomError, match=r"no-shell.*no `sh`"),
        engine.open(RoomSpec("no-shell", scratch, "understudy-test/no-shell")),
    ):
        pass
    assert containers_of(engine, scratch) == []


def test_an_image_that_is_not_there_names_the_nearest(engine: Oci, scratch: Path) -> None:
    with (
        pytest.raises(MachineError, match=r"understudy-test/python:3\.12") as caught,
        engine.open(RoomSpec("absent", scratch, "understudy-test/python:3.12")),
    ):
        pass
    assert "understudy-test/python:3.11" in caught.value.hint


@pytest.mark.parametrize("image", [ROOT, PYTHON])
def test_the_checkout_is_never_touched_and_holds_no_file_of_another_owner(
    engine: Oci, scratch: Path, tmp_path: Path, image: str
) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "deep/file").write_text("as it was")
    spec = RoomSpec("tree", scratch, image, trees=(Tree(source, "~/project"),))
    with engine.open(spec) as room:
        ended, output = said(room, "echo more >>deep/file; echo new >deep/new; rm -r .git 2>/dev/null; cat deep/*")
        assert ended.code == 0
        assert output == "as it was" + "more\nnew\n"
    left = {path.relative_to(source).as_posix(): path.lstat().st_uid for path in source.rglob("*")}
    assert left == {"deep": os.getuid(), "deep/file": os.getuid()}
    assert (source / "deep/file").read_text() == "as it was"


def test_settings_of_the_network_reach_the_room_with_the_files_they_name(
    engine: Oci, scratch: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("a certificate")
    env = {"SSL_CERT_FILE": str(bundle), "HTTPS_PROXY": "http://proxy.invalid:3128"}
    with engine.open(RoomSpec("network", scratch, ROOT, env=env)) as room:
        ended, output = said(room, 'cat "$SSL_CERT_FILE"; echo; echo "$HTTPS_PROXY"; echo no >"$SSL_CERT_FILE"')
    assert ended.code != 0
    assert output.splitlines()[:2] == ["a certificate", "http://proxy.invalid:3128"]
    assert bundle.read_text() == "a certificate"


def test_no_network_means_none(engine: Oci, scratch: Path) -> None:
    with engine.open(RoomSpec("cut", scratch, ROOT, network=False)) as room:
        assert said(room, "ls /sys/class/net")[1].split() == ["lo"]


@pytest.mark.docker
def test_the_hosted_size_is_a_limit_and_running_out_of_memory_is_said(scratch: Path, on_docker: Oci) -> None:
    runtime = docker(replace(on_docker.engine.settings, limits=True))
    resources = Resources(Text("small"), cpus=1, memory_mib=64)
    with runtime.open(RoomSpec("small", scratch, ROOT, resources=resources)) as room:
        ended, _ = said(room, "python3 -c 'x = bytearray(200 << 20)'")
        assert "out of memory" in ended.why
        assert "0.0625 GiB (small)" in ended.why
        again, _ = said(room, "exit 3")
        assert (again.code, again.why) == (3, "")


def held_up(room: Room, started: threading.Event) -> Callable[[], Exit]:
    asked = Call(("sh", "-c", "echo started; sleep 600"), dict(room.env), room.workdir)
    return lambda: room.run(asked, lambda _: started.set())


def test_a_container_killed_from_outside_is_said(engine: Oci, scratch: Path) -> None:
    started = threading.Event()
    with engine.open(RoomSpec("killed", scratch, ROOT)) as room, ThreadPoolExecutor(1) as pool:
        done = pool.submit(held_up(room, started))
        assert started.wait(30)
        engine.engine.client.post(f"/containers/{containers_of(engine, scratch)[0]}/kill")
        ended = done.result(60)
        assert ended == Exit(None, Reason.LOST)
        assert "container" in ended.why
        with pytest.raises(RoomError):
            room.write_file("~/x", b"")


HOLDER = """
import sys
from pathlib import Path
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.known import RUNTIMES
with RUNTIMES[sys.argv[1]]().open(RoomSpec("killed", Path(sys.argv[2]), "understudy-test/root")):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_program_that_is_killed_leaves_nothing(engine: Oci, scratch: Path, number: signal.Signals) -> None:
    command = (sys.executable, "-c", HOLDER, engine.name, str(scratch))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        assert len(containers_of(engine, scratch)) == 1
        holder.send_signal(number)
        holder.wait(30)
    engine.sweep(scratch)
    assert containers_of(engine, scratch) == []
    assert engine.sweep(scratch) == ()


def test_what_a_sweep_finds_is_only_what_bears_the_rooms_own_label(engine: Oci, scratch: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with engine.open(RoomSpec("mine", scratch, ROOT)) as room:
        assert engine.sweep(other) == ()
        assert said(room, "echo on")[1] == "on\n"


def test_a_room_whose_engine_went_away_says_so(tmp_path: Path) -> None:
    gone = Client(Endpoint(f"unix://{tmp_path}/none.sock"))
    around = Circumstances(gone, "0" * 64, 0.0, "4 GiB", lambda: "")
    assert "engine was stopped or restarted" in cause_of_end(around)


def test_an_engine_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    runtime = Oci("docker", lambda _: Endpoint(f"unix://{tmp_path}/none.sock"), OciSettings())
    assert runtime.missing() is not None
    assert "no such socket" in (runtime.missing() or "")
    assert "systemctl start docker" in (runtime.missing() or "")
    with pytest.raises(RoomError, match="no such socket"), runtime.open(RoomSpec("none", tmp_path, ROOT)):
        pass


def test_what_no_container_can_be_is_unmet(tmp_path: Path) -> None:
    runtime = Oci("docker", lambda _: Endpoint(f"unix://{tmp_path}/none.sock"), OciSettings())
    spec = RoomSpec("mac", tmp_path, platform=Platform.MACOS, machine=True)
    assert "macOS" in (runtime.unmet(spec) or "")
    graphics = RoomSpec("gpu", tmp_path, ROOT, resources=Resources(gpus=1))
    assert "GPU" in (runtime.unmet(graphics) or "")
    assert docker(OciSettings(gpus=True)).unmet(graphics) is None
    assert runtime.unmet(RoomSpec("plain", tmp_path, ROOT)) is None


def test_the_engines_socket_is_passed_on_only_when_it_was_allowed(tmp_path: Path) -> None:
    spec = RoomSpec("remote", tmp_path, ROOT, wants_engine=True)
    refusing, giving = docker(OciSettings()), docker(OciSettings(in_jobs=InJobs.SOCKET))
    assert [one.code for one in refusing.stands_in(spec)] == ["no-engine"]
    assert not refusing.provides("setup_remote_docker")
    assert [one.code for one in giving.stands_in(spec)] == ["engine-shared"]
    assert giving.provides("setup_remote_docker")
    assert not giving.provides("add_ssh_keys")


@pytest.mark.docker
def test_a_job_that_was_given_the_engine_can_use_it(on_docker: Oci, scratch: Path) -> None:
    giving = docker(replace(on_docker.engine.settings, in_jobs=InJobs.SOCKET))
    script = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/var/run/docker.sock'); s.sendall("
    script += "b'GET /_ping HTTP/1.0\\r\\n\\r\\n'); print(s.makefile('rb').read().split()[-1])"
    for image in (ROOT, PYTHON):
        with giving.open(RoomSpec("remote", scratch, image, wants_engine=True)) as room:
            assert said(room, f'echo "$DOCKER_HOST"; python3 -c "{script}"')[1].split("\n")[:2] == [
                "unix:///var/run/docker.sock",
                "b'OK'",
            ]


def service(image: str, alias: str | None = None, **env: str) -> Container:
    return Container(Text(image), alias, env={name: Text(value) for name, value in env.items()})


@pytest.mark.slow
def test_redis_and_postgresql_answer_before_the_first_step(engine: Oci, scratch: Path) -> None:
    kept: dict[str, bytes] = {}
    services = (
        service("understudy-test/redis:7", "cache"),
        service("understudy-test/postgres:15", "db", POSTGRES_PASSWORD="hush", POSTGRES_DB="shop"),
    )
    with engine.open(RoomSpec("services", scratch, PYTHON, services=services, keep=kept.__setitem__)) as room:
        first = said(room, "redis-cli -h localhost ping; redis-cli -h cache set a 1")
        query = "PGPASSWORD=hush psql -h {} -U postgres -Atc 'select 6*7' shop"
        second = said(room, f"{query.format('localhost')}; {query.format('db')}")
    assert (first[0].code, first[1].split()) == (0, ["PONG", "OK"])
    assert (second[0].code, second[1].split()) == (0, ["42", "42"])
    assert b"Ready to accept connections" in kept["cache"]
    assert b"database system is ready" in kept["db"]
    assert containers_of(engine, scratch) == []


def test_a_service_that_ends_at_once_is_named_with_its_last_words(engine: Oci, scratch: Path) -> None:
    services = (service("understudy-test/postgres:15", "db"),)
    with (
        pytest.raises(RoomError, match=r"`db`.*ended before the first step.*give a password"),
        engine.open(RoomSpec("dying", scratch, ROOT, services=services)),
    ):
        pass
    assert containers_of(engine, scratch) == []


def test_a_service_that_dies_under_the_job_is_named(engine: Oci, scratch: Path) -> None:
    services = (service("understudy-test/redis:7"),)
    with engine.open(RoomSpec("dies", scratch, ROOT, services=services)) as room:
        ended, _ = said(room, "redis-cli shutdown nosave; sleep 1; redis-cli ping")
    assert ended.code
    assert "understudy-test/redis:7" in ended.why


def test_a_service_that_never_gets_healthy_is_an_error_of_the_machine(
    engine: Oci, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("understudy.runtimes.oci_services.READY_S", 2.0)
    ill = replace(service("understudy-test/redis:7", "ill"), health=Text("exit 1"))
    with (
        pytest.raises(RoomError, match=r"`ill`.*not healthy"),
        engine.open(RoomSpec("ill", scratch, ROOT, services=(ill,))),
    ):
        pass
    assert containers_of(engine, scratch) == []


@pytest.mark.docker
def test_a_service_that_fails_the_check_of_the_file_is_given_up_at_once(on_docker: Oci, scratch: Path) -> None:
    """Podman leaves its checks to timers of systemd, which need not be there."""
    options = Text("--health-cmd 'echo not yet; exit 1' --health-interval 1s --health-retries 1")
    ill = replace(service("understudy-test/redis:7", "ill"), options=options)
    with (
        pytest.raises(RoomError, match=r"`ill`.*is unhealthy") as raised,
        on_docker.open(RoomSpec("ill", scratch, ROOT, services=(ill,))),
    ):
        pass
    assert "not yet" in raised.value.hint
