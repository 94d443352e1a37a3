"""What every `Runs` must do, whatever keeps them."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from understudy.errors import StoreError
from understudy.model.events import Event, JobFinished, JobStarted, StepFinished, StepOutput
from understudy.model.results import JobResult, Outcome, StepResult
from understudy.store.base import RunInfo, Runs
from understudy.store.sqlite import SqliteStore

Open = Callable[[Path], AbstractContextManager[Runs]]


@contextmanager
def sqlite_runs(folder: Path) -> Iterator[Runs]:
    with SqliteStore(folder) as store:
        yield store.runs


IMPLEMENTATIONS: dict[str, Open] = {"sqlite": sqlite_runs}


@pytest.fixture(params=IMPLEMENTATIONS)
def open_runs(request: pytest.FixtureRequest) -> Open:
    return IMPLEMENTATIONS[request.param]


@pytest.fixture
def runs(open_runs: Open, tmp_path: Path) -> Iterator[Runs]:
    with open_runs(tmp_path) as opened:
        yield opened


def info(project: str = "/project") -> RunInfo:
    return RunInfo(project, "build", "circleci", ("understudy", "run"), 1.0, 10, 20, "/scratch", "sandbox")


def started(job: str = "build") -> JobStarted:
    return JobStarted(1.0, job)


def step_finished() -> StepFinished:
    result = StepResult(Outcome.FAILED, Outcome.PASSED, 3, 1.0, 2.5, "exit 3", outputs={"a": "b"})
    return StepFinished(2.0, "build", 4, "make", result)


def job_finished() -> JobFinished:
    return JobFinished(3.0, "build", JobResult(Outcome.PASSED, 1.0, 3.0))


def test_events_are_numbered_from_one_and_come_back_in_order(runs: Runs) -> None:
    run, other = runs.begin(info()), runs.begin(info())
    events: list[Event] = [started(), step_finished(), job_finished()]
    assert [runs.append(run, event) for event in events] == [1, 2, 3]
    assert runs.append(other, events[0]) == 1
    assert list(runs.events(run)) == list(enumerate(events, 1))
    assert list(runs.events(run, after=2)) == [(3, events[2])]
    assert list(runs.events(run, after=3)) == []


def test_more_events_than_are_read_at_once(runs: Runs) -> None:
    run = runs.begin(info())
    for _ in range(1203):
        runs.append(run, started())
    assert [number for number, _ in runs.events(run)] == list(range(1, 1204))


def test_a_reader_sees_what_is_appended_while_it_reads(runs: Runs) -> None:
    run = runs.begin(info())
    runs.append(run, started("first"))
    reader = runs.events(run)
    assert next(reader)[0] == 1
    runs.append(run, started("second"))
    assert [number for number, _ in reader] == [2]


def test_output_is_refused(runs: Runs) -> None:
    run = runs.begin(info())
    with pytest.raises(ValueError, match="log"):
        runs.append(run, StepOutput(1.0, "build", 0, "hello"))
    assert list(runs.events(run)) == []


def test_an_event_of_no_run_is_refused(runs: Runs) -> None:
    with pytest.raises(StoreError, match="no run `beef`"):
        runs.append("beef", started())
    assert list(runs.events("beef")) == []


def test_ids_are_unique_and_of_four_digits(runs: Runs) -> None:
    ids = {runs.begin(info()) for _ in range(200)}
    assert len(ids) == 200
    assert all(len(run) == 4 and set(run) <= set("0123456789abcdef") for run in ids)


def test_recent_runs_come_newest_first(runs: Runs) -> None:
    first = runs.begin(info("/one"))
    second = runs.begin(info("/two"))
    third = runs.begin(info("/one"))
    assert [row.id for row in runs.recent(10)] == [third, second, first]
    assert [row.id for row in runs.recent(2)] == [third, second]
    assert [row.id for row in runs.recent(10, project="/one")] == [third, first]
    assert runs.recent(10, project="/on") == ()
    assert runs.recent(1)[0].info == info("/one")


def test_a_path_that_is_no_unicode_is_kept(runs: Runs) -> None:
    project = "/caf\udce9"
    run = runs.begin(info(project))
    (row,) = runs.recent(10, project=project)
    assert (row.id, row.info.project) == (run, project)


def test_runs_are_found_by_how_their_id_begins(runs: Runs) -> None:
    ids = [runs.begin(info()) for _ in range(40)]
    for run in ids:
        assert [row.id for row in runs.find(run)] == [run]
        assert [row.id for row in runs.find(run[:1])] == [one for one in reversed(ids) if one[0] == run[0]]
    assert [row.id for row in runs.find("")] == ids[::-1]
    assert [row.id for row in runs.find(ids[0].upper())] == [ids[0]]
    for nothing in ("zz", "%", "_", ids[0] + "0", "'"):
        assert runs.find(nothing) == ()


def test_the_end_of_a_run(runs: Runs) -> None:
    passed, dead, alive = (runs.begin(info()) for _ in range(3))
    assert {row.id for row in runs.unfinished()} == {passed, dead, alive}
    runs.end(passed, Outcome.PASSED, 5.0)
    runs.end(dead, None, 6.0)
    rows = {row.id: (row.outcome, row.ended, row.interrupted) for row in runs.recent(10)}
    assert rows == {passed: (Outcome.PASSED, 5.0, False), dead: (None, 6.0, True), alive: (None, None, False)}
    assert [row.id for row in runs.unfinished()] == [alive]


def test_a_run_ends_once(runs: Runs) -> None:
    run = runs.begin(info())
    runs.end(run, Outcome.FAILED, 5.0)
    runs.end(run, None, 6.0)
    assert [(row.outcome, row.ended, row.interrupted) for row in runs.recent(1)] == [(Outcome.FAILED, 5.0, False)]


def test_removal_takes_events_and_logs(runs: Runs) -> None:
    run, other = runs.begin(info()), runs.begin(info())
    runs.append(run, started())
    runs.append(other, started())
    log, kept = runs.log(run, "build", 0), runs.log(other, "build", 0)
    log.write_text("hello")
    kept.write_text("hello")
    runs.remove(run)
    runs.remove(run)
    assert [row.id for row in runs.recent(10)] == [other]
    assert list(runs.events(run)) == []
    assert len(list(runs.events(other))) == 1
    assert not log.exists()
    assert kept.read_text() == "hello"


def test_what_was_kept_is_there_the_next_time(open_runs: Open, tmp_path: Path) -> None:
    with open_runs(tmp_path) as runs:
        run = runs.begin(info())
        runs.append(run, step_finished())
        log = runs.log(run, "build", 0)
        log.write_bytes(b"out")
    with open_runs(tmp_path) as runs:
        assert list(runs.events(run)) == [(1, step_finished())]
        assert runs.append(run, job_finished()) == 2
        assert runs.log(run, "build", 0).read_bytes() == b"out"


NASTY = [
    "",
    ".",
    "..",
    "../..",
    "/etc/passwd",
    "a/b",
    "a b",
    "a'b\"c",
    "-rf",
    "🎭",
    "a\x00b",
    "a\nb",
    "é" * 300,
    "x" * 5000,
    "~",
    "\udcff",
]


def test_every_node_and_step_has_a_log_of_its_own(runs: Runs) -> None:
    run = runs.begin(info())
    paths = {runs.log(run, node, step) for node in [*NASTY, "a", "b", "a_b", "test-3.11"] for step in range(2)}
    assert len(paths) == (len(NASTY) + 4) * 2
    for path in paths:
        path.write_text(str(path))
    assert all(path.read_text() == str(path) for path in paths)
    inside = runs.log(run, "a", 0).parent.parent.resolve()
    assert all(path.resolve().parent.parent == inside for path in paths)


def test_no_other_user_gets_at_a_log(runs: Runs, tmp_path: Path) -> None:
    way = [one for one in runs.log("abcd", "a", 0).parents if one.is_relative_to(tmp_path) and one != tmp_path]
    assert any(one.stat().st_mode & 0o077 == 0 for one in way)


def test_a_plain_name_stays_readable(runs: Runs) -> None:
    path = runs.log(runs.begin(info()), "build-ubuntu18_venv3.6", 12)
    assert path.parts[-2:] == ("build-ubuntu18_venv3.6", "12.log")
    assert runs.log("abcd", "unit tests", 0).parent.name.startswith("unit_tests")


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(), min_size=2, max_size=8, unique=True))
def test_no_two_nodes_share_a_log(runs: Runs, names: list[str]) -> None:
    paths = {runs.log("abcd", name, 0) for name in names}
    assert len(paths) == len(names)
    assert all(path.parent.is_dir() for path in paths)


def test_threads_number_events_without_gaps(runs: Runs) -> None:
    run = runs.begin(info())
    barrier = threading.Barrier(8)

    def append(_: int) -> list[int]:
        barrier.wait()
        return [runs.append(run, started()) for _ in range(25)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for some in pool.map(append, range(8)) for number in some]
    assert sorted(numbers) == list(range(1, 201))
    assert [number for number, _ in runs.events(run)] == list(range(1, 201))
