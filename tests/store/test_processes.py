"""Many processes at one store, and processes that are killed while they write."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from understudy.store.base import RunInfo
from understudy.store.blobs import FolderBlobs
from understudy.store.sqlite import SqliteStore

VICTIMS = Path(__file__).with_name("victims.py")
INFO = RunInfo("/project", "build", "circleci", (), 1.0, 10, 20, "/scratch", "sandbox")
KILLS = 30
CROWD = 20
EVENTS = 15


def told_before_the_kill(folder: Path, work: str) -> list[str]:
    command = [sys.executable, str(VICTIMS), "kill", str(folder), str(KILLS), work]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


def all_at_once(commands: list[list[str]]) -> list[list[str]]:
    """What each process printed, as words; all were let go when the last of them was ready."""
    crowd = [
        subprocess.Popen([sys.executable, str(VICTIMS), *one], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for one in commands
    ]
    for one in crowd:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in crowd:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    printed = [one.communicate()[0].split() for one in crowd]
    assert [one.returncode for one in crowd] == [0] * len(crowd)
    return printed


def test_a_crowd_of_processes(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        run = store.runs.begin(INFO)
    answers = all_at_once([["crowd", str(tmp_path), run, f"p{n}", str(EVENTS)] for n in range(CROWD)])

    told = {int(number): name for name, _, _, *numbers in answers for number in numbers}
    with SqliteStore(tmp_path) as store:
        events = dict(store.runs.events(run))
        (cache,) = store.caches.list()
        runs = {row.id for row in store.runs.recent(100)}
    assert list(events) == list(range(1, CROWD * EVENTS + 1))
    assert {number: getattr(event, "job", None) for number, event in events.items()} == told
    assert [name for name, first, *_ in answers if first == "True"] == [cache.meta["by"]]
    assert runs == {run, *(own for _, _, own, *_ in answers)}
    assert len(runs) == CROWD + 1


def test_a_crowd_may_make_the_store(tmp_path: Path) -> None:
    begun = all_at_once([["make", str(tmp_path / "new")]] * 8)
    with SqliteStore(tmp_path / "new") as store:
        assert sorted([row.id] for row in store.runs.recent(100)) == sorted(begun)


def test_no_acknowledged_event_is_lost_to_a_kill(tmp_path: Path) -> None:
    told: defaultdict[str, list[int]] = defaultdict(list)
    for line in told_before_the_kill(tmp_path, "append"):
        run, _, number = line.partition(" ")
        told[run].append(int(number))
    assert len(told) == KILLS
    with SqliteStore(tmp_path) as store:
        for run, numbers in told.items():
            kept = [number for number, _ in store.runs.events(run)]
            # One more may have been kept whose number the writer had no time to tell.
            assert kept in (numbers, [*numbers, len(numbers) + 1])
            assert numbers == list(range(1, len(numbers) + 1))
        assert {row.id for row in store.runs.unfinished()} >= set(told)
    connection = sqlite3.connect(tmp_path / "understudy.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_no_half_blob_survives_a_kill(tmp_path: Path) -> None:
    told = set(told_before_the_kill(tmp_path, "put"))
    assert len(told) >= KILLS
    folder = tmp_path / "blobs"
    whole = {path for path in folder.glob("??/*") if path.is_file()}
    for path in whole:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name + path.name
    blobs = FolderBlobs(tmp_path)
    assert all(blobs.has(digest) for digest in told)
    assert {blobs.path(digest) for digest in told} <= whole

    leftovers = list((folder / "incoming").iterdir())
    assert leftovers
    assert blobs.sweep(told) == 0
    assert list((folder / "incoming").iterdir()) == leftovers
    for path in leftovers:
        os.utime(path, (0, 0))
    blobs.sweep(told)
    assert list((folder / "incoming").iterdir()) == []
    assert blobs.size() == sum(path.stat().st_size for path in whole)
