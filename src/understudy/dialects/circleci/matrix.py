"""Multiplies out the matrix of a job in a workflow. See https://circleci.com/docs/reference/configuration-reference/#matrix."""

import itertools
from dataclasses import dataclass

from understudy.dialects.circleci.nodes import entries, fingerprint, text_of, value_of
from understudy.dialects.circleci.notes import CONFIGURATION, did_you_mean
from understudy.dialects.notes import Notes
from understudy.model.pipeline import CellValue
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

PAGE = CONFIGURATION + "#matrix"
MAX_CELLS = 10_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination: the nodes of its values by parameter, in the matrix's order."""

    values: dict[str, Node]

    def suffix(self) -> str:
        """What the service adds to a job's name: the values, in the alphabetical order of their parameters.

        See the list of jobs on https://circleci.com/docs/guides/orchestrate/using-matrix-jobs/.
        """
        return "-".join(shown(self.values[name]) for name in sorted(self.values))

    def plain(self) -> dict[str, CellValue]:
        """The values for the model: an executor with arguments by its name."""
        found: dict[str, CellValue] = {}
        for name, node in self.values.items():
            value = value_of(node)
            found[name] = value if isinstance(value, str | int | float | bool) else shown(node)
        return found


def shown(node: Node) -> str:
    """A matrix value as it stands in a name."""
    if isinstance(node, Mapping):
        name = node.get("name")
        return name.value if isinstance(name, Scalar) else ""
    return text_of(node) if isinstance(node, Scalar) else ""


def cells(matrix: Node, notes: Notes) -> list[Cell]:
    """Every combination of `matrix`, less the excluded ones; the first parameter changes slowest."""
    if not isinstance(matrix, Mapping):
        notes.error("wrong-type", "`matrix` is a map with `parameters`", matrix.at, rule=PAGE)
        return []
    axes = _axes(matrix, notes)
    if not axes:
        return []
    size = 1
    for values in axes.values():
        size *= len(values)
    if size > MAX_CELLS:
        message = f"this matrix has {size:,} combinations; more than {MAX_CELLS:,} are not planned"
        notes.error("matrix-too-large", message, matrix.at, rule=PAGE)
        return []
    excluded = _excluded(matrix, tuple(axes), notes)
    found = []
    for combination in itertools.product(*axes.values()):
        cell = Cell(dict(zip(axes, combination, strict=True)))
        if not any(all(fingerprint(cell.values[name]) == value for name, value in one.items()) for one in excluded):
            found.append(cell)
    if not found:
        message = "this matrix has no combination" + (" that is not excluded" if size else "") + ", so it makes no job"
        notes.warning("empty-matrix", message, matrix.at, rule=PAGE)
    return found


def _axes(matrix: Mapping, notes: Notes) -> dict[str, tuple[Node, ...]]:
    parameters = matrix.get("parameters")
    if not isinstance(parameters, Mapping) or not parameters.pairs:
        at = parameters.at if parameters else matrix.at
        notes.error("matrix-parameters", "`matrix` needs `parameters`: a map of lists of values", at, rule=PAGE)
        return {}
    axes = {}
    for key, values in parameters.pairs:
        if isinstance(values, Sequence):
            axes[key.value] = values.items
        else:
            message = f"the matrix parameter `{key.value}` needs a list of values"
            notes.error("matrix-parameters", message, values.at, rule=PAGE)
    return axes if len(axes) == len(parameters.pairs) else {}


def _excluded(matrix: Mapping, names: tuple[str, ...], notes: Notes) -> list[dict[str, object]]:
    listed = matrix.get("exclude")
    found = []
    for item in listed.items if isinstance(listed, Sequence) else ():
        one: dict[str, object] = {}
        for key, value in entries(item):
            if key.value in names:
                one[key.value] = fingerprint(value)
            else:
                message = f"`{key.value}` of `exclude` is no parameter of this matrix"
                notes.error("matrix-exclude", message, key.at, did_you_mean(key.value, names), PAGE)
        if one:
            found.append(one)
    return found
