"""Performs plans: opens what they need, runs the engine, keeps its events, and removes what was only for the run."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from os import getpid
from pathlib import Path

from understudy.app.choice import spec_of
from understudy.app.find import Planned
from understudy.app.recover import SOURCE, process_started, remove_tree
from understudy.app.secrets import never_shown
from understudy.app.spread import spread
from understudy.app.stores import Stores
from understudy.app.supply import lender
from understudy.config import Settings
from understudy.dialects.base import Dialect
from understudy.engine.credentials import without_credentials
from understudy.engine.given import Given, Shown, Tally, no_trees
from understudy.engine.hidden import hidden_parameters
from understudy.engine.performance import perform
from understudy.engine.steps import container_of
from understudy.engine.stop import Stop
from understudy.errors import StoreError
from understudy.findings import Position
from understudy.fleets.local import LocalFleet
from understudy.insight.junit import read_report, seconds_by_classname, seconds_by_file, seconds_by_name
from understudy.model.events import Continued, Event, JobFinished, StepOutput
from understudy.model.layout import every_step
from understudy.model.pipeline import Job, RunContainer, Use
from understudy.model.results import EventKind, Facts, Outcome
from understudy.plan import facts as git_facts
from understudy.plan.merge import merge
from understudy.plan.plan import Plan
from understudy.runtimes.base import CONTAINERS, Runtime
from understudy.store.base import RunInfo, Runs

_RUNS_LISTED = 20
_RUNS_ASKED = 5

Ask = Callable[[str, str], bool | None]
"""Asks a person for an approval, by the job's id and its prompt; None when nobody can answer."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a run is performed with. `emit` is told every event with the run's id; `command` is how it was asked for.

    `rehearsed`: nothing runs, so that what a step lacks which another would have made is no failure.
    """

    settings: Settings
    stores: Stores
    runtime: Runtime
    emit: Callable[[str, Event], None]
    ask: Ask
    stop: Stop
    command: tuple[str, ...] = ()
    rehearsed: bool = False


@dataclass(frozen=True, slots=True)
class Performed:
    """A finished run. `continued`: what a preparing pipeline handed over to go on with."""

    run: str
    outcome: Outcome
    continued: tuple[Continued, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocked:
    """A job that needs `what`, which the service provides and this machine does not; `at`: where the file says so."""

    workflow: str
    job: str
    what: str
    at: Position


def not_performed(plan: Plan, runtime: Runtime) -> tuple[Blocked, ...]:
    """Jobs of `plan`, each with a thing the service provides and `runtime` does not (once each), in its order."""
    name = plan.pipeline.name
    found: dict[tuple[str, str], Blocked] = {}
    for node in plan.nodes:
        if node.unmet is not None:
            continue
        steps = (
            (step.action.ref.raw, step.action.ref.at if step.action.ref.at.line else step.at)
            for step in (one.step for one in every_step(node.job))
            if isinstance(step.action, Use) and step.late is None and not runtime.provides(step.action.ref.raw)
        )
        containers = (
            (container_of(one.step, action), one.step.at)
            for one in every_step(node.job)
            if isinstance(action := one.step.action, RunContainer) and not runtime.provides(CONTAINERS)
        )
        services = ((f"service `{image}`", at) for image, at in _services_missing(node.job, runtime))
        for what, at in (*steps, *containers, *services):
            found.setdefault((node.job.id, what), Blocked(name, node.job.id, what, at))
    return tuple(found.values())


def _services_missing(job: Job, runtime: Runtime) -> tuple[tuple[str, Position], ...]:
    """The images of the services of `job` that `runtime` would not start."""
    if not job.services:
        return ()
    lost = {one.at for one in runtime.stands_in(spec_of(job)) if one.code == "service-not-performed"}
    return tuple((one.image.raw, one.image.at) for one in job.services if one.image.at in lost)


def run_plans(planned: Planned, plans: Sequence[Plan], stage: Stage) -> Performed:
    """Performs `plans` as one run. Raises MachineError."""
    plan = merge(plans)
    with _begun(planned, plan, stage) as begun:
        run, scratch = begun.run, begun.scratch
        root, committed = planned.found.root, stage.settings.committed
        branch, base = plan.facts.branch, _merged_base(plan.facts, planned.found.file.dialect)
        sha = git_facts.snapshot(root, scratch / SOURCE, committed=committed, branch=branch, base=base)
        plan = replace(plan, facts=replace(plan.facts, sha=sha))
        continued: list[Continued] = []
        secrets = never_shown(stage.settings)

        def keep(event: Event) -> None:
            if isinstance(event, Continued):
                continued.append(event)
                event = hidden_parameters(event, secrets)
            if not isinstance(event, StepOutput):
                stage.stores.runs.append(run, event)
            stage.emit(run, event)

        given = _given(planned, plan, stage, run, scratch)
        try:
            begun.outcome = perform(plan, given, keep, stage.stop)
        finally:
            given.fleet.close()
        return Performed(run, begun.outcome, tuple(continued))


def _merged_base(facts: Facts, dialect: Dialect) -> str | None:
    """What a pull request goes to, where its pipeline sees the two merged."""
    wanted = dialect.TRAITS.merges_base and facts.event is EventKind.PULL_REQUEST
    return facts.base_branch or facts.default_branch if wanted else None


@dataclass(slots=True)
class _Begun:
    """A run that has begun, and its scratch folder. `outcome` is None until there is one."""

    run: str
    scratch: Path
    outcome: Outcome | None = None


@contextmanager
def _begun(planned: Planned, plan: Plan, stage: Stage) -> Iterator[_Begun]:
    """A run whose scratch folder goes with it, and which is closed at the end."""
    settings, stores, runtime = stage.settings, stage.stores, stage.runtime
    scratch = settings.store / "scratch" / uuid.uuid4().hex
    info = RunInfo(
        project=str(planned.found.root),
        pipeline=plan.pipeline.name,
        dialect=plan.pipeline.dialect,
        command=tuple(map(never_shown(settings).hide_text, stage.command)),
        started=time.time(),
        pid=getpid(),
        pid_started=process_started(getpid()),
        scratch=str(scratch),
        runtime=runtime.name,
    )
    begun = _Begun(stores.runs.begin(info), scratch)
    try:
        _make(scratch)
        yield begun
    except BaseException:
        with suppress(OSError, StoreError):  # what went wrong first is told; the next start does the rest
            _close(stores.runs, begun)
        raise
    with suppress(OSError):
        _close(stores.runs, begun)


def _make(scratch: Path) -> None:
    try:
        scratch.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        spread(scratch.parent)
        scratch.mkdir(mode=0o700)  # what a job makes setuid in its room lies in here: nobody else may reach it
        spread(scratch)  # the rooms, each with its home and its caches
    except OSError as error:
        raise StoreError(f"`{scratch}` can't be made: {error.strerror}", hint="free space, or use --store") from error


def _close(runs: Runs, begun: _Begun) -> None:
    """Removes a run's folder, and only then closes it: until then a sweep would see to both."""
    remove_tree(begun.scratch)
    runs.end(begun.run, begun.outcome, time.time())


def _given(planned: Planned, plan: Plan, stage: Stage, run: str, scratch: Path) -> Given:
    settings, stores = stage.settings, stage.stores
    facts = plan.facts
    trusted = not facts.from_fork
    return Given(
        run=run,
        number=int(run, 16),
        # What a stranger's job leaves in a cache must not find its way into a job that has secrets.
        project=str(planned.found.root) + ("" if trusted else " (a fork)"),
        dialect=planned.found.file.dialect,
        runtime=stage.runtime,
        fleet=LocalFleet(settings.jobs),
        blobs=stores.blobs,
        caches=stores.caches,
        timings=stores.timings,
        log_path=lambda node, step: stores.runs.log(run, node, step),
        scratch=scratch,
        source=scratch / SOURCE,
        env=settings.room_env if trusted else without_credentials(settings.room_env),
        secrets=settings.secrets if trusted else {},
        contexts=settings.contexts if trusted else {},
        masks=tuple(sorted(never_shown(settings).values)),
        approve=_approver(settings, plan, stage.ask),
        network=settings.network,
        hide=(settings.store, planned.found.root),
        lends=lender(planned.found.file.dialect, planned.found.root, settings),
        shows=_shows(plan, stage),
        durations=past_durations(stores.runs, str(planned.found.root), plan.pipeline.name),
        read_tests=read_tests,
        rehearsed=stage.rehearsed,
    )


def _shows(plan: Plan, stage: Stage) -> Shown:
    """The folders of this machine that rooms are shown."""
    if plan.pipeline.dialect != "github" or stage.runtime.name == "fake":
        return no_trees
    from understudy.app.nodes import shower  # noqa: PLC0415 - for what jobs of that language may want

    return shower(plan, stage.runtime.name, stage.settings)


def _approver(settings: Settings, plan: Plan, ask: Ask) -> Ask:
    jobs = {node.id: node.job for node in plan.nodes}

    def approve(node: str, prompt: str) -> bool | None:
        job = jobs[node]
        names = {node, job.id, job.name.raw, *job.names}
        if any(fnmatchcase(name, pattern) for name in names for pattern in settings.approve):
            return True
        return ask(node, prompt)

    return approve


def past_durations(runs: Runs, project: str, pipeline: str) -> Mapping[str, float]:
    """Seconds that each job took when it last passed, in the newest runs of the same pipeline; empty for none."""
    found: dict[str, float] = {}
    rows = [row for row in runs.recent(_RUNS_LISTED, project=project) if row.info.pipeline == pipeline and row.outcome]
    for row in rows[:_RUNS_ASKED]:
        for _, event in runs.events(row.id):
            if isinstance(event, JobFinished) and event.result.outcome is Outcome.PASSED:
                found.setdefault(event.job, event.result.ended - event.result.started)
    return found


def read_tests(content: bytes) -> Tally:
    """A file of test results as the engine wants it. Raises ValueError."""
    report = read_report(content)
    seconds = {**seconds_by_name(report), **seconds_by_classname(report), **seconds_by_file(report)}
    return Tally(report.passed, report.failed + report.errors, report.skipped, report.failing, seconds)
