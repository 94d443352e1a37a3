"""A folder in memory for the many small files that every room has anew: a disk's journal takes its time for each."""

import contextlib
import functools
import os
import shutil
import uuid
from pathlib import Path

_LINK = "quick"
_MEMORY = Path("/dev/shm")  # noqa: S108 - files in memory, as every Linux has them
_PREFIX = "understudy-room-"
_ENOUGH_BYTES = 32 << 20
"""A container's own /dev/shm may be small, and full."""


def make(scratch: Path) -> Path:
    """The room's folder in memory; where there is none to be had, an ordinary one in `scratch`.

    `scratch` has a link to it, made before it, so that it is found whenever the program dies.
    """
    link = scratch / _LINK
    if not _is_memory() or _free_bytes() < _ENOUGH_BYTES:
        link.mkdir()
        return link
    place = _MEMORY / f"{_PREFIX}{uuid.uuid4().hex}"
    link.symlink_to(place)
    place.mkdir(mode=0o700)
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
    link.unlink()


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
