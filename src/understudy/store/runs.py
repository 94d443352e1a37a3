"""Runs in the database: their rows, their events as JSON, and where their logs are."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from understudy.errors import StoreError
from understudy.model.codec import decode, encode
from understudy.model.events import ApprovalGiven, Event, JobFinished, RunFinished, StepFinished, StepOutput
from understudy.model.results import Outcome
from understudy.store import diagnosis
from understudy.store.base import RunInfo, RunRow
from understudy.store.database import Connection, Database, as_bytes
from understudy.store.names import file_name, fresh_id, prefixes

_PAGE = 500
_COLUMNS = "id, info, outcome, ended, interrupted"

# What a job or a person has come to is kept through a power cut before it is told: a resumed run builds on it. What a
# step has come to is so a moment later, while the next step starts. The rest is only kept through the death of every
# process, which costs no sync of the disk; the next of these takes it along.
_DURABLE = (JobFinished, RunFinished, ApprovalGiven)
_DURABLE_SOON = (StepFinished,)


class SqliteRuns:
    """`Runs` in a store's database, logs in a folder a run beside it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._logs = folder / "logs"

    def begin(self, info: RunInfo) -> str:
        """As `Runs.begin`. Raises StoreError."""
        with self._database.write(durable=True) as connection:
            count = connection.execute("SELECT count(*) FROM runs").fetchone()[0]
            run = fresh_id(count, lambda candidate: _is_taken(connection, candidate))
            connection.execute(
                "INSERT INTO runs (id, project, info) VALUES (?, ?, ?)",
                (run, as_bytes(info.project), json.dumps(encode(info))),
            )
        return run

    def append(self, run: str, event: Event) -> int:
        """As `Runs.append`; through a power cut where something ended. Raises StoreError, also for an unknown run."""
        if isinstance(event, StepOutput):
            raise ValueError("output is kept as a log, not as events")  # noqa: TRY004 - the contract says ValueError
        body = json.dumps(encode(event), separators=(",", ":"))
        with self._database.write(durable=isinstance(event, _DURABLE)) as connection:
            serial = _serial(connection, run)
            if serial is None:
                raise StoreError(f"the store has no run `{run}`")
            last = connection.execute("SELECT max(number) FROM events WHERE run = ?", (serial,)).fetchone()[0]
            number = (last or 0) + 1
            connection.execute("INSERT INTO events (run, number, body) VALUES (?, ?, ?)", (serial, number, body))
        if isinstance(event, _DURABLE_SOON):
            self._database.sync_soon()
        return number

    def events(self, run: str, after: int = 0) -> Iterator[tuple[int, Event]]:
        """As `Runs.events`: nothing for an unknown run. Raises StoreError."""
        while page := self._page(run, after):
            for number, body in page:
                yield number, self._event(run, number, body)
            after = page[-1][0]

    def recent(self, limit: int, *, project: str | None = None) -> tuple[RunRow, ...]:
        """As `Runs.recent`. Raises StoreError."""
        if project is None:
            return self._rows("ORDER BY serial DESC LIMIT ?", limit)
        return self._rows("WHERE project = ? ORDER BY serial DESC LIMIT ?", as_bytes(project), limit)

    def find(self, prefix: str) -> tuple[RunRow, ...]:
        """As `Runs.find`; capital digits are taken for small ones. Raises StoreError."""
        given = prefix.lower()
        return self._rows("WHERE substr(id, 1, ?) = ? ORDER BY serial DESC", len(given), given)

    def end(self, run: str, outcome: Outcome | None, at: float) -> None:
        """As `Runs.end`: the first end counts. Raises StoreError."""
        with self._database.write(durable=True) as connection:
            connection.execute(
                "UPDATE runs SET outcome = ?, ended = ?, interrupted = ?"
                " WHERE id = ? AND outcome IS NULL AND NOT interrupted",
                (outcome and outcome.value, at, outcome is None, run),
            )

    def unfinished(self) -> tuple[RunRow, ...]:
        """As `Runs.unfinished`, newest first. Raises StoreError."""
        return self._rows("WHERE outcome IS NULL AND NOT interrupted ORDER BY serial DESC")

    def log(self, run: str, node: str, step: int) -> Path:
        """As `Runs.log`; in a store that can only be read, the folder may be missing. Raises StoreError."""
        folder = self._logs / file_name(run) / file_name(node)
        if not self._database.read_only and not folder.is_dir():
            try:
                # For its owner alone, as the blobs are.
                self._logs.mkdir(mode=0o700, exist_ok=True)
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise diagnosis.explain(error, self._folder) from error
        return folder / f"{step}.log"

    def remove(self, run: str) -> None:
        """As `Runs.remove`. Raises StoreError."""
        with self._database.write(durable=False) as connection:
            connection.execute("DELETE FROM runs WHERE id = ?", (run,))
        shutil.rmtree(self._logs / file_name(run), ignore_errors=True)

    def _page(self, run: str, after: int) -> list[tuple[int, str]]:
        # Whole pages, so that a slow reader holds no transaction open: it would keep the write-ahead log growing.
        with self._database.read() as connection:
            return connection.execute(
                "SELECT number, body FROM events WHERE run = (SELECT serial FROM runs WHERE id = ?) AND number > ?"
                " ORDER BY number LIMIT ?",
                (run, after, _PAGE),
            ).fetchall()

    def _event(self, run: str, number: int, body: str) -> Event:
        try:
            event: Event = decode(Event, json.loads(body))
        except ValueError as error:
            raise diagnosis.newer(self._folder, f"event {number} of run `{run}`: {error}") from error
        return event

    def _rows(self, rest: str, *values: Any) -> tuple[RunRow, ...]:
        with self._database.read() as connection:
            found = connection.execute(f"SELECT {_COLUMNS} FROM runs {rest}", values).fetchall()  # noqa: S608 - ours
        return tuple(_row(*one) for one in found)


def _row(run: str, info: str, outcome: str | None, ended: float | None, interrupted: int) -> RunRow:
    ending = None if outcome is None else Outcome(outcome)
    return RunRow(run, decode(RunInfo, json.loads(info)), ending, ended, bool(interrupted))


def _serial(connection: Connection, run: str) -> int | None:
    found = connection.execute("SELECT serial FROM runs WHERE id = ?", (run,)).fetchone()
    return None if found is None else int(found[0])


def _is_taken(connection: Connection, candidate: str) -> bool:
    """Whether an id is this one, begins with it, or is its beginning."""
    shorter = prefixes(candidate)
    found = connection.execute(
        f"SELECT 1 FROM runs WHERE (id >= ? AND id < ?) OR id IN ({','.join('?' * len(shorter))})",  # noqa: S608 - ours
        (candidate, candidate + "g", *shorter),
    ).fetchone()
    return found is not None
