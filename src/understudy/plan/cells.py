"""What the jobs of a file become once their matrices are multiplied out, as far as planning can tell."""

from dataclasses import dataclass, replace

from understudy.dialects.base import Dialect, EvaluationError, Scope
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Job, Pipeline
from understudy.model.results import Facts
from understudy.plan import expand


@dataclass(frozen=True, slots=True)
class Cells:
    """The jobs that a job becomes, and what went wrong while asking."""

    jobs: tuple[Job, ...]
    findings: tuple[Finding, ...] = ()


def cells_of(pipeline: Pipeline, job: Job, facts: Facts, dialect: Dialect) -> Cells:
    """A job for each cell of the matrix of `job`, or itself; with its matrix still where that takes others' results."""
    if job.matrix is not None and (job.matrix.axes or job.matrix.include):
        return Cells(expand.expand(job))
    try:
        found = dialect.cells(job, Scope(facts, pipeline=pipeline, job=job))
    except EvaluationError as error:
        message = f"the matrix of `{job.id}` can't be multiplied out: {error.message}"
        return Cells((job,), (Finding(Severity.ERROR, "matrix-fails", message, job.at),))
    return Cells((job,) if found is None else named(job, found))


def named(job: Job, cells: tuple[Job, ...]) -> tuple[Job, ...]:
    """`cells` of `job`, each called by the job's id too, and no two by one id."""
    if len(cells) == 1 and cells[0].id == job.id:
        return cells
    seen: dict[str, int] = {}
    found = []
    for cell in cells:
        count = seen[cell.id] = seen.get(cell.id, 0) + 1
        identity = cell.id if count == 1 else f"{cell.id} #{count}"
        names = cell.names if job.id in cell.names else (*cell.names, job.id)
        found.append(replace(cell, id=identity, names=names))
    return tuple(found)
