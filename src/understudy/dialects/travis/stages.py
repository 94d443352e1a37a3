"""The jobs of a build by its stages: which start, in what order, what they are called, and what they wait for.

https://docs.travis-ci.com/user/build-stages/
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from understudy.dialects.travis import environment, matrix, select
from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.jobs import Placed
from understudy.dialects.travis.known_data import data
from understudy.dialects.travis.languages import Row, language_of, text
from understudy.dialects.travis.variables import variables
from understudy.model.results import Facts

DEFAULT = "test"
"""https://docs.travis-ci.com/user/build-stages/#what-are-build-stages"""

Config = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, whether it starts, and why."""

    name: str
    starts: bool = True
    reason: str = ""


def placed(config: Config, facts: Facts) -> tuple[Placed, ...]:
    """The jobs of a build in the order of their stages, those included that their conditions keep out.

    All jobs of a stage wait for all of the stage before it that has jobs which start. Raises matrix.TooManyJobs.
    """
    rows = matrix.expansion(config, data(facts)).rows
    stages = tuple(_stages(config, rows, facts))
    names = _names(config, rows)
    judged = [
        _judged(row, name, stages, config, facts) for row, name in zip(_with_stages(rows, stages), names, strict=True)
    ]
    order = {stage.name.casefold(): position for position, stage in enumerate(stages)}
    judged.sort(key=lambda one: (order.get(one.stage.casefold(), len(order)), one.may_fail))
    return tuple(_wired(judged))


def _with_stages(rows: Sequence[matrix.Row], stages: Sequence[Stage]) -> Iterator[matrix.Row]:
    """Each row with a stage: its own, else that of the row before it."""
    if not stages:
        yield from rows
        return
    stage = next((one.name for one in stages if one.name.casefold() == DEFAULT), DEFAULT)
    for row in rows:
        stage = text(row.config.get("stage")) or stage
        yield replace(row, config={**row.config, "stage": stage})


def _stages(config: Config, rows: Sequence[matrix.Row], facts: Facts) -> Iterator[Stage]:
    """The stages: those that `stages` lists, in its order, then those that only jobs name. None at all is one stage."""
    listed = config.get("stages")
    entries = [one for one in (listed if isinstance(listed, tuple) else (listed,)) if one is not None]
    named = [text(row.config.get("stage")) for row in rows]
    if not entries and not any(named):
        return
    seen: set[str] = set()
    for entry in entries:
        name = text(entry.get("name")) if isinstance(entry, Mapping) else text(entry)
        if name and name.casefold() not in seen:
            seen.add(name.casefold())
            starts, reason = select.stage_started(entry, config, facts) if isinstance(entry, Mapping) else (True, "")
            yield Stage(name, starts, reason)
    # A job without a stage is of the one before it, or of the default one.
    first = DEFAULT if named and not named[0] else ""
    for name in (first, *named):
        if name and name.casefold() not in seen:
            seen.add(name.casefold())
            yield Stage(name)


def _judged(row: matrix.Row, name: str, stages: Sequence[Stage], config: Config, facts: Facts) -> Placed:
    own = text(row.config.get("stage"))
    stage = next((one for one in stages if one.name.casefold() == own.casefold()), Stage(own))
    starts, reason = row.starts, row.reason if row.config.get("if") is not None else ""
    if starts and not stage.starts:
        starts, reason = False, f"its stage `{stage.name}` is left out: {stage.reason}"
    may_fail, _ = select.may_fail(row.config, config, facts)
    return Placed(
        name,
        0,
        row.config,
        row.include,
        stage.name,
        starts=starts,
        reason=reason,
        may_fail=may_fail,
        names=(stage.name,) if stage.name and stage.name != name else (),
    )


def _wired(judged: Sequence[Placed]) -> Iterator[Placed]:
    """The jobs with what they wait for, and their numbers: a stage none of whose jobs starts is not waited for."""
    number = 0
    before: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    stage: str | None = None
    for one in judged:
        if one.stage.casefold() != stage:
            before, current, stage = current or before, (), one.stage.casefold()
        if one.starts:
            number += 1
            current = (*current, one.id)
        yield replace(one, needs=before, number=number, names=(*one.names, str(number)) if one.starts else one.names)


def _names(config: Config, rows: Sequence[matrix.Row]) -> tuple[str, ...]:
    """What jobs are called, each differently: by name, else by what tells them from the others."""
    varying = tuple(_varying(rows))
    plain = [text(row.config.get("name")) or _described(config, row.config, varying) for row in rows]
    again = {name for name, count in Counter(plain).items() if count > 1}
    longer = [
        f"{name} ({_described(config, row.config, varying)})"
        if name in again and text(row.config.get("name"))
        else name
        for name, row in zip(plain, rows, strict=True)
    ]
    taken: Counter[str] = Counter()
    found = []
    for name in longer:
        taken[name] += 1
        found.append(name if taken[name] == 1 else f"{name} #{taken[name]}")
    return tuple(found)


def _varying(rows: Sequence[matrix.Row]) -> Iterator[str]:
    """The keys, of those that describe a job besides its language's version, in which rows differ."""
    for key in ("os", "dist", "arch", "compiler", "gemfile", "jdk", "osx_image"):
        found = {text(row.config.get(key)) for row in rows} - {""}
        if len(found) > 1:
            yield key


def _described(config: Config, row: Row, varying: Sequence[str]) -> str:
    """As Travis lists a job without a name: its language with the version, and its variables.

    https://docs.travis-ci.com/user/build-stages/#naming-your-jobs-within-build-stages
    """
    language = language_of(row)
    version = language.version(row) if row.get(language.key) else ""
    words = [f"{text(row.get('language')) or 'job'}{' ' if version else ''}{version}"]
    words += [value for key in varying if key != language.key and (value := text(row.get(key)))]
    words += [f"{one.name}={one.value}" for one in variables(environment.own(config, row)) if one.value is not None]
    return " ".join(words)
