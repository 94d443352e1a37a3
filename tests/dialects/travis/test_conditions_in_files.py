"""Conditions reach from the file to the jobs: https://docs.travis-ci.com/user/conditional-builds-stages-jobs/."""

import pytest

from understudy.dialects.base import Reading
from understudy.dialects.travis.read import read
from understudy.model.results import Facts


def reading(text: str, branch: str) -> Reading:
    """The file read for a push to `branch`."""
    return read(".travis.yml", {".travis.yml": text.encode()}.get, Facts("/", branch=branch))


EXCLUDED = """\
language: python
python: ["3.9", "3.10"]
script: make
jobs:
  exclude:
    - python: "3.9"
      if: branch = main
"""


@pytest.mark.parametrize(("branch", "versions"), [("main", ["3.10"]), ("dev", ["3.9", "3.10"])])
def test_an_exclusion_applies_where_its_condition_holds(branch: str, versions: list[str]) -> None:
    (pipeline,) = reading(EXCLUDED, branch).pipelines
    assert [job.cell["python"] for job in pipeline.jobs] == versions


def test_what_is_odd_about_a_condition_is_among_the_findings() -> None:
    found = reading("language: python\nscript: make\nif: branch = env-1\n", "main").findings
    assert [(one.code, one.at.line) for one in found if one.code.startswith("condition")] == [("condition-misread", 3)]
