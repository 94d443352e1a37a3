"""Whether Travis starts a build, its stages and its jobs, and what else hangs on conditions: each with the reason."""

import re
from collections.abc import Mapping

from understudy.dialects.base import EvaluationError
from understudy.dialects.travis import environment
from understudy.dialects.travis.branches import built
from understudy.dialects.travis.conditions import ConditionError, Value
from understudy.dialects.travis.known_data import branch_of, data, event_type
from understudy.dialects.travis.verdict import judged
from understudy.model.results import Facts

Config = Mapping[str, Value]
Verdict = tuple[bool, str]

_WORD = r"(?:ci|travis|travis[ -]?ci)"
_SKIP = re.compile(rf"\[(?:{_WORD}\s+skip|skip\s+{_WORD}|ci:skip)\]", re.IGNORECASE)


def started(config: Config, facts: Facts) -> Verdict:
    """Whether the event of `facts` starts a build of `config` (in normal form), and why, in one clause.

    Asked in this order: the commit's message, `branches`, `if`. Raises EvaluationError for what can't be told.
    https://docs.travis-ci.com/user/conditional-builds-stages-jobs/#conditional-builds
    """
    if (asked := skip_command(facts)) is not None:
        return False, f"the commit's message says `{asked}`"
    kind = "tag" if facts.tag and event_type(facts) == "push" else "branch"
    try:
        found, reason = built(config.get("branches"), branch_of(facts), kind)
    except ConditionError as error:
        raise EvaluationError(f"`branches` can't be used: {error.message}") from None
    if not found or config.get("if") is None:
        return found, reason
    return judged(config.get("if"), config, data(facts))


def skip_command(facts: Facts) -> str | None:
    """What in the message of the last commit asks for no build. Cron jobs run all the same.

    What isn't committed yet has no message.
    https://docs.travis-ci.com/user/customizing-the-build/#skip-a-build
    """
    if event_type(facts) == "cron" or facts.dirty:
        return None
    found = _SKIP.search(facts.message or facts.subject)
    return found.group() if found else None


def stage_started(stage: Config, config: Config, facts: Facts) -> Verdict:
    """Whether the `if` of an entry of `stages` lets its jobs into the build, whose configuration is `config`.

    https://docs.travis-ci.com/user/conditional-builds-stages-jobs/#conditional-stages
    """
    return judged(stage.get("if"), config, data(facts))


def may_fail(row: Config, config: Config, facts: Facts) -> Verdict:
    """Whether a failure of the job `row` leaves the build's result alone, and why.

    https://docs.travis-ci.com/user/build-matrix/#rows-that-are-allowed-to-fail
    """
    jobs = config.get("jobs")
    rules = jobs.get("allow_failures") if isinstance(jobs, Mapping) else None
    for number, rule in enumerate(rules if isinstance(rules, tuple) else (rules,), 1):
        if isinstance(rule, Mapping) and _covers(rule, row, config, facts):
            holds, reason = judged(rule.get("if"), row, data(facts))
            if holds:
                return True, f"entry {number} of `jobs.allow_failures` names it" + _with(rule, reason)
    if row.get("allow_failure") is True:
        return True, "it has `allow_failure: true`"
    return False, "no entry of `jobs.allow_failures` names it"


def _with(rule: Config, reason: str) -> str:
    return f", and {reason}" if rule.get("if") is not None else ""


def _covers(rule: Config, row: Config, config: Config, facts: Facts) -> bool:
    return all(_agrees(key, value, row, config, facts) for key, value in rule.items() if key != "if")


def _agrees(key: str, value: Value, row: Config, config: Config, facts: Facts) -> bool:
    if key == "branch":
        return value == branch_of(facts)
    if key == "env":
        return environment.covers(config, row, value)
    return row.get(key) == value
