"""Parts of a room are killed under a running job: the job is ERRORED, the others go on, and nothing hangs."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from house import LIMIT_S, House, until

from understudy.runtimes.known import RUNTIMES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

TWO_JOBS = """
version: 2.1
jobs:
  victim:
    docker: [{image: "cimg/base:stable"}]
    environment: {SURVIVAL_MARK: MARK}
    steps:
      - run: echo before
      - run: {name: long, command: "setsid sleep 600 & sleep 600; echo after"}
      - run: {name: always, when: always, command: echo always}
  other:
    docker: [{image: "cimg/base:stable"}]
    steps:
      - run: echo other
  later:
    docker: [{image: "cimg/base:stable"}]
    steps:
      - run: echo later
workflows:
  all:
    jobs: [victim, other, {later: {requires: [victim]}}]
"""


@pytest.fixture(params=[pytest.param("sandbox", marks=pytest.mark.sandbox), "plain"])
def runtime(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if reason := RUNTIMES[found]().missing():
        pytest.skip(f"no {found}: {reason}")
    return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as made:
        made.write(TWO_JOBS)
        yield made


def recorded(house: House, name: str) -> list[int]:
    return [int(path.read_text().split()[0]) for path in (house.store / "scratch").glob(f"*/*/{name}")]


def shells_of_the_agent(house: House) -> list[int]:
    words = {process: command.rstrip().removesuffix(" bare") for process, command in house.living().items()}
    return [process for process, command in words.items() if command.endswith("/control")]


def the_agent(house: House) -> list[int]:
    return recorded(house, "first.pid") or [min(shells_of_the_agent(house))]


def a_worker(house: House) -> list[int]:
    return [process for process in shells_of_the_agent(house) if process not in the_agent(house)]


def the_holder(house: House) -> list[int]:
    return recorded(house, "holder.pid")


def killed(house: House, runtime: str, victims: Callable[[House], list[int]]) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code of a run of which `victims` were killed, and how each job ended."""
    output = house.store.parent / "told"
    with output.open("wb") as stream:
        program = house.start("run", "--json", "--runtime", runtime, "--jobs", "1", stdout=stream)
        assert until(lambda: sum("sleep 600" in command for command in house.living().values()) >= 2)
        chosen = victims(house)
        assert chosen
        for process in chosen:
            os.kill(process, signal.SIGKILL)
        code = program.wait(LIMIT_S)
    told = [json.loads(line) for line in output.read_text().splitlines()]
    (row,) = house.rows()
    house.assert_kept(row.id, told)
    return code, {one["job"]: one["result"] for one in told if one["class"] == "JobFinished"}


@pytest.mark.parametrize("victims", [the_agent, a_worker, the_holder])
def test_a_room_dies_under_its_job(house: House, runtime: str, victims: Callable[[House], list[int]]) -> None:
    if runtime == "sandbox" and victims is a_worker:
        pytest.skip("a sandbox has no workers: its holder performs the calls itself")
    code, ended = killed(house, runtime, victims)
    assert code == 3
    assert {job: one["outcome"] for job, one in ended.items()} == {
        "victim": "errored",
        "other": "passed",
        "later": "skipped",
    }
    assert ended["victim"]["reason"]
    house.assert_nothing_lives()
    assert house.scratch() == []
    house.assert_whole()


def test_a_step_that_is_killed_has_failed(house: House, runtime: str) -> None:
    """As on the service, where nobody can tell who killed it: 128 + 9."""
    code, ended = killed(
        house, runtime, lambda house: [one for one, command in house.living().items() if "/tools/steps/" in command]
    )
    assert code == 1
    assert {job: one["outcome"] for job, one in ended.items()} == {
        "victim": "failed",
        "other": "passed",
        "later": "skipped",
    }
    house.assert_nothing_lives()
    assert house.scratch() == []
