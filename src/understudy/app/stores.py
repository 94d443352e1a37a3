"""Opens the store, and keeps it within its bound."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from understudy.config import Settings
from understudy.store.base import Blobs, Caches, Runs, Timings
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
