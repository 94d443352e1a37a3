"""Packs files that are to be laid in a room into archives, one for each folder that they can be unpacked at."""

import io
import posixpath
import tarfile
from collections.abc import Iterable, Mapping, Sequence


def packed(files: Iterable[tuple[str, bytes, int]], own: Sequence[str]) -> Mapping[str, io.BytesIO]:
    """Uncompressed tars of `files` (path, content, mode), by the folder to unpack them at.

    That is the first of the folders `own` which a file lies in, else its own: a room without walls takes nothing at the
    root, but at what is the job's.
    """
    by_base: dict[str, list[tuple[str, bytes, int]]] = {}
    for path, content, mode in files:
        base = next((one for one in own if path.startswith(f"{one}/")), posixpath.dirname(path))
        by_base.setdefault(base, []).append((posixpath.relpath(path, base), content, mode))
    return {base: _tar(laid) for base, laid in by_base.items()}


def _tar(files: Iterable[tuple[str, bytes, int]]) -> io.BytesIO:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content, mode in files:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            tar.addfile(member, io.BytesIO(content))
    whole.seek(0)
    return whole
