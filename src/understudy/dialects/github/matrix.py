"""The `strategy` of a job, and the cells that a matrix makes once everything in it has a value."""

from collections.abc import Mapping as Table
from collections.abc import Sequence as List
from itertools import product
from typing import Any

from understudy.dialects.github.nodes import holds_expression, is_null, member, tree, value_of
from understudy.model.pipeline import Matrix, Text
from understudy.text.yaml import Node, Scalar

STRATEGY = "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategy"
MAX_CELLS = 256
"""Jobs of one matrix. See https://docs.github.com/en/actions/reference/limits."""


def read_strategy(node: Node | None) -> Matrix | None:
    """The matrix of a job, not multiplied out: it may take values that are known only when the job starts.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategy.
    """
    matrix = member(node, "matrix")
    if matrix is None or is_null(matrix):
        return None
    return Matrix(
        {},
        fail_fast=_flag(member(node, "fail-fast")),
        max_parallel=_number(member(node, "max-parallel")),
        written=tree(matrix),
    )


def _flag(node: Node | None) -> bool | Text:
    value = value_of(node)
    if isinstance(value, str) and holds_expression(value) and isinstance(node, Scalar):
        return Text(value, node.at)
    return value if isinstance(value, bool) else True


def _number(node: Node | None) -> int | Text | None:
    value = value_of(node)
    if isinstance(value, str) and holds_expression(value) and isinstance(node, Scalar):
        return Text(value, node.at)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1 else None


def multiply(matrix: Table[str, Any]) -> tuple[dict[str, Any], ...]:
    """The cells of `matrix` (plain values), in GitHub's order.

    First the product of the axes less what `exclude` matches; then each `include` whose axes match adds its further
    values to those cells, and one that matches none becomes a cell of its own. A value that is added may be overwritten
    by a later `include`, one of the axes may not. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude.
    """
    axes = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    rows = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    rows = [row for row in rows if not any(_matches(one, row) for one in _maps(matrix.get("exclude")))]
    extra: list[dict[str, Any]] = [{} for _ in rows]
    alone: list[dict[str, Any]] = []
    for one in _maps(matrix.get("include")):
        wanted = {name: value for name, value in one.items() if name in axes}
        added = {name: value for name, value in one.items() if name not in axes}
        matched = [number for number, row in enumerate(rows) if _matches(wanted, row)]
        for number in matched:
            extra[number] |= added
        if not matched and one:
            alone.append({**wanted, **added})
    return (*({**row, **more} for row, more in zip(rows, extra, strict=True)), *alone)


def _maps(value: Any) -> list[Table[str, Any]]:
    return [one for one in value if isinstance(one, Table)] if isinstance(value, List) else []


def _matches(wanted: Table[str, Any], row: Table[str, Any]) -> bool:
    return all(name in row and _same(value, row[name]) for name, value in wanted.items())


def _same(one: Any, other: Any) -> bool:
    """Whether two values are alike for GitHub: text without regard to case, a map by the keys that are asked for."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if isinstance(one, Table):
        return isinstance(other, Table) and _matches(one, other)
    if isinstance(one, List) and not isinstance(one, str):
        same_length = isinstance(other, List) and not isinstance(other, str) and len(one) == len(other)
        return same_length and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)
