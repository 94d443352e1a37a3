"""Multiplies a configuration in normal form out into one configuration a job, as Travis does.

https://docs.travis-ci.com/user/build-matrix/
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from understudy.dialects.travis import environment, supported
from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.verdict import judged

Config = Mapping[str, Value]

LIMIT = 200
"""Jobs of one build: https://docs.travis-ci.com/user/build-matrix/#matrix-expansion."""
MOST = 2_000
"""Cells that are multiplied out at all, so that a file whose matrix has billions of them can still be talked of."""

_NOT_OF_JOBS = frozenset(
    {"jobs", "import", "stages", "notifications", "version", "allow_failure", "global_env", "merge_mode"}
)


class TooManyJobs(Exception):  # noqa: N818 - a verdict on a file
    """The matrix has `count` cells, more than MOST."""

    def __init__(self, count: int) -> None:
        super().__init__(f"the matrix has {count:,} cells")
        self.count = count


@dataclass(frozen=True, slots=True)
class Row:
    """One job: its configuration, and which entry of `jobs.include` it comes from, None for the matrix.

    `starts`, and `reason`, a clause: what its `if` says, or the entry of `jobs.exclude` that names it.
    """

    config: Config
    include: int | None = None
    starts: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The jobs of a build in Travis's order, those included that don't start; and cells that are no jobs."""

    rows: tuple[Row, ...]
    excluded: tuple[Row, ...] = ()


def expand(config: Config, data: Mapping[str, Value] | None) -> tuple[Config, ...]:
    """One configuration for each job that starts; `data` is what conditions see. Raises TooManyJobs.

    With `data` None conditions aren't judged, and count as met: those of `jobs.exclude`, too.
    """
    return tuple(row.config for row in _expansion(config, data).rows if row.starts)


def expansion(config: Config, data: Mapping[str, Value]) -> Expansion:
    """As `expand`, with where the jobs come from, and what is left out and why. Raises TooManyJobs.

    Jobs whose `if` keeps them out are among the rows. `data` can't be left out: entries of `jobs.exclude` may have
    conditions as well, so that without it nobody knows what the jobs are.
    """
    return _expansion(config, data)


def _expansion(config: Config, data: Mapping[str, Value] | None) -> Expansion:
    excluded: list[Row] = []
    kept: dict[Hashable, Row] = {}
    for row in _complete(config, axes(config)):
        number = _exclusion(config, row.config, data)
        if number is not None:
            excluded.append(replace(row, starts=False, reason=f"entry {number + 1} of `jobs.exclude` names it"))
            continue
        known = {key: value for key, value in row.config.items() if supported.takes(row.config, key, value)}
        kept.setdefault(_frozen(known), replace(row, config=known))
    return Expansion(tuple(_judged(row, data) for row in kept.values()), tuple(excluded))


def _judged(row: Row, data: Mapping[str, Value] | None) -> Row:
    starts, reason = judged(row.config.get("if"), row.config, data)
    return replace(row, starts=starts, reason=reason)


def axes(config: Config) -> tuple[str, ...]:
    """The keys of `config` that multiply its jobs, the first one changing slowest."""
    return tuple(
        key for key in supported.EXPANDED if not _is_void(config.get(key)) and supported.takes_key(config, key)
    )


def _complete(config: Config, keys: Sequence[str]) -> list[Row]:
    """All jobs with all that they inherit."""
    included = _included(config)
    cells = _cells(config, keys)
    # One cell beside listed jobs stands only for what these have in common.
    rows = [] if len(cells) == 1 and included else [Row(cell) for cell in cells]
    rows += included
    shared = {key: value for key, value in config.items() if _is_shared(key) and not _is_blank(value)}
    first = {key: _listed(config[key])[0] for key in keys if key != "env"}
    return [
        replace(row, config=environment.inherited(config, {**first, **shared, **row.config}))
        for row in rows or [Row({})]
    ]


def _cells(config: Config, keys: Sequence[str]) -> list[Config]:
    values = [_cell_values(key, config[key]) for key in keys]
    count = math.prod(len(one) for one in values)
    if count > MOST:
        raise TooManyJobs(count)
    return [dict(zip(keys, cell, strict=True)) for cell in product(*values)] if keys else []


def _cell_values(key: str, value: Value) -> tuple[Value, ...]:
    if key == "env" and isinstance(value, Mapping) and "jobs" in value:
        return _listed(value["jobs"])
    return _listed(value)


def _included(config: Config) -> list[Row]:
    """The listed jobs; one without a stage is in that of the one before it."""
    found = []
    stage: Value = None
    for number, entry in enumerate(_entries(config, "include")):
        if not isinstance(entry, Mapping):
            continue
        stage = entry.get("stage") or stage
        found.append(Row({**entry, "stage": stage} if stage else entry, number))
    return found


def _exclusion(config: Config, row: Config, data: Mapping[str, Value] | None) -> int | None:
    """The number of the first entry of `jobs.exclude` that names the job."""
    for number, entry in enumerate(_entries(config, "exclude")):
        if isinstance(entry, Mapping) and _names(config, entry, row) and judged(entry.get("if"), row, data)[0]:
            return number
    return None


def _names(config: Config, entry: Config, row: Config) -> bool:
    return all(_agrees(config, key, value, row) for key, value in entry.items() if key != "if")


def _agrees(config: Config, key: str, value: Value, row: Config) -> bool:
    if key == "env":
        return environment.own(config, row) == value
    if key == "stage":
        stage = row.get("stage")
        return stage == value or (stage is None and isinstance(value, str) and value.lower() == "test")
    return _listed(row.get(key)) == _listed(value)


def _entries(config: Config, name: str) -> tuple[Value, ...]:
    jobs = config.get("jobs")
    found = jobs.get(name) if isinstance(jobs, Mapping) else None
    return _listed(found) if found else ()


def _listed(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else (value,)


def _is_shared(key: str) -> bool:
    return key not in supported.EXPANDED and key not in _NOT_OF_JOBS


def _is_blank(value: Value) -> bool:
    return value is None or (isinstance(value, tuple | Mapping | str) and not value)


def _is_void(value: Value) -> bool:
    """Whether there is nothing in `value`, however deep."""
    if isinstance(value, Mapping):
        return all(_is_void(one) for one in value.values())
    if isinstance(value, tuple):
        return all(_is_void(one) for one in value)
    return value is None or value == ""


def _frozen(value: Value) -> Hashable:
    """`value` so that equal ones hash alike; `1`, `1.0` and `True` differ."""
    if isinstance(value, Mapping):
        return frozenset((key, _frozen(one)) for key, one in value.items())
    if isinstance(value, tuple):
        return tuple(_frozen(one) for one in value)
    return (type(value), value)
