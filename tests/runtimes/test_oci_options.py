"""Options of `docker create`, as its reference describes them, in the terms of the engine's interface.

https://docs.docker.com/reference/cli/docker/container/create/
https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerCreate
"""

from dataclasses import replace
from pathlib import Path

import pytest

from understudy.model.pipeline import Container, Text
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_body import Draft, Host, room_body, service_body
from understudy.runtimes.oci_images import Image
from understudy.runtimes.oci_made import made_otherwise
from understudy.runtimes.oci_options import mounted, options_of
from understudy.runtimes.oci_settings import OciSettings

POSTGRES = """
  --health-cmd "pg_isready -U me"
  --health-interval 10s
  --health-timeout=5s
  --health-retries 5
"""
IMAGE = Image("postgres", "sha256:1", "sha256:1", {}, "")


def test_the_health_check_of_the_services_own_page() -> None:
    # https://docs.github.com/actions/tutorials/use-containerized-services/create-postgresql-service-containers
    found = options_of(POSTGRES)
    assert found.body["Healthcheck"] == {
        "Test": ["CMD-SHELL", "pg_isready -U me"],
        "Interval": 10_000_000_000,
        "Timeout": 5_000_000_000,
        "Retries": 5,
    }
    assert not found.unknown


@pytest.mark.parametrize(
    ("text", "body", "host"),
    [
        ("--user 1001:127", {"User": "1001:127"}, {}),
        ("-u root --hostname=db", {"User": "root", "Hostname": "db"}, {}),
        ("--cpus 1.5 --memory 2g", {}, {"NanoCpus": 1_500_000_000, "Memory": 2 * 1024**3}),
        ("--cpus 64", {}, {"NanoCpus": 8_000_000_000}),
        ("--shm-size=256m", {}, {"ShmSize": 256 * 1024**2}),
        ("--add-host a:1.2.3.4 --add-host b:1.2.3.5", {}, {"ExtraHosts": ["a:1.2.3.4", "b:1.2.3.5"]}),
        ("--tmpfs /data:rw,size=1g", {}, {"Tmpfs": {"/data": "rw,size=1g"}}),
        ("--ulimit nofile=1024:2048", {}, {"Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 2048}]}),
        ("--name db --rm -t", {}, {}),
    ],
)
def test_options(text: str, body: dict[str, object], host: dict[str, object]) -> None:
    found = options_of(text, cpus=8)
    assert (found.body, found.host, found.unknown) == (body, host, [])


@pytest.mark.parametrize("text", ["--privileged", "--device /dev/kvm", "--cpus many", "--health-interval soon"])
def test_what_is_not_applied_is_named(text: str) -> None:
    assert options_of(text).unknown


def test_variables_of_options() -> None:
    assert options_of("-e A=1 --env B=2").env == ["A=1", "B=2"]


def test_volumes_are_new_and_those_of_the_machine_are_named() -> None:
    # The three forms of
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idcontainervolumes
    targets, lost = mounted(
        ("my_docker_volume:/volume_mount", "/data/my_data", "/source/directory:/destination/directory")
    )
    assert list(targets) == ["/volume_mount", "/data/my_data", "/destination/directory"]
    assert lost == ("/source/directory",)


def service(**more: object) -> Container:
    return Container(Text("postgres"), "db", **more)  # type: ignore[arg-type] # the fields of a Container


def test_a_service_is_made_with_them() -> None:
    spec = RoomSpec("r", Path("/tmp/r"))
    draft = Draft(spec, IMAGE, "", "/root", "/tmp/r")
    made = service_body(service(options=Text(POSTGRES + "-e X=1")), IMAGE, draft, "room", Host(cpus=2))
    assert made["Healthcheck"]["Retries"] == 5
    assert made["Env"] == ["X=1"]
    assert made["HostConfig"]["NetworkMode"] == "container:room"


def test_the_jobs_own_container_keeps_how_it_is_started() -> None:
    spec = RoomSpec("r", Path("/tmp/r"), options="--user 5 --entrypoint sh --cap-drop ALL -e X=1", volumes=("v:/v",))
    made = room_body(Draft(spec, IMAGE, "root", "/root", "/tmp/r", command=("agent",)), OciSettings(), Host())
    assert (made["User"], made["Entrypoint"]) == ("root", ["agent"])
    assert made["HostConfig"]["CapDrop"] == ["ALL"]
    assert made["Volumes"] == {"/v": {}}
    assert "X=1" in made["Env"]


def test_ports_that_are_elsewhere_or_taken_are_told() -> None:
    other = Container(Text("mysql"), "other", ports=("5433:5432",))
    spec = RoomSpec("r", Path(), services=(service(ports=("5432:5432", "8080:80/tcp")), other))
    led_on, taken = sorted(one.message for one in made_otherwise(spec))
    assert taken.startswith("service `other` is found at port 5432 under its name (`other`), and at 5433 if ")
    assert "is found at port 80, and at 8080 if " in led_on
    # In a container of its own a job finds a service at its own port, on the service, too.
    assert made_otherwise(replace(spec, image="x")) == ()
