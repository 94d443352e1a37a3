"""The database under the contracts: versions, damage, folders that can't be written, and disks that are full."""

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from understudy.errors import StoreError
from understudy.model.events import JobStarted, RunFinished
from understudy.model.results import Outcome
from understudy.store.base import CacheRow, RunInfo
from understudy.store.schema import MIGRATIONS
from understudy.store.sqlite import SqliteStore

INFO = RunInfo("/project", "build", "circleci", (), 1.0, 10, 20, "/scratch", "sandbox")
ROW = CacheRow("/project", "circleci", "key", "sha256:" + "0" * 64, 5, 1.0, 1.0, {})
FILE = "understudy.db"


def filled(folder: Path) -> str:
    """A store with one run of one event, one log and one cache, closed again; gives the run's id."""
    with SqliteStore(folder) as store:
        run = store.runs.begin(INFO)
        store.runs.append(run, JobStarted(1.0, "build"))
        store.runs.log(run, "build", 0).write_text("hello")
        store.caches.save(ROW)
    return run


def check_readable(folder: Path, run: str) -> None:
    with SqliteStore(folder) as store:
        assert store.read_only
        assert list(store.runs.events(run)) == [(1, JobStarted(1.0, "build"))]
        assert [row.id for row in store.runs.recent(5)] == [run]
        assert store.runs.log(run, "build", 0).read_text() == "hello"
        assert not store.runs.log(run, "other", 0).exists()
        assert store.caches.find("/project", "circleci", "ke", prefix=True) == ROW
        with pytest.raises(StoreError, match="can't be written"):
            store.runs.append(run, JobStarted(2.0, "build"))
        with pytest.raises(StoreError, match="can't be written"):
            store.runs.begin(INFO)


def pragma(folder: Path, text: str) -> str:
    connection = sqlite3.connect(folder / FILE)
    try:
        found = connection.execute(f"PRAGMA {text}").fetchone()
        return str(found and found[0])
    finally:
        connection.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB of its own; only the superuser can mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs a superuser who may mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_folder_of_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "a b" / "?mode=ro#%20é\udce9"
    run = filled(folder)
    assert (folder / FILE).is_file()
    with SqliteStore(folder) as store:
        assert [row.id for row in store.runs.recent(1)] == [run]


def test_it_writes_ahead_and_knows_its_version(tmp_path: Path) -> None:
    filled(tmp_path)
    assert pragma(tmp_path, "journal_mode") == "wal"
    assert pragma(tmp_path, "user_version") == str(len(MIGRATIONS))
    assert pragma(tmp_path, "integrity_check") == "ok"


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    filled(tmp_path)
    pragma(tmp_path, f"user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="newer version") as caught:
        SqliteStore(tmp_path)
    assert caught.value.hint


def test_a_migration_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = filled(tmp_path)
    good = "CREATE TABLE extra (a INTEGER)"
    with monkeypatch.context() as patched:
        patched.setattr("understudy.store.database.MIGRATIONS", (*MIGRATIONS, (good, "NONSENSE")))
        with pytest.raises(StoreError, match="syntax error"):
            SqliteStore(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("understudy.store.database.MIGRATIONS", (*MIGRATIONS, (good,)))
        with SqliteStore(tmp_path) as store:
            assert [row.id for row in store.runs.recent(5)] == [run]
    assert pragma(tmp_path, "user_version") == str(len(MIGRATIONS) + 1)


def test_an_event_of_a_newer_version_is_said(tmp_path: Path) -> None:
    run = filled(tmp_path)
    connection = sqlite3.connect(tmp_path / FILE)
    with connection:
        connection.execute("UPDATE events SET body = ?", ('{"class": "Teleported"}',))
    connection.close()
    with SqliteStore(tmp_path) as store, pytest.raises(StoreError, match=f"event 1 of run `{run}`.*Teleported"):
        list(store.runs.events(run))


@pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreError, match="is damaged") as caught:
        SqliteStore(tmp_path)
    assert FILE in caught.value.message
    assert caught.value.hint


def test_damage_that_shows_later_is_named(tmp_path: Path) -> None:
    run = filled(tmp_path)
    page = int(pragma(tmp_path, "page_size"))
    size_bytes = (tmp_path / FILE).stat().st_size
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(page)
        file.write(b"\xff" * (size_bytes - page))
    with SqliteStore(tmp_path) as store, pytest.raises(StoreError, match="is damaged"):
        list(store.runs.events(run))


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError, match="can't be used"):
        SqliteStore(tmp_path / "store")


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.runs.recent(1)


def test_closing_under_a_thread_s_hands_leaks_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    run = store.runs.begin(INFO)
    errors: list[StoreError] = []
    appended = threading.Event()

    def append_until_closed() -> None:
        try:
            while True:
                store.runs.append(run, JobStarted(1.0, "build"))
                appended.set()
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=append_until_closed) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert appended.wait(60)
    store.close()
    for thread in threads:
        thread.join()
    assert [error.message for error in errors] == [f"the store `{tmp_path}` is closed"] * 4


def test_what_fails_inside_a_transaction_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(runs: int, taken: object) -> str:
        raise KeyboardInterrupt

    with SqliteStore(tmp_path) as store:
        with monkeypatch.context() as patched:
            patched.setattr("understudy.store.runs.fresh_id", interrupt)
            with pytest.raises(KeyboardInterrupt):
                store.runs.begin(INFO)
        run = store.runs.begin(INFO)
        assert [row.id for row in store.runs.recent(5)] == [run]


def test_ids_never_begin_with_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([0xABCD, 0xABCDE, 0xABCDF, 0x12345, 0x1234, 0x9999])
    monkeypatch.setattr("understudy.store.names.secrets.randbelow", lambda _: next(drawn))
    with SqliteStore(tmp_path) as store:
        ids = [store.runs.begin(INFO)]
        with monkeypatch.context() as patched:
            patched.setattr("understudy.store.names._SHORTEST", 5)
            patched.setattr("understudy.store.names.prefixes", lambda run: (run[:4],))
            patched.setattr("understudy.store.runs.prefixes", lambda run: (run[:4],))
            ids.append(store.runs.begin(INFO))
        ids.append(store.runs.begin(INFO))
    assert ids == ["abcd", "12345", "9999"]


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Makes a folder unwritable: by its mode, which the superuser's stores don't mind, or by a mount for them."""
    locked: list[Path] = []

    def lock_folder(folder: Path) -> None:
        locked.append(folder)
        if os.geteuid() != 0:
            folder.chmod(0o555)
        elif subprocess.run(
            ["mount", "--bind", "-o", "ro", folder, folder], capture_output=True, check=False
        ).returncode:
            pytest.skip("this superuser may not mount")

    yield lock_folder
    for folder in locked:
        folder.chmod(0o755) if os.geteuid() else subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_store_in_a_folder_that_can_not_be_written_is_read(tmp_path: Path, lock: Callable[[Path], None]) -> None:
    run = filled(tmp_path)
    lock(tmp_path)
    check_readable(tmp_path, run)


def test_what_a_killed_process_left_is_read_in_such_a_folder(tmp_path: Path, lock: Callable[[Path], None]) -> None:
    with SqliteStore(tmp_path / "live") as store:
        run = store.runs.begin(INFO)
        store.runs.append(run, JobStarted(1.0, "build"))
        store.runs.log(run, "build", 0).write_text("hello")
        store.caches.save(ROW)
        # As a kill leaves it: with its log of writes, and the index of that.
        shutil.copytree(tmp_path / "live", tmp_path / "left")
    assert (tmp_path / "left" / f"{FILE}-wal").stat().st_size
    lock(tmp_path / "left")
    check_readable(tmp_path / "left", run)


def test_no_store_can_be_made_in_such_a_folder(tmp_path: Path, lock: Callable[[Path], None]) -> None:
    lock(tmp_path)
    for folder in (tmp_path, tmp_path / "new"):
        with pytest.raises(StoreError, match="can't be written"):
            SqliteStore(folder)


def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(disk: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 500_000)
    run = filled(disk / "store")
    kept = [1]
    with SqliteStore(disk / "store") as store:
        with pytest.raises(StoreError, match="no space left") as caught:
            kept.extend(store.runs.append(run, JobStarted(1.0, "b" * 2000)) for _ in range(100_000))
        assert caught.value.hint
        assert len(kept) > 10
        assert [number for number, _ in store.runs.events(run)] == kept
    with SqliteStore(disk / "store") as store:
        assert [number for number, _ in store.runs.events(run)] == kept
        ballast.unlink()
        assert store.runs.append(run, RunFinished(1.0, Outcome.PASSED)) == len(kept) + 1


def test_a_full_disk_from_the_start(disk: Path) -> None:
    (disk / "ballast").write_bytes(b"x" * (1024 * 1024 - 8192))
    with pytest.raises(StoreError, match="no space left"):
        SqliteStore(disk / "store")
