"""A job whose service cancels it once its time is up.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
"""

from typing import Any

import pytest

from understudy.dialects.base import Traits
from understudy.engine import allotted
from understudy.model.pipeline import ALWAYS, Condition, Group, Limits, Step, Text, Wait
from understudy.model.results import Outcome

PASSED, FAILED, CANCELLED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.CANCELLED, Outcome.SKIPPED
LONG = {"FAKE_SLEEP_S": "60"}
WHY = "the job ran longer than 0.0s"


def perform(stage: Any, *steps: Step, timeout_s: float = 0.02, **limits: Any) -> Any:
    traits = Traits(waits_for_background=True, timeout_cancels=True)
    dialect = type("Cancelling", (type(stage.late()),), {"TRAITS": traits})()
    return stage.perform(stage.job("a", *steps, limits=Limits(timeout_s=timeout_s, **limits)), dialect=dialect)


def commands(done: Any) -> list[str]:
    room = done.room("a")
    return [room.files[call.argv[-1]].content.decode() for call in room.calls]


def test_steps_whose_condition_allows_it_still_run(stage: Any) -> None:
    post = stage.script("post {{status}}", id="p", when=ALWAYS)
    uses = stage.script("first", after_job=(post,))
    done = perform(
        stage, uses, stage.script("long", env=LONG), stage.script("no"), stage.script("{{status}}", when=ALWAYS)
    )
    assert done.outcomes("a") == [PASSED, CANCELLED, SKIPPED, PASSED, PASSED]
    assert commands(done) == ["first", "long", "cancelled", "post cancelled"]
    assert [done.steps("a")[index].reason for index in (1, 2)] == [WHY, WHY]
    assert (done.job("a").outcome, done.job("a").reason, done.job("a").failed_step) == (CANCELLED, WHY, 1)
    assert done.outcome is CANCELLED


def test_a_step_goes_on_whose_condition_holds_then_too(stage: Any) -> None:
    going = stage.script("on", when=ALWAYS, env={"FAKE_SLEEP_S": "0.1"})
    done = perform(stage, going, stage.script("no"))
    assert (done.outcomes("a"), done.job("a").outcome) == ([PASSED, SKIPPED], CANCELLED)


def test_one_whose_condition_does_not_hold_then_ends(stage: Any) -> None:
    asks = Condition(after=frozenset(Outcome), expression=Text("{{steps.x}}"))
    done = perform(stage, stage.script(id="x"), stage.script("long", when=asks, env=LONG))
    assert done.steps("a")[1].outcome is SKIPPED
    asks = Condition(after=frozenset({PASSED, FAILED}))
    done = perform(stage, stage.script("long", when=asks, env=LONG))
    assert done.outcomes("a") == [CANCELLED]


def test_what_still_runs_is_bounded(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allotted, "AFTERWARDS_S", 0.05)
    done = perform(stage, stage.script("a", when=ALWAYS, env=LONG), stage.script("b", when=ALWAYS))
    assert done.outcomes("a") == [CANCELLED, SKIPPED]
    assert done.steps("a")[1].reason == f"{WHY}, and cleaning up took too long"
    assert done.job("a").outcome is CANCELLED


def test_a_failure_is_a_failure_as_long_as_there_is_time(stage: Any) -> None:
    done = perform(stage, stage.script("a", env={"FAKE_EXIT": "1"}), timeout_s=60)
    assert (done.outcomes("a"), done.job("a").outcome) == ([FAILED], FAILED)
    done = perform(stage, stage.script("a", env=LONG, timeout_s=0.02), timeout_s=60)
    assert (done.outcomes("a"), done.steps("a")[0].reason) == ([FAILED], "timed out after 0.0s")


def test_groups_and_steps_in_the_background_end_with_it(stage: Any) -> None:
    inner = (stage.script("long", id="i", env=LONG), stage.script("no"), stage.script("last", when=ALWAYS))
    steps = [
        stage.script("b", id="b", background=True, env=LONG),
        stage.step(Group(inner), id="g"),
        stage.step(Wait(), id="w", when=ALWAYS),
    ]
    done = perform(stage, *steps)
    assert done.outcomes("a") == [CANCELLED, CANCELLED, CANCELLED, SKIPPED, PASSED, CANCELLED]
    assert (done.job("a").outcome, done.job("a").reason) == (CANCELLED, WHY)


def test_how_long_that_may_be_is_the_files_to_say(stage: Any) -> None:
    steps = (stage.script("a", when=ALWAYS, env=LONG), stage.script("b", when=ALWAYS))
    done = perform(stage, *steps, cancel_timeout_s=0.3)
    assert done.outcomes("a") == [CANCELLED, SKIPPED]
    done = perform(stage, *steps, cancel_timeout=Text("0.005"))
    assert done.outcomes("a") == [CANCELLED, SKIPPED]
    done = perform(stage, stage.script("a"), timeout_s=60, cancel_timeout=Text("much"))
    assert (done.job("a").outcome, done.job("a").reason) == (
        FAILED,
        "`much` is to be a number of minutes, and is `much`",
    )
