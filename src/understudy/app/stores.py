"""Opens the store, and keeps it within its bound."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from understudy.config import Settings
from understudy.store.base import Blobs, CacheRow, Caches, Runs, Timings
from understudy.store.blobs import FolderBlobs
from understudy.store.collect import Collected
from understudy.store.collect import collect as collected
from understudy.store.sqlite import SqliteStore


@dataclass(frozen=True, slots=True)
class Stores:
    """The four faces of the store."""

    runs: Runs
    caches: Caches
    timings: Timings
    blobs: Blobs


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """`caches` for a run in which nothing runs: what it has to save is worth nothing, and is not kept."""

    caches: Caches

    def save(self, row: CacheRow) -> bool:
        """Whether `row` would be kept."""
        return all((one.project, one.dialect, one.key) != (row.project, row.dialect, row.key) for one in self.list())

    def find(self, project: str, dialect: str, key: str, *, prefix: bool, newest: bool = False) -> CacheRow | None:
        """As `Caches.find`."""
        return self.caches.find(project, dialect, key, prefix=prefix, newest=newest)

    def list(self, project: str | None = None) -> tuple[CacheRow, ...]:
        """As `Caches.list`."""
        return self.caches.list(project)

    def remove(self, project: str, dialect: str, key: str) -> bool:
        """As `Caches.remove`."""
        return self.caches.remove(project, dialect, key)


@contextmanager
def opened(settings: Settings) -> Iterator[Stores]:
    """The store of `settings`, closed afterwards. Raises StoreError."""
    store = SqliteStore(settings.store)
    try:
        yield Stores(store.runs, store.caches, store.timings, FolderBlobs(settings.store))
    finally:
        store.close()


def collect(stores: Stores, bound_bytes: int) -> Collected:
    """Evicts what was used least lately until the store holds at most `bound_bytes`. Raises StoreError."""
    return collected(stores.runs, stores.caches, stores.blobs, bound_bytes=bound_bytes)
