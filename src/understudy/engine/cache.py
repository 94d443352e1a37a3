"""Caches: saved under a key that never changes, restored by the first key or opening of a key that matches."""

import posixpath
from collections.abc import Mapping
from dataclasses import replace

from understudy.dialects.base import Effects
from understudy.engine.archive import Contents, Refused, Rename, screened, take_whole
from understudy.engine.cachesize import too_large
from understudy.engine.paths import absolute, expand
from understudy.engine.turn import PASSED, Ended, Turn, failed
from understudy.engine.words import duration_text, size_text
from understudy.model.events import CacheUsed
from understudy.model.pipeline import RestoreCache, SaveCache
from understudy.model.results import Outcome
from understudy.runtimes.base import Room
from understudy.store.base import CacheRow


def restore(turn: Turn, action: RestoreCache) -> Ended:
    """Lays the first cache out that a key matches, one key after another, as `Caches.find` tells.

    A miss is no failure. https://circleci.com/docs/caching/#restoring-cache. The step's outputs: `key`, the first one
    as it was then, and `matched`, the key of what was found, empty for nothing.
    """
    keys = [turn.value(key) for key in action.keys]
    told = {"key": keys[0] if keys else ""}
    for key in keys:
        row = _find(turn, key, prefix=not action.exact, newest=action.newest)
        if row is not None and not _is_old(turn, row, action.fresh_s):
            ended = _lay_out(turn, key, row)
            return replace(ended, effects=Effects(outputs={**told, "matched": ended.cached_from or ""}))
        beginning = "" if action.exact else " or as the beginning of it"
        turn.log.line(f"No cache has `{key}` as its key{beginning}.")
    _tell(turn, "restore", told["key"], None)
    return Ended(Outcome.PASSED, effects=Effects(outputs={**told, "matched": ""}))


def save(turn: Turn, action: SaveCache) -> Ended:
    """Saves the paths that exist, unless the key is taken. https://circleci.com/docs/caching/#saving-cache"""
    key = turn.value(action.key)
    old = None if action.replaces else _find(turn, key, prefix=False)
    if old is not None and _is_old(turn, old, action.fresh_s):
        turn.given.caches.remove(old.project, old.dialect, old.key)
        old = None
    if old is not None:
        turn.log.line(f"Nothing to do: there is a cache with the key `{key}` already, and {_why_kept(action)}.")
        _tell(turn, "save", key, None)
        return PASSED
    room = turn.room
    paths = tuple(absolute(turn.value(path), room.workdir, room.home) for path in action.paths)
    found, unmatched = (paths, ()) if action.literal else expand(room, "/", paths)
    contents = Contents()
    place = _place(found, room)
    base = _bases(room)[place]
    names = tuple(posixpath.relpath(path, base) for path in found)
    try:
        (digest, size), missing = take_whole(room, base, names, contents, turn.given.blobs)
    except Refused as refusal:
        return failed(f"the cache was not saved: {refusal.message}")
    for path in (*unmatched, *(posixpath.join(base, name) for name in missing)):
        turn.log.line(f"warning: there is nothing at `{path}`")
    for left_out in contents.left_out:
        turn.log.line(f"warning: left out {left_out}")
    if not contents.files and not contents.links and len(missing) == len(names):
        turn.log.line("Nothing was saved: none of the paths exists.")
        _tell(turn, "save", key, None)
        return PASSED
    if action.most is not None and too_large(turn, key, (digest, size), action.most):
        _tell(turn, "save", key, None)
        return PASSED
    return _keep(turn, key, place, (digest, size), replaces=action.replaces)


def _is_old(turn: Turn, row: CacheRow, fresh_s: float | None) -> bool:
    """Whether `row` is as good as none, which is told."""
    age_s = turn.given.clock() - row.at
    if fresh_s is None or age_s <= fresh_s:
        return False
    turn.log.line(f"The cache `{row.key}` is {duration_text(age_s)} old, and caches live for {duration_text(fresh_s)}.")
    return True


def _why_kept(action: SaveCache) -> str:
    return "keys never change" if action.fresh_s is None else f"it is kept for {duration_text(action.fresh_s)}"


def _bases(room: Room) -> Mapping[str, str]:
    """What a cache's names may be relative to: a place that rooms have each in their own way, or the root."""
    return {"home": room.home, "workdir": room.workdir, "root": "/"}


def _place(paths: tuple[str, ...], room: Room) -> str:
    """The name of the base that holds all `paths`, so that they find their place in a room built otherwise."""
    bases = _bases(room)
    return next(name for name, base in bases.items() if all(_within(path, base) for path in paths))


def _within(path: str, base: str) -> bool:
    return path == base or path.startswith(base.rstrip("/") + "/")


def _keep(turn: Turn, key: str, place: str, blob: tuple[str, int], *, replaces: bool) -> Ended:
    digest, size = blob
    now = turn.given.clock()
    old = _find(turn, key, prefix=False) if replaces else None
    if old is not None and old.digest == digest:
        turn.log.line(f"Nothing has changed since the cache `{key}` was saved.")
        _tell(turn, "save", key, None)
        return PASSED
    if old is not None:
        turn.given.caches.remove(old.project, old.dialect, key)
    meta = {
        "base": place,
        "home": turn.room.home,
        "workdir": turn.room.workdir,
        "run": turn.given.run,
        "node": turn.node.id,
    }
    project, dialect = turn.given.project, _scope(turn)
    row = CacheRow(project, dialect, key, digest, size, at=now, used=now, meta=meta)
    if turn.given.caches.save(row):
        turn.log.line(f"Saved {size_text(size)} under the key `{key}`.")
        _tell(turn, "save", key, key, size)
    else:
        turn.log.line(f"Another job saved a cache with the key `{key}` meanwhile; that one stays.")
        _tell(turn, "save", key, None)
    return PASSED


def _scope(turn: Turn) -> str:
    """Caches of one runtime are no good in another: what stands in for an image has its own interpreters and paths."""
    return f"{turn.given.dialect.NAME}/{turn.given.runtime.name}"


def _find(turn: Turn, key: str, *, prefix: bool, newest: bool = False) -> CacheRow | None:
    """The row of `key`; one whose content is lost is forgotten."""
    given = turn.given
    place = (given.project, _scope(turn))
    while (row := given.caches.find(*place, key, prefix=prefix, newest=newest)) is not None:
        if given.blobs.has(row.digest):
            return row
        if not given.caches.remove(row.project, row.dialect, row.key):
            return None
    return None


def _lay_out(turn: Turn, key: str, row: CacheRow) -> Ended:
    age = duration_text(max(0.0, turn.given.clock() - row.at))
    turn.log.line(f"Found the cache `{row.key}`, saved {age} ago ({size_text(row.size_bytes)}).")
    place = row.meta.get("base", "root")
    base = _bases(turn.room)[place]
    moved = _moved(row.meta, turn.room)
    try:
        with turn.given.blobs.open(row.digest) as stored:
            if moved is None:
                turn.room.unpack(stored, base)
            else:
                turn.log.line("Home or working directory are elsewhere today; it goes there.")
                rename = moved if place == "root" else str
                with screened(stored, Contents(), rename, moved) as fresh:
                    turn.room.unpack(fresh, base)
    except Refused as refusal:
        return failed(f"the cache `{row.key}` is damaged: {refusal.message}")
    _tell(turn, "restore", key, row.key, row.size_bytes)
    return Ended(Outcome.PASSED, cached_from=row.key)


def _moved(meta: Mapping[str, str], room: Room) -> Rename | None:
    """How names saved in one room are called in `room`; None where home and working directory are the same."""
    places = ((meta.get("workdir", room.workdir), room.workdir), (meta.get("home", room.home), room.home))
    pairs = [(old.strip("/"), new.strip("/")) for old, new in places]
    if all(old == new for old, new in pairs):
        return None

    def rename(name: str) -> str:
        for old, new in sorted(pairs, key=lambda pair: -len(pair[0])):
            if old and (name == old or name.startswith(f"{old}/")):
                return posixpath.normpath(new + name[len(old) :])
        return name

    return rename


def _tell(turn: Turn, action: str, key: str, found: str | None, size_bytes: int = 0) -> None:
    hide = turn.secrets.hide_text
    event = CacheUsed(
        at=turn.given.clock(),
        job=turn.node.id,
        step=turn.index,
        action=action,
        key=hide(key),
        found=None if found is None else hide(found),
        size_bytes=size_bytes,
    )
    turn.emit(event)
