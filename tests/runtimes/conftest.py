"""Container engines for tests, and the images that `scripts/test-images` makes from Debian packages."""

import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.runtimes.oci import Oci, docker, podman
from understudy.runtimes.oci_settings import OciSettings, Pull

SETTINGS = OciSettings(
    images={
        "machine": "understudy-test/root",
        "cimg/base:2024.01": "understudy-test/python:3.11",
    },
    pull=Pull.NEVER,
    limits=False,
)
IMAGES = ("root", "python:3.11", "redis:7", "postgres:15", "busybox", "no-shell")


def engine_or_skip(runtime: Oci) -> Oci:
    """`runtime`, if its engine answers and has the images; else the test is skipped, and says why."""
    reason = runtime.missing()
    if reason is None and any(runtime.engine.images.present(f"understudy-test/{name}") is None for name in IMAGES):
        reason = f"its images aren't made: ENGINE={runtime.name} scripts/test-images"
    if reason and runtime.name == "docker" and os.environ.get("UNDERSTUDY_TESTS_NEED_DOCKER"):
        pytest.fail(f"the tests of Docker must run, and there is no docker: {reason}")
    if reason:
        pytest.skip(f"no {runtime.name}: {reason}")
    return runtime


@pytest.fixture(scope="session")
def on_docker() -> Oci:
    return engine_or_skip(docker(SETTINGS))


@pytest.fixture(scope="session")
def on_podman() -> Oci:
    return engine_or_skip(podman(SETTINGS))


@pytest.fixture(scope="session")
def on_docker_elsewhere() -> Oci:
    """Docker as an engine on another machine is used: it sees none of this machine's files."""
    runtime = engine_or_skip(docker(replace(SETTINGS, limits=False)))
    runtime.engine.shares_files = False
    return runtime


@pytest.fixture(
    params=[
        pytest.param("on_docker", marks=pytest.mark.docker),
        pytest.param("on_docker_elsewhere", marks=pytest.mark.docker),
        pytest.param("on_podman", marks=pytest.mark.podman),
    ]
)
def engine(request: pytest.FixtureRequest) -> Oci:
    """Each engine that is here, one after another."""
    found: Oci = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / f"scratch-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    yield folder
    left = sorted(one.name for one in folder.iterdir())
    shutil.rmtree(folder)
    assert left == [], "a room left something behind"
