"""What goes wrong with images, with the real program: a plain sentence, a hint, `errored`, exit 3, and nothing left."""

import base64
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

import pytest

from understudy.runtimes.oci import Oci
from understudy.runtimes.oci_client import Client, EngineError, Json
from understudy.runtimes.oci_nested import _BEGIN, _LEAST

pytestmark = pytest.mark.docker

BUSYBOX, ENGINE = "understudy-test/busybox", "understudy-test/engine"
# bcrypt of `right`, the only kind that the registry takes: https://distribution.github.io/distribution/about/configuration/#htpasswd
HTPASSWD = "bot:$2b$05$abcdefghijklmnopqrstuu8xaCxxL82bnl.UY74PMksDxIJShppPC\n"
CONFIG = """
version: 2.1
jobs:
  build:
    docker:
      - image: {image}
{auth}
    steps:
      - run: echo started
workflows:
  all: {{jobs: [build]}}
"""
AUTH = "        auth: {username: bot, password: $REGISTRY_PASSWORD}"


class Project:
    """A repository with one job, performed by the real program on Docker."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.store = folder / "store"
        (self.root / ".circleci").mkdir(parents=True)
        subprocess.run(("git", "init", "--quiet", str(self.root)), check=True)

    def perform(
        self, image: str, *, auth: str = "", pull: str = "missing", env: Mapping[str, str] | None = None
    ) -> tuple[int, str, Json]:
        """The exit status, what was said to people, and the job's result."""
        (self.root / ".circleci/config.yml").write_text(CONFIG.format(image=image, auth=auth))
        command = (sys.executable, "-m", "understudy", "--store", str(self.store), "run", "--runtime", "docker")
        secret = ("--secret", "REGISTRY_PASSWORD") if auth else ()
        environment = {"HOME": str(self.root.parent), "PATH": os.environ["PATH"], "COLUMNS": "1000", **(env or {})}
        run = subprocess.run(
            (*command, "--pull", pull, *secret), cwd=self.root, env=environment, capture_output=True, check=False
        )
        shown = subprocess.run(
            (*command[:5], "show", "--json"), cwd=self.root, env=environment, capture_output=True, check=True
        )
        events = [json.loads(line) for line in shown.stdout.splitlines()]
        (result,) = (one["result"] for one in events if one["class"] == "JobFinished")
        return run.returncode, (run.stdout + run.stderr).decode(), result

    def left(self, client: Client) -> list[str]:
        """The containers of its rooms, and their folders."""
        rows: Json = client.get("/containers/json", all=True, filters={"label": ["understudy.room"]})
        ours = [row for row in rows if row["Labels"]["understudy.room"].startswith(str(self.store.resolve()))]
        return [*(row["Names"][0] for row in ours), *map(str, (self.store / "scratch").glob("*/*"))]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def client(on_docker: Oci) -> Client:
    return on_docker.engine.client


def push(client: Client, image: str, source: str, login: Mapping[str, str] | None = None) -> None:
    """Puts `source` into a registry as `image`, and takes that name away here."""
    repository, _, tag = image.rpartition(":")
    client.post(f"/images/{source}/tag", repo=repository, tag=tag)
    headers = {"X-Registry-Auth": base64.urlsafe_b64encode(json.dumps(login or {}).encode()).decode()}
    told: Json = client.ask("POST", f"/images/{repository}/push", query={"tag": tag}, headers=headers)
    client.ask("DELETE", f"/images/{image}")
    assert not [one for one in told if "error" in one], told


def forget(client: Client, image: str) -> None:
    try:
        client.ask("DELETE", f"/images/{image}")
    except EngineError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise


@pytest.fixture
def locked(client: Client, start_registry: Callable[..., str], tmp_path: Path) -> Iterator[str]:
    """An image of a registry that wants a login: `bot`, `right`."""
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    address = start_registry(tmp_path, f"auth: {{htpasswd: {{realm: tests, path: '{tmp_path}/htpasswd'}}}}")
    image = f"{address}/team/secret:1"
    push(client, image, BUSYBOX, {"username": "bot", "password": "right", "serveraddress": address})
    yield image
    forget(client, image)


@pytest.mark.parametrize(
    ("auth", "sentence", "hint"),
    [
        (AUTH, "the registry refuses the login for `{}`", "check the password that the file's `auth` names"),
        ("", "the registry gives `{}` to nobody without a login", "give it in `auth`"),
    ],
    ids=["wrong-password", "no-login"],
)
def test_a_registry_that_wants_another_login(
    project: Project, client: Client, locked: str, auth: str, sentence: str, hint: str
) -> None:
    code, said, result = project.perform(locked, auth=auth, env={"REGISTRY_PASSWORD": "mistaken"})
    assert (code, result["outcome"]) == (3, "errored"), said
    assert sentence.format(locked) in result["reason"]
    assert sentence.format(locked) in said
    assert hint in said
    assert "mistaken" not in said
    assert project.left(client) == []


def test_the_right_password_is_taken_from_the_secret(project: Project, client: Client, locked: str) -> None:
    code, said, _ = project.perform(locked, auth=AUTH, env={"REGISTRY_PASSWORD": "right"})
    assert code == 0, said
    assert project.left(client) == []


def test_a_layer_that_is_not_what_its_digest_promises(
    project: Project, client: Client, start_registry: Callable[..., str], tmp_path: Path
) -> None:
    image = f"{start_registry(tmp_path)}/team/damaged:1"
    made = made_of(client, b"the contents" * 1000)
    push(client, image, made)
    forget(client, made)  # else its layers are here, and nothing is fetched
    blobs = sorted(tmp_path.glob("data/docker/registry/v2/blobs/sha256/*/*/data"), key=lambda path: path.read_bytes())
    (layer,) = (path for path in blobs if path.read_bytes().startswith(b"\x1f\x8b"))
    layer.write_bytes(bytes([*layer.read_bytes()[:-1], layer.read_bytes()[-1] ^ 1]))
    code, said, result = project.perform(image)
    assert (code, result["outcome"]) == (3, "errored"), said
    assert f"what the registry sent for `{image}` is not what its digest promises" in said
    assert "fetch it again" in said
    assert project.left(client) == []


def made_of(client: Client, content: bytes) -> str:
    """A new image of one layer that holds `content`; its name."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo("content")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    name = f"understudy-test-made:{os.urandom(4).hex()}"
    repository, _, tag = name.partition(":")
    client.ask("POST", "/images/create", archive.getvalue(), query={"fromSrc": "-", "repo": repository, "tag": tag})
    return name


@pytest.fixture
def little_engine(client: Client, tmp_path: Path) -> Iterator[str]:
    """The address of an engine with 24 MiB for images, and a registry beside it with the files in `tmp_path`."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "inside.yml").write_text(
        "version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: /registry/data}}\n"
        "http: {addr: '127.0.0.1:5000'}\n"
    )
    serve = "docker-registry serve /registry/inside.yml &\n"
    command = ("dockerd", "--host", "unix:///engine/docker.sock", "--storage-driver", "overlay2")
    mounts = [("/registry", tmp_path), ("/engine", tmp_path / "engine")]
    body = {
        "Image": ENGINE,
        "Entrypoint": ["sh", "-c", serve + _BEGIN, "sh"],
        "Cmd": list(command),
        "HostConfig": {
            **_LEAST,
            "AutoRemove": True,
            "Tmpfs": {"/var/lib/docker": "rw,exec,size=24m"},
            "Mounts": [{"Type": "bind", "Source": str(source), "Target": target} for target, source in mounts],
        },
    }
    container = client.post("/containers/create", body)["Id"]
    try:
        client.post(f"/containers/{container}/start")
        wait = "until docker --host unix:///engine/docker.sock version; do sleep 0.1; done"
        client.execute(container, ("timeout", "60", "sh", "-c", wait))
        yield f"unix://{tmp_path}/engine/docker.sock"
    finally:
        client.remove_container(container)


def test_a_disk_that_is_full_while_an_image_is_fetched(
    project: Project, client: Client, start_registry: Callable[..., str], little_engine: str, tmp_path: Path
) -> None:
    address = start_registry(tmp_path)
    made = made_of(client, bytes(64 << 20))
    push(client, f"{address}/team/large:1", made)
    forget(client, made)
    code, said, result = project.perform("127.0.0.1:5000/team/large:1", env={"DOCKER_HOST": little_engine})
    assert (code, result["outcome"]) == (3, "errored"), said
    assert "the disk is full: the image `127.0.0.1:5000/team/large:1` could not be fetched" in said
    assert "`docker system df` says what images hold" in said
    assert project.left(Client(client.endpoint)) == []


@pytest.mark.parametrize("pull", ["never", "missing"])
def test_the_nearest_image_here_is_named(
    project: Project, client: Client, free_port: Callable[[], int], pull: str
) -> None:
    image = f"127.0.0.1:{free_port()}/team/tool"
    client.post(f"/images/{BUSYBOX}/tag", repo=image, tag="1.2")
    try:
        code, said, result = project.perform(f"{image}:1.3", pull=pull)
    finally:
        forget(client, f"{image}:1.2")
    assert (code, result["outcome"]) == (3, "errored"), said
    assert f"the nearest image here is `{image}:1.2`" in said
    assert f'[images] "{image}:1.3" = "{image}:1.2"' in said
    assert project.left(client) == []
