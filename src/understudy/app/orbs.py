"""What a CircleCI file needs from the orb registry: where it is looked for, and how it gets here."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.app import lock
from understudy.app.find import Found, files_of, repository_files
from understudy.app.kept_orbs import KeptOrbs, digest_of
from understudy.app.registry import REFERENCE, OrbSource, fetch
from understudy.config import Settings
from understudy.dialects.base import ReadFile, Reading
from understudy.dialects.circleci import CIRCLECI
from understudy.dialects.circleci.orbs import FOLDERS, LOCK, Needed, needed, read_lock
from understudy.errors import InputError, MachineError
from understudy.findings import NOWHERE, Finding, Position, Severity
from understudy.text.yaml import load

_MOST_ORBS = 100
_UNASKED_TIMEOUT_S = 5.0
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class OrbPlace:
    """A registry orb: `path` is where its source is in the repository, `kept` its version in the store; None: not."""

    orb: str
    path: str | None
    looked: tuple[str, ...]
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """An orb that was put into the repository, at `path` from its root."""

    orb: str
    version: str
    path: str
    sha256: str


def registry_orbs(root: Path, settings: Settings) -> tuple[OrbPlace, ...]:
    """The registry orbs of the repository's CircleCI file, in its order. Raises InputError where there is none."""
    files = repository_files(root)
    kept = _kept(settings)
    rows: list[OrbPlace] = []
    for one in _needed_by(files):
        looked = tuple(f"{folder}/{one.ref}.yml" for folder in FOLDERS)
        source, _ = kept.find(one.ref, time.time())
        rows.append(OrbPlace(one.ref, _place(one.ref, files), looked, source.version if source else None))
    return tuple(rows)


def supplier(settings: Settings) -> Callable[[Found, Reading], tuple[Found, tuple[Finding, ...]]]:
    """Lends a file the orbs that it needs and its repository has not: from the store, else from the registry.

    What is fetched goes to the store. Nothing is fetched with `settings.offline`, and nothing within a few minutes of
    a try that failed. What was fetched, and why something wasn't, is a finding.
    """

    def supply(found: Found, _reading: Reading) -> tuple[Found, tuple[Finding, ...]]:
        borrowed = dict(found.borrowed)
        lender = _Lender(settings)
        waiting = [(one.ref, one.at) for one in _needed_in(files_of(found)(found.file.path), found.file.path)]
        while waiting and len(borrowed) < _MOST_ORBS:
            reference, at = waiting.pop(0)
            path = f"{FOLDERS[-1]}/{reference}.yml"
            here = _place(reference, files_of(replace(found, borrowed=borrowed)))
            if here is None and REFERENCE.fullmatch(reference) and (source := lender.lend(reference, at)) is not None:
                borrowed[path] = source
                waiting += [(one.ref, at) for one in _needed_in(source, path)]
        return replace(found, borrowed=borrowed), tuple(lender.findings)

    return supply


class _Lender:
    """Gets sources, and gathers what there is to say of it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept = _kept(settings)
        self.findings: list[Finding] = []

    def lend(self, reference: str, at: Position) -> bytes | None:
        """The source of `reference`; None where it isn't to be had."""
        kept, fresh = self._kept.find(reference, time.time())
        if fresh or self._settings.offline:
            return kept.source if kept else None
        fetched = self._fetched(reference, at)
        found = fetched or kept
        return found.source if found else None

    def _fetched(self, reference: str, at: Position) -> OrbSource | None:
        why = self._kept.unreachable(time.time())
        if not why:
            try:
                found = fetch(reference, self._settings.orb_registry, timeout_s=_UNASKED_TIMEOUT_S)
                self._kept.keep(reference, found, time.time())
            except InputError as error:
                self._say(Severity.WARNING, "orb-unknown", error.message, at, error.hint)
                return None
            except MachineError as error:
                why = error.message
                self._kept.note_unreachable(why)
            else:
                message = f"the orb `{reference}` was fetched from the registry (version {found.version})"
                self._say(Severity.NOTE, "orb-fetched", message, at, f"`understudy orbs add {reference}` pins it")
                return found
        if not any(one.code == "registry-not-asked" for one in self.findings):
            hint = "`--offline` does not ask it; `understudy orbs add` asks it again"
            self._say(Severity.NOTE, "registry-not-asked", why, NOWHERE, hint)
        return None

    def _say(self, severity: Severity, code: str, message: str, at: Position, hint: str) -> None:
        self.findings.append(Finding(severity, code, message, at, hint))


def add(root: Path, settings: Settings, references: tuple[str, ...], given: bytes | None) -> Iterator[Added]:
    """Puts orbs into the repository at `root` and pins them in `understudy.lock`, one after another.

    No `references`: all that the file needs and the repository lacks. `given`: the source of the only one; else the
    registry is asked. The orbs that they need themselves come along. Raises InputError or MachineError.
    """
    files = repository_files(root)
    waiting = list(references or [one.ref for one in _needed_by(files) if _place(one.ref, files) is None])
    done: set[str] = set()
    while waiting:
        reference = waiting.pop(0)
        if reference in done:
            continue
        done.add(reference)
        if not REFERENCE.fullmatch(reference):
            raise InputError(f"`{reference}` names no orb", hint="write namespace/name@version")
        found = OrbSource(reference.rpartition("@")[2], given) if given is not None else None
        found = found or _asked_for(reference, settings)
        path = f"{FOLDERS[0]}/{reference.rpartition('@')[0]}@{found.version}.yml"
        problems = [one for one in load(found.source, path).findings if one.severity is Severity.ERROR]
        if problems:
            raise InputError(f"the source of `{reference}` is no YAML: {problems[0].message}")
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(found.source)
        added = Added(reference, found.version, path, digest_of(found.source))
        _pin(root, added, files)
        yield added
        if not settings.offline:
            waiting += [one.ref for one in _needed_in(found.source, path) if _place(one.ref, files) is None]


def _asked_for(reference: str, settings: Settings) -> OrbSource:
    kept = _kept(settings)
    if settings.offline:
        source, _ = kept.find(reference, time.time())
        if source is None:
            hint = f"`understudy orbs add {reference} --from FILE` takes it from a file"
            raise MachineError(f"the orb `{reference}` is not in the store, and `--offline` asks nobody", hint=hint)
        return source
    found = fetch(reference, settings.orb_registry, timeout_s=_TIMEOUT_S)
    kept.keep(reference, found, time.time())
    return found


def _pin(root: Path, added: Added, files: ReadFile) -> None:
    """Writes the orb into the lock file; what else that holds stays."""
    _, problem = read_lock(files)
    if problem:
        raise InputError(problem.message, hint=f"mend or remove `{LOCK}`")
    lock.pin(root, "orbs", added.orb, {"path": added.path, "version": added.version, "sha256": added.sha256})


def _kept(settings: Settings) -> KeptOrbs:
    return KeptOrbs(settings.store / "orbs")


def _needed_by(files: ReadFile) -> tuple[Needed, ...]:
    content = files(CIRCLECI.FILES[0])
    if content is None:
        raise InputError(f"there is no `{CIRCLECI.FILES[0]}` here", hint="only CircleCI files name orbs")
    return _needed_in(content, CIRCLECI.FILES[0])


def _needed_in(content: bytes | None, path: str) -> tuple[Needed, ...]:
    return needed(load(content, path).root) if content is not None else ()


def _place(reference: str, files: ReadFile) -> str | None:
    """Where the source of an orb is, as the dialect looks for it: at the lock file's path, else in a folder."""
    entry = read_lock(files)[0].get(reference)
    path = entry.get("path") if isinstance(entry, Mapping) else None
    places = ([path] if isinstance(path, str) else []) + [f"{folder}/{reference}.yml" for folder in FOLDERS]
    return next((place for place in places if files(place) is not None), None)
