"""The three standard streams: there whatever the caller closed, and no error of ours when nobody listens to words."""

import io
import os
import sys
from typing import Any


class _Words(io.FileIO):
    """Standard error, where what nobody takes is dropped: a run goes on when its terminal has gone.

    It is written to without a buffer of Python's, which a signal handler may not print into while it is in use.
    """

    def write(self, data: Any, /) -> int:
        """Writes all of `data`, or as much as can be written."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest:
                rest = rest[super().write(rest) or 0 :]
        except OSError:  # EPIPE, EIO: the reader or the terminal has gone; ENOSPC: `2>file` on a full disk
            return size
        return size


def settle() -> None:
    """Opens what is closed on /dev/null, so that no other file gets its number, and takes standard error over."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            lowest_free = os.open(os.devnull, os.O_RDWR)  # which is this one
            os.set_inheritable(lowest_free, True)  # noqa: FBT003 - it takes no keyword
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a number, open to the end
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above
    if sys.stderr is sys.__stderr__:  # also where both are None
        encoding = sys.stderr.encoding if sys.stderr else "utf-8"
        words = _Words(2, "w", closefd=False)
        sys.stderr = io.TextIOWrapper(words, encoding=encoding, errors="backslashreplace", write_through=True)
