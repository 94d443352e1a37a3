"""A workflow that is called once for each cell of a matrix.

Each cell is a call of its own, inside the call that the file has: the jobs of cell `3.12` of the call `test` are
`test/(3.12)/...`. What a cell hands in is written out when the file is read, so the matrix may hold no expressions.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from understudy.dialects.base import EvaluationError
from understudy.dialects.github.conditions import PART
from understudy.dialects.github.expression.values import from_plain, to_plain
from understudy.dialects.github.nodes import holds_expression
from understudy.dialects.github.rows import Row, rows
from understudy.model.pipeline import Caller, Matrix, Text, Tree

_MATRIX = re.compile(r"'(?:[^']|'')*'|(?<![\w.-])matrix(?![\w(-])", re.IGNORECASE)


def cells(matrix: Matrix) -> tuple[Row, ...] | None:
    """The cells of `matrix`; None where an expression has a part in it, or it can't be multiplied out."""
    plain = _plain(matrix.written)
    if plain is None:
        return None
    try:
        return rows(from_plain(plain[0]))
    except EvaluationError:
        return None


def _plain(value: Tree) -> tuple[object] | None:
    """`value` in a tuple; None where there is an expression in it."""
    match value:
        case Text():
            return None
        case Mapping():
            pairs = {name: _plain(one) for name, one in value.items()}
            late = any(one is None or holds_expression(name) for name, one in pairs.items())
            return None if late else ({name: one[0] for name, one in pairs.items() if one},)
        case tuple():
            found = [_plain(one) for one in value]
            return None if None in found else ([one[0] for one in found if one],)
        case _:
            return (value,)


def labels_of(found: tuple[Row, ...]) -> list[str]:
    """What the cells are called in ids: `(3.12, linux)`; with a number behind those that would be the same."""
    labels: dict[str, None] = {}
    for number, row in enumerate(found, 1):
        one = f"({', '.join(row.words()) or number})".replace("/", "_")
        labels[one if one not in labels else f"{one} {number}"] = None
    return list(labels)


def called_by_cell(caller: Caller, row: Row, id_: str, matrix: Matrix | None) -> Caller:
    """The call `id_` of one cell, inside of `caller`: it passes on what that hands in, with the values of `row`."""
    secrets = caller.secrets
    outer = replace(
        caller,
        inputs={name: _tree(value, row) for name, value in caller.inputs.items()},
        secrets=None if secrets is None else {name: with_values(text, row) for name, text in secrets.items()},
    )
    inputs: dict[str, Tree] = {name: Text(f"${{{{ inputs.{name} }}}}") for name in caller.declared}
    return Caller(id_, caller.file, inputs, caller.declared, caller=outer, matrix=matrix, cell=row.cell())


def with_values(text: Text, row: Row) -> Text:
    """`text` with the values of `row` in place of `matrix` in its expressions."""
    values = json.dumps({name: to_plain(value) for name, value in row.all.items()}, ensure_ascii=False)
    literal = "fromJSON('" + values.replace("'", "''") + "')"
    return replace(text, raw=PART.sub(lambda part: _replaced(part[0], literal), text.raw))


def _replaced(part: str, literal: str) -> str:
    return _MATRIX.sub(lambda found: found[0] if found[0].startswith("'") else literal, part)


def _tree(value: Tree, row: Row) -> Tree:
    return with_values(value, row) if isinstance(value, Text) else value


def outputs_of_all(outputs: Mapping[str, Text], labels: list[str]) -> dict[str, Text]:
    """The outputs of the call as a whole: of each the one that the last cell sets.

    See https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#using-outputs-from-a-reusable-workflow.
    """
    quoted = ["'" + one.replace("'", "''") + "'" for one in reversed(labels)]
    return {
        name: replace(text, raw="${{ " + " || ".join(f"jobs[{one}].outputs.{name}" for one in quoted) + " }}")
        for name, text in outputs.items()
    }
