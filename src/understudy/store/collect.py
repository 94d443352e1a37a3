"""Keeps a store within a size: what was used longest ago goes first, and what a kept run refers to stays."""

import sys
from collections import Counter
from dataclasses import dataclass

from understudy.model.events import Continued, Published
from understudy.store.base import Blobs, Caches, Digest, RunRow, Runs


@dataclass(frozen=True, slots=True)
class Collected:
    """What went, and what is held now. `held_bytes` may be above the bound: running runs and young blobs stay."""

    caches: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    freed_bytes: int = 0
    held_bytes: int = 0


def collect(runs: Runs, caches: Caches, blobs: Blobs, *, bound_bytes: int) -> Collected:
    """Removes blobs nobody refers to, then caches (longest unused first), then finished runs (oldest first).

    Stops as soon as `blobs` hold `bound_bytes` or less; does nothing but ask when they do already. A run is removed
    whole, with its events and logs, and only where its blobs are its own alone. Raises StoreError.
    """
    held_bytes = blobs.size()
    if held_bytes <= bound_bytes:
        return Collected(held_bytes=held_bytes)
    rows = runs.recent(sys.maxsize)
    of_runs = {row.id: _digests(runs, row.id) for row in rows}
    users = Counter(one.digest for one in caches.list())
    users.update(digest for digests in of_runs.values() for digest in digests)
    freed_bytes = blobs.sweep(users)
    excess = _Excess(blobs, users, held_bytes - freed_bytes - bound_bytes)
    gone_caches = _evict_caches(caches, excess)
    gone_runs = _evict_runs(runs, rows, of_runs, excess)
    if gone_caches or gone_runs:
        freed_bytes += blobs.sweep(+users)
    return Collected(gone_caches, gone_runs, freed_bytes, blobs.size())


class _Excess:
    """How many bytes are still too many, while the users of blobs go one by one."""

    def __init__(self, blobs: Blobs, users: Counter[Digest], excess_bytes: int) -> None:
        self._blobs = blobs
        self._users = users
        self._bytes = excess_bytes

    def __bool__(self) -> bool:
        return self._bytes > 0

    def is_last_user(self, digest: Digest) -> bool:
        """Whether one more goodbye frees the blob."""
        return self._users[digest] == 1

    def leave(self, digest: Digest) -> None:
        """One user of the blob is gone."""
        if self.is_last_user(digest) and self._blobs.has(digest):
            self._bytes -= self._blobs.path(digest).stat().st_size
        self._users[digest] -= 1


def _evict_caches(caches: Caches, excess: _Excess) -> tuple[str, ...]:
    gone = []
    for row in sorted(caches.list(), key=lambda one: (one.used, one.at)):
        if not excess:
            break
        if caches.remove(row.project, row.dialect, row.key):
            excess.leave(row.digest)
            gone.append(row.key)
    return tuple(gone)


def _evict_runs(
    runs: Runs, rows: tuple[RunRow, ...], of_runs: dict[str, frozenset[Digest]], excess: _Excess
) -> tuple[str, ...]:
    gone = []
    for row in reversed(rows):
        if not excess:
            break
        is_running = row.outcome is None and not row.interrupted
        if is_running or not any(map(excess.is_last_user, of_runs[row.id])):
            continue
        runs.remove(row.id)
        for digest in of_runs[row.id]:
            excess.leave(digest)
        gone.append(row.id)
    return tuple(gone)


def _digests(runs: Runs, run: str) -> frozenset[Digest]:
    return frozenset(event.digest for _, event in runs.events(run) if isinstance(event, Published | Continued))
