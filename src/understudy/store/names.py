"""Names the store gives: the ids of runs, and file names for whatever a job may be called."""

import hashlib
import secrets
from collections.abc import Callable

_SHORTEST = 4
# A file name may have 255 bytes; the rest is left for a suffix of the reader's own.
_LONGEST_BYTES = 200


def fresh_id(runs: int, taken: Callable[[str], bool]) -> str:
    """A new id of at least four hexadecimal digits; `runs`: how many there are, `taken`: whether one can't be had.

    Ids grow as the store fills up, so that an eighth of their space is in use at most and a guess is soon free.
    """
    digits = _SHORTEST
    while 16**digits // 8 <= runs:
        digits += 1
    while True:
        candidate = f"{secrets.randbelow(16**digits):0{digits}x}"
        if not taken(candidate):
            return candidate


def prefixes(run: str) -> tuple[str, ...]:
    """The shorter ids that `run` begins with: with one of them, what the user types would mean two runs."""
    return tuple(run[:end] for end in range(_SHORTEST, len(run)))


def file_name(name: str) -> str:
    """A safe file name for `name`: itself where it can be, else what is readable of it and a digest; never shared."""
    readable = "".join(one if one.isalnum() or one in "._-+=,@" else "_" for one in name)
    if readable == name and not name.startswith(".") and 0 < len(name.encode()) <= _LONGEST_BYTES:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    # `~` is in no name that is kept as it is, so the two kinds never meet.
    return f"{_cut(readable.lstrip('.'), _LONGEST_BYTES - 17)}~{digest}"


def _cut(text: str, size_bytes: int) -> str:
    return text.encode()[:size_bytes].decode(errors="ignore")
