"""A store in one folder: runs, caches and timings in a SQLite file, logs beside it."""

from pathlib import Path
from types import TracebackType

from understudy.store.caches import SqliteCaches, SqliteTimings
from understudy.store.database import Database
from understudy.store.runs import SqliteRuns


class SqliteStore:
    """`runs`, `caches` and `timings` over one database in `folder`, which is made if needed.

    Safe from many threads and from many processes at once. A folder that can't be written is opened for reading where
    it holds a store. Raises StoreError.
    """

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder)
        self.runs = SqliteRuns(self._database, folder)
        self.caches = SqliteCaches(self._database)
        self.timings = SqliteTimings(self._database)

    @property
    def read_only(self) -> bool:
        """Whether the store can be read only."""
        return self._database.read_only

    def close(self) -> None:
        """Closes the database: nothing works afterwards. Safe to repeat."""
        self._database.close()

    def __enter__(self) -> "SqliteStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
