"""What every `Caches` and `Timings` must do, whatever keeps them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from understudy.store.base import CacheRow, Caches, Timings, all_digests
from understudy.store.sqlite import SqliteStore

Open = Callable[[Path], AbstractContextManager[tuple[Caches, Timings]]]


@contextmanager
def sqlite_caches(folder: Path) -> Iterator[tuple[Caches, Timings]]:
    with SqliteStore(folder) as store:
        yield store.caches, store.timings


IMPLEMENTATIONS: dict[str, Open] = {"sqlite": sqlite_caches}


@pytest.fixture(params=IMPLEMENTATIONS)
def open_both(request: pytest.FixtureRequest) -> Open:
    return IMPLEMENTATIONS[request.param]


@pytest.fixture
def caches(open_both: Open, tmp_path: Path) -> Iterator[Caches]:
    with open_both(tmp_path) as (opened, _):
        yield opened


@pytest.fixture
def timings(open_both: Open, tmp_path: Path) -> Iterator[Timings]:
    with open_both(tmp_path) as (_, opened):
        yield opened


def sample(key: str, at: float = 1.0) -> CacheRow:
    return CacheRow("/project", "circleci", key, "sha256:" + "0" * 64, 5, at, at, {"base": "/home"})


def find(caches: Caches, key: str, *, prefix: bool = True) -> str | None:
    row = caches.find("/project", "circleci", key, prefix=prefix)
    return None if row is None else row.key


def test_the_first_save_of_a_key_wins(caches: Caches) -> None:
    row = sample("v1")
    assert caches.save(row)
    assert not caches.save(replace(row, size_bytes=99, at=2.0))
    found = caches.find("/project", "circleci", "v1", prefix=False)
    assert found is not None
    assert replace(found, used=row.used) == row


def test_a_key_is_its_project_s_and_dialect_s_own(caches: Caches) -> None:
    row = sample("v1")
    assert caches.save(row)
    assert caches.save(replace(row, project="/other"))
    assert caches.save(replace(row, dialect="github"))
    assert caches.find("/third", "circleci", "v1", prefix=True) is None
    assert caches.find("/project", "travis", "v1", prefix=True) is None
    assert len(caches.list()) == 3
    assert len(caches.list("/project")) == 2


def test_the_newest_of_several_keys_that_begin_so(caches: Caches) -> None:
    # https://circleci.com/docs/caching/#restoring-cache: the most recently generated one is used.
    for key, at in (("deps-main-b", 2.0), ("deps-main-a", 3.0), ("deps-dev", 9.0), ("dep", 10.0)):
        caches.save(sample(key, at))
    assert find(caches, "deps-main-") == "deps-main-a"
    assert find(caches, "deps-") == "deps-dev"
    assert find(caches, "deps-main-b") == "deps-main-b"
    assert find(caches, "") == "dep"
    assert find(caches, "deps-x") is None
    assert find(caches, "deps-main-", prefix=False) is None


def test_an_exact_match_goes_before_a_newer_one(caches: Caches) -> None:
    caches.save(sample("v1", 1.0))
    caches.save(sample("v1-more", 2.0))
    assert find(caches, "v1") == "v1"


def test_where_the_newest_is_wanted_it_goes_before_an_exact_match(caches: Caches) -> None:
    caches.save(sample("v1", 1.0))
    caches.save(sample("v1-more", 2.0))
    found = caches.find("/project", "circleci", "v1", prefix=True, newest=True)
    assert found is not None
    assert found.key == "v1-more"
    exact = caches.find("/project", "circleci", "v1", prefix=False, newest=True)
    assert exact is not None
    assert exact.key == "v1"


def test_of_two_saved_at_the_same_moment_the_later_is_the_newer(caches: Caches) -> None:
    for key in ("k-b", "k-c", "k-a"):
        caches.save(sample(key, 1.0))
    assert find(caches, "k-") == "k-a"
    assert [row.key for row in caches.list()] == ["k-a", "k-c", "k-b"]


@pytest.mark.parametrize("wild", ["a_", "a%", "a*", "a?", "a[", "a'", "A", "a\x00", "é", "\udcff"])
def test_no_character_of_a_key_is_special(caches: Caches, wild: str) -> None:
    caches.save(sample("abc", 5.0))
    assert find(caches, wild) is None
    caches.save(sample(wild + "-1", 1.0))
    assert find(caches, wild) == wild + "-1"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.lists(st.text(max_size=4), max_size=6, unique=True), prefix=st.text(max_size=2))
def test_the_same_answer_as_python_s(caches: Caches, keys: list[str], prefix: str) -> None:
    for row in caches.list():
        caches.remove(row.project, row.dialect, row.key)
    for at, key in enumerate(keys):
        caches.save(sample(key, float(at)))
    matching = [key for key in keys if key.startswith(prefix)]
    expected = prefix if prefix in keys else next(reversed(matching), None)
    assert find(caches, prefix) == expected


def test_finding_marks_as_used(caches: Caches) -> None:
    caches.save(sample("a", 1.0))
    caches.save(sample("b", 2.0))
    before = time.time()
    found = caches.find("/project", "circleci", "a", prefix=True)
    assert found is not None
    assert before <= found.used <= time.time()
    assert {row.key: row.used for row in caches.list()} == {"a": found.used, "b": 2.0}


def test_removal(caches: Caches) -> None:
    caches.save(sample("a"))
    assert caches.remove("/project", "circleci", "a")
    assert not caches.remove("/project", "circleci", "a")
    assert caches.list() == ()
    assert caches.save(sample("a"))


def test_rows_come_back_as_they_went_in(caches: Caches) -> None:
    row = CacheRow("/caf\udce9", "github", "ключ\n", "sha256:" + "a" * 64, 2**40, 1.25, 2.5, {"é": "\udcff", "b": ""})
    caches.save(row)
    assert caches.list() == (row,)
    assert all_digests(caches.list()) == {row.digest}


def test_they_are_there_the_next_time(open_both: Open, tmp_path: Path) -> None:
    with open_both(tmp_path) as (caches, _):
        caches.save(sample("a"))
    with open_both(tmp_path) as (caches, _):
        assert caches.list() == (sample("a"),)


def test_of_many_threads_one_saves(caches: Caches) -> None:
    rows = [replace(sample("same"), size_bytes=number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(caches.save, rows))
    assert kept.count(True) == 1
    assert caches.list() == (rows[kept.index(True)],)


def test_timings_keep_the_newest_of_each_test(timings: Timings) -> None:
    assert timings.of("/p", "unit") == {}
    timings.record("/p", "unit", {"a.py": 1.0, "b.py": 2.0})
    timings.record("/p", "unit", {"b.py": 3.0, "c\udcff.py": 0.5})
    timings.record("/p", "other", {"a.py": 9.0})
    timings.record("/q", "unit", {"a.py": 8.0})
    assert timings.of("/p", "unit") == {"a.py": 1.0, "b.py": 3.0, "c\udcff.py": 0.5}
