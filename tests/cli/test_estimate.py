"""How long a run still takes: worked out by hand for small graphs."""

import pytest

from understudy.cli.estimate import left, remaining_s
from understudy.cli.view import RunView
from understudy.model.events import ApprovalAsked, JobFinished, JobStarted, PlannedJob, RunStarted
from understudy.model.results import JobResult, Outcome


def view(*jobs: tuple[str, tuple[str, ...]]) -> RunView:
    planned = tuple(PlannedJob(name, name, after, ("step",)) for name, after in jobs)
    start = RunStarted(0.0, "7f3a", "ci", "circleci", "push", "dev", None, "abc", "sandbox", planned)
    return RunView().fold_all([start])


CHAIN = (("a", ()), ("b", ("a",)), ("c", ("b",)))
FAN = (("a", ()), ("b", ()), ("c", ()), ("d", ("a", "b", "c")))


def test_a_chain_takes_the_sum() -> None:
    assert remaining_s(view(*CHAIN), {"a": 10, "b": 20, "c": 30}, 4, 0.0) == 60


@pytest.mark.parametrize(("slots", "expected"), [(1, 65), (2, 45), (3, 35)])
def test_slots_bound_what_runs_at_once(slots: int, expected: float) -> None:
    # One slot: 10+20+30+5. Two: a and b, c from 10 to 40, then d. Three: all, c until 30, then d.
    assert remaining_s(view(*FAN), {"a": 10, "b": 20, "c": 30, "d": 5}, slots, 0.0) == expected


def test_what_has_run_counts_no_more_and_what_takes_longer_than_ever_ends_now() -> None:
    seen = view(*CHAIN).fold_all([JobStarted(0.0, "a")])
    past = {"a": 10, "b": 20, "c": 30}
    assert remaining_s(seen, past, 2, 4.0) == 56
    assert remaining_s(seen, past, 2, 100.0) == 50
    seen.fold(JobFinished(100.0, "a", JobResult(Outcome.PASSED, 0.0, 100.0)))
    assert remaining_s(seen, past, 2, 100.0) == 50


def test_a_person_is_taken_to_answer_at_once() -> None:
    seen = view(("hold", ()), ("ship", ("hold",))).fold_all([ApprovalAsked(0.0, "hold", "hold")])
    assert remaining_s(seen, {"ship": 8}, 2, 3.0) == 8


def test_without_the_past_of_a_job_nothing_is_claimed() -> None:
    assert remaining_s(view(*CHAIN), {"a": 10, "b": 20}, 2, 0.0) is None
    assert remaining_s(view(*CHAIN), {}, 2, 0.0) is None


def test_a_finished_run_has_nothing_left() -> None:
    seen = view(("a", ())).fold_all([JobFinished(9.0, "a", JobResult(Outcome.PASSED, 0.0, 9.0))])
    assert remaining_s(seen, {"a": 10}, 2, 9.0) == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a few seconds left"),
        (8, "about 10s left"),
        (44, "about 45s left"),
        (58, "about 1m left"),
        (170, "about 3m left"),
        (3 * 3600 + 125, "about 3h 02m left"),
    ],
)
def test_it_is_told_no_more_exactly_than_it_is_known(seconds: float, text: str) -> None:
    assert left(seconds) == text
