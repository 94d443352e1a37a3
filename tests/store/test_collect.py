"""What goes when a store is too large, in which order, and what never does."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy.model.events import Continued, Published
from understudy.model.results import Outcome
from understudy.store.base import CacheRow, RunInfo
from understudy.store.blobs import FolderBlobs
from understudy.store.collect import Collected, collect
from understudy.store.sqlite import SqliteStore

INFO = RunInfo("/project", "build", "circleci", (), 1.0, 10, 20, "/scratch", "sandbox")
SIZE = 1000


class Keeper:
    """A store whose blobs are all a day old and SIZE bytes large."""

    def __init__(self, folder: Path, store: SqliteStore) -> None:
        self.store = store
        self.blobs = FolderBlobs(folder)

    def put(self, name: str, *, old: bool = True) -> str:
        digest, _ = self.blobs.put(io.BytesIO(name.encode().ljust(SIZE)))
        if old:
            path = self.blobs.path(digest)
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 86_400))
        return digest

    def cache(self, key: str, used: float, *, old: bool = True) -> str:
        digest = self.put(key, old=old)
        self.store.caches.save(CacheRow("/project", "circleci", key, digest, SIZE, 1.0, used, {}))
        return digest

    def run(self, *digests: str, ended: bool = True) -> str:
        run = self.store.runs.begin(INFO)
        for digest in digests:
            self.store.runs.append(run, Published(1.0, "build", 0, "artifact", "a", digest, SIZE))
        if ended:
            self.store.runs.end(run, Outcome.PASSED, 2.0)
        return run

    def collect(self, blobs: int) -> Collected:
        return collect(self.store.runs, self.store.caches, self.blobs, bound_bytes=blobs * SIZE)

    def keys(self) -> set[str]:
        return {row.key for row in self.store.caches.list()}

    def runs(self) -> set[str]:
        return {row.id for row in self.store.runs.recent(100)}


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    with SqliteStore(tmp_path) as store:
        yield Keeper(tmp_path, store)


def test_within_the_bound_nothing_goes(keeper: Keeper) -> None:
    keeper.put("nobody's")
    keeper.cache("a", 1.0)
    assert keeper.collect(2) == Collected(held_bytes=2 * SIZE)


def test_what_nobody_refers_to_goes_first(keeper: Keeper) -> None:
    keeper.put("nobody's")
    keeper.cache("a", 1.0)
    assert keeper.collect(1) == Collected(freed_bytes=SIZE, held_bytes=SIZE)
    assert keeper.keys() == {"a"}


def test_then_the_cache_that_was_longest_unused(keeper: Keeper) -> None:
    for key, used in (("often", 9.0), ("never", 1.0), ("once", 2.0)):
        keeper.cache(key, used)
    run = keeper.run(keeper.put("artifact"))
    assert keeper.collect(2) == Collected(("never", "once"), (), 2 * SIZE, 2 * SIZE)
    assert keeper.keys() == {"often"}
    assert keeper.runs() == {run}


def test_then_the_oldest_finished_runs(keeper: Keeper) -> None:
    keeper.cache("cache", 1.0)
    oldest, newer, newest = (keeper.run(keeper.put(name)) for name in ("1", "2", "3"))
    log = keeper.store.runs.log(oldest, "build", 0)
    assert keeper.collect(1) == Collected(("cache",), (oldest, newer), 3 * SIZE, SIZE)
    assert keeper.runs() == {newest}
    assert not log.parent.exists()


def test_a_run_that_is_not_over_stays_whatever_it_holds(keeper: Keeper) -> None:
    running = keeper.run(keeper.put("1"), ended=False)
    interrupted = keeper.run(keeper.put("2"), ended=False)
    keeper.store.runs.end(interrupted, None, 3.0)
    assert keeper.collect(0) == Collected((), (interrupted,), SIZE, SIZE)
    assert keeper.runs() == {running}


def test_what_several_refer_to_stays_with_the_last(keeper: Keeper) -> None:
    shared = keeper.cache("shared", 1.0)
    keeper.cache("own", 2.0)
    run = keeper.run(shared)
    assert keeper.collect(1).caches == ("shared", "own")
    assert keeper.blobs.has(shared)
    assert keeper.runs() == {run}


def test_runs_that_would_free_nothing_stay(keeper: Keeper) -> None:
    shared = keeper.put("shared")
    empty, first = keeper.run(), keeper.run(shared)
    running = keeper.run(shared, ended=False)
    assert keeper.collect(0) == Collected(held_bytes=SIZE)
    assert keeper.runs() == {empty, first, running}


def test_a_run_that_published_the_same_twice_holds_it_once(keeper: Keeper) -> None:
    digest = keeper.put("twice")
    run = keeper.run(digest, digest)
    assert keeper.collect(0) == Collected((), (run,), SIZE, 0)


def test_a_handed_over_configuration_stays_with_its_run(keeper: Keeper) -> None:
    keeper.put("nobody's")
    digest = keeper.put("config")
    run = keeper.run()
    keeper.store.runs.append(run, Continued(1.0, "setup", digest, {}))
    assert keeper.collect(1).freed_bytes == SIZE
    assert keeper.blobs.has(digest)


def test_a_young_blob_stays_until_it_is_older(keeper: Keeper) -> None:
    digest = keeper.cache("young", 1.0, old=False)
    assert keeper.collect(0) == Collected(("young",), (), 0, SIZE)
    assert keeper.blobs.has(digest)


def test_a_cache_whose_blob_is_gone_frees_nothing(keeper: Keeper) -> None:
    lost = keeper.cache("lost", 1.0)
    keeper.cache("next", 2.0)
    keeper.cache("last", 3.0)
    keeper.blobs.path(lost).unlink()
    assert keeper.collect(1) == Collected(("lost", "next"), (), SIZE, SIZE)
    assert keeper.keys() == {"last"}
