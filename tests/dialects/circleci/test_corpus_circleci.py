"""Real files of other people: each is read, and two of them to exactly the jobs and edges that the service makes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from understudy.dialects.base import Reading
from understudy.dialects.circleci import CIRCLECI
from understudy.findings import Severity
from understudy.model.pipeline import Platform
from understudy.model.results import Facts, Outcome

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"
FILES = sorted([*CORPUS.glob("circleci/*.yml"), *CORPUS.glob("circleci_continue/*.yml")])

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the shared corpus is not at hand"),
]


def read(path: Path) -> Reading:
    data = path.read_bytes()
    facts = Facts(root="", branch="main", changed_files=())
    return CIRCLECI.read(path.name, lambda name: data if name == path.name else None, facts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_read_without_an_error(path: Path) -> None:
    """They all ran on the service, so that an error in one would be ours."""
    found = read(path)
    assert [one for one in found.findings if one.severity is Severity.ERROR] == []
    assert {one.code for one in found.findings if one.severity is Severity.UNSUPPORTED} <= {"orb-not-here"}
    for pipeline in found.pipelines:
        ids = [job.id for job in pipeline.jobs]
        assert len(set(ids)) == len(ids)
        assert {need.job for job in pipeline.jobs for need in job.needs} <= set(ids)
        assert not [text for job in pipeline.jobs for text in (job.id, *job.names) if "<<" in text]


def by_hand(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((CORPUS / "circleci" / name).read_text(encoding="utf-8"))
    return document


def test_torchserve_is_read_to_the_jobs_edges_and_cells_of_the_service() -> None:
    """Every job of this file is `NAME-<< matrix.executor >>` and requires at most `build` of the same executor."""
    workflows = by_hand("pytorch__serve.yml")["workflows"]
    found = read(CORPUS / "circleci" / "pytorch__serve.yml")
    assert found.findings == ()
    expected = {}
    for name, workflow in workflows.items():
        if name == "version":
            continue
        jobs = {}
        for entry in workflow["jobs"]:
            ((job, keys),) = entry.items()
            for executor in keys["matrix"]["parameters"]["executor"]:
                needs = [text.replace("<< matrix.executor >>", executor) for text in keys.get("requires", [])]
                jobs[f"{job}-{executor}"] = (needs, {"executor": executor}, executor)
        expected[name] = jobs
    assert {name: len(jobs) for name, jobs in expected.items()} == {"sanity": 35, "regression": 49, "performance": 14}
    assert {
        one.name: {job.id: ([need.job for need in job.needs], dict(job.cell), job.executor) for job in one.jobs}
        for one in found.pipelines
    } == expected
    windows = {job.executor for one in found.pipelines for job in one.jobs if job.platform is Platform.WINDOWS}
    assert windows == {"windows-srvr-2019-cpu", "windows-srvr-2019-gpu"}


def test_parlai_is_read_to_the_jobs_and_edges_of_the_service() -> None:
    document = by_hand("facebookresearch__ParlAI.yml")
    found = read(CORPUS / "circleci" / "facebookresearch__ParlAI.yml")
    assert [one for one in found.findings if one.severity is not Severity.WARNING] == []
    expected = {}
    for entry in document["workflows"]["commit"]["jobs"]:
        name, keys = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
        expected[name] = keys.get("requires", [])
    (pipeline,) = found.pipelines
    assert {job.id: [need.job for need in job.needs] for job in pipeline.jobs} == expected
    assert all(need.outcomes == {Outcome.PASSED} for job in pipeline.jobs for need in job.needs)
    jobs = {job.id: job for job in pipeline.jobs}
    assert {name for name, job in jobs.items() if job.platform is Platform.MACOS} == {"unittests_osx"}
    written = {name: job.get("parallelism", 1) for name, job in document["jobs"].items() if name in jobs}
    assert {name: job.limits.parallelism for name, job in jobs.items()} == written
