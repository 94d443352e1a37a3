"""Has ext4 place the folders of jobs far from one another: among files just deleted it is slow to make new ones."""

import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

_GET_FLAGS, _SET_FLAGS = 0x80086601, 0x40086602  # FS_IOC_GETFLAGS and FS_IOC_SETFLAGS of linux/fs.h
_TOP_OF_TREE = 0x00020000  # FS_TOPDIR_FL


def spread(folder: Path) -> None:
    """Marks `folder`, as `chattr +T` does, so that each folder in it gets a part of the disk of its own.

    ext4 does not give an inode again within seconds of its deletion, and looks at all of those whenever it makes a
    file nearby. A run makes and deletes thousands: a large cache was restored in a tenth of the time with this mark.
    Other file systems don't know it, which is no harm. https://man7.org/linux/man-pages/man1/chattr.1.html
    """
    if sys.platform != "linux":
        return
    import fcntl  # noqa: PLC0415 - not everywhere

    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            (flags,) = struct.unpack("i", fcntl.ioctl(handle, _GET_FLAGS, struct.pack("i", 0)))
            fcntl.ioctl(handle, _SET_FLAGS, struct.pack("i", flags | _TOP_OF_TREE))
        finally:
            os.close(handle)
