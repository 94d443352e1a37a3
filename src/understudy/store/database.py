"""The one SQLite file of a store: its connections, transactions and migrations; the only module that opens it."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from understudy.errors import StoreError
from understudy.store import diagnosis
from understudy.store.schema import MIGRATIONS
from understudy.store.syncer import Syncer

FILE = "understudy.db"
# Twenty processes may write at once: long enough for all of them on a slow disk, and short of forever.
_PATIENCE_S = 60.0
_PAUSE_S = 0.02

_T = TypeVar("_T")


class Connection(sqlite3.Connection):
    """A connection that knows how it syncs: asking SQLite for what is so already takes as long as to insert a row."""

    _synchronous = ""

    def synchronise(self, mode: str) -> None:
        """Syncs commits by `mode` from now on. https://www.sqlite.org/pragma.html#pragma_synchronous"""
        if mode != self._synchronous:
            self.execute(f"PRAGMA synchronous = {mode}")
            self._synchronous = mode


class Database:
    """Connections to the database of a store's folder; each is used by one thread at a time, and idle ones are reused.

    Safe from many threads and many processes; not to be carried across a fork. With a folder that can't be written it
    serves readers only. Raises StoreError, here and from its members.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        # The threads of this process queue here, in turn; SQLite's own waiting is a lottery with naps.
        self._turn = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False
        self._syncer: Syncer | None = None
        self._read_only = _prepare(folder)
        with self._told(), self._connected() as connection:
            self._migrate(connection)

    @property
    def read_only(self) -> bool:
        """Whether the store can be read only."""
        return self._read_only

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with, to be given back soon: what was written before is seen."""
        with self._told(), self._connected() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool) -> Iterator[Connection]:
        """A transaction that no other writer interleaves with; committed at the end, undone by an exception.

        When it returns, a killed process (ours, any) can't undo it. `durable`: nor can a power cut. Every durable
        commit takes the earlier ones with it, since all are in one write-ahead log, synced as a whole.
        https://www.sqlite.org/pragma.html#pragma_synchronous
        """
        if self._read_only:
            raise diagnosis.read_only(self._folder)
        with self._told(), self._turn, self._connected() as connection:
            connection.synchronise("FULL" if durable else "NORMAL")
            _patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                _undo(connection)
                raise

    def sync_soon(self) -> None:
        """Has what was committed until now survive a power cut too, in a moment; nobody waits for the disk."""
        with self._guard:
            if self._closed:
                return
            if self._syncer is None:
                self._syncer = Syncer(self._folder / f"{FILE}-wal")
            syncer = self._syncer
        syncer.wake()

    def close(self) -> None:
        """Closes every connection; one in use closes as it is given back. Safe to repeat."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
            syncer = self._syncer
        if syncer is not None:
            syncer.close()
        for connection in idle:
            connection.close()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._guard:
            if self._closed:
                raise StoreError(f"the store `{self._folder}` is closed")
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            yield connection
        finally:
            with self._guard:
                # A reader that can't lock must not go by what it saw before: it opens the file anew each time.
                spent = self._read_only or self._closed
                if not spent:
                    self._idle.append(connection)
            if spent:
                connection.close()

    def _connect(self) -> Connection:
        path = self._folder / FILE
        mode = f"?{_reading_mode(path)}" if self._read_only else "?mode=rwc"
        connection = sqlite3.connect(
            f"file:{quote(os.fsencode(path.absolute()))}{mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=Connection,
        )
        try:
            connection.execute(f"PRAGMA busy_timeout = {int(_PATIENCE_S * 1000)}")
            connection.execute("PRAGMA foreign_keys = ON")
            if not self._read_only:
                _patiently(lambda: _use_write_ahead_log(connection))
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: Connection) -> None:
        version = _version(connection)
        if version > len(MIGRATIONS):
            raise diagnosis.newer(self._folder, f"version {version}, this one knows {len(MIGRATIONS)}")
        if version == len(MIGRATIONS):
            return
        if self._read_only:
            raise StoreError(f"the store `{self._folder}` must be upgraded, and can't be written")
        _patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
        try:
            # Asked again under the lock: another process may have done it meanwhile.
            for index in range(_version(connection), len(MIGRATIONS)):
                for statement in MIGRATIONS[index]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {index + 1}")
            connection.execute("COMMIT")
        except BaseException:
            _undo(connection)
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _explain(error, self._folder) from error


def as_bytes(text: str) -> bytes:
    """Any text of the user's for a BLOB column: paths of Linux may hold what is no Unicode."""
    return text.encode("utf-8", "surrogatepass")


def as_text(data: bytes) -> str:
    """What `as_bytes` was given."""
    return data.decode("utf-8", "surrogatepass")


def _prepare(folder: Path) -> bool:
    """Makes the folder; tells whether it can only be read."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(folder)
    except OSError as error:
        raise diagnosis.explain(error, folder) from error
    # Asked, and not tried: closing a file that SQLite has open in this process would drop SQLite's locks on it.
    # https://www.sqlite.org/howtocorrupt.html, section 2.2
    path = folder / FILE
    writable = os.access(folder, os.W_OK | os.X_OK) and (os.access(path, os.W_OK) or not path.exists())
    if not writable and not path.exists():
        raise diagnosis.read_only(folder)
    return not writable


def _close_to_others(folder: Path) -> None:
    """For its owner alone, as what it holds is; but a folder that is somebody's for other things too stays as it is."""
    state = folder.stat()
    if state.st_mode & 0o077 and state.st_uid == os.geteuid() and _is_ours(folder):
        folder.chmod(0o700)


def _is_ours(folder: Path) -> bool:
    return (folder / FILE).exists() or not any(folder.iterdir())


def _reading_mode(path: Path) -> str:
    """How to open a database whose folder can't be written.

    With a log beside it, SQLite needs the log's index, which it can't make here; without one, the file is all there is.
    https://www.sqlite.org/wal.html#read_only_databases
    """
    log = path.with_name(path.name + "-wal")
    settled = not log.exists() or not log.stat().st_size
    return "mode=ro&immutable=1" if settled else "mode=ro"


def _use_write_ahead_log(connection: Connection) -> None:
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _patiently(action: Callable[[], _T]) -> _T:
    """Repeats `action` while another process holds the file: some locks answer at once in spite of `busy_timeout`."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_S)


def _undo(connection: Connection) -> None:
    # A full disk may have made SQLite roll back by itself; then there is nothing to undo, and nothing to say.
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _code(error: sqlite3.Error) -> int:
    """The primary result code; 0 for an error that Python's module made itself. https://www.sqlite.org/rescode.html"""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _explain(error: sqlite3.Error, folder: Path) -> StoreError:
    code = _code(error)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and diagnosis.has_no_room(folder)):
        return diagnosis.full(folder)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return diagnosis.read_only(folder)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return diagnosis.damaged(folder, FILE)
    if code == sqlite3.SQLITE_BUSY:
        return StoreError(f"the store `{folder}` was kept busy for {_PATIENCE_S:.0f} s", hint="end what else uses it")
    return StoreError(f"the store `{folder}` can't be used: {error}")
