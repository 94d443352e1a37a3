"""Orbs: inline ones, registry ones from a folder or the lock file, and the few that are understood without source.

See https://circleci.com/docs/orbs/use/orb-concepts/ and
https://circleci.com/docs/reference/reusing-config/#writing-inline-orbs.
"""

import json
import re
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field

from understudy.dialects.base import ReadFile
from understudy.dialects.circleci import knownorbs
from understudy.dialects.circleci.nodes import entries, relocated
from understudy.dialects.circleci.notes import ORBS, did_you_mean
from understudy.dialects.circleci.substitute import Substitution, check_closed, pipeline_scope
from understudy.dialects.notes import Notes
from understudy.findings import Finding, Position, Severity
from understudy.text.yaml import Mapping, Node, Scalar, load

FOLDERS = (".circleci/orbs", ".understudy/orbs")
LOCK = "understudy.lock"

_REGISTRY = re.compile(r"(?P<namespace>[A-Za-z0-9_-]+)/(?P<name>[A-Za-z0-9_-]+)@(?P<version>[A-Za-z0-9._:-]+)")


@dataclass(frozen=True, slots=True)
class Needed:
    """An orb that a file wants from elsewhere: `ref` is `namespace/name@version` or a URL."""

    alias: str
    ref: str
    at: Position


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """The elements that a file or an orb declares, by name. `number` tells libraries apart; 0 is the file itself.

    `lenient`: its elements take arguments that aren't declared, since only what matters here is written down.
    """

    number: int
    title: str
    commands: Pairs[str, Mapping] = field(default_factory=dict)
    jobs: Pairs[str, Mapping] = field(default_factory=dict)
    executors: Pairs[str, Mapping] = field(default_factory=dict)
    orbs: Pairs[str, Node] = field(default_factory=dict)
    lenient: bool = False

    def elements(self, kind: str) -> Pairs[str, Mapping]:
        """`commands`, `jobs` or `executors`."""
        match kind:
            case "commands":
                return self.commands
            case "jobs":
                return self.jobs
            case _:
                return self.executors


@dataclass(frozen=True, slots=True)
class Absent:
    """An orb whose source is not here: its elements keep their names, and can't be performed."""

    ref: str


@dataclass(frozen=True, slots=True)
class Found:
    """An element and the library in whose words it is written."""

    library: Library
    name: str
    node: Mapping


class Shelf:
    """Opens libraries, each once. `values`: pipeline values for the orbs' bodies, without pipeline parameters."""

    def __init__(self, files: ReadFile, values: dict[str, object], notes: Notes) -> None:
        self._files = files
        self._values = values
        self._notes = notes
        self._opened: dict[tuple[int, str], Library | Absent] = {}
        self._registry: dict[str, Library | Absent] = {}
        self._lock: Pairs[str, object] | None = None
        self.libraries: list[Library] = []

    def add(self, title: str, root: Node | None, *, lenient: bool = False) -> Library:
        """A library of what `root` declares."""
        kinds = {kind: _elements(root, kind) for kind in ("commands", "jobs", "executors")}
        orbs = {key.value: node for key, node in entries(root.get("orbs") if isinstance(root, Mapping) else None)}
        library = Library(
            len(self.libraries), title, kinds["commands"], kinds["jobs"], kinds["executors"], orbs, lenient
        )
        self.libraries.append(library)
        return library

    def orb(self, library: Library, alias: str) -> Library | Absent | None:
        """What `library` calls `alias`; None when it names no such orb."""
        node = library.orbs.get(alias)
        if node is None:
            return None
        place = (library.number, alias)
        if place not in self._opened:
            self._opened[place] = self._open(library, alias, node)
        return self._opened[place]

    def find(self, library: Library, kind: str, name: str) -> "Found | Absent | None":
        """The element that `library` calls `name`: its own, or `alias/name` of one of its orbs; None for neither."""
        own = library.elements(kind).get(name)
        if own is not None:
            return Found(library, name, own)
        alias, slash, inner = name.partition("/")
        orb = self.orb(library, alias) if slash else None
        if isinstance(orb, Library):
            element = orb.elements(kind).get(inner)
            return Found(orb, inner, element) if element is not None else None
        return orb

    def names(self, library: Library, kind: str) -> list[str]:
        """What `library` can call: its own elements of `kind` and those of the orbs that are here."""
        found = list(library.elements(kind))
        for alias in library.orbs:
            orb = self.orb(library, alias)
            if isinstance(orb, Library):
                found += [f"{alias}/{name}" for name in orb.elements(kind)]
        return found

    def unknown(self, library: Library, kind: str, name: str, at: Position) -> None:
        """A finding for a name that stands for nothing."""
        alias, slash, _ = name.partition("/")
        word = kind.removesuffix("s")
        if slash and alias not in library.orbs:
            message = f"there is no orb `{alias}`, so `{name}` is no {word}"
            hint = did_you_mean(alias, library.orbs, "declare it under `orbs`")
            self._notes.error("unknown-orb", message, at, hint, ORBS)
            return
        where = f" in the orb `{library.title}`" if library.title else ""
        hint = did_you_mean(name, self.names(library, kind), f"declare it under `{kind}`")
        self._notes.error(f"unknown-{word}", f"there is no {word} `{name}`{where}", at, hint)

    def _open(self, library: Library, alias: str, node: Node) -> Library | Absent:
        if isinstance(node, Mapping):
            title = f"{library.title}/{alias}" if library.title else alias
            return self.add(title, self._prepared(node))
        if isinstance(node, Scalar):
            if node.value not in self._registry:
                self._registry[node.value] = self._fetched(alias, node)
            return self._registry[node.value]
        return Absent(alias)

    def _prepared(self, node: Node) -> Node:
        check_closed(node, self._notes)
        return Substitution(pipeline_scope(self._values, self._notes, in_orb=True), self._notes).node(node)

    def _fetched(self, alias: str, node: Scalar) -> Library | Absent:
        ref = node.value
        named = _REGISTRY.fullmatch(ref)
        if not named and not ref.startswith("https://"):
            hint = "an orb is `namespace/name@version`, an https address, or written in place"
            self._notes.error("orb-reference", f"`{ref}` names no orb", node.at, hint, ORBS)
            return Absent(ref)
        slug = f"{named['namespace']}/{named['name']}" if named else ref
        if slug in knownorbs.REPLACED:
            return self._known(alias, slug, node.at)
        found = self._local(ref, node.at)
        if found is not None:
            path, data = found
            loaded = load(data, path)
            self._notes.findings += loaded.findings
            return self.add(alias, self._prepared(loaded.root)) if loaded.root else Absent(ref)
        if slug in knownorbs.SOURCES:
            return self._known(alias, slug, node.at)
        folder = f"{FOLDERS[0]}/{ref}.yml" if named else LOCK
        message = f"the source of the orb `{ref}` is not here, so what comes from it can't be performed"
        hint = f"`understudy orbs add {ref}` fetches it; or put its source at `{folder}`"
        self._notes.unsupported("orb-not-here", message, node.at, hint, ORBS)
        return Absent(ref)

    def _known(self, alias: str, slug: str, at: Position) -> Library:
        root = load(knownorbs.SOURCES[slug], slug).root
        assert root is not None
        return self.add(alias, relocated(root, at), lenient=True)

    def _local(self, ref: str, at: Position) -> tuple[str, bytes] | None:
        """The source from the lock file's path, else from one of the folders."""
        locked = self._locked(ref, at)
        if locked:
            return locked
        if _REGISTRY.fullmatch(ref):
            for path in (f"{folder}/{ref}.yml" for folder in FOLDERS):
                data = self._files(path)
                if data is not None:
                    return path, data
        return None

    def _locked(self, ref: str, at: Position) -> tuple[str, bytes] | None:
        entry = self._lock_entries().get(ref)
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
            return None
        path = entry["path"]
        data = self._files(path)
        if data is None:
            message = f"`{LOCK}` says that the orb `{ref}` is at `{path}`, and there is no such file"
            self._notes.warning("orb-lost", message, at, f"`understudy orbs add {ref}` fetches it again")
            return None
        wanted = entry.get("sha256")
        if wanted and _sha256(data) != wanted:
            message = f"the source of the orb `{ref}` at `{path}` is not what `{LOCK}` holds the digest of"
            self._notes.error("orb-changed", message, at, f"`understudy orbs add {ref}` fetches it again")
        return path, data

    def _lock_entries(self) -> Pairs[str, object]:
        if self._lock is None:
            self._lock, finding = read_lock(self._files)
            if finding:
                self._notes.findings.append(finding)
        return self._lock


def _elements(root: Node | None, kind: str) -> dict[str, Mapping]:
    pairs = entries(root.get(kind) if isinstance(root, Mapping) else None)
    return {key.value: node for key, node in pairs if isinstance(node, Mapping)}


def read_lock(files: ReadFile) -> tuple[Pairs[str, object], Finding | None]:
    """The orbs of `understudy.lock`, by reference: `{"orbs": {ref: {"path": ..., "version": ..., "sha256": ...}}}`."""
    data = files(LOCK)
    if data is None:
        return {}, None
    try:
        root = json.loads(data)
        orbs = root["orbs"] if isinstance(root, dict) and "orbs" in root else {}
    except (ValueError, RecursionError):
        finding = Finding(Severity.ERROR, "lock-file", f"`{LOCK}` is not JSON", Position(LOCK))
        return {}, finding
    return (orbs if isinstance(orbs, dict) else {}), None


def needed(root: Node | None) -> tuple[Needed, ...]:
    """The orbs that a file and its inline orbs want from elsewhere, except those that need no source; in order."""
    found: dict[str, Needed] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        for key, value in entries(node.get("orbs") if isinstance(node, Mapping) else None):
            if isinstance(value, Mapping):
                waiting.append(value)
            elif isinstance(value, Scalar) and value.value.partition("@")[0] not in knownorbs.SOURCES:
                found.setdefault(value.value, Needed(key.value, value.value, value.at))
    return tuple(found.values())


def _sha256(data: bytes) -> str:
    import hashlib  # noqa: PLC0415 - loads a cryptographic library, which few files need

    return hashlib.sha256(data).hexdigest()
