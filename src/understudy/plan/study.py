"""One pipeline looked at for one event, before anybody asks for a part of it: what the service starts, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from understudy.dialects.base import Dialect, EvaluationError, Scope
from understudy.findings import Finding, Position, Severity
from understudy.model.pipeline import ON_SUCCESS, Condition, Job, Pipeline, needs_of
from understudy.model.results import EventKind, Facts
from understudy.plan import graph
from understudy.plan.cells import cells_of
from understudy.plan.wiring import Wiring, wire

_REQUIRES = "https://circleci.com/docs/reference/configuration-reference/#requires"
_STUCK = "it waits for jobs that wait for one another"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is started, the clause that says why, and what went wrong while asking."""

    holds: bool
    reason: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """A pipeline, what the event does with it, and of its jobs those that would start (`active`) with all reasons.

    `order`: the ids of the jobs in a topological order, without those on cycles or behind them.
    """

    pipeline: Pipeline
    verdict: Verdict
    wiring: Wiring
    order: tuple[str, ...]
    active: frozenset[str]
    reasons: Mapping[str, str]
    findings: tuple[Finding, ...]


def study(pipeline: Pipeline, facts: Facts, dialect: Dialect) -> Study:
    """Looks at `pipeline`; the jobs of the result are multiplied out by their matrices."""
    multiplied = {job.id: cells_of(pipeline, job, facts, dialect) for job in pipeline.jobs}
    wiring = wire(pipeline.jobs, {job: cells.jobs for job, cells in multiplied.items()})
    order = graph.topological(wiring.needs)
    ask = _ask_early if dialect.TRAITS.conditions_at_start else _ask_job
    verdicts = {job.id: ask(dialect, pipeline, job, facts) for job in wiring.jobs.values()}
    reasons = dict.fromkeys(wiring.jobs, _STUCK)
    active: set[str] = set()
    dropped: list[Finding] = []
    for job in order:
        verdict = verdicts[job]
        if not dialect.TRAITS.conditions_at_start:
            verdict = _with_needs(verdict, job, wiring, active)
        reasons[job] = verdict.reason
        dropped += verdict.findings if verdict is not verdicts[job] else ()
        if verdict.holds:
            active.add(job)
    failed = (finding for cells in multiplied.values() for finding in cells.findings)
    findings = (
        *wiring.findings,
        *failed,
        *(finding for one in verdicts.values() for finding in one.findings),
        *dropped,
    )
    verdict = _of_pipeline(pipeline, facts, dialect)
    return Study(pipeline, verdict, wiring, order, frozenset(active), reasons, findings)


def _with_needs(verdict: Verdict, job: str, wiring: Wiring, active: set[str]) -> Verdict:
    """The verdict on a job once those on what it requires are known.

    A job that its filters keep out is no longer required by others; a job all of whose requirements are kept out is
    not performed either. https://circleci.com/docs/reference/configuration-reference/#requires
    """
    needs = wiring.needs[job]
    if not verdict.holds or not wiring.requires(job) or not active.isdisjoint(needs):
        return verdict
    out = ", ".join(f"`{need}`" for need in needs) or "a job whose matrix is empty"
    reason = f"all that it requires is left out: {out}"
    message = f"`{job}` would run by its own filters, and does not: {reason}"
    place = next((need.at for need in wiring.jobs[job].needs if need.at.line), wiring.jobs[job].at)
    hint = "give what it requires the same filters"
    # Told where it begins; what waits for this job in turn is no news.
    new = not any(part in wiring.jobs and wiring.requires(part) for part in needs)
    finding = Finding(Severity.NOTE, "required-job-left-out", message, place, hint, _REQUIRES)
    return Verdict(holds=False, reason=reason, findings=(finding,) if new else ())


def _of_pipeline(pipeline: Pipeline, facts: Facts, dialect: Dialect) -> Verdict:
    """Whether the event starts `pipeline`: its schedules first, then its condition."""
    try:
        scheduled, reason = dialect.on_schedule(pipeline, facts)
    except EvaluationError as error:
        place = pipeline.schedules[0].cron.at if pipeline.schedules else pipeline.at
        return _unanswered(f"its schedule can't be evaluated: {error.message}", place)
    if not scheduled:
        return Verdict(holds=False, reason=reason)
    verdict = _ask(dialect, pipeline.when, Scope(facts, pipeline=pipeline), pipeline.at)
    by_clock = facts.event is EventKind.SCHEDULE and bool(reason)
    by_trigger = bool(reason) and dialect.TRAITS.conditions_at_start
    return replace(verdict, reason=reason) if verdict.holds and (by_clock or by_trigger) else verdict


def _ask_job(dialect: Dialect, pipeline: Pipeline, job: Job, facts: Facts) -> Verdict:
    """What the filters of `job` say."""
    return _ask(dialect, job.when, Scope(facts, cell=job.cell, pipeline=pipeline, job=job), job.at)


def _ask_early(dialect: Dialect, pipeline: Pipeline, job: Job, facts: Facts) -> Verdict:
    """What can be told of a job whose condition is judged when it is to start: it is part of the plan in any case.

    Only one that waits for nothing sees now what it will see then, but for the secrets.
    """
    if needs_of(job) or job.when == ON_SUCCESS:
        return Verdict(holds=True, reason="")
    try:
        holds, why = dialect.holds(job.when, Scope(facts, cell=job.cell, pipeline=pipeline, job=job))
    except EvaluationError as error:
        return Verdict(holds=True, reason=f"its condition can't be evaluated yet: {error.message}")
    return Verdict(holds=True, reason=why if holds else f"to be skipped: {why}")


def _ask(dialect: Dialect, condition: Condition, scope: Scope, at: Position) -> Verdict:
    try:
        holds, reason = dialect.holds(condition, scope)
    except EvaluationError as error:
        place = condition.expression.at if condition.expression else at
        return _unanswered(f"its condition can't be evaluated: {error.message}", place)
    return Verdict(holds=holds, reason=reason)


def _unanswered(reason: str, at: Position) -> Verdict:
    return Verdict(holds=False, reason=reason, findings=(Finding(Severity.ERROR, "condition-fails", reason, at),))
