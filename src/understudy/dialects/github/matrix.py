"""The `strategy` of a job, as it is written: what cells it makes is known when everything in it has a value."""

from understudy.dialects.github.nodes import is_null, late, member, tree, value_of
from understudy.model.pipeline import Matrix, Text
from understudy.text.yaml import Node

STRATEGY = "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategy"


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
    return late(node) or (value if isinstance(value, bool) else True)


def _number(node: Node | None) -> int | Text | None:
    if (text := late(node)) is not None:
        return text
    value = value_of(node)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1 else None
