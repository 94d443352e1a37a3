"""A matrix multiplied out: the product of its axes, less what it excludes, with what it includes.

See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod

from understudy.dialects.base import EvaluationError
from understudy.dialects.github.expression.values import Array, Object, Value, equal, fold, to_plain, to_text
from understudy.model.pipeline import CellValue

MOST = 256
"""The jobs that one matrix may make. See https://docs.github.com/actions/reference/limits."""

_LONGEST_PRODUCT = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One cell: the values that name it, and those that an `include` has added to it."""

    values: Mapping[str, Value]
    added: Mapping[str, Value] = field(default_factory=dict)

    @property
    def all(self) -> dict[str, Value]:
        """Every value by its name."""
        return {**self.values, **self.added}

    def words(self) -> tuple[str, ...]:
        """What tells it from the others, for people: the values that name it, one for each leaf, no empty ones."""
        texts = (to_text(leaf) for value in self.values.values() for leaf in _leaves(value))
        return tuple(text for text in texts if text)

    def cell(self) -> dict[str, CellValue]:
        """Its values as the model keeps them: what is neither text, number nor boolean as JSON, null as nothing."""
        return {name: _kept(value) for name, value in self.all.items()}


def _leaves(value: Value) -> Iterator[Value]:
    match value:
        case Array(items=items):
            for item in items:
                yield from _leaves(item)
        case Object():
            for one in value.entries.values():
                yield from _leaves(one)
        case _:
            yield value


def _kept(value: Value) -> CellValue:
    match value:
        case None:
            return ""
        case Array() | Object():
            return json.dumps(to_plain(value), separators=(",", ":"), ensure_ascii=False)
        case float():
            return int(value) if value.is_integer() else value
        case _:
            return value


def rows(matrix: Value) -> tuple[Row, ...]:
    """The cells of `matrix`, all of whose expressions have been evaluated, in the service's order.

    The first axis changes slowest. What matches an item of `exclude` is left out. An item of `include` whose values for
    axes are those of a cell adds its others to it, and overwrites what another has added; one that fits no cell becomes
    a cell of its own. Raises EvaluationError for what is no matrix.
    """
    if not isinstance(matrix, Object):
        raise EvaluationError("the matrix is no map of axes")
    axes = {name: _list(name, value) for name, value in matrix.entries.items() if name not in {"include", "exclude"}}
    include, exclude = (_maps(name, matrix.get(name)) for name in ("include", "exclude"))
    if not axes and not include:
        raise EvaluationError("the matrix has neither an axis nor an `include`")
    for name, values in axes.items():
        if not values:
            raise EvaluationError(f"the axis `{name}` of the matrix has no values")
    _check_exclude(exclude, axes)
    found = tuple(_rows(axes, include, exclude))
    if len(found) > MOST:
        raise EvaluationError(f"the matrix makes {len(found)} jobs, and {MOST} are the most")
    return found


def _rows(axes: Mapping[str, tuple[Value, ...]], include: list[Object], exclude: list[Object]) -> Iterator[Row]:
    if prod(map(len, axes.values())) > _LONGEST_PRODUCT:
        raise EvaluationError(f"the matrix has more than {_LONGEST_PRODUCT} combinations, and {MOST} jobs are the most")
    known = {fold(name): name for name in axes}
    parts = [_split(one, known) for one in include]
    used: set[int] = set()
    for combination in product(*axes.values()) if axes else ():
        values = dict(zip(axes, combination, strict=True))
        whole = Object(values)
        if any(_fits(one, whole) for one in exclude):
            continue
        fitting = [index for index, (wanted, _) in enumerate(parts) if _fits(Object(wanted), whole)]
        used.update(fitting)
        yield Row(values, {name: value for index in fitting for name, value in parts[index][1].items()})
    for index, (wanted, added) in enumerate(parts):
        if index not in used:
            yield Row({**wanted, **added})


def _split(one: Object, axes: Mapping[str, str]) -> tuple[dict[str, Value], dict[str, Value]]:
    """The values of an `include` for axes, by the names that those have, and its others."""
    wanted = {axes[fold(name)]: value for name, value in one.entries.items() if fold(name) in axes}
    return wanted, {name: value for name, value in one.entries.items() if fold(name) not in axes}


def _list(name: str, value: Value) -> tuple[Value, ...]:
    if not isinstance(value, Array):
        raise EvaluationError(f"the axis `{name}` of the matrix is no list")
    return value.items


def _maps(name: str, value: Value) -> list[Object]:
    items = () if value is None else _list(name, value)
    for item in items:
        if not isinstance(item, Object) or not item.entries:
            raise EvaluationError(f"`{name}` of the matrix holds what is no map of values")
    return [item for item in items if isinstance(item, Object)]


def _check_exclude(exclude: list[Object], axes: Mapping[str, object]) -> None:
    known = {fold(name) for name in axes}
    for one in exclude:
        for name in one.entries:
            if fold(name) not in known:
                raise EvaluationError(f"`exclude` of the matrix names `{name}`, which is no axis")


def _fits(wanted: Value, value: Value) -> bool:
    """Whether `value` has every leaf of `wanted`; leaves are compared as by `==` in an expression."""
    match wanted:
        case Object():
            return all(
                _fits(one, value.get(name) if isinstance(value, Object) else None)
                for name, one in wanted.entries.items()
            )
        case Array(items=items):
            there = value.items if isinstance(value, Array) else ()
            return all(_fits(one, there[index] if index < len(there) else None) for index, one in enumerate(items))
        case _:
            return equal(wanted, value)
