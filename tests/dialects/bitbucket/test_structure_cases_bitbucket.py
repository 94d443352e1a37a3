"""Bad Bitbucket files, each with all that is wrong in it and where, written by hand; one loop reads them."""

from pathlib import Path

import pytest

from understudy.dialects.known import DIALECTS
from understudy.findings import Severity
from understudy.model.results import Facts

FILE = "bitbucket-pipelines.yml"
CASES = sorted(path.parent for path in (Path(__file__).parents[2] / "cases" / "bitbucket-bad").glob("*/expected.txt"))
FACTS = Facts(root="/", branch="main")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_bad_file_gives_just_the_findings_that_it_should(case: Path) -> None:
    reading = DIALECTS["bitbucket"].read(FILE, {FILE: (case / FILE).read_bytes()}.get, FACTS)
    told = [one for one in reading.findings if one.severity is not Severity.NOTE]
    assert [f"{one.at.line}:{one.at.column} {one.severity.value} {one.code}" for one in told] == (
        (case / "expected.txt").read_text().splitlines()
    )
    for one in told:
        assert one.at.file == FILE
        assert one.message
        assert one.rule.startswith("https://") or one.code in YAML, one
        assert one.hint or one.code in SAYS_ALL, one


YAML = {"yaml-syntax", "unknown-anchor", "bad-merge", "alias-bomb", "duplicate-key"}
"""Codes of what is wrong with the text itself, of which the service has no page."""
SAYS_ALL = {"alias-bomb", "bad-merge", "child-pipeline"}
"""Codes of messages that have nothing to add."""


def test_there_are_cases() -> None:
    assert len(CASES) > 40
