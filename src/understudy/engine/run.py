"""What the jobs of one run share, and what each of them sees of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from understudy.dialects.base import JobState, Place, Scope
from understudy.engine.given import Given
from understudy.engine.layers import Layers
from understudy.engine.mask import Secrets
from understudy.engine.output import Ticker
from understudy.engine.ports import ports_of
from understudy.engine.stop import Stop
from understudy.engine.timings import Times
from understudy.model.events import Emit
from understudy.model.results import Outcome
from understudy.plan.plan import Node, Plan


@dataclass(frozen=True)
class Run:
    """What the jobs of one run share. `outcomes` and `jobs`: of those settled so far, by `Node.key`."""

    plan: Plan
    given: Given
    emit: Emit
    stop: Stop
    secrets: Secrets
    layers: Layers
    ticker: Ticker
    outcomes: Mapping[str, Outcome]
    jobs: Mapping[str, JobState] = field(default_factory=dict)
    times: Times = field(default_factory=Times)


def scope_before(run: Run, node: Node) -> Scope:
    """What the texts of the job of `node` see before it has a room. Other pipelines of the run are none of it."""
    given, job, lead = run.given, node.job, node.lead
    pipeline = node.pipeline or run.plan.pipeline
    # At once, since others settle meanwhile; and only for services whose texts may ask.
    states = dict(run.jobs) if given.dialect.TRAITS.conditions_at_start else {}
    return Scope(
        facts=run.plan.facts,
        place=Place(given.run, node.id, given.number, node.index, node.total, pipeline=pipeline.name),
        secrets=given.secrets,
        cell=job.cell,
        needs={need.job: run.outcomes.get(lead + need.job, Outcome.SKIPPED) for need in job.needs},
        now=given.clock(),
        pipeline=pipeline,
        job=job,
        jobs={key.removeprefix(lead): state for key, state in states.items() if key.startswith(lead)},
        ports=ports_of(job),
    )
