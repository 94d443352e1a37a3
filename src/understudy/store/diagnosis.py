"""Why the store could not be read or written, as the one line and the hint that the user sees."""

import errno
import shutil
from pathlib import Path

from understudy.errors import StoreError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
# Less than this free, and a failed write is put down to it: SQLite names some full disks "disk I/O error" only.
_NEARLY_NONE_BYTES = 256 * 1024


def explain(error: OSError, folder: Path) -> StoreError:
    """The StoreError for `error`, which the system gave for something under `folder`."""
    if error.errno in _FULL:
        return full(folder)
    if error.errno in _READ_ONLY:
        return read_only(folder)
    return StoreError(f"the store `{folder}` can't be used: {error.strerror or error}")


def full(folder: Path) -> StoreError:
    """The disk, or the user's share of it, has no room left."""
    return StoreError(f"no space left for the store `{folder}`", hint="free some space, or remove old runs and caches")


def read_only(folder: Path) -> StoreError:
    """The folder or its files may not be written."""
    return StoreError(f"the store `{folder}` can't be written", hint="check its owner and permissions")


def damaged(folder: Path, file: str) -> StoreError:
    """The database holds what SQLite did not write."""
    return StoreError(
        f"`{folder / file}` is damaged", hint="move it away to start anew; logs and artifacts beside it stay"
    )


def newer(folder: Path, detail: str) -> StoreError:
    """A later version of this program wrote it."""
    return StoreError(f"the store `{folder}` was written by a newer version ({detail})", hint="update this program")


def has_no_room(folder: Path) -> bool:
    """Whether the file system of `folder` is all but full."""
    try:
        return shutil.disk_usage(folder).free < _NEARLY_NONE_BYTES
    except OSError:
        return False
