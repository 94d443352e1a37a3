"""Tar streams out of rooms, checked entry by entry while they pass: nothing is kept that was not understood."""

import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

from understudy.runtimes.base import Room
from understudy.store.base import Blobs, Digest

_T = TypeVar("_T")
_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 1 << 18
_LONGEST_HEADER = 1 << 20
_LONGEST_NAME = 4096
_LONGEST_PADDING = 1 << 20
_END = bytes(2 * _BLOCK)
_EXTENSIONS = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE)
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_DEVICES = {tarfile.FIFOTYPE: "a named pipe", tarfile.CHRTYPE: "a device", tarfile.BLKTYPE: "a device"}


class Refused(Exception):  # noqa: N818 - it is a verdict on an archive, no error of ours
    """An archive that is not taken; `message` says why, in one clause."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Truncated(Refused):
    """An archive that ends too early."""


class TooLarge(Refused):
    """An archive of which the files are larger than they may be."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may hold: entries and headers, bytes in all its files together, and bytes in all names."""

    entries: int = 1_000_000
    size_bytes: int = 64 << 30
    names_bytes: int = 256 << 20


@dataclass(slots=True)
class Contents:
    """What passed: names of files and links, and what was left out, each with its kind."""

    bounds: Bounds = field(default_factory=Bounds)
    entries: int = 0
    size_bytes: int = 0
    names_bytes: int = 0
    headers: int = 0
    files: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def names(self) -> frozenset[str]:
        """Everything but folders."""
        return frozenset(self.files | self.links.keys())

    def admit(self, info: tarfile.TarInfo) -> bool:
        """Whether `info`, its name made plain, is kept; raises Refused for what no honest archive holds."""
        self._measure(info)
        info.name = _plain(info.name, "an entry")
        self.entries += 1
        self.size_bytes += info.size if info.type in _PLAIN else 0
        if self.entries > self.bounds.entries:
            raise Refused(f"it holds more than {self.bounds.entries:,} entries")
        if self.size_bytes > self.bounds.size_bytes:
            raise TooLarge(f"its files are larger than {self.bounds.size_bytes:,} bytes together")
        if info.type in _DEVICES:
            self.left_out.append(f"`{info.name}`, {_DEVICES[info.type]}")
            return False
        self._keep_to_folders(info)
        self._remember(info)
        return True

    def count_header(self) -> None:
        """One more header that is no entry; raises Refused for more of them than entries may be."""
        self.headers += 1
        if self.headers > self.bounds.entries:
            raise Refused(f"it holds more than {self.bounds.entries:,} headers")

    def _measure(self, info: tarfile.TarInfo) -> None:
        longest = max(len(info.name), len(info.linkname))
        if longest > _LONGEST_NAME:
            raise Refused(f"it holds a name of {longest:,} characters")
        self.names_bytes += len(info.name) + len(info.linkname)
        if self.names_bytes > self.bounds.names_bytes:
            raise Refused(f"its names are longer than {self.bounds.names_bytes:,} bytes together")

    def _keep_to_folders(self, info: tarfile.TarInfo) -> None:
        """No entry may be written through a link that an earlier entry made."""
        if not self.links:
            return
        if info.name in self.links and not (info.issym() and self.links[info.name] == info.linkname):
            raise Refused(f"`{info.name}` would be written over a link of that name")
        parts = info.name.split("/")
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            if parent in self.links:
                raise Refused(f"`{info.name}` would be written through the link `{parent}`")

    def _remember(self, info: tarfile.TarInfo) -> None:
        if info.issym():
            if info.name in self.files:
                raise Refused(f"`{info.name}` is both a file and a link")
            self.links[info.name] = info.linkname
        elif info.islnk():
            info.linkname = _plain(info.linkname, f"the hard link `{info.name}`")
            if info.linkname not in self.files:
                raise Refused(f"the hard link `{info.name}` leads to `{info.linkname}`, which is not in the archive")
            self.files.add(info.name)
        elif info.type in _PLAIN:
            self.files.add(info.name)
        elif not info.isdir():
            kind = info.type.decode("ascii", "replace")
            raise Refused(f"`{info.name}` is of a kind that can't be kept (`{kind}`)")


def _plain(name: str, what: str) -> str:
    """`name` without empty and `.` parts; raises Refused for one that is absolute or leads upwards."""
    if name.startswith("/"):
        raise Refused(f"{what} has the absolute name `{name}`")
    if "\0" in name:
        raise Refused(f"{what} has a name with a zero byte in it")
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise Refused(f"{what} has the name `{name}`, which leads upwards")
    return "/".join(parts) or "."


class _Body(io.RawIOBase):
    """The bytes of one entry: reads no further than they go."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source = source
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # narrower than Buffer: our callers
        wanted = min(len(buffer), self._left)
        data = self._source.read(wanted) if wanted else b""
        if wanted and not data:
            raise Truncated("it ends in the middle of a file")
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise Truncated("it ends in the middle of an entry")
    return data


def _padding(size: int) -> int:
    return -size % _BLOCK


def members(source: BinaryIO, contents: Contents) -> Iterator[tuple[tarfile.TarInfo, BinaryIO]]:
    """The entries of the uncompressed tar `source` that `contents` admits, each with its bytes.

    An entry's bytes are read before the next one is asked for, or lost. Raises Refused. `source` gives as many bytes
    as it is asked for, short of its end.
    """
    extended: dict[str, str] = {}
    while True:
        block = source.read(_BLOCK)
        if not block:
            raise Truncated("it ends without an end mark")
        if not block.strip(b"\0"):
            _rest(source)
            return
        info = _header(block)
        if info.type in _EXTENSIONS:
            contents.count_header()
            extended |= _extension(source, info)
            continue
        _extend(info, extended)
        extended = {}
        body = _Body(source, info.size if info.type in _PLAIN else 0)
        if info.type not in _PLAIN:
            info.size = 0
        if contents.admit(info):
            yield info, io.BufferedReader(body, _CHUNK)
        while body.read(_CHUNK):
            pass
        _exactly(source, _padding(info.size))


def _header(block: bytes) -> tarfile.TarInfo:
    if len(block) < _BLOCK:
        raise Truncated("it ends in the middle of a header")
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        raise Refused("it is no tar archive") from None


def _rest(source: BinaryIO) -> None:
    """Takes the padding after the last entry, so that the writer isn't cut off."""
    left = _LONGEST_PADDING
    while left > 0 and (data := source.read(min(left, _CHUNK))):
        left -= len(data)
    if left <= 0:
        raise Refused("it goes on after its end")


def _extension(source: BinaryIO, info: tarfile.TarInfo) -> dict[str, str]:
    """What an extended header says of the entry after it."""
    if info.size > _LONGEST_HEADER:
        raise Refused(f"it has a header of {info.size:,} bytes")
    data = _exactly(source, info.size + _padding(info.size))[: info.size]
    if info.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": _text(data.rstrip(b"\0"))}
    if info.type == tarfile.GNUTYPE_LONGLINK:
        return {"linkpath": _text(data.rstrip(b"\0"))}
    if info.type == tarfile.XGLTYPE:
        return {}
    return dict(_records(data))


def _records(data: bytes) -> Iterator[tuple[str, str]]:
    """The records `LENGTH KEY=VALUE\\n` of a pax header."""
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 8)
        length = data[at:space] if space > at else b""
        if not (length.isdigit() and len(length) + 2 < int(length) <= len(data) - at):
            raise Refused("it has a damaged header")
        key, _, value = data[space + 1 : at + int(length) - 1].partition(b"=")
        yield _text(key), _text(value)
        at += int(length)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _extend(info: tarfile.TarInfo, extended: dict[str, str]) -> None:
    if any(key.startswith("GNU.sparse") for key in extended):
        raise Refused("it holds a sparse file")
    info.name = extended.get("path", info.name)
    info.linkname = extended.get("linkpath", info.linkname)
    try:
        info.size = int(extended.get("size", info.size))
        info.mtime = int(float(extended.get("mtime", info.mtime)))
    except (ValueError, OverflowError):
        raise Refused("it has a damaged header") from None
    if info.size < 0:
        raise Refused("it has an entry of negative size")


Rename = Callable[[str], str]


def _same(name: str) -> str:
    return name


def _rewritten(source: BinaryIO, contents: Contents, rename: Rename, aim: Rename) -> Iterator[bytes]:
    for info, body in members(source, contents):
        fresh = tarfile.TarInfo(rename(info.name))
        fresh.type = tarfile.REGTYPE if info.type in _PLAIN else info.type
        fresh.size, fresh.mtime, fresh.mode = info.size, max(0, int(info.mtime)), info.mode & 0o1777
        fresh.linkname = _target(info, rename, aim)
        yield fresh.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        while data := body.read(_CHUNK):
            yield data
        yield bytes(_padding(info.size))
    yield _END


def _target(info: tarfile.TarInfo, rename: Rename, aim: Rename) -> str:
    if info.islnk():
        return rename(info.linkname)
    if info.issym() and info.linkname.startswith("/"):
        return "/" + aim(info.linkname[1:])
    return info.linkname


class _Chunks(io.RawIOBase):
    """An iterator of chunks, as a file to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # narrower than Buffer: our callers
        while not self._ready:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._ready = memoryview(chunk)
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def as_file(chunks: Iterator[bytes]) -> BinaryIO:
    """`chunks`, to be read from as one file."""
    return io.BufferedReader(_Chunks(chunks), _CHUNK)


def screened(source: BinaryIO, contents: Contents, rename: Rename = _same, aim: Rename = _same) -> BinaryIO:
    """The tar `source` written anew with only what `contents` admits; reading it raises Refused.

    `rename` gives entries their names, `aim` absolute symbolic links their targets (without the leading slash).
    """
    return as_file(_rewritten(source, contents, rename, aim))


def take(room: Room, base: str, paths: Iterable[str], consume: Callable[[BinaryIO], _T]) -> tuple[_T, tuple[str, ...]]:
    """Packs `paths` in `room` and hands the raw tar, while it comes, to `consume`.

    Gives what that returned, and the paths that don't exist. Raises Refused, RoomError, and what `consume` raises.
    """
    read_end, write_end = os.pipe()
    packing = _Packing(room, base, tuple(paths), write_end)
    packing.start()
    try:
        with closing(os.fdopen(read_end, "rb", _CHUNK)) as source:
            result = consume(source)
    except Truncated:
        packing.result()
        raise
    finally:
        packing.join()
    return result, packing.result()


def take_whole(
    room: Room, base: str, paths: Iterable[str], contents: Contents, blobs: Blobs
) -> tuple[tuple[Digest, int], tuple[str, ...]]:
    """Packs `paths` into the store, screened. Gives digest and bytes, and the paths that don't exist.

    Raises Refused, RoomError, StoreError.
    """

    def put(raw: BinaryIO) -> tuple[Digest, int]:
        with screened(raw, contents) as kept:
            return blobs.put(kept)

    return take(room, base, paths, put)


class _Packing(threading.Thread):
    """Packs into a pipe, and remembers what came of it."""

    def __init__(self, room: Room, base: str, paths: tuple[str, ...], write_end: int) -> None:
        super().__init__(name="understudy-pack", daemon=True)
        self._work = (room, base, paths)
        self._write_end = write_end
        self._missing: tuple[str, ...] = ()
        self._error: BaseException | None = None

    def run(self) -> None:
        room, base, paths = self._work
        try:
            with os.fdopen(self._write_end, "wb") as target:
                self._missing = room.pack(base, paths, target)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for the result
            self._error = error

    def result(self) -> tuple[str, ...]:
        """The paths that don't exist; raises what packing raised."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._missing
