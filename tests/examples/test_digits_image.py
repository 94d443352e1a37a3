"""The example's container image: built in two stages, pushed to a real registry, and pulled again, by its pipeline."""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from understudy.errors import MachineError
from understudy.runtimes.oci import Oci
from understudy.runtimes.oci_body import ROOM_LABEL
from understudy.runtimes.oci_client import Client, Json

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits"
BASE, BUILDER = "understudy-test/python:3.11-slim", "understudy-test/builder"
_TRACES = shutil.ignore_patterns(".venv", "__pycache__", ".*_cache", "model", "wheelhouse")


@pytest.fixture(scope="module")
def client(docker_with: Callable[..., Oci]) -> Client:
    """Docker's engine, with the images of `scripts/test-images`."""
    return docker_with(BASE, BUILDER).engine.client


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The example in a repository of its own, with images of this machine for those that it names."""
    root = tmp_path / "digits"
    shutil.copytree(EXAMPLE, root, ignore=_TRACES)
    (root / "understudy.toml").write_text(f'[images]\n"cimg/python:*" = "{BUILDER}"\n')
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=Recognise handwritten digits")
    return root


def git(root: Path, *arguments: str) -> str:
    environment = {"HOME": str(root.parent), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    ended = subprocess.run(("git", *who, *arguments), cwd=root, env=environment, check=True, capture_output=True)
    return ended.stdout.decode().strip()


@pytest.fixture
def registry(client: Client, start_registry: Callable[..., str], tmp_path: Path) -> Iterator[str]:
    """A registry's address; the images that are called after it go at the end, and what they were built in."""
    address = start_registry(tmp_path)
    yield address
    for image in images_of(client, address):
        client.ask("DELETE", f"/images/{image}", query={"force": True})
    for image in stages(client):
        client.ask("DELETE", f"/images/{image}", query={"force": True})


def images_of(client: Client, registry: str) -> list[str]:
    rows: Json = client.get("/images/json")
    return [tag for row in rows for tag in row.get("RepoTags") or () if tag.startswith(registry)]


def stages(client: Client) -> list[str]:
    """The images without a name that an engine keeps of a build's first stage, as the Dockerfile has it."""
    rows: Json = client.get("/images/json", filters={"dangling": ["true"]})
    return [row["Id"] for row in rows if any("/wheelhouse" in one for one in history(client, row["Id"]))]


def history(client: Client, image: str) -> list[str]:
    try:
        rows: Json = client.get(f"/images/{image}/history")
    except MachineError:  # somebody else's, and gone by now
        return []
    return [row["CreatedBy"] for row in rows]


def left(client: Client, store: Path) -> list[str]:
    """The containers and volumes of rooms of that store."""
    filters = {"label": [ROOM_LABEL]}
    containers: Json = client.get("/containers/json", all=True, filters=filters)
    volumes: Json = client.get("/volumes", filters=filters)
    found = [*containers, *(volumes.get("Volumes") or ())]
    return [str(one) for one in found if one["Labels"][ROOM_LABEL].startswith(str(store.resolve()))]


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_image_is_built_pushed_and_pulled_again_by_the_pipeline(
    client: Client, repository: Path, registry: str, tmp_path: Path
) -> None:
    tag = git(repository, "rev-parse", "HEAD")[:7]
    parameters = {"container-image": "true", "registry": registry, "base-image": BASE}
    asked = [word for name, value in parameters.items() for word in ("--param", f"{name}={value}")]
    store = ("--store", str(tmp_path / "store"))
    # The environment is this machine's: the packages come from where its pip gets them.
    ended = subprocess.run(
        (
            *(sys.executable, "-m", "understudy", *store, "run", "container-image-on-demand", "--event", "api"),
            *("--runtime", "docker", "--pull", "never", "--docker-in-jobs", "socket", "--json", *asked),
        ),
        cwd=repository,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout.decode()[-4000:] + ended.stderr.decode()[-4000:]
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    finished = {one["job"]: one["result"]["outcome"] for one in events if one["class"] == "JobFinished"}
    assert finished == {"train": "passed", "build-image": "passed", "deploy-image": "passed"}
    with urllib.request.urlopen(f"http://{registry}/v2/digits/tags/list") as answer:
        assert json.load(answer) == {"name": "digits", "tags": [tag]}
    # The Dockerfile's second stage alone: of the wheels that the first one had there is nothing in it.
    assert images_of(client, registry) == [f"{registry}/digits:{tag}"]
    layers = history(client, f"{registry}/digits:{tag}")
    assert any("/opt/digits" in one for one in layers)
    assert not any("/wheelhouse" in one for one in layers)
    assert left(client, tmp_path / "store") == []
    assert git(repository, "status", "--porcelain", "--ignored") == ""
