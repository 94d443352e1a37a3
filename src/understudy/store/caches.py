"""The index of caches, and what is known of how long tests take, in the database."""

import json
import time
from collections.abc import Mapping
from typing import Any

from understudy.store.base import CacheRow
from understudy.store.database import Database, as_bytes, as_text

_COLUMNS = "project, dialect, key, digest, size_bytes, at, used, meta"


class SqliteCaches:
    """`Caches` in a store's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, row: CacheRow) -> bool:
        """As `Caches.save`. Raises StoreError."""
        values = (
            as_bytes(row.project),
            row.dialect,
            as_bytes(row.key),
            row.digest,
            row.size_bytes,
            row.at,
            row.used,
            json.dumps(dict(row.meta)),
        )
        with self._database.write(durable=True) as connection:
            done = connection.execute(
                f"INSERT INTO caches ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names
                " ON CONFLICT (project, dialect, key) DO NOTHING",
                values,
            )
        return done.rowcount == 1

    def find(self, project: str, dialect: str, key: str, *, prefix: bool, newest: bool = False) -> CacheRow | None:
        """As `Caches.find`; the newest is the one saved last. Raises StoreError. https://circleci.com/docs/caching/."""
        where = (as_bytes(project), dialect, as_bytes(key))
        found = None if prefix and newest else self._one("key = ?", where)
        if found is None and prefix:
            # No UTF-8 holds the byte FF: below it end all the keys that begin so, whatever else they hold.
            found = self._one("key >= ? AND key < ?", (*where, where[-1] + b"\xff"))
        if found is None or self._database.read_only:
            return found
        return self._mark_used(found)

    def list(self, project: str | None = None) -> tuple[CacheRow, ...]:
        """As `Caches.list`. Raises StoreError."""
        if project is None:
            return self._rows("ORDER BY at DESC, serial DESC", ())
        return self._rows("WHERE project = ? ORDER BY at DESC, serial DESC", (as_bytes(project),))

    def remove(self, project: str, dialect: str, key: str) -> bool:
        """As `Caches.remove`. Raises StoreError."""
        with self._database.write(durable=False) as connection:
            done = connection.execute(
                "DELETE FROM caches WHERE project = ? AND dialect = ? AND key = ?",
                (as_bytes(project), dialect, as_bytes(key)),
            )
        return done.rowcount == 1

    def _one(self, condition: str, values: tuple[Any, ...]) -> CacheRow | None:
        rest = f"WHERE project = ? AND dialect = ? AND {condition} ORDER BY at DESC, serial DESC LIMIT 1"
        return next(iter(self._rows(rest, values)), None)

    def _rows(self, rest: str, values: tuple[Any, ...]) -> tuple[CacheRow, ...]:
        with self._database.read() as connection:
            found = connection.execute(f"SELECT {_COLUMNS} FROM caches {rest}", values).fetchall()  # noqa: S608 - ours
        return tuple(_row(one) for one in found)

    def _mark_used(self, row: CacheRow) -> CacheRow:
        used = max(time.time(), row.used)
        with self._database.write(durable=False) as connection:
            connection.execute(
                "UPDATE caches SET used = ? WHERE project = ? AND dialect = ? AND key = ?",
                (used, as_bytes(row.project), row.dialect, as_bytes(row.key)),
            )
        return CacheRow(row.project, row.dialect, row.key, row.digest, row.size_bytes, row.at, used, row.meta)


class SqliteTimings:
    """`Timings` in a store's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, project: str, job: str, seconds: Mapping[str, float]) -> None:
        """As `Timings.record`; tests that are not in `seconds` keep what they had. Raises StoreError."""
        where = (as_bytes(project), as_bytes(job))
        with self._database.write(durable=False) as connection:
            connection.executemany(
                "INSERT INTO timings (project, job, name, seconds) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (project, job, name) DO UPDATE SET seconds = excluded.seconds",
                [(*where, as_bytes(name), taken) for name, taken in seconds.items()],
            )

    def of(self, project: str, job: str) -> Mapping[str, float]:
        """As `Timings.of`. Raises StoreError."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT name, seconds FROM timings WHERE project = ? AND job = ?", (as_bytes(project), as_bytes(job))
            ).fetchall()
        return {as_text(name): seconds for name, seconds in found}


def _row(columns: tuple[Any, ...]) -> CacheRow:
    project, dialect, key, digest, size_bytes, at, used, meta = columns
    return CacheRow(as_text(project), dialect, as_text(key), digest, size_bytes, at, used, json.loads(meta))
