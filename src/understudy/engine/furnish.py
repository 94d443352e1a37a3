"""Puts a dialect's files into a room, all at once: a call for each would be most of what a small job costs."""

import io
import posixpath
import tarfile
from collections.abc import Iterable

from understudy.dialects.base import RoomFile
from understudy.runtimes.base import Room


def furnish(room: Room, files: Iterable[RoomFile]) -> None:
    """Lays `files` in `room`: where their paths are not absolute, in its folder of tools. Raises RoomError."""
    by_base: dict[str, list[tuple[str, RoomFile]]] = {}
    for file in files:
        path = posixpath.join(room.tools, file.path)
        # A room without walls takes nothing at the root, but at what is the job's own.
        base = next((own for own in (room.tools, room.home) if path.startswith(f"{own}/")), posixpath.dirname(path))
        by_base.setdefault(base, []).append((posixpath.relpath(path, base), file))
    for base, laid in by_base.items():
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, file in laid:
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(file.content), file.mode
                tar.addfile(member, io.BytesIO(file.content))
        packed.seek(0)
        room.unpack(packed, base)
