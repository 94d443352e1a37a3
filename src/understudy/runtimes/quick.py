"""A folder in memory for the many small files that every room has anew: a disk's journal takes its time for each."""

import contextlib
import fcntl
import functools
import os
import shutil
import stat
import time
import uuid
from pathlib import Path

_LINK = "quick"
_MEMORY = Path("/dev/shm")  # noqa: S108 - files in memory, as every Linux has them
_PREFIX = "understudy-room-"
_ENOUGH_BYTES = 32 << 20
"""A container's own /dev/shm may be small, and full."""
_NEW_S = 10.0
"""So old is a folder at least that has no lock because its program has died, and not because it has just been made."""
_locks: dict[Path, int] = {}


def make(scratch: Path) -> Path:
    """The room's folder in memory; where there is none to be had, an ordinary one in `scratch`.

    `scratch` has a link to it, made before it, so that it is found whenever the program dies. And the program has a
    lock on it, which goes with the program, so that `sweep` finds it where `scratch` itself was removed.
    """
    link = scratch / _LINK
    if not _is_memory() or _free_bytes() < _ENOUGH_BYTES:
        link.mkdir()
        return link
    place = _MEMORY / f"{_PREFIX}{uuid.uuid4().hex}"
    link.symlink_to(place)
    place.mkdir(mode=0o700)
    _locks[place] = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(_locks[place], fcntl.LOCK_SH)
    return place


def forget(scratch: Path) -> None:
    """Removes the folder in memory that `make` made for `scratch`, if there is one; raises OSError."""
    link = scratch / _LINK
    if not link.is_symlink():
        return
    place = link.readlink()
    if place.parent == _MEMORY and place.name.startswith(_PREFIX):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(place)
    if place in _locks:
        os.close(_locks.pop(place))
    link.unlink()


def sweep() -> tuple[Path, ...]:
    """Removes the folders of this user's programs that have died, if a link leads to them or not; where they were.

    One is told by its lock, and not by the number of a process: programs in other containers may share the memory.
    """
    swept = []
    for folder in _MEMORY.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, or in use
            state = folder.lstat()
            if stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and time.time() - state.st_ctime > _NEW_S:
                _remove_if_free(folder)
                swept.append(folder)
    return tuple(swept)


def _remove_if_free(folder: Path) -> None:
    """Raises OSError where its program lives."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(handle)


@functools.cache
def _is_memory() -> bool:
    """Whether programs can be started from there, too."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    found = [line.split() for line in mounts.splitlines() if line.split()[1] == str(_MEMORY)]
    return bool(found) and found[-1][2] == "tmpfs" and not {"ro", "noexec"} & set(found[-1][3].split(","))


def _free_bytes() -> int:
    state = os.statvfs(_MEMORY)
    return state.f_bavail * state.f_frsize
