"""A folder of this machine shown elsewhere as if it were another user's: nothing in it is copied or changed.

The kernel does that for a mount: https://docs.kernel.org/filesystems/idmappings.html#idmappings-on-idmapped-mounts.
It takes root, Linux 5.12 and, for what an overlay is laid over, Linux 5.19.
"""

import contextlib
import ctypes
import os
import re
import subprocess
import threading
from pathlib import Path

from understudy.runtimes.kernel import (
    AT_FDCWD,
    ATTR_NODEV,
    ATTR_NOSUID,
    ATTR_RDONLY,
    SYS_MOUNT_SETATTR,
    Refused,
    checked,
    detach,
    libc,
)

# linux/mount.h and linux/fcntl.h; these calls have one number on every architecture.
_SYS_OPEN_TREE, _SYS_MOVE_MOUNT = 428, 429
_CLONE, _FROM_HANDLE, _EMPTY_PATH, _ATTR_IDMAP = 1, 4, 0x1000, 0x100000
_LAST = 0xFFFFFFFF
"""The number that no user has."""
_NAMESPACE = ("unshare", "--user", "sh", "-c", "echo && read -r _")

Pair = tuple[int, int]


class Swaps:
    """Namespaces of users in which one user, and one group, has changed places with another. Threads may share it.

    A pair changes places rather than one taking the other's, because a map must lead back; all others stay.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: dict[tuple[Pair, Pair], int] = {}

    def namespace(self, users: Pair, groups: Pair) -> int:
        """An open handle of the namespace; it stays open. Raises OSError, Refused."""
        with self._lock:
            if (users, groups) not in self._handles:
                self._handles[users, groups] = _namespace(swapped(*users), swapped(*groups))
            return self._handles[users, groups]


def swapped(one: int, other: int) -> str:
    """The map of a namespace in which the two numbers have changed places: lines of first, there, how many.

    https://man7.org/linux/man-pages/man7/user_namespaces.7.html
    """
    low, high = sorted((one, other))
    if low == high:
        return f"0 0 {_LAST}\n"
    between, above = high - low - 1, _LAST - high - 1
    runs = ((0, 0, low), (low, high, 1), (low + 1, low + 1, between), (high, low, 1), (high + 1, high + 1, above))
    return "".join(f"{first} {there} {many}\n" for first, there, many in runs if many > 0)


def _namespace(users: str, groups: str) -> int:
    """A process is needed to make it; the handle keeps it once the process has ended."""
    with subprocess.Popen(
        _NAMESPACE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/"
    ) as first:
        assert first.stdout is not None
        if not first.stdout.readline():
            raise Refused("making a namespace of users")
        proc = Path(f"/proc/{first.pid}")
        (proc / "uid_map").write_text(users, encoding="ascii")
        (proc / "gid_map").write_text(groups, encoding="ascii")
        return os.open(proc / "ns/user", os.O_RDONLY | os.O_CLOEXEC)


def show(source: Path, place: Path, namespace: int) -> Path:
    """Shows the folder that holds `source` at `place`, read only, with the owners of `namespace`; where `source` is.

    The folder that holds it: whoever doesn't see this machine's mounts then finds nothing, and not an empty tree.
    Raises OSError, Refused; nothing is mounted then.
    """
    attributes = (ctypes.c_uint64 * 4)(_ATTR_IDMAP | ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, 0, 0, namespace)
    changed = (b"", _EMPTY_PATH, ctypes.byref(attributes), ctypes.c_size_t(32))
    parent = os.fsencode(source.parent)
    tree = checked(libc.syscall(_SYS_OPEN_TREE, AT_FDCWD, parent, _CLONE | os.O_CLOEXEC), "opening a mount")
    try:
        checked(libc.syscall(SYS_MOUNT_SETATTR, tree, *changed), "mapping owners")
        target = os.fsencode(place)
        checked(libc.syscall(_SYS_MOVE_MOUNT, tree, b"", AT_FDCWD, target, _FROM_HANDLE), f"mounting at {place}")
    finally:
        os.close(tree)
    seen = place / source.name
    if not (seen.is_dir() and seen.samefile(source)):  # it is a mount of its own
        detach(str(place))
        raise Refused(f"{source} is not in its folder's own mount")
    return seen


def take_away(folder: Path) -> None:
    """Takes away whatever is mounted below `folder`, as far as this user may; what uses it already isn't disturbed."""
    with contextlib.suppress(OSError):
        for place in reversed(_mounted(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"), folder)):
            with contextlib.suppress(Refused):
                detach(place)


def _mounted(table: str, folder: Path) -> list[str]:
    """The mounts below `folder`, in their order; https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html."""
    places = (line.split(" ")[4] for line in table.splitlines())
    named = (re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), place) for place in places)
    return [place for place in named if place.startswith(f"{folder}/")]
