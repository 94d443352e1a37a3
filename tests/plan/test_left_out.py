"""A job that its own filters let through, and whose requirements theirs keep out, is named with its place."""

from understudy.dialects.known import DIALECTS
from understudy.findings import Finding, Severity
from understudy.model.results import EventKind, Facts
from understudy.plan.planner import plan

CONFIG = """
version: 2.1
jobs:
  test: &job {docker: [{image: a}], steps: [checkout]}
  deploy: *job
  tell: *job
workflows:
  w:
    jobs:
      - test
      - deploy:
          requires: [test]
          filters: {tags: {only: /v.*/}}
      - tell:
          requires: [deploy]
          filters: {tags: {only: /v.*/}}
"""


def left_out(facts: Facts) -> list[Finding]:
    reading = DIALECTS["circleci"].read("c.yml", {"c.yml": CONFIG.encode()}.get, facts)
    plans = plan(reading.pipelines, facts, DIALECTS["circleci"])
    return [one for each in plans for one in each.findings if one.code == "required-job-left-out"]


def test_the_first_of_a_chain_is_named() -> None:
    (found,) = left_out(Facts(root="/", event=EventKind.TAG, tag="v1"))
    assert found.severity is Severity.NOTE
    assert (found.at.line, found.at.column) == (12, 22)
    assert "`deploy`" in found.message
    assert "`test`" in found.message
    assert found.hint


def test_where_all_run_nothing_is_said() -> None:
    assert left_out(Facts(root="/", branch="main")) == []
