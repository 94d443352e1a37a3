"""Steps with services, pipes and memory that is shared out, on a real engine.

https://support.atlassian.com/bitbucket-cloud/docs/databases-and-service-containers/
https://support.atlassian.com/bitbucket-cloud/docs/use-pipes-in-bitbucket-pipelines/
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from understudy.runtimes.oci import Oci

pytestmark = pytest.mark.docker

IMAGES = ("root", "python:3.11", "redis:7", "busybox", "pipe")

FILE = """\
image: understudy-test/python:3.11
definitions:
  services:
    redis:
      image: understudy-test/redis:7
      memory: 256
pipelines:
  default:
    - step:
        name: Serves
        size: 2x
        services: [redis]
        script:
          - test "$(pwd)" = /opt/atlassian/pipelines/agent/build
          - cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || true
          - python3 -c 'import socket; socket.create_connection(("localhost", 6379)).close(); print("answered")'
    - step:
        name: Pipes
        script:
          - export WORD=kept LIST_OF=things
          - mkdir -p inner && cd inner
          - pipe: docker://understudy-test/pipe:latest
            variables:
              SAY: "$WORD"
              LIST: [one, "two $WORD"]
          - echo "$WORD $(cat ../made-by-pipe) in $(basename "$(pwd)")"
    - step:
        name: Plain
        image: understudy-test/busybox:latest
        script:
          - WORD=plain
          - pipe: docker://understudy-test/pipe:latest
            variables: {SAY: $WORD}
          - echo "still $WORD"
    - step:
        name: Fails
        script:
          - pipe: docker://understudy-test/pipe:latest
            variables: {STATUS: 9}
          - echo never
        after-script:
          - echo "exit code $BITBUCKET_EXIT_CODE"
"""


@pytest.fixture(scope="module", autouse=True)
def _engine(docker_with: Callable[..., Oci]) -> None:
    docker_with(*(f"understudy-test/{one}" for one in IMAGES))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[Any], Path]:
    """The exit code and the events of a run of `FILE`, and its store."""
    root, store = tmp_path_factory.mktemp("rocket"), tmp_path_factory.mktemp("store")
    (root / "bitbucket-pipelines.yml").write_text(FILE)
    git = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "First")):
        subprocess.run((*git, *arguments), cwd=root, check=True)
    command = (sys.executable, "-m", "understudy", "--store", str(store), "run", "--runtime", "docker", "--json")
    done = subprocess.run((*command, "--limits", "hosted"), cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], store


def printed(run: tuple[int, list[Any], Path], job: str) -> str:
    return "".join(one["text"] for one in run[1] if one["class"] == "StepOutput" and one["job"] == job)


def test_each_step_comes_out_as_it_should(run: tuple[int, list[Any], Path]) -> None:
    ended = {one["job"]: one["result"]["outcome"] for one in run[1] if one["class"] == "JobFinished"}
    assert ended == {"Serves": "passed", "Pipes": "passed", "Plain": "passed", "Fails": "failed"}
    assert run[0] == 1


def test_services_answer_on_localhost_and_take_of_the_step_s_memory(run: tuple[int, list[Any], Path]) -> None:
    """8192 MiB for size 2x, of which the service has 256."""
    lines = printed(run, "Serves").splitlines()
    assert "answered" in lines
    assert str((8192 - 256) << 20) in lines


def test_a_pipe_sees_the_clone_and_what_the_script_has_set(run: tuple[int, list[Any], Path]) -> None:
    lines = printed(run, "Pipes").splitlines()
    assert "pipe: kept, 2, two kept, main" in lines
    assert "/opt/atlassian/pipelines/agent/build" in lines
    assert "kept piped in inner" in lines


def test_the_plainest_shell_goes_on_after_a_pipe(run: tuple[int, list[Any], Path]) -> None:
    lines = printed(run, "Plain").splitlines()
    assert "pipe: plain, , , main" in lines
    assert "still plain" in lines


def test_a_pipe_that_fails_ends_its_script(run: tuple[int, list[Any], Path]) -> None:
    lines = printed(run, "Fails").splitlines()
    assert "exit code 9" in lines
    assert "never" not in lines
