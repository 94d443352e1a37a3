"""What is said of settings that a workflow of GitHub names and nobody gave."""

from pathlib import Path

from understudy import config
from understudy.app.secrets import with_secret_findings
from understudy.dialects.known import DIALECTS
from understudy.findings import Severity
from understudy.model.results import Facts
from understudy.plan.planner import plan

GITHUB = DIALECTS["github"]
FILE = ".github/workflows/ci.yml"
WORKFLOW = """\
on: [push, pull_request]
jobs:
  a:
    runs-on: ubuntu-latest
    strategy: {matrix: {v: [1, 2]}}
    steps:
      - run: echo ${{ secrets.NPM }} ${{ vars.PLACE }}
      - run: echo ${{ github.token }}
  b:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ secrets.npm }}
"""


def told(root: Path, facts: Facts, toml: str = "") -> list[str]:
    (root / "understudy.toml").write_text(toml)
    settings = config.load(root, {"store": root / "store"})
    reading = GITHUB.read(FILE, {FILE: WORKFLOW.encode()}.get, facts)
    plans = [with_secret_findings(one, GITHUB, settings) for one in plan(reading.pipelines, facts, GITHUB)]
    found = [one for each in plans for one in each.findings if each.nodes]
    assert all(one.severity in {Severity.WARNING, Severity.NOTE} for one in found)
    return [f"{one.code} {one.at.line}" for one in found]


def test_each_is_named_once_before_the_run(tmp_path: Path) -> None:
    found = told(tmp_path, Facts(root="/", branch="main"))
    assert found == ["secret-not-given 7", "variable-not-given 7", "token-not-given 8"]


def test_what_is_given_is_not_named(tmp_path: Path) -> None:
    facts = Facts(root="/", branch="main", variables={"place": "x"})
    assert told(tmp_path, facts, '[secrets]\nNPM = "s3cret"\nGITHUB_TOKEN = "t0ken"\n') == []


def test_a_pull_request_from_a_fork_gets_none_and_is_told_so(tmp_path: Path) -> None:
    facts = Facts(root="/", branch="main", event_name="pull_request", pull_request=1, from_fork=True)
    assert told(tmp_path, facts, '[secrets]\nNPM = "s3cret"\n') == ["secrets-withheld 1", "variable-not-given 7"]
