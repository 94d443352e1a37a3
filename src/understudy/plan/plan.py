"""A plan: the graph of jobs that would be performed, and what would not, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from understudy.findings import Finding
from understudy.model.pipeline import Job, Matrix, Pipeline
from understudy.model.results import Facts


@dataclass(frozen=True, slots=True)
class Node:
    """One job to perform in one room. `after`: ids of the nodes it waits for; true edges, no stages.

    `index` of `total`: its share where the job asks for several rooms at once (`parallelism`). `unmet`: why it can
    only be SKIPPED here (macOS, a GPU); None for a job that can run. `matrix`: that of which the job is a cell, of the
    job of the file with the id `origin`; a job that still has one itself is multiplied out once its needs have ended.

    Then `only` are the values of its axes that were asked for: other cells are left out.

    `steps`: the first and the last one to perform, counted from 1 as they are shown; checkouts are performed anyway.
    `pipeline`: set where a plan is of several: the one that the job is of. Ids of nodes then begin with `lead`.
    """

    id: str
    job: Job
    after: frozenset[str] = frozenset()
    index: int = 0
    total: int = 1
    unmet: str | None = None
    matrix: Matrix | None = None
    origin: str = ""
    steps: tuple[int, int] | None = None
    pipeline: Pipeline | None = None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def lead(self) -> str:
        """What tells the pipeline's jobs from those of others in the same plan; empty where it is alone."""
        return f"{self.pipeline.name}/" if self.pipeline else ""

    @property
    def key(self) -> str:
        """The job's id, unique in the plan."""
        return self.lead + self.job.id


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
    """The ids of the nodes of each job (several with `parallelism`, and for the job of which they are cells): by id,
    which `Node.lead` goes before where the plan is of several pipelines."""
