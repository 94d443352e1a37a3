"""Files kept by their content: written aside, then moved to the name that their digest gives them."""

import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from understudy.errors import StoreError
from understudy.store import diagnosis
from understudy.store.base import Digest

_CHUNK_BYTES = 1024 * 1024
# Younger files may belong to a run that has not yet told the index about them.
_YOUNG_S = 3600.0
_DIGEST = re.compile(r"sha256:([0-9a-f]{2})([0-9a-f]{62})")


class FolderBlobs:
    """`Blobs` under `blobs/` in the store's folder, which is made by the first `put`."""

    def __init__(self, folder: Path) -> None:
        self._store = folder
        self._folder = folder / "blobs"
        self._incoming = self._folder / "incoming"

    def put(self, source: BinaryIO) -> tuple[Digest, int]:
        """As `Blobs.put`; through a power cut. Raises StoreError, and what `source.read` raises."""
        with self._told():
            # For its owner alone: caches and artifacts may hold what no other user of this machine should read.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._incoming.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(handle, "wb", buffering=0) as target:
                digest, size_bytes = self._fill(target, source)
            with self._told():
                self._settle(Path(name), digest)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        return digest, size_bytes

    def open(self, digest: Digest) -> BinaryIO:
        """As `Blobs.open`."""
        path = self.path(digest)
        try:
            return path.open("rb")
        except FileNotFoundError:
            raise StoreError(f"the store no longer holds `{digest}`", hint="run again what made it") from None
        except OSError as error:
            raise diagnosis.explain(error, self._store) from error

    def path(self, digest: Digest) -> Path:
        """As `Blobs.path`; nothing need be there. Raises StoreError for what is no digest."""
        parts = _DIGEST.fullmatch(digest)
        if parts is None:
            raise StoreError(f"`{digest}` is no digest")
        return self._folder / parts[1] / parts[2]

    def has(self, digest: Digest) -> bool:
        """As `Blobs.has`."""
        return _DIGEST.fullmatch(digest) is not None and self.path(digest).is_file()

    def sweep(self, keep: Container[Digest]) -> int:
        """As `Blobs.sweep`; also removes what killed `put`s left behind. Raises StoreError."""
        before = time.time() - _YOUNG_S
        with self._told():
            leftovers = (path for path in _files(self._incoming) if _is_older(path, before))
            unused = (path for digest, path in self._all() if digest not in keep and _is_older(path, before))
            return sum(map(_remove, leftovers)) + sum(self._remove_unless_touched(path, before) for path in unused)

    def size(self) -> int:
        """As `Blobs.size`, with what is still being put. Raises StoreError."""
        with self._told():
            return sum(_size(path) for path in _files(self._incoming)) + sum(_size(path) for _, path in self._all())

    def _fill(self, target: BinaryIO, source: BinaryIO) -> tuple[Digest, int]:
        digest, size_bytes = hashlib.sha256(), 0
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += len(chunk)
            with self._told():
                _write_all(target, chunk)
        with self._told():
            os.fchmod(target.fileno(), 0o444)
            os.fsync(target.fileno())
        return f"sha256:{digest.hexdigest()}", size_bytes

    def _settle(self, path: Path, digest: Digest) -> None:
        final = self.path(digest)
        if not final.parent.is_dir():
            final.parent.mkdir(exist_ok=True)
            _sync(self._folder)
        with self._locked(fcntl.LOCK_SH):
            # Over one of the same content, too: its new age keeps it from a sweep that can't know of it yet.
            path.replace(final)
        _sync(final.parent)

    def _remove_unless_touched(self, path: Path, before: float) -> int:
        with self._locked(fcntl.LOCK_EX):
            return _remove(path) if _is_older(path, before) else 0

    def _all(self) -> Iterator[tuple[Digest, Path]]:
        for folder in _entries(self._folder):
            if len(folder.name) == 2:
                named = ((f"sha256:{folder.name}{path.name}", path) for path in _files(folder))
                yield from ((digest, path) for digest, path in named if _DIGEST.fullmatch(digest))

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Keeps a sweep from removing what a `put` in another process settles at the same moment."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise diagnosis.explain(error, self._store) from error


def _write_all(target: BinaryIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[target.write(rest) :]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in _entries(folder) if path.is_file())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _is_older(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:
        return False


def _remove(path: Path) -> int:
    """Unlinks `path` and gives its size; 0 where another process was first."""
    size_bytes = _size(path)
    try:
        path.unlink()
    except FileNotFoundError:
        return 0
    return size_bytes
