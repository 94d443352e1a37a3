"""Real files of other people: each is read and planned, with what isn't performed named."""

from dataclasses import replace
from pathlib import Path

import pytest

from understudy.dialects.base import Reading
from understudy.dialects.travis import TRAVIS
from understudy.findings import Severity
from understudy.model.results import EventKind, Facts
from understudy.plan.planner import plan

FILES = sorted((Path(__file__).parents[3].parent / "shared" / "corpus" / "travis").glob("*.yml"))
FACTS = Facts(root="", branch="master", default_branch="master", owner="acme", repository="rocket")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the shared corpus is not at hand"),
]


def read(path: Path, facts: Facts = FACTS) -> Reading:
    return TRAVIS.read(".travis.yml", {".travis.yml": path.read_bytes()}.get, facts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_read_without_an_error(path: Path) -> None:
    """They all ran on the service, so that an error in one would be ours."""
    found = read(path)
    assert [one for one in found.findings if one.severity is Severity.ERROR and not one.tolerated] == []
    (pipeline,) = found.pipelines
    ids = [job.id for job in pipeline.jobs]
    assert ids
    assert len(set(ids)) == len(ids)
    assert {need.job for job in pipeline.jobs for need in job.needs} <= set(ids)
    (planned,) = plan(found.pipelines, FACTS, TRAVIS)
    assert not [one for one in planned.findings if one.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "path", [one for one in FILES if b"provider: pypi" in one.read_bytes()], ids=lambda path: path.stem
)
def test_a_deployment_that_is_not_performed_is_named(path: Path) -> None:
    owner, _, name = path.stem.partition("__")
    tagged = replace(FACTS, event=EventKind.TAG, branch=None, tag="1.0.0", owner=owner, repository=name)
    assert "deploy-not-performed" in {one.code for one in read(path, tagged).findings}
