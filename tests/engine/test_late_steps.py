"""Steps that are known when they begin: what a step before them wrote."""

from typing import Any

from understudy.model.events import StepFinished
from understudy.model.pipeline import Step, Text, Use
from understudy.model.results import Outcome


def late(stage: Any, identity: str) -> Step:
    written = stage.step(Use(Text(f"./{identity}")), id=identity)
    step = stage.step(written.action, id=identity, late=written)
    assert isinstance(step, Step)
    return step


def test_its_inner_steps_have_numbers_behind_all_others(stage: Any) -> None:
    writes = stage.script("write", env={"FAKE_WRITE": "it=one"})
    done = stage.perform(stage.job("a", writes, late(stage, "it"), stage.script("last")), dialect=stage.late())
    assert done.outcome is Outcome.PASSED
    assert [event.step for event in done.of(StepFinished)] == [0, 3, 1, 2]


def test_what_is_not_there_fails_when_it_begins(stage: Any) -> None:
    done = stage.perform(stage.job("a", late(stage, "it"), stage.script("last")), dialect=stage.late())
    assert done.outcomes("a") == [Outcome.FAILED, Outcome.SKIPPED]
    assert "there is no `it`" in done.job("a").reason
