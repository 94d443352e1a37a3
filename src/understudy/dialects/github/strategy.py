"""The contexts `matrix` and `strategy` of a job that is a cell of a matrix."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from understudy.dialects.base import Scope
from understudy.dialects.github.expression import template
from understudy.dialects.github.expression.contexts import Contexts
from understudy.dialects.github.expression.values import Object, Value, from_plain, to_plain
from understudy.dialects.github.inputs import evaluated
from understudy.dialects.github.rows import Row, rows
from understudy.model.pipeline import CellValue, Job, Text

Seen = Callable[[Scope], Contexts]
"""What expressions can name in a scope."""


def origin(scope: Scope) -> Job | None:
    """The job of the file of which the scope's job is a cell; None where it is none."""
    if scope.job is None or scope.pipeline is None:
        return None
    names = {scope.job.id, *scope.job.names}
    return next((one for one in scope.pipeline.jobs if one.matrix is not None and one.id in names), None)


def rows_of(job: Job, scope: Scope, seen: Seen) -> tuple[Row, ...]:
    """The cells of `job`, which has a matrix. Raises EvaluationError."""
    if job.matrix is None:
        return ()
    return rows(evaluated(job.matrix.written, seen(replace(scope, job=job, cell={}, group=None))))


def matrix(scope: Scope, seen: Seen) -> Value:
    """See https://docs.github.com/actions/reference/workflows-and-actions/contexts#matrix-context.

    Cells of the model hold no lists and maps, so those are worked out anew.
    """
    if any(isinstance(value, str) and value[:1] in {"{", "["} for value in scope.cell.values()):
        row = next((one for one in _siblings(scope, seen) if one.cell() == dict(scope.cell)), None)
        if row is not None:
            return Object(row.all)
    return from_plain(scope.cell)


def _siblings(scope: Scope, seen: Seen) -> tuple[Row, ...]:
    job = origin(scope)
    return rows_of(job, scope, seen) if job else ()


def strategy(scope: Scope, seen: Seen) -> Value:
    """See https://docs.github.com/actions/reference/workflows-and-actions/contexts#strategy-context."""
    job = origin(scope)
    if job is None or job.matrix is None:
        return from_plain({"fail-fast": True, "job-index": 0, "job-total": 1, "max-parallel": 1})
    cells: list[Mapping[str, CellValue]] = [row.cell() for row in rows_of(job, scope, seen)]
    around = replace(scope, job=job, cell={}, group=None)
    fail_fast, most = job.matrix.fail_fast, job.matrix.max_parallel
    return from_plain(
        {
            "fail-fast": _late(fail_fast, around, seen) if isinstance(fail_fast, Text) else fail_fast,
            "job-index": cells.index(dict(scope.cell)) if dict(scope.cell) in cells else 0,
            "job-total": len(cells),
            "max-parallel": (_late(most, around, seen) if isinstance(most, Text) else most) or len(cells),
        }
    )


def _late(text: Text, scope: Scope, seen: Seen) -> object:
    return to_plain(template.value(text.raw, seen(scope)))
