"""Syncs the write-ahead log of a database beside those who write to it."""

import os
import threading
from pathlib import Path


class Syncer:
    """A thread that brings `path` to the disk soon after each `wake`; several wakes before that are one.

    It opens the log by itself: SQLite keeps its locks elsewhere, so that closing the file gives none of them up.
    https://www.sqlite.org/wal.html#the_wal_file
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wanted = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="understudy-syncer", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Asks for one more sync; returns at once."""
        self._wanted.set()

    def close(self) -> None:
        """Ends the thread, after what was asked for is synced. Safe to repeat."""
        self._closed = True
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed:
            self._wanted.wait()
            self._wanted.clear()
            _sync(self._path)


def _sync(path: Path) -> None:
    """An error is left to the next durable commit, which syncs the same file and tells."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
