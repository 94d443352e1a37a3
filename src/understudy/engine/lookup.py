"""The files of a room that globs with `**` and braces fit, where a shell's own patterns don't do."""

import posixpath

from understudy.engine.paths import os_text
from understudy.errors import RoomError
from understudy.runtimes.base import Call, Reason, Room
from understudy.text.globs import GlobError, alternatives, fits, root_of

_MOST_BYTES = 256 << 20

LIST = """\
cd "$1" || exit 3
deepest=$2
shift 2
for folder do
  if [ -d "$folder" ] || [ -L "$folder" ]; then
    if [ -n "$deepest" ]; then find "$folder" -maxdepth "$deepest" ! -type d -print0
    else find "$folder" ! -type d -print0
    fi
  fi
done
"""
"""Prints all that is no folder in the folders after the first two arguments: where they are, and how deep to look."""


class Unfit(Exception):  # noqa: N818 - a verdict on a pattern, no error of ours
    """A pattern that can't be used; `message` says why, in one clause."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def files_of(
    room: Room, base: str, patterns: tuple[str, ...], *, ignore: tuple[str, ...] = (), depth: int | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files below `base` that `patterns` fit and `ignore` doesn't, sorted, and the patterns that fit none.

    `depth`: how many folders below `base` they may lie in. Raises Unfit, and RoomError when the room can't look.
    """
    try:
        roots = {root_of(one) for pattern in patterns for one in alternatives(_plain(pattern))}
        every = _listed(room, base, _outermost(roots), depth)
        found: dict[str, None] = {}
        unmatched = []
        for pattern in patterns:
            fitting = [path for path in every if fits(_plain(pattern), path)]
            found |= dict.fromkeys(fitting)
            if not fitting:
                unmatched.append(pattern)
        kept = [path for path in found if not any(fits(_plain(pattern), path) for pattern in ignore)]
    except GlobError as error:
        raise Unfit(f"a pattern can't be used: {error.message}") from None
    return tuple(sorted(kept)), tuple(unmatched)


def _plain(pattern: str) -> str:
    return pattern.removeprefix("./")


def _outermost(folders: set[str]) -> tuple[str, ...]:
    """`folders` without those that lie in another one."""
    parents = {folder: {"", *_parents(folder)} - {folder} for folder in folders}
    return tuple(sorted(folder for folder in folders if not parents[folder] & folders))


def _parents(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _listed(room: Room, base: str, folders: tuple[str, ...], depth: int | None) -> tuple[str, ...]:
    printed = bytearray()

    def gather(chunk: bytes) -> None:
        printed.extend(chunk)
        if len(printed) > _MOST_BYTES:
            raise RoomError(f"`{base}` holds more files than can be listed")

    deepest = "" if depth is None else str(depth + 1)
    roots = tuple(f"./{folder}" if folder else "." for folder in folders)
    call = Call(argv=("sh", "-c", LIST, "list", base, deepest, *roots), env=room.env, workdir=room.home)
    ended = room.run(call, gather)
    if ended.reason is not Reason.EXITED:
        raise RoomError(f"looking for files in `{base}` was cut short")
    paths = (posixpath.normpath(os_text(path)) for path in bytes(printed).split(b"\0") if path)
    return tuple(path for path in paths if depth is None or path.count("/") <= depth)
