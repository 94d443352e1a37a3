"""CircleCI's scheduled workflows: which cron lines it takes, and what a schedule starts."""

import re

from understudy.dialects.circleci.filters import allows
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Patterns, Pipeline, Schedule
from understudy.model.results import EventKind, Facts

PAGE = "https://circleci.com/docs/guides/orchestrate/workflows/#specifying-a-valid-schedule"

_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_NUMBER = re.compile(r"\d{1,2}")


def cron_problem(cron: str) -> str | None:
    """Why `cron` is no line that the service takes, in a clause; None when it is one.

    Five POSIX fields, without steps (`*/20`), without ranges in lists (`1,3-5`), without ranges that are written out
    (`Tue-Sat`); a range of numbers is taken (https://github.com/circleci/circleci-docs/pull/5069).
    See https://circleci.com/docs/guides/orchestrate/workflows/#specifying-a-valid-schedule.
    """
    fields = cron.split()
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} fields in place of five (minute, hour, day, month, day of the week)"
    wrong = (_field_problem(text, *rule) for text, rule in zip(fields, _FIELDS, strict=True))
    return next((why for why in wrong if why), None)


def _field_problem(text: str, noun: str, low: int, high: int, names: tuple[str, ...]) -> str | None:
    if "/" in text:
        return f"steps as in `{text}` are not supported: list the values, separated by commas"
    if text == "*":
        return None
    parts = text.split(",")
    if len(parts) > 1 and any("-" in part for part in parts):
        return f"a range in a list as in `{text}` is not supported: list the values, separated by commas"
    if "-" in text and not text.replace("-", "").isdigit():
        return f"a range of names as in `{text}` is not supported: list the values, separated by commas"
    return next((why for part in parts if (why := _part_problem(part, noun, low, high, names))), None)


def _part_problem(part: str, noun: str, low: int, high: int, names: tuple[str, ...]) -> str | None:
    values = [_number(end, low, names) for end in part.split("-")]
    if len(values) > 2 or None in values:
        return f"`{part}` is no {noun}"
    numbers = [value for value in values if value is not None]
    if not all(low <= value <= high for value in numbers):
        return f"`{part}` is no {noun}: it goes from {low} to {high}"
    if numbers != sorted(numbers):
        return f"the range `{part}` runs backwards"
    return None


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if _NUMBER.fullmatch(text) and text.isascii():
        return int(text)
    return low + names.index(text.lower()) if text.lower() in names else None


def schedule_findings(schedule: Schedule) -> tuple[Finding, ...]:
    """What the service would refuse in `schedule`: its cron line, or that no branch filter is there."""
    found: list[Finding] = []
    cron = schedule.cron
    if why := cron_problem(cron.raw):
        message = f"`cron: {cron.raw}` is no schedule for CircleCI: {why}"
        found.append(Finding(Severity.ERROR, "bad-cron", message, cron.at, rule=PAGE))
    branches = schedule.branches
    if branches is None or (branches.only is None and not branches.ignore):
        hint = "add `filters: {branches: {only: [main]}}` beside `cron`"
        message = "a schedule needs a filter of branches, with `only` or `ignore`"
        found.append(Finding(Severity.ERROR, "schedule-without-branches", message, cron.at, hint, PAGE))
    return tuple(found)


def scheduled_branches(schedule: Schedule) -> Patterns | None:
    """The branches that have this schedule; where both keys are given, `only` is used and `ignore` is not.

    See https://circleci.com/docs/reference/configuration-reference/#schedule-branches.
    """
    branches = schedule.branches
    return Patterns(only=branches.only) if branches and branches.only is not None else branches


def on_schedule(pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
    """Whether the event of `facts` starts `pipeline` as far as its schedules go, and why, in a clause.

    A workflow with `triggers: schedule` runs on its schedule only, never on a push, on the branches that its schedule
    names. A schedule trigger of the project (`facts.schedule` is its name) starts a pipeline as a call of the API does:
    every workflow without `triggers`, and `when` picks among them. Without a name, what fired is a workflow's own.
    See https://circleci.com/docs/guides/orchestrate/workflows/#schedule-a-workflow and
    https://circleci.com/docs/guides/orchestrate/schedule-triggers-with-multiple-workflows/. Raises EvaluationError.
    """
    if facts.event is not EventKind.SCHEDULE:
        if pipeline.schedules:
            return False, f"it runs on its schedule only: `{pipeline.schedules[0].cron.raw}`"
        return True, ""
    if facts.schedule is not None:
        if pipeline.schedules:
            return False, f"it has a schedule of its own, and the project's schedule `{facts.schedule}` fired"
        return True, f"the project's schedule `{facts.schedule}` starts every workflow"
    if not pipeline.schedules:
        return False, "it has no schedule"
    return _any_schedule(pipeline, facts)


def _any_schedule(pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
    why = ""
    for schedule in pipeline.schedules:
        branches = scheduled_branches(schedule)
        holds, why = allows(branches, facts.branch or "", "branch") if branches else (True, "")
        if holds:
            return True, f"its schedule `{schedule.cron.raw}` fired"
    return False, why
