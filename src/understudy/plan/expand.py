"""Jobs multiplied out: a matrix into cells, `parallelism` into one node for each room."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from understudy.model.pipeline import CellValue, Job, Matrix
from understudy.plan.plan import Node


def cells(matrix: Matrix) -> tuple[Mapping[str, CellValue], ...]:
    """The axes multiplied, the first one slowest, without what `exclude` names, and then what `include` adds."""
    columns = [[(axis, value) for value in values] for axis, values in matrix.axes.items()]
    multiplied = [dict(row) for row in product(*columns)] if columns else []
    kept = (cell for cell in multiplied if not any(_within(excluded, cell) for excluded in matrix.exclude))
    unique = {tuple(sorted(cell.items(), key=repr)): cell for cell in (*kept, *matrix.include)}
    return tuple(unique.values())


def expand(job: Job) -> tuple[Job, ...]:
    """`job` itself, or a job for each cell of its matrix: with the id `ID (VALUE, VALUE)` and its old id as a name."""
    if job.matrix is None:
        return (job,)
    return tuple(
        replace(
            job,
            id=f"{job.id} ({', '.join(str(value) for value in cell.values())})",
            names=(*job.names, job.id),
            matrix=None,
            cell=cell,
        )
        for cell in cells(job.matrix)
    )


def node_ids(job: Job) -> tuple[str, ...]:
    """`ID`, or `ID (1/3)`, `ID (2/3)`, `ID (3/3)` for a job that several rooms share."""
    total = max(1, job.limits.parallelism)
    if total == 1:
        return (job.id,)
    return tuple(f"{job.id} ({index}/{total})" for index in range(1, total + 1))


def nodes(job: Job, after: frozenset[str], unmet: str | None, written: Job | None = None) -> Iterator[Node]:
    """The nodes of `job`, each waiting for all of `after`; `written`: the job of the file that it is a cell of."""
    ids = node_ids(job)
    matrix, origin = (written.matrix, written.id) if written else (None, "")
    for index, one in enumerate(ids):
        yield Node(one, job, after, index, len(ids), unmet, matrix, origin)


def _within(part: Mapping[str, CellValue], cell: Mapping[str, CellValue]) -> bool:
    return all(axis in cell and cell[axis] == value for axis, value in part.items())
