"""Bad GitHub workflows, each with the places of all that is wrong in it, written by hand; one loop reads them."""

from pathlib import Path

import pytest

from understudy.dialects.known import DIALECTS
from understudy.findings import Severity, as_performed, in_order
from understudy.model.results import Facts

CASES = sorted(path.parent for path in (Path(__file__).parents[2] / "cases" / "github-bad").glob("*/expected.txt"))
FACTS = Facts(root="/", branch="main")
FILE = ".github/workflows/workflow.yml"


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_bad_file_gives_just_the_findings_that_it_should(case: Path) -> None:
    files = {FILE: (case / "workflow.yml").read_bytes()}
    files |= {f".github/workflows/{path.name}": path.read_bytes() for path in case.glob("called/*.yml")}
    reading = DIALECTS["github"].read(FILE, files.get, FACTS)
    findings = in_order(as_performed(reading.findings))
    errors = [one for one in findings if one.severity is Severity.ERROR and one.at.file == FILE]
    assert [f"{one.at.line}:{one.at.column} {one.code}" for one in errors] == (
        (case / "expected.txt").read_text().splitlines()
    )
    assert all(one.message for one in errors)


def test_there_are_cases() -> None:
    assert len(CASES) > 40
