"""Schedules, by CircleCI's page on what a valid one is and what it starts."""

import pytest

from understudy.dialects.circleci.schedule import cron_problem, on_schedule, schedule_findings, scheduled_branches
from understudy.findings import Position, Severity
from understudy.model.pipeline import Patterns, Pipeline, Schedule, Text
from understudy.model.results import EventKind, Facts

MAIN = Patterns(only=(Text("main"), Text(r"/release\/.*/")))
NIGHTLY = Pipeline("nightly", "circleci", Position(), schedules=(Schedule(Text("0 0 * * *"), MAIN),))
PLAIN = Pipeline("build", "circleci", Position())


def facts(event: EventKind, branch: str = "main", schedule: str | None = None) -> Facts:
    return Facts(root="/p", event=event, branch=branch, schedule=schedule)


@pytest.mark.parametrize(
    "cron",
    [
        "0 0 * * *",
        "5 4 * * 1,3,4,5,6",
        "21 4 * * *",
        "0 9-17 * * *",
        "30 0 * * 1-5",
        "15 21 * * FRI",
        "0 0 1 jan,jul 7",
        " 0  0 31 12 0 ",
    ],
)
def test_lines_that_the_service_takes(cron: str) -> None:
    assert cron_problem(cron) is None


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("*/20 * * * *", "steps as in `*/20`"),
        ("0-30/5 * * * *", "steps"),
        ("5 4 * * 1,3-5,6", "a range in a list"),
        ("0 0 * * Tue-Sat", "a range of names"),
        ("0 0 * *", "4 fields in place of five"),
        ("@daily", "1 fields"),
        ("60 0 * * *", "`60` is no minute: it goes from 0 to 59"),
        ("0 24 * * *", "hour"),
        ("0 0 0 * *", "day of the month"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * 8", "day of the week"),
        ("0 0 * * someday", "`someday` is no day of the week"),
        ("0 17-9 * * *", "backwards"),
        ("0 1-2-3 * * *", "is no hour"),
        ("0 , * * *", "is no hour"),
        ("٣ 0 * * *", "is no minute"),
    ],
)
def test_lines_that_it_refuses(cron: str, told: str) -> None:
    assert told in (cron_problem(cron) or "")


def test_findings_stand_at_the_cron_line() -> None:
    at = Position("config.yml", 7, 13)
    found = schedule_findings(Schedule(Text("*/5 * * * *", at)))
    assert [(one.severity, one.code, one.at) for one in found] == [
        (Severity.ERROR, "bad-cron", at),
        (Severity.ERROR, "schedule-without-branches", at),
    ]
    assert schedule_findings(Schedule(Text("0 0 * * *"), MAIN)) == ()


def test_only_is_used_and_ignore_is_not() -> None:
    both = Schedule(Text("0 0 * * *"), Patterns(only=(Text("main"),), ignore=(Text("main"),)))
    assert scheduled_branches(both) == Patterns(only=(Text("main"),))
    pipeline = Pipeline("nightly", "circleci", Position(), schedules=(both,))
    assert on_schedule(pipeline, facts(EventKind.SCHEDULE))[0]


@pytest.mark.parametrize("event", [one for one in EventKind if one is not EventKind.SCHEDULE])
def test_a_scheduled_workflow_runs_on_its_schedule_only(event: EventKind) -> None:
    holds, why = on_schedule(NIGHTLY, facts(event))
    assert not holds
    assert "0 0 * * *" in why
    assert on_schedule(PLAIN, facts(event)) == (True, "")


def test_its_own_schedule_starts_it_on_its_branches() -> None:
    assert on_schedule(NIGHTLY, facts(EventKind.SCHEDULE))[0]
    assert on_schedule(NIGHTLY, facts(EventKind.SCHEDULE, "release/2"))[0]
    assert on_schedule(NIGHTLY, facts(EventKind.SCHEDULE, "dev")) == (
        False,
        r"branch `dev` does not match `only: main, /release\/.*/`",
    )
    assert not on_schedule(PLAIN, facts(EventKind.SCHEDULE))[0]


def test_a_schedule_of_the_project_starts_every_other_workflow() -> None:
    assert on_schedule(PLAIN, facts(EventKind.SCHEDULE, schedule="weekly"))[0]
    assert not on_schedule(NIGHTLY, facts(EventKind.SCHEDULE, schedule="weekly"))[0]
