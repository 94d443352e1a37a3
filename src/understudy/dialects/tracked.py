"""The files that git tracks in a job's clone, read without git: an image may have none."""

from collections.abc import Iterator
from struct import unpack_from

from understudy.dialects.base import EvaluationError, ReadFile

_INDEX = ".git/index"
_FIXED = 62
_EXTENDED = 0x4000


def tracked(files: ReadFile) -> frozenset[str]:
    """The paths that git tracks in the folder that `files` reads in. Raises EvaluationError.

    See https://git-scm.com/docs/index-format.
    """
    index = files(_INDEX) or b""
    if not index:
        return frozenset()
    try:
        return frozenset(_entries(index))
    except (ValueError, IndexError, OSError) as error:
        raise EvaluationError(f"what git tracks can't be read: {error}") from None


def _entries(index: bytes) -> Iterator[str]:
    if len(index) < 12 or index[:4] != b"DIRC":
        raise ValueError("it is no index")
    version, count = unpack_from(">II", index, 4)
    at = 12
    name = b""
    for _ in range(count):
        (flags,) = unpack_from(">H", index, at + _FIXED - 2)
        start = at + _FIXED + (2 if version > 2 and flags & _EXTENDED else 0)
        if version == 4:
            kept, start = _offset(index, start)
            end = index.index(b"\0", start)
            name = name[: len(name) - kept] + index[start:end]
            at = end + 1
        else:
            end = index.index(b"\0", start)
            name = index[start:end]
            at += (end - at + 8) // 8 * 8
        yield name.decode("utf-8", "surrogateescape")


def _offset(index: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = index[at] & 0x7F
    while index[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (index[at] & 0x7F)
    return value, at + 1
