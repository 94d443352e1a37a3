"""Images: what a name means, logins, and a real registry of this machine that is pushed to and fetched from."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.errors import MachineError
from understudy.model.pipeline import Resources, Text
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci import Oci, docker
from understudy.runtimes.oci_body import Host, limits, memory_limit
from understudy.runtimes.oci_catalogue import CATALOGUE, mapped
from understudy.runtimes.oci_images import explained
from understudy.runtimes.oci_logins import HUB, login_for, registry_of
from understudy.runtimes.oci_logs import demultiplexed
from understudy.runtimes.oci_services import listening_ports
from understudy.runtimes.oci_settings import Endpoint, OciSettings, Pull, docker_endpoint, podman_endpoint


@pytest.mark.parametrize(
    ("name", "own", "expected"),
    [
        ("cimg/python:3.11", {}, "cimg/python:3.11"),
        ("cimg/python:3.11", {"cimg/python:3.11": "mine:1"}, "mine:1"),
        ("cimg/python:3.11", {"cimg/*": "mirror.example/cimg/*"}, "mirror.example/cimg/python:3.11"),
        ("ubuntu-2204:2024.01.1", {}, CATALOGUE["ubuntu-2204:*"]),
        ("ubuntu-latest", {"ubuntu-latest": "mine"}, "mine"),
    ],
)
def test_a_name_is_looked_up_in_the_users_map_before_the_catalogue(
    name: str, own: dict[str, str], expected: str
) -> None:
    assert mapped(name, own) == expected


# How Docker tells a registry from a folder of its own: https://docs.docker.com/reference/cli/docker/image/tag/
@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("redis", HUB),
        ("cimg/python:3.11", HUB),
        ("ghcr.io/o/r:1", "ghcr.io"),
        ("localhost/a", "localhost"),
        ("here:5000/a:1", "here:5000"),
        ("1234.dkr.ecr.eu-west-1.amazonaws.com/a/b:c", "1234.dkr.ecr.eu-west-1.amazonaws.com"),
    ],
)
def test_the_registry_of_an_image(image: str, registry: str) -> None:
    assert registry_of(image) == registry


def test_logins_come_from_the_file_then_from_dockers_own_settings(tmp_path: Path) -> None:
    kept = {"auths": {"here:5000": {"auth": base64.b64encode(b"me:my:password").decode()}}}
    (tmp_path / "config.json").write_text(json.dumps(kept))
    settings = OciSettings(config=tmp_path)
    assert login_for("here:5000", {}, settings) == {
        "username": "me", "password": "my:password", "serveraddress": "here:5000"
    }  # fmt: skip
    given = {"username": "bot", "password": "other"}
    assert login_for("here:5000", given, settings)["username"] == "bot"
    assert login_for("elsewhere:5000", {}, settings) == {}
    (tmp_path / "config.json").write_text("{ not json")
    assert login_for("here:5000", {}, settings) == {}


def test_a_helper_of_dockers_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = tmp_path / "docker-credential-test"
    helper.write_text('#!/bin/sh\nread -r name\necho "{\\"Username\\": \\"of-$name\\", \\"Secret\\": \\"s\\"}"\n')
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {"here:5000": "test"}}))
    found = login_for("here:5000", {}, OciSettings(config=tmp_path))
    assert (found["username"], found["password"]) == ("of-here:5000", "s")


def test_the_engine_is_found_as_its_own_client_finds_it(tmp_path: Path) -> None:
    host = {"DOCKER_HOST": "tcp://there:2375"}
    assert docker_endpoint(OciSettings(environ=host)) == Endpoint("tcp://there:2375")
    # The folder of a context is the SHA-256 of its name.
    digest = subprocess.run(("sha256sum",), input=b"far", capture_output=True, check=True).stdout.decode().split()[0]
    meta = tmp_path / "contexts/meta" / digest
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": "ssh://me@far"}}}))
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "far"}))
    assert docker_endpoint(OciSettings(config=tmp_path)) == Endpoint("ssh://me@far")
    assert docker_endpoint(OciSettings(config=tmp_path, environ={"DOCKER_CONTEXT": "default"})).path is not None
    assert podman_endpoint(OciSettings(environ={"CONTAINER_HOST": "unix:///x"})).path == Path("/x")


def test_the_hosted_size_in_the_engines_words() -> None:
    spec = RoomSpec("size", Path(), resources=Resources(Text("medium"), cpus=2, memory_mib=4096))
    large, little = Host(cpus=8, memory_bytes=32 << 30), Host(cpus=1, memory_bytes=2 << 30)
    assert limits(spec, OciSettings(), large) == {
        "NanoCpus": 2_000_000_000, "Memory": 4 << 30, "MemorySwap": 4 << 30
    }  # fmt: skip
    assert limits(spec, OciSettings(limits=False), large) == {}
    assert limits(spec, OciSettings(), little) == {"NanoCpus": 1_000_000_000}
    assert memory_limit(spec, OciSettings(), little) == 0
    given = OciSettings(limits=False, shm_mib=256, ulimits={"nofile": (1024, 4096)})
    assert limits(spec, given, large) == {
        "ShmSize": 256 << 20, "Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 4096}]
    }  # fmt: skip


def test_ports_that_somebody_listens_on() -> None:
    # From proc(5): the local address is in hexadecimal, 0A is LISTEN, 01 ESTABLISHED.
    table = (
        "  sl  local_address rem_address   st tx_queue rx_queue\n"
        "   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000\n"
        "   1: 0100007F:1538 0100007F:9C40 01 00000000:00000000\n"
        "   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000\n"
    )
    assert listening_ports(table) == {6379, 80}


def test_the_two_streams_of_a_log_in_order() -> None:
    assert demultiplexed(b"\x01\0\0\0\0\0\0\x03out\x02\0\0\0\0\0\0\x03err") == b"outerr"


@pytest.fixture(scope="module")
def registry(start_registry: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A registry on the loopback."""
    return start_registry(tmp_path_factory.mktemp("registry"))


@pytest.fixture
def pushed(registry: str, on_docker: Oci) -> Iterator[str]:
    """An image that is in the registry and not here."""
    name = f"{registry}/team/tool:1"
    client = on_docker.engine.client
    client.post("/images/understudy-test/busybox/tag", repo=f"{registry}/team/tool", tag="1")
    headers = {"X-Registry-Auth": base64.urlsafe_b64encode(b"{}").decode()}
    client.ask("POST", f"/images/{registry}/team/tool/push", query={"tag": "1"}, headers=headers)
    client.ask("DELETE", f"/images/{name}")
    yield name
    if on_docker.engine.images.present(name):
        client.ask("DELETE", f"/images/{name}")


@pytest.mark.docker
def test_an_image_is_fetched_once_and_its_digest_is_told(on_docker: Oci, pushed: str, scratch: Path) -> None:
    told: list[str] = []
    runtime = docker(replace(on_docker.engine.settings, pull=Pull.MISSING))
    assert runtime.unobtainable(pushed) is None
    assert runtime.engine.images.present(pushed) is None, "to ask is not to fetch"
    with runtime.open(RoomSpec("fetched", scratch, pushed, tell=told.append)) as room:
        room.write_file("~/x", b"")
    assert told[0] == f"fetching image {pushed}"
    digest = runtime.resolve(pushed)
    assert digest.startswith(pushed.rpartition(":")[0] + "@sha256:")
    told.clear()
    with runtime.open(RoomSpec("again", scratch, digest, tell=told.append)):
        pass
    assert told == []


@pytest.mark.docker
def test_pull_never_and_always(on_docker: Oci, pushed: str) -> None:
    never = docker(replace(on_docker.engine.settings, pull=Pull.NEVER))
    with pytest.raises(MachineError, match="--pull never"):
        never.resolve(pushed)
    always = docker(replace(on_docker.engine.settings, pull=Pull.ALWAYS))
    assert always.resolve(pushed)
    assert never.resolve(pushed)
    always = docker(replace(on_docker.engine.settings, pull=Pull.ALWAYS))
    with pytest.raises(MachineError, match=r"registry of `understudy-test/root`|there is no image|nobody without"):
        always.resolve("understudy-test/root")


@pytest.mark.docker
def test_what_a_registry_does_not_have(on_docker: Oci, registry: str, pushed: str) -> None:
    runtime = docker(replace(on_docker.engine.settings, pull=Pull.MISSING))
    runtime.resolve(pushed)
    with pytest.raises(MachineError, match="there is no image") as caught:
        runtime.resolve(f"{registry}/team/tool:2")
    assert pushed in caught.value.hint
    wrong = f"{registry}/team/tool@sha256:{'0' * 64}"
    with pytest.raises(MachineError, match="there is no image"):
        runtime.resolve(wrong)
    assert "there is no image" in (runtime.unobtainable(wrong) or "")


@pytest.mark.docker
def test_a_registry_that_is_not_there(on_docker: Oci, free_port: Callable[[], int]) -> None:
    runtime = docker(replace(on_docker.engine.settings, pull=Pull.MISSING))
    with pytest.raises(MachineError, match="can't be reached"):
        runtime.resolve(f"127.0.0.1:{free_port()}/a/b:1")


# The sentences of Docker's engine and of registries, as they are reported in their own issue trackers.
@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ("write /var/lib/docker/tmp/x: no space left on device", "the disk is full"),
        ("unauthorized: incorrect username or password", "refuses the login"),
        ("pull access denied for a/b, repository does not exist or may require 'docker login'", "there is no image"),
        ("manifest for a/b:1 not found: manifest unknown: manifest unknown", "there is no image"),
        ('Get "https://r/v2/": dial tcp: lookup r: no such host', "can't be reached"),
        ("toomanyrequests: You have reached your pull rate limit.", "too many requests"),
        ("filesystem layer verification failed for digest sha256:0", "not what its digest promises"),
        ("something new", "can't be had: something new"),
    ],
)
def test_complaints_in_plain_sentences(complaint: str, sentence: str) -> None:
    assert sentence in explained("a/b:1", complaint)[0]
