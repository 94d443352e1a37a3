"""One row of a build's matrix becomes a job: its steps in the order in which Travis CI performs them.

https://docs.travis-ci.com/user/job-lifecycle/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.dialects.travis import addons, caches, deploy, services, workspaces
from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.languages import Row, language_of, text
from understudy.dialects.travis.normalise import Normal
from understudy.dialects.travis.phases import ENDED, Where, line_steps, step
from understudy.dialects.travis.variables import exports, variables, workdir
from understudy.findings import Position
from understudy.model.pipeline import (
    CellValue,
    Checkout,
    Condition,
    Job,
    Limits,
    Need,
    Platform,
    Resources,
    Step,
    Text,
    Tree,
)
from understudy.model.results import Facts

LIMIT_S = 50 * 60.0
"""https://docs.travis-ci.com/user/customizing-the-build/#build-timeouts, for a public repository."""

_VERSION = re.compile(r"\d+(\.\d+)*")
_PLATFORMS = {"osx": Platform.MACOS, "windows": Platform.WINDOWS}
_PROCESSORS = {"arm64": "aarch64", "arm64-graviton2": "aarch64", "ppc64le": "ppc64le", "s390x": "s390x"}
"""https://docs.travis-ci.com/user/multi-cpu-architectures/; amd64 is what everybody has."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row with its place in the build: its id, its number from 1, its stage, and whether and why it starts."""

    id: str
    number: int
    row: Row
    include: int | None
    stage: str
    starts: bool
    reason: str
    may_fail: bool
    needs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def read_job(placed: Placed, normal: Normal, facts: Facts) -> Job:
    """The job of a row."""
    where = _where(placed, normal)
    row, at = placed.row, where()
    kept = tuple(one for wanted in services.wanted(row) if (one := services.container(wanted, _of(where, wanted))))
    return Job(
        placed.id,
        Text(text(row.get("name")) or placed.id, at),
        at,
        names=placed.names,
        executor=text(row.get("dist")) or None,
        platform=_PLATFORMS.get(text(row.get("os")), Platform.LINUX),
        machine=True,
        runs_on=tuple(Text(label, at) for label in _labels(row)),
        resources=Resources(processor=_PROCESSORS.get(text(row.get("arch")))),
        services=kept,
        env={one.name: Text(one.plain, at) for one in variables(row.get("env")) if one.name and one.plain is not None},
        needs=tuple(Need(one, at) for one in placed.needs),
        when=Condition(expression=Text("job", at), written=_condition(row)),
        cell=cell(row),
        steps=tuple(_steps(row, normal.config, facts, where)),
        limits=Limits(timeout_s=LIMIT_S, allow_failure=placed.may_fail),
        workdir=Text(workdir(row, facts), at),
        written=_written(placed),
    )


def _labels(row: Row) -> Iterator[str]:
    """What the job runs on, by names that an image can be given for, the one that says most first."""
    language, version = text(row.get("language")), language_of(row).version(row).removesuffix(".x")
    if _VERSION.fullmatch(version):
        yield f"travis-{language}-{version}"
    dist = text(row.get("dist"))
    if dist and text(row.get("os")) in {"", "linux"}:
        yield f"travis-{dist}"
    yield "travis"


def _condition(row: Row) -> str:
    condition = text(row.get("if"))
    return f"if: {condition}" if condition else ""


def _written(placed: Placed) -> Tree:
    """What the behaviour asks of a job again."""
    return {
        "row": placed.row,
        "number": placed.number,
        "stage": placed.stage,
        "starts": placed.starts,
        "reason": placed.reason,
    }


def cell(row: Row) -> Mapping[str, CellValue]:
    """What tells a job from others: system, versions, variables; for `--matrix` and for people."""
    found: dict[str, CellValue] = {}
    language = language_of(row)
    for key in ("os", "arch", "dist", language.key, "gemfile", "jdk", "compiler"):
        if key and (value := text(row.get(key))):
            found[key] = value
    listed = " ".join(f"{one.name}={one.value}" for one in variables(row.get("env")) if one.value is not None)
    return {**found, "env": listed} if listed else found


def _where(placed: Placed, normal: Normal) -> Where:
    """The place of a value of the job: in its own entry, or where the whole build says it."""
    entries = normal.config.get("jobs")
    listed = entries.get("include") if isinstance(entries, Mapping) else None
    number = placed.include
    own: Value = listed[number] if isinstance(listed, tuple) and number is not None and number < len(listed) else None
    base: tuple[str | int, ...] = () if number is None else ("jobs", "include", number)

    def place(*path: str | int) -> Position:
        inside = isinstance(own, Mapping) and path and path[0] in own
        return normal.place(*base, *path) if inside or not path else normal.place(*path)

    return place


def _of(where: Where, wanted: services.Wanted) -> Position:
    return where(wanted.key) if wanted.key == "services" else where("addons", wanted.name)


def _steps(row: Row, config: Row, facts: Facts, where: Where) -> Iterator[Step]:
    yield from _before(row, config, facts, where)
    for phase in ("before_install", "install", "before_script", "script"):
        yield from line_steps(row, phase, where)
    yield from _kept(row, facts, where)
    yield from line_steps(row, "after_success", where)
    yield from deploy.steps(row, facts, where)
    yield from line_steps(row, "after_failure", where)
    yield from line_steps(row, "after_script", where)


def _before(row: Row, config: Row, facts: Facts, where: Where) -> Iterator[Step]:
    """All that is there before the first line of the file is performed.

    Addons and services need nothing of the project, so it may be there before them.
    """
    git = row.get("git")
    if not (isinstance(git, Mapping) and git.get("clone") is False):
        yield Step("checkout", Text("Check the project out", where("git")), where("git"), Checkout())
    for one in addons.steps(row):
        fatal = one.name == "apt.packages"
        yield step(f"addon.{one.name}", one.title, one.lines, where(*one.path), fatal=fatal, forgiven=not fatal)
    for wanted in services.wanted(row):
        line = services.line(wanted)
        yield step(f"service.{wanted.name}", f"Start {wanted.written}", line, _of(where, wanted), forgiven=True)
    yield from _environment(row, where)
    if caches.paths(row):
        at = where("cache")
        yield Step("cache.restore", Text("Restore the build cache", at), at, caches.restore(row, facts, at))
    yield from workspaces.used(row, config, where)


def _environment(row: Row, where: Where) -> Iterator[Step]:
    """The variables of the file, read by the shell that performs the job; then the language.

    https://docs.travis-ci.com/user/environment-variables/#defining-public-variables-in-travisyml
    """
    language = language_of(row)
    lines = exports(variables(row.get("env")))
    settings = "".join(f"{language.filled(one, row)}\n" for one in language.settings)
    if settings or lines:
        yield step("env", "Set environment variables", f"{lines}{settings}", where("env"), forgiven=True)
    if setup := language.set_up(row):
        version = language.version(row)
        name = f"Set up {language.title}" + (f" {version}" if version else "")
        yield step("language", name, setup, where(language.key or "language"), fatal=True)


def _kept(row: Row, facts: Facts, where: Where) -> Iterator[Step]:
    """What the job leaves behind, however its script ended: the cache, and workspaces.

    https://docs.travis-ci.com/user/caching/#before_cache-phase and https://docs.travis-ci.com/user/using-workspaces/
    """
    kept = caches.paths(row)
    if kept:
        yield from line_steps(row, "before_cache", where)
    yield from workspaces.created(row, workdir(row, facts), where)
    if kept:
        at = where("cache")
        title = Text("Store the build cache", at)
        yield Step("cache.save", title, at, caches.save(row, facts, at), when=ENDED, continue_on_error=True)
