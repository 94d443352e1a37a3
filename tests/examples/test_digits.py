"""The example's file: nothing wrong with it, and each event starts what its author meant."""

from pathlib import Path

import pytest

from understudy.app.find import repository_files
from understudy.dialects.known import DIALECTS
from understudy.model.results import EventKind, Facts
from understudy.plan.planner import Selection, plan

ROOT = Path(__file__).parents[2] / "examples" / "digits"
FILE = ".circleci/config.yml"
CHECKS = {
    "lint": set(),
    "unit-tests (1/2)": {"lint"},
    "unit-tests (2/2)": {"lint"},
    "train": {"lint"},
    "evaluate": {"train"},
    "package": {"unit-tests (1/2)", "unit-tests (2/2)", "evaluate"},
}
RELEASE = {"hold-deploy": {"package"}, "deploy": {"hold-deploy"}}
NIGHTLY: dict[str, set[str]] = {
    name: set() for name in ("lint", "full-tests-3.11", "full-tests-3.12", "full-tests-3.13")
}

STARTED: list[tuple[Facts, dict[str, dict[str, set[str]]]]] = [
    (Facts(root=str(ROOT), branch="main"), {"build-test-deploy": CHECKS | RELEASE}),
    (Facts(root=str(ROOT), branch="better-scaling"), {"build-test-deploy": CHECKS}),
    (
        Facts(root=str(ROOT), branch="main", event=EventKind.SCHEDULE),
        {"nightly": NIGHTLY, "weekly": {"weekly-benchmark": set()}},
    ),
    (
        Facts(root=str(ROOT), branch="main", event=EventKind.API, parameters={"benchmark-only": "true"}),
        {"benchmark-on-demand": {"long-benchmark": set()}},
    ),
    (Facts(root=str(ROOT), tag="v1.0.0", event=EventKind.TAG), {}),
]


@pytest.mark.parametrize(
    ("facts", "expected"), STARTED, ids=["push-to-main", "push-to-a-branch", "schedule", "api", "tag"]
)
def test_each_event_starts_what_is_meant(facts: Facts, expected: dict[str, dict[str, set[str]]]) -> None:
    dialect = DIALECTS["circleci"]
    reading = dialect.read(FILE, repository_files(ROOT), facts)
    plans = plan(reading.pipelines, facts, dialect, Selection())
    started = {one.pipeline.name: {node.id: set(node.after) for node in one.nodes} for one in plans if one.nodes}
    assert started == expected
    assert reading.findings == ()
    assert [finding for one in plans for finding in one.findings] == []
