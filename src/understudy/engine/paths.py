"""Paths as steps name them, and what they mean in a room."""

import itertools
import posixpath
import re

from understudy.errors import RoomError
from understudy.runtimes.base import Call, Reason, Room

_GLOB = re.compile(r"[*?\[]")
_OPENING = re.compile(r"\*+|\?|\[[!^][^\]]+\]")
_MOST_HIDDEN = 6
_MOST_BYTES = 64 << 20

EXPAND = """\
cd "$1" || exit 3
shift
IFS=
for pattern do
  for path in $pattern; do
    case "/$path/" in */./* | */../*) continue ;; esac
    if [ -e "$path" ] || [ -L "$path" ]; then printf '%s\\0' "$path"; fi
  done
done
"""
"""Prints every path that the patterns after the first argument (a folder) match there, each ended by a zero byte."""


def absolute(path: str, base: str, home: str) -> str:
    """`path` without `~`, `.` and `..`: from `base` unless it is absolute. All are paths in the room."""
    if path == "~" or path.startswith("~/"):
        path = home + path[1:]
    return posixpath.normpath(posixpath.join(base, path)) if path else base


def is_glob(path: str) -> bool:
    """Whether a shell would look for matches of `path`."""
    return _GLOB.search(path) is not None


def with_hidden(pattern: str) -> tuple[str, ...]:
    """Patterns of a shell that match together what `pattern` matches by Go's `filepath.Match`.

    There a wildcard at the beginning of a name matches a dot too, and `[^a]` is what a shell writes `[!a]`.
    See https://pkg.go.dev/path/filepath#Match.
    """
    parts = [part.replace("[^", "[!") for part in pattern.split("/")]
    choices: list[tuple[str, ...]] = []
    for number, part in enumerate(parts):
        opening = _OPENING.match(part) if number < _MOST_HIDDEN else None
        if opening is None:
            choices.append((part,))
        else:
            rest = part if part.startswith("*") else part[opening.end() :]
            choices.append((part, f".{rest}"))
    return tuple("/".join(one) for one in itertools.product(*choices))


def expand(
    room: Room, base: str, patterns: tuple[str, ...], *, hidden: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paths relative to `base` that `patterns` match in `room`, and the patterns that match nothing.

    Patterns are the shell's, or with `hidden` Go's, whose wildcards match a dot at the beginning of a name too. Those
    without a wildcard are given back as they are, whether or not they exist. Raises RoomError when the room can't look.
    """
    found: dict[str, None] = {}
    unmatched = []
    for pattern in patterns:
        if not is_glob(pattern):
            found[pattern] = None
            continue
        plain = posixpath.normpath(pattern)
        matches = _look(room, base, with_hidden(plain) if hidden else (plain,))
        found |= dict.fromkeys(matches)
        if not matches:
            unmatched.append(pattern)
    return tuple(found), tuple(unmatched)


def _look(room: Room, base: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    printed = bytearray()

    def gather(chunk: bytes) -> None:
        if len(printed) < _MOST_BYTES:
            printed.extend(chunk)

    call = Call(argv=("sh", "-c", EXPAND, "expand", base, *patterns), env=room.env, workdir=room.home)
    ended = room.run(call, gather)
    if ended.reason is not Reason.EXITED:
        raise RoomError(f"looking for `{patterns[0]}` in the room was cut short")
    if ended.code:
        return ()
    return tuple(os_text(path) for path in bytes(printed).split(b"\0") if path)


def os_text(path: bytes) -> str:
    """A file name, whatever its bytes."""
    return path.decode("utf-8", "surrogateescape")


def outside(path: str) -> bool:
    """Whether the relative `path` leads out of its base."""
    plain = posixpath.normpath(path)
    return plain == ".." or plain.startswith(("../", "/"))
