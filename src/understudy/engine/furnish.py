"""Puts a dialect's files into a room."""

import posixpath
from collections.abc import Iterable

from understudy.dialects.base import RoomFile
from understudy.runtimes.base import Room


def furnish(room: Room, files: Iterable[RoomFile]) -> None:
    """Lays `files` in `room`: where their paths are not absolute, in its folder of tools. Raises RoomError."""
    room.write_files([(posixpath.join(room.tools, file.path), file.content, file.mode) for file in files])
