"""What a GitHub workflow needs from other repositories: how it gets here, is kept and pinned, and reaches a room."""

import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.app import lock
from understudy.app.action_source import Sources, is_silent
from understudy.app.find import CiFile, Found, files_of, repository_files
from understudy.app.kept_actions import KeptActions, KeptRepository, is_commit
from understudy.config import Settings
from understudy.dialects.base import ReadFile, Reading, RoomFile
from understudy.dialects.github import GITHUB
from understudy.dialects.github.actions.builtin import BUILT_IN
from understudy.dialects.github.actions.laid import called, folder, repositories, used
from understudy.dialects.github.actions.reference import FILES, SCHEME, Local, Remote, parse
from understudy.errors import InputError, MachineError
from understudy.findings import NOWHERE, Finding, Severity
from understudy.model.pipeline import Job
from understudy.text.yaml import load

KIND = "actions"
"""The key of the lock file."""

_NAMED = re.compile(r"([\w.-]+/[\w.-]+)(?:/[^@\s'\"]*)?@([^\s'\"#,}]+)")


@dataclass(frozen=True, slots=True)
class ActionPlace:
    """An action that a file names: `where` is `built in`, `here`, `kept`, `folder` or `missing`; and its commit."""

    uses: str
    where: str
    commit: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A repository that was fetched, and pinned at `commit`."""

    reference: str
    commit: str
    address: str


class Library:
    """Gets files of other repositories: from folders that stand in, the store, or by git. For one thread.

    `findings` grows with what there is to say of it; `asked` with every repository that was asked for, by
    `owner/repository@ref`, and what was found.
    """

    def __init__(self, root: Path, settings: Settings, *, fetches: bool) -> None:
        self._settings = settings
        self._kept = KeptActions(settings.store / "actions")
        self._sources = Sources(settings.actions_host, settings.actions, root, settings.room_env)
        self._pinned = lock.pinned(root, KIND)
        self._fetches = fetches and not settings.offline
        self.findings: list[Finding] = []
        self.asked: dict[str, KeptRepository | None] = {}
        self._refs: dict[str, set[str]] = {}

    def notice(self, content: bytes) -> None:
        """Takes in which refs a file names: in an address alone nobody can tell where a ref ends and a path begins."""
        for slug, ref in _NAMED.findall(content.decode("utf-8", "replace")):
            self._refs.setdefault(slug.lower(), set()).add(ref)

    def read(self, address: str) -> bytes | None:
        """The file at `github://OWNER/REPOSITORY@REF/PATH`; None where it isn't to be had."""
        slug, _, rest = address.removeprefix(SCHEME).partition("@")
        slug = slug.lower()
        if f"{slug}/{_folder(rest)}".rstrip("/") in BUILT_IN:
            return None  # it is never asked for its files
        known = [ref for ref in self._refs.get(slug, ()) if rest.startswith(f"{ref}/")]
        ref = max(known, key=len, default=rest.partition("/")[0])
        found = self.find(slug, ref)
        return repository_files(found.folder)(rest[len(ref) + 1 :]) if found else None

    def find(self, slug: str, ref: str) -> KeptRepository | None:
        """The files of a repository at `ref`, fetched if need be and allowed; None where they aren't to be had."""
        name = f"{slug}@{ref}"
        if name not in self.asked:  # a name that is no name must not become a path
            self.asked[name] = self._found(slug, ref) if isinstance(parse(name), Remote) else None
        return self.asked[name]

    def _found(self, slug: str, ref: str) -> KeptRepository | None:
        own = self._sources.folder(slug, ref)
        if own is not None:
            return KeptRepository("", own)
        commit = self._commit(slug, ref)
        kept, fresh = self._kept.find(slug, commit or ref, time.time())
        if (kept and fresh) or not self._fetches:
            return kept
        return self._fetched(slug, ref, commit) or kept

    def _commit(self, slug: str, ref: str) -> str | None:
        entry = self._pinned.get(f"{slug}@{ref}", {}).get("commit")
        return entry if isinstance(entry, str) and is_commit(entry) else None

    def _fetched(self, slug: str, ref: str, commit: str | None) -> KeptRepository | None:
        host = self._sources.host
        why = f"nothing is asked of {host}, which did not answer a few minutes ago"
        if not self._kept.unreachable(host, time.time()):
            try:
                found = self.fetch(slug, ref, commit)
            except InputError as error:
                self._say(Severity.WARNING, "action-unknown", error.message, error.hint)
                return None
            except MachineError as error:
                why = error.message
                if is_silent(why):
                    self._kept.note_unreachable(host)
            else:
                message = f"`{slug}@{ref}` was fetched (commit {found.commit[:12]})"
                self._say(Severity.NOTE, "action-fetched", message, "`understudy actions add` pins it")
                return found
        if not any(one.code == "actions-not-asked" for one in self.findings):
            hint = "`--offline` asks nobody; `understudy actions add` tries again"
            self._say(Severity.NOTE, "actions-not-asked", why, hint)
        return None

    def fetch(self, slug: str, ref: str, commit: str | None) -> KeptRepository:
        """Fetches the repository, and keeps it. Raises InputError, MachineError."""
        with self._kept.room() as place:
            found = self._sources.fetch(slug, ref, commit, place)
            return self._kept.keep(slug, ref, found, time.time())

    def address(self, slug: str, ref: str) -> str:
        """Where a repository is, or would be, fetched from."""
        return self._sources.address(slug, ref)

    def _say(self, severity: Severity, code: str, message: str, hint: str) -> None:
        self.findings.append(Finding(severity, code, message, NOWHERE, hint))


def _folder(rest: str) -> str:
    """The folder of an action in what stands behind the `@` of an address, for a ref without a slash."""
    return "/".join(rest.split("/")[1:-1])


def supplier(settings: Settings) -> Callable[[Found, Reading], tuple[Found, tuple[Finding, ...]]]:
    """Lends a workflow the actions and workflows of other repositories that it names.

    Nothing is fetched with `settings.offline`, and nothing within a few minutes of a try that failed.
    """

    def supply(found: Found, _reading: Reading) -> tuple[Found, tuple[Finding, ...]]:
        library = Library(found.root, settings, fetches=True)
        borrowed = _asked_for(found, found.file, library)
        return replace(found, borrowed={**found.borrowed, **borrowed}), tuple(library.findings)

    return supply


def _asked_for(found: Found, file: CiFile, library: Library) -> dict[str, bytes]:
    """The files of other repositories that reading `file` asks for, as far as they are to be had."""
    here = files_of(found)
    borrowed: dict[str, bytes] = {}

    def files(path: str) -> bytes | None:
        content = here(path)
        if content is None and path.startswith(SCHEME):
            content = library.read(path)
            if content is not None:
                borrowed[path] = content
        if content is not None and path.endswith((".yml", ".yaml")):
            library.notice(content)
        return content

    file.dialect.read(file.path, files, found.facts)
    return borrowed


def lender(root: Path, settings: Settings) -> Callable[[Job, str], Iterable[RoomFile]]:
    """Gives the files of the actions that a job performs, for a room with a certain home; nothing is fetched then."""

    def lend(job: Job, home: str) -> Iterator[RoomFile]:
        library: Library | None = None
        for repository in repositories(job):
            library = library or Library(root, settings, fetches=False)
            found = library.find(repository.slug, repository.ref)
            if found is not None:
                yield from _room_files(found.folder, folder(repository, home))

    return lend


def _room_files(source: Path, target: str) -> Iterator[RoomFile]:
    """Every file below `source`; links that lead out of it are left out."""
    real = source.resolve()
    for path in sorted(source.rglob("*")):
        if not path.is_file() or ".git" in path.relative_to(source).parts:
            continue
        if not path.resolve().is_relative_to(real):
            continue
        mode = 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
        yield RoomFile(f"{target}/{path.relative_to(source).as_posix()}", path.read_bytes(), mode)


def places(found: Found, settings: Settings) -> tuple[ActionPlace, ...]:
    """The actions and called workflows that the repository's workflows name, in the order of the files, each once."""
    library = Library(found.root, settings, fetches=False)
    files = repository_files(found.root)
    rows: dict[str, ActionPlace] = {}
    for file in _workflows(found):
        content = files(file.path)
        root = load(content, file.path).root if content else None
        for value in (*called(root), *used(root)):
            rows.setdefault(value.value, _place(value.value, library, files))
    return tuple(rows.values())


def _place(uses: str, library: Library, files: ReadFile) -> ActionPlace:
    reference = parse(uses)
    if isinstance(reference, Local):
        is_workflow = reference.path.endswith((".yml", ".yaml"))
        paths = (reference.path,) if is_workflow else map(reference.address, (*FILES, "Dockerfile"))
        there = any(files(path) is not None for path in paths)
        return ActionPlace(uses, "here" if there else "missing", path=reference.path or ".")
    if not isinstance(reference, Remote):
        return ActionPlace(uses, "missing")
    if reference.name in BUILT_IN:
        return ActionPlace(uses, "built in")
    found = library.find(reference.slug, reference.ref)
    if found is None:
        return ActionPlace(uses, "missing")
    return ActionPlace(uses, "kept" if found.commit else "folder", found.commit or None, str(found.folder))


def _workflows(found: Found) -> tuple[CiFile, ...]:
    return tuple(one for one in (found.file, *found.others) if one.dialect is GITHUB)


def add(found: Found, settings: Settings, references: tuple[str, ...]) -> Iterator[Fetched]:
    """Fetches actions, keeps them, and pins their commits in `understudy.lock`, one after another.

    No `references`: all that the workflows need from elsewhere; those that they need themselves come along. Raises
    InputError or MachineError.
    """
    if settings.offline:
        raise MachineError("`--offline` fetches nothing", hint="leave it out, where there is a network")
    library = Library(found.root, settings, fetches=False)
    done: set[str] = set()
    waiting = [_named(one) for one in references] or _wanted(found, library)
    while waiting:
        slug, ref = waiting.pop(0)
        name = f"{slug}@{ref}"
        if name in done:
            continue
        done.add(name)
        kept = library.fetch(slug, ref, None)
        lock.pin(found.root, KIND, name, {"commit": kept.commit})
        yield Fetched(name, kept.commit, library.address(slug, ref))
        library = Library(found.root, settings, fetches=False)
        if not references:
            waiting += [one for one in _wanted(found, library) if f"{one[0]}@{one[1]}" not in done]


def _named(reference: str) -> tuple[str, str]:
    found = parse(reference)
    if not isinstance(found, Remote):
        raise InputError(f"`{reference}` names no action of another repository", hint="write owner/repository@ref")
    return found.slug, found.ref


def _wanted(found: Found, library: Library) -> list[tuple[str, str]]:
    """The repositories that reading the workflows asks for, as far as they aren't folders of this machine."""
    for file in _workflows(found):
        _asked_for(found, file, library)
    missing = [name for name, kept in library.asked.items() if kept is None or kept.commit]
    return [(name.partition("@")[0], name.partition("@")[2]) for name in missing]
