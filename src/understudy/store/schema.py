"""The tables of the store, as the numbered steps that led to them: a step that was released is never edited."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Text of the user's (paths, keys, test names) is kept as bytes: any text fits, prefixes compare bytewise.
        """
        CREATE TABLE runs (
            serial INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            project BLOB NOT NULL,
            info TEXT NOT NULL,
            outcome TEXT,
            ended REAL,
            interrupted INTEGER NOT NULL DEFAULT 0
        )
        """,
        "CREATE INDEX runs_by_project ON runs (project, serial)",
        "CREATE INDEX runs_unfinished ON runs (serial) WHERE outcome IS NULL AND NOT interrupted",
        """
        CREATE TABLE events (
            run INTEGER NOT NULL REFERENCES runs (serial) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (run, number)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE caches (
            serial INTEGER PRIMARY KEY AUTOINCREMENT,
            project BLOB NOT NULL,
            dialect TEXT NOT NULL,
            key BLOB NOT NULL,
            digest TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            at REAL NOT NULL,
            used REAL NOT NULL,
            meta TEXT NOT NULL,
            UNIQUE (project, dialect, key)
        )
        """,
        """
        CREATE TABLE timings (
            project BLOB NOT NULL,
            job BLOB NOT NULL,
            name BLOB NOT NULL,
            seconds REAL NOT NULL,
            PRIMARY KEY (project, job, name)
        ) WITHOUT ROWID
        """,
    ),
)
"""Each brings a database from the version of its index to the next; `PRAGMA user_version` holds the number."""
