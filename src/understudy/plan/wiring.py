"""The edges of a pipeline, resolved: which jobs each job requires, and the requirements that can't be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from understudy.findings import Finding, Severity
from understudy.model.pipeline import Job, Need, needs_of
from understudy.plan import graph


@dataclass(frozen=True, slots=True)
class Wiring:
    """A pipeline's jobs by id, after the matrix, and the ids that each requires.

    `parts`: for each job as the file has it, the ids of its cells (itself, without a matrix); `origins`: the other way.
    """

    jobs: Mapping[str, Job]
    needs: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]
    origins: Mapping[str, str]

    def requires(self, job: str) -> bool:
        """Whether `job` requires any job that there is, be its matrix empty."""
        return any(need.job in self.parts for need in self.jobs[job].needs)

    def pruned(self, job: str, performed: frozenset[str]) -> Job:
        """`job` with those of its needs that are performed."""
        found = self.jobs[job]
        kept = tuple(need for need in found.needs if not performed.isdisjoint(self.parts.get(need.job, ())))
        return found if len(kept) == len(found.needs) else replace(found, needs=kept)


def wire(written: Sequence[Job], cells: Mapping[str, Sequence[Job]]) -> Wiring:
    """Resolves the needs of jobs, which are `written` with their matrices multiplied out into `cells`, by id.

    Findings: needs on jobs that don't exist; for each group of jobs that wait for one another a cycle, with its path.
    """
    jobs = {cell.id: cell for job in written for cell in cells[job.id]}
    parts = {job.id: tuple(cell.id for cell in cells[job.id]) for job in written}
    every = parts | {job: (job,) for job in jobs if job not in parts}
    needs = {
        job.id: tuple(dict.fromkeys(part for need in needs_of(job) for part in every.get(need.job, ())))
        for job in jobs.values()
    }
    declared = tuple(parts)
    origins = {cell: job for job, ids in parts.items() for cell in ids}
    unknown = tuple(
        _unknown(job, need, declared)
        for job in written
        for need in job.needs
        if need.job not in every and not need.optional
    )
    circles = tuple(_circle(jobs, path) for path in graph.cycles(needs))
    return Wiring(jobs, needs, every, (*unknown, *circles), origins)


def _unknown(job: Job, need: Need, declared: tuple[str, ...]) -> Finding:
    import difflib  # noqa: PLC0415 - only for files that name what isn't there

    near = difflib.get_close_matches(need.job, declared, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "name a job of the same workflow"
    return Finding(
        Severity.ERROR, "unknown-job", f"`{job.id}` requires `{need.job}`, and there is no such job", need.at, hint
    )


def _circle(jobs: Mapping[str, Job], path: tuple[str, ...]) -> Finding:
    first = jobs[path[0]]
    places = (need.at for need in first.needs if need.job == path[1] and need.at.line)
    way = " -> ".join(f"`{job}`" for job in path)
    return Finding(
        Severity.ERROR,
        "requires-cycle",
        f"jobs wait for one another, so none of them can start: {way}",
        next(places, first.at),
        "take one of these requirements out",
    )
