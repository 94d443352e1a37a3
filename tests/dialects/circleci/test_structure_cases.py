"""Bad CircleCI files, each with the places of all that is wrong in it, written by hand; one loop reads them."""

from pathlib import Path

import pytest

from understudy.dialects.known import DIALECTS
from understudy.findings import Severity, in_order
from understudy.model.results import Facts

CASES = sorted(path.parent for path in (Path(__file__).parents[2] / "cases" / "circleci-bad").glob("*/expected.txt"))
FACTS = Facts(root="/", branch="main")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_bad_file_gives_just_the_findings_that_it_should(case: Path) -> None:
    data = (case / "config.yml").read_bytes()
    reading = DIALECTS["circleci"].read("config.yml", {"config.yml": data}.get, FACTS)
    errors = [one for one in in_order(reading.findings) if one.severity is Severity.ERROR]
    assert [f"{one.at.line}:{one.at.column} {one.code}" for one in errors] == (
        (case / "expected.txt").read_text().splitlines()
    )
    for one in errors:
        assert one.at.file == "config.yml"
        assert one.message


def test_there_are_cases() -> None:
    assert len(CASES) > 20
