"""From a folder to a plan: finds the repository and its CI file, reads it, and says what an event would start."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from understudy.app.naming import about, about_started, by_file, may_mean, with_names
from understudy.app.secrets import masked, with_secret_findings
from understudy.config import Settings
from understudy.dialects.base import Dialect, ReadFile, Reading
from understudy.dialects.known import DIALECTS, FILES, dialect_of
from understudy.errors import InputError
from understudy.findings import Finding, Severity, as_performed, in_order
from understudy.model.pipeline import Job
from understudy.model.results import EventKind, Facts
from understudy.plan import facts as git_facts
from understudy.plan.facts import Asked
from understudy.plan.plan import Plan
from understudy.plan.planner import Selection, plan

_MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CiFile:
    """A CI file of a repository: `path` from its root."""

    dialect: Dialect
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    """A repository, the facts of the simulated event, and its CI files; `file` is the one that is used.

    Of a dialect whose files are found by a glob all are used, and `file` is the first of them. `borrowed`: files by
    path, read as if the repository had them (sources of orbs that are kept in the store). `because`: why that file, in
    a clause, where there are files of several services and nobody said which.
    """

    root: Path
    facts: Facts
    file: CiFile
    others: tuple[CiFile, ...] = ()
    borrowed: Mapping[str, bytes] = field(default_factory=dict)
    because: str = ""

    @property
    def used(self) -> tuple[CiFile, ...]:
        """The files that are used, in their order."""
        if not any("*" in pattern for pattern in self.file.dialect.FILES):
            return (self.file,)
        return (self.file, *(one for one in self.others if one.dialect is self.file.dialect))


@dataclass(frozen=True, slots=True)
class Planned:
    """What the event starts, and everything that was noticed on the way."""

    found: Found
    reading: Reading
    plans: tuple[Plan, ...]
    findings: tuple[Finding, ...]


def find_root(start: Path) -> Path:
    """The repository that `start` lies in. Raises InputError."""
    return git_facts.find_repository(start)


def find(root: Path, settings: Settings, asked: Asked, path: str = "") -> Found:
    """The repository's CI file (the one of `settings.ci`, where it is set) and the facts. Raises InputError.

    `path`: the one file that is used, wherever it lies in the repository.
    """
    if settings.ci and settings.ci not in DIALECTS:
        raise InputError(f"`--ci {settings.ci}` is not known", hint=f"known: {', '.join(DIALECTS)}")
    candidates = [_given(root, settings, path)] if path else _candidates(root, settings)
    facts = git_facts.gather(root, **asked)
    chosen, because = _chosen(candidates, facts) if settings.ci is None else (candidates[0], "")
    _check_event(facts, chosen.dialect)
    others = tuple(one for one in candidates if one is not chosen)
    return Found(root, facts, chosen, others, because=because)


def _chosen(candidates: list[CiFile], facts: Facts) -> tuple[CiFile, str]:
    """The file of the service that the repository's host runs itself, else the first; and why, if there is a choice."""
    services = dict.fromkeys(one.dialect.NAME for one in candidates)
    if len(services) < 2:
        return candidates[0], ""
    own = next((one for one in candidates if facts.host == one.dialect.NAME), None)
    if own is not None:
        return own, f"the repository is on `{facts.host}`"
    return candidates[0], "it comes first"


def _given(root: Path, settings: Settings, path: str) -> CiFile:
    content = repository_files(root)(path)
    if content is None:
        raise InputError(f"`{path}` is no file of this repository")
    dialect = DIALECTS[settings.ci] if settings.ci else dialect_of(path, content)
    if dialect is None:
        known = ", ".join(DIALECTS)
        raise InputError(f"`{path}` doesn't look like a file of any CI service", hint=f"say which: --ci {known}")
    return CiFile(dialect, path)


def _candidates(root: Path, settings: Settings) -> list[CiFile]:
    """Every CI file there is, the one that was asked for first."""
    candidates = [
        CiFile(DIALECTS[name], path.relative_to(root).as_posix())
        for name, patterns in FILES.items()
        for pattern in patterns
        for path in sorted(root.glob(pattern))
        if path.is_file()
    ]
    chosen = [one for one in candidates if settings.ci in (None, one.dialect.NAME)]
    if not chosen:
        looked = ", ".join(pattern for patterns in FILES.values() for pattern in patterns)
        raise InputError(f"there is no CI file in `{root}`", hint=f"looked for {looked}; `-C DIR` looks elsewhere")
    return [chosen[0], *(one for one in candidates if one is not chosen[0])]


def event_names() -> frozenset[str]:
    """The names of events that any service has of its own."""
    return frozenset(name for dialect in DIALECTS.values() for name in dialect.TRAITS.events)


def _check_event(facts: Facts, dialect: Dialect) -> None:
    """Raises InputError for an event by a name that the service doesn't know."""
    if facts.event_name and facts.event_name not in dialect.TRAITS.events:
        known = ", ".join(dialect.TRAITS.events or (kind.value for kind in EventKind))
        raise InputError(f"`{facts.event_name}` is no event of `{dialect.NAME}`", hint=f"known: {known}")


def repository_files(root: Path) -> ReadFile:
    """Reads files of the repository by their path from its root; nothing outside it, through no link either."""
    real_root = root.resolve()

    def read(path: str) -> bytes | None:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts:
            return None
        try:
            real = (root / pure).resolve(strict=True)
            if not real.is_relative_to(real_root) or not real.is_file():
                return None
            with real.open("rb") as stream:
                return stream.read(_MAX_FILE_BYTES)
        except (OSError, RuntimeError, ValueError):  # ValueError: a NUL in the name; RuntimeError: a loop of links
            return None

    return read


def files_of(found: Found) -> ReadFile:
    """Reads files of the repository, and those that it borrows."""
    files = repository_files(found.root)

    def read(path: str) -> bytes | None:
        content = files(path)
        return found.borrowed.get(path) if content is None else content

    return read


Supply = Callable[[Found, Reading], tuple[Found, tuple[Finding, ...]]]
"""Lends a repository what its file needs and it has not, if it can; and what there is to say of that."""


def nothing_more(found: Found, _reading: Reading) -> tuple[Found, tuple[Finding, ...]]:
    """The Supply that has nothing to lend."""
    return found, ()


def read(found: Found, supply: Supply = nothing_more, workflow: str | None = None) -> tuple[Found, Reading]:
    """What the CI files in use say, with what they borrowed. A file that can't be opened is a finding too.

    `workflow`: where one was asked for, files that don't have it borrow nothing.
    """
    readings = []
    borrowing = found
    for file in found.used:
        borrowing, reading = _read_one(replace(borrowing, file=file), supply, workflow)
        readings.append(reading)
    findings = dict.fromkeys(finding for one in readings for finding in one.findings)
    pipelines = with_names(pipeline for one in readings for pipeline in one.pipelines)
    return replace(found, borrowed=borrowing.borrowed), Reading(pipelines, in_order(findings))


def _read_one(found: Found, supply: Supply, workflow: str | None) -> tuple[Found, Reading]:
    dialect, path = found.file.dialect, found.file.path
    reading = dialect.read(path, files_of(found), found.facts)
    if not may_mean(workflow, reading.pipelines):
        return found, reading
    supplied, findings = supply(found, reading)
    if supplied.borrowed != found.borrowed:
        reading = dialect.read(path, files_of(supplied), found.facts)
    return supplied, replace(reading, findings=(*reading.findings, *findings))


def plan_all(
    found: Found,
    selection: Selection,
    settings: Settings,
    *,
    unmet: Callable[[Job], str | None] = lambda _job: None,
    supply: Supply = nothing_more,
) -> Planned:
    """Reads and plans. Raises InputError for a selection that names what isn't there."""
    found, reading = read(found, supply, selection.workflow)
    selection = by_file(selection, reading.pipelines)
    reading = replace(reading, findings=about(reading, selection, [file.path for file in found.used]))
    plans = plan(reading.pipelines, found.facts, found.file.dialect, selection, unmet=unmet)
    plans = tuple(with_secret_findings(one, found.file.dialect, settings) for one in plans)
    told = (finding for one in plans for finding in one.findings if not _is_told(finding, reading))
    started = [one.pipeline for one in plans if one.nodes]
    remarks = about_started(reading.findings, started, [file.path for file in found.used])
    noticed = (*remarks, *_of_several(found), *told)
    return Planned(found, reading, plans, masked(in_order(as_performed(noticed)), settings))


def _of_several(found: Found) -> Iterator[Finding]:
    """Which of several services' files is used."""
    others = {one.dialect.NAME: one.path for one in reversed(found.others) if one.dialect is not found.file.dialect}
    if found.because and others:
        listed = ", ".join(f"`{path}`" for path in reversed(others.values()))
        message = f"`{found.file.path}` is used, since {found.because}, and not {listed}"
        hint = f"`--ci {next(reversed(others))}` takes the other" if len(others) == 1 else "`--ci NAME` takes another"
        yield Finding(Severity.NOTE, "several-ci-files", message, hint=hint)


def _is_told(finding: Finding, reading: Reading) -> bool:
    """Whether reading has said already what planning found wrong there."""
    if finding.severity is not Severity.ERROR or not finding.at.line:
        return False
    return any(one.severity is Severity.ERROR and one.at == finding.at for one in reading.findings)
