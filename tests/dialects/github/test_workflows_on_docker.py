"""Workflows with containers, services and Docker actions, on a real engine.

https://docs.github.com/actions/tutorials/use-containerized-services/use-docker-service-containers
https://docs.github.com/actions/tutorials/use-actions/create-a-docker-container-action
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from understudy.runtimes.oci import Oci

pytestmark = pytest.mark.docker

TOML = '[images]\n"ubuntu-latest" = "understudy-test/root"\n'
ACTION = {
    "say/action.yml": """\
inputs: {who: {required: true}}
runs:
  using: docker
  image: Dockerfile
  args: ["${{ inputs.who }}"]
  post-entrypoint: /bye.sh
""",
    "say/Dockerfile": 'FROM understudy-test/busybox\nCOPY *.sh /\nENTRYPOINT ["/say.sh"]\n',
    "say/say.sh": """\
#!/bin/sh -e
[ "$PWD $GITHUB_WORKSPACE $HOME" = "/github/workspace /github/workspace /github/home" ]
[ -s "$GITHUB_EVENT_PATH" ]
[ "$INNER" = /github/workspace/x ]
echo "said=$1" >>"$GITHUB_OUTPUT"
echo "SAID=$1" >>"$GITHUB_ENV"
echo /extra/bin >>"$GITHUB_PATH"
echo kept=well >>"$GITHUB_STATE"
echo "### $1" >>"$GITHUB_STEP_SUMMARY"
echo "::warning file=a.py,line=3::careful"
echo made >made-by-action
""",
    "say/bye.sh": '#!/bin/sh\necho "bye $INPUT_WHO, $STATE_kept"\n',
}
STEPS = """\
      - uses: actions/checkout@v4
      - uses: ./say
        id: it
        with: {who: "Mona ${{ env.TOP }}"}
        env: {INNER: "${{ github.workspace }}/x"}
      - run: |
          [ "${{ steps.it.outputs.said }}, $SAID" = "Mona 1, Mona 1" ]
          case $PATH in *"/extra/bin:"*) ;; *) exit 1 ;; esac
          grep made made-by-action && rm made-by-action && touch mine
"""


@pytest.fixture(scope="module", autouse=True)
def _engine(docker_with: Callable[..., Oci]) -> None:
    docker_with(*(f"understudy-test/{one}" for one in IMAGES))


IMAGES = ("root", "python:3.11", "redis:7", "busybox")


def performed(root: Path, workflow: str, files: Mapping[str, str] | None = None) -> tuple[int, list[Any]]:
    """The exit code and the events of a run of `workflow` in a new repository."""
    held = {"understudy.toml": TOML, ".github/workflows/ci.yml": workflow, **(files or {})}
    for name, text in held.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
        (root / name).chmod(0o755)
    env = {**os.environ, "HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    for words in ("init -q -b main", "add -A", "-c user.name=a -c user.email=a@example.com commit -qm x"):
        subprocess.run(["git", *words.split()], cwd=root, env=env, check=True, timeout=30)
    store = str(root.parent / "store")
    command = [sys.executable, "-m", "understudy", "--store", store, "run", "--runtime", "docker", "--json"]
    done = subprocess.run(
        [*command, "--event", "push"], cwd=root, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def output(events: list[Any]) -> str:
    return "".join(one["text"] for one in events if one["class"] == "StepOutput")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    return made


@pytest.mark.parametrize("container", ["", "\n    container: understudy-test/python:3.11"])
def test_a_docker_action_shares_the_files_of_its_job(root: Path, container: str) -> None:
    workflow = f'on: push\nenv: {{TOP: "1"}}\njobs:\n  a:\n    runs-on: ubuntu-latest{container}\n    steps:\n{STEPS}'
    code, events = performed(root, workflow, ACTION)
    assert code == 0, output(events)
    assert "bye Mona 1, well" in output(events)
    kinds = [one["class"] for one in events]
    assert (kinds.count("Annotated"), kinds.count("Summarized")) == (1, 1)


def test_services_answer_on_localhost_and_by_their_names(root: Path) -> None:
    service = """\
      cache:
        image: understudy-test/redis:7
        ports: ["6379:6379"]
        options: --health-cmd "redis-cli ping" --health-interval 1s --health-timeout 5s --health-retries 5
"""
    workflow = f"""\
on: push
jobs:
  machine:
    runs-on: ubuntu-latest
    services:
{service}
    steps:
      - run: redis-cli -h localhost -p ${{{{ job.services.cache.ports[6379] }}}} ping | grep PONG
      - uses: docker://understudy-test/redis:7
        with: {{entrypoint: redis-cli, args: -h cache ping}}
  boxed:
    runs-on: ubuntu-latest
    container:
      image: understudy-test/python:3.11
      env: {{INSIDE: "yes"}}
      volumes: ["data:/volume", /nowhere/before]
      options: --cpus 1
    services:
{service}
    steps:
      - run: redis-cli -h cache ping | grep PONG
      - run: '[ "$INSIDE" = yes ] && [ -d /volume ] && [ -d /nowhere/before ] && [ "$(id -un)" = circleci ]'
"""
    code, events = performed(root, workflow)
    assert code == 0, output(events)
    assert "PONG" in output(events)


@pytest.mark.parametrize(
    ("uses", "says"),
    [
        ('docker://understudy-test/busybox\n        with: {entrypoint: sh, args: -c "exit 7"}', ": exit 7"),
        ("./broken", "can't be built"),
        ("docker://understudy-test/busybox\n        with: {entrypoint: /nowhere}", "can't be started"),
    ],
)
def test_an_action_that_fails_fails_its_step(root: Path, uses: str, says: str) -> None:
    steps = f"      - uses: actions/checkout@v4\n      - uses: {uses}\n"
    workflow = f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    code, events = performed(root, workflow, {"broken/Dockerfile": "FROM understudy-test/busybox\nRUN exit 3\n"})
    assert code == 1
    (job,) = [one for one in events if one["class"] == "JobFinished"]
    assert says in json.dumps(job), job


def test_an_action_that_a_step_writes(root: Path) -> None:
    """https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses"""
    workflow = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: printf 'FROM understudy-test/busybox\\nENTRYPOINT ["echo", "late but there"]\\n' >Dockerfile
      - uses: ./
"""
    code, events = performed(root, workflow)
    assert code == 0, output(events)
    assert "late but there" in output(events)
