"""GitHub's own cases for its reader, and other people's workflows: what is taken and what is not."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from understudy.cli.conformance import serve
from understudy.dialects.github import GITHUB
from understudy.findings import Severity, as_performed
from understudy.model.results import Facts

SHARED = Path(__file__).parents[3].parent / "shared"
VECTORS = SHARED / "vectors" / "github_reader.json"
CORPUS = sorted((SHARED / "corpus" / "github").glob("*.yml"))
LEAST_AGREEMENTS = 128
"""Of 138. Five of the others set a limit of their own that the question doesn't hand over (depth, size, jobs, levels),
two a repository's policy on permissions; one gives `branches` and `branches-ignore` at once, which the service refuses
when it runs; two hold what fails on the service later: a number that is a text, an action's name with blanks."""
LEAST_PLACES = 42
"""Of the 55 refusals with a place: the first error is just there. Ours in expressions stand nearer to what is wrong."""

pytestmark = pytest.mark.corpus


def errors(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The errors that the conformance endpoint answers, without those that keep nobody from running the file."""
    files = dict(zip(case["extra"][::2], case["extra"][1::2], strict=True))
    question = {"dialect": "github", "text": case["workflow"], "files": files}
    lines: list[str] = []
    serve("lint", [json.dumps(question)], lines.append)
    return [one for one in json.loads(lines[0])["findings"] if one["severity"] == "error" and not one["tolerated"]]


@pytest.mark.skipif(not VECTORS.is_file(), reason="the shared vectors are not at hand")
def test_agreement_does_not_fall() -> None:
    agreed = places = 0
    for case in json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]:
        found = errors(case)
        agreed += (not found) == case["accept"]
        place = re.search(r"Line: (\d+), Col: (\d+)", case["errors"][0]) if case["errors"] else None
        if found and place:
            places += (found[0]["line"], found[0]["col"]) == (int(place[1]), int(place[2]))
    assert agreed >= LEAST_AGREEMENTS
    assert places >= LEAST_PLACES


@pytest.mark.skipif(not CORPUS, reason="the shared corpus is not at hand")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_real_workflow_has_no_error(path: Path) -> None:
    """They all ran on the service, so that a refusal of one would be ours; files beside them are not here."""
    file = ".github/workflows/ci.yml"
    reading = GITHUB.read(file, {file: path.read_bytes()}.get, Facts(root="/"))
    refusals = (one for one in as_performed(reading.findings) if one.severity is Severity.ERROR)
    ours = [one for one in refusals if one.code != "unknown-workflow"]
    assert ours == []
    (pipeline,) = reading.pipelines
    ids = [job.id for job in pipeline.jobs]
    assert ids
    assert len(set(ids)) == len(ids)
    assert {need.job for job in pipeline.jobs for need in job.needs} <= set(ids)
