"""A plan: the graph of jobs that would be performed, and what would not, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from understudy.findings import Finding
from understudy.model.pipeline import Job, Pipeline
from understudy.model.results import Facts


@dataclass(frozen=True, slots=True)
class Node:
    """One job to perform in one room. `after`: ids of the nodes it waits for; true edges, no stages.

    `index` of `total`: its share where the job asks for several rooms at once (`parallelism`). `unmet`: why it can
    only be SKIPPED here (macOS, a GPU); None for a job that can run.
    """

    id: str
    job: Job
    after: frozenset[str] = frozenset()
    index: int = 0
    total: int = 1
    unmet: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Why a pipeline or a job of it was selected or not: `reason` is one clause for people."""

    pipeline: str
    job: str | None
    selected: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One pipeline's graph for one event. `nodes` are in a topological order, ties in the file's order."""

    pipeline: Pipeline
    facts: Facts
    nodes: tuple[Node, ...]
    choices: tuple[Choice, ...] = ()
    findings: tuple[Finding, ...] = ()
    by_job: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ids of the nodes of each job id (several with `parallelism`)."""
