"""What a store must offer: runs and their events, logs, content-addressed blobs, and the index of caches."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from understudy.model.events import Event
from understudy.model.results import Outcome

Digest = str
"""`sha256:` and 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run about to begin. `project` is the repository's root on this machine; `scratch` holds its rooms."""

    project: str
    pipeline: str
    dialect: str
    command: tuple[str, ...]
    started: float
    pid: int
    pid_started: int
    scratch: str
    runtime: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as listed: `outcome` None while it runs; `interrupted` when its program died before its end."""

    id: str
    info: RunInfo
    outcome: Outcome | None
    ended: float | None
    interrupted: bool = False


class Runs(Protocol):
    """Runs and their events: append-only, every view is derived. All members are safe from threads and processes."""

    def begin(self, info: RunInfo) -> str:
        """Records a run and gives its id: at least four hexadecimal digits, unique in the store."""
        ...

    def append(self, run: str, event: Event) -> int:
        """Keeps `event` durably before it returns; gives its number, from 1. StepOutput is refused (ValueError)."""
        ...

    def events(self, run: str, after: int = 0) -> Iterator[tuple[int, Event]]:
        """The events numbered above `after`, in order, as far as there are."""
        ...

    def recent(self, limit: int, *, project: str | None = None) -> tuple[RunRow, ...]:
        """The newest runs first."""
        ...

    def find(self, prefix: str) -> tuple[RunRow, ...]:
        """The runs whose id begins with `prefix`; newest first."""
        ...

    def end(self, run: str, outcome: Outcome | None, at: float) -> None:
        """Closes a run: with its outcome, or with None as interrupted (its program is dead)."""
        ...

    def unfinished(self) -> tuple[RunRow, ...]:
        """Runs that neither ended nor were closed as interrupted; the caller tells the living from the dead by pid."""
        ...

    def log(self, run: str, node: str, step: int) -> Path:
        """Where the log of a step is kept; the folder exists. The writer appends and flushes; readers may follow."""
        ...

    def remove(self, run: str) -> None:
        """Forgets a run, its events and its logs. Safe to repeat."""
        ...


class Blobs(Protocol):
    """Content-addressed files. A blob is there whole or not at all, whatever is killed when."""

    def put(self, source: BinaryIO) -> tuple[Digest, int]:
        """Takes everything from `source`; gives its digest and size in bytes."""
        ...

    def open(self, digest: Digest) -> BinaryIO:
        """The blob, for reading. Raises StoreError where there is none."""
        ...

    def path(self, digest: Digest) -> Path:
        """The file that holds it: for reading only, and never lent to a room."""
        ...

    def has(self, digest: Digest) -> bool:
        """Whether it is there."""
        ...

    def sweep(self, keep: Container[Digest]) -> int:
        """Removes every blob not in `keep` that is older than an hour; gives the bytes freed."""
        ...

    def size(self) -> int:
        """Bytes held."""
        ...


@dataclass(frozen=True, slots=True)
class CacheRow:
    """A saved cache. `project` and `dialect` scope its key; `at` and `used` are seconds since the epoch."""

    project: str
    dialect: str
    key: str
    digest: Digest
    size_bytes: int
    at: float
    used: float
    meta: Mapping[str, str]


class Caches(Protocol):
    """The index of caches. Keys are immutable: the first save of a key wins. Safe from threads and processes."""

    def save(self, row: CacheRow) -> bool:
        """Keeps `row` unless its key is taken; tells whether it was kept."""
        ...

    def find(self, project: str, dialect: str, key: str, *, prefix: bool, newest: bool = False) -> CacheRow | None:
        """The cache of exactly `key`; with `prefix`, the newest whose key begins so, exact or not. Marks it as used.

        With `prefix` and `newest` the newest one goes before one of exactly `key`.
        """
        ...

    def list(self, project: str | None = None) -> tuple[CacheRow, ...]:
        """All rows, newest first."""
        ...

    def remove(self, project: str, dialect: str, key: str) -> bool:
        """Forgets one; tells whether it was there."""
        ...


class Timings(Protocol):
    """How long tests took, by name, newest measurement first in weight; what test splitting goes by."""

    def record(self, project: str, job: str, seconds: Mapping[str, float]) -> None:
        """Keeps the newest time of each test of a job."""
        ...

    def of(self, project: str, job: str) -> Mapping[str, float]:
        """Seconds by test file or name; empty when nothing is known."""
        ...


def all_digests(rows: Iterable[CacheRow]) -> frozenset[Digest]:
    """The blobs that caches hold on to."""
    return frozenset(row.digest for row in rows)
