"""Steps in the background that something waits for, or cancels.

The rules are those of https://github.com/actions/runner/blob/main/src/Runner.Worker/BackgroundStepCoordinator.cs.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from understudy.dialects.base import Traits
from understudy.engine.background import AT_ONCE
from understudy.model.events import Event, StepFinished, StepOutput, StepStarted
from understudy.model.pipeline import ALWAYS, Cancel, Condition, Group, Step, Text, Wait
from understudy.model.results import Outcome

PASSED, FAILED, CANCELLED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.CANCELLED, Outcome.SKIPPED


def perform(stage: Any, *steps: Step, emit: Callable[[Event], None] | None = None, **job: Any) -> Any:
    traits = Traits(waits_for_background=True)
    dialect = type("Waiting", (type(stage.late()),), {"TRAITS": traits})()
    return stage.perform(stage.job("a", *steps, **job), dialect=dialect, emit=emit)


def beside(stage: Any, name: str, body: str = "true", **more: Any) -> Step:
    step = stage.script(body, id=name, name=name, background=True, **more)
    assert isinstance(step, Step)
    return step


def wait(stage: Any, *ids: str) -> Step:
    step = stage.step(Wait(ids or None), id="w", when=ALWAYS)
    assert isinstance(step, Step)
    return step


def cancel(stage: Any, name: str) -> Step:
    step = stage.step(Cancel((name,)), id="c", when=ALWAYS)
    assert isinstance(step, Step)
    return step


def commands(done: Any) -> list[str]:
    room = done.room("a")
    return [room.files[call.argv[-1]].content.decode() for call in room.calls]


def leaves(name: str, **values: Any) -> dict[str, str]:
    return {"FAKE_WRITE": f"effects-{name}={json.dumps(values)}"}


@pytest.fixture
def gate(stage: Any) -> threading.Event:
    made = threading.Event()
    stage.runtime.gates["gate"] = made
    return made


WAITS = {"FAKE_WAIT": "gate"}


def until(stage: Any, name: str) -> Step:
    """A step that ends when the gate `name` opens."""
    step = stage.script("until", env={"FAKE_WAIT": name})
    assert isinstance(step, Step)
    return step


def opening(gate: threading.Event, step: int) -> Callable[[Event], None]:
    """Opens the gate once `step` has ended."""

    def emit(event: Event) -> None:
        if isinstance(event, StepFinished) and event.step == step:
            gate.set()

    return emit


def test_the_next_step_begins_meanwhile(stage: Any, gate: threading.Event) -> None:
    done = perform(stage, beside(stage, "b", env=WAITS), stage.script("next"), wait(stage), emit=opening(gate, 1))
    assert [event.step for event in done.of(StepFinished)] == [1, 0, 2]
    assert done.outcomes("a") == [PASSED, PASSED, PASSED]
    assert done.log("a", 2) == "Waits for: b\nb: passed\n"


def test_what_it_leaves_is_there_after_the_wait(stage: Any, gate: threading.Event) -> None:
    left = leaves("b", outputs={"n": "5"}, env={"SET": "yes"})
    before = stage.script("[{{steps.b.n}}{{steps.b}}]")
    after = stage.script("[{{steps.b.n}} {{steps.b}} {{SET}}]")
    steps = [beside(stage, "b", env=left), until(stage, "gate"), before, wait(stage, "b"), after]
    done = perform(stage, *steps, emit=opening(gate, 0))
    assert commands(done)[2:] == ["[]", "[5 passed yes]"]


def test_its_text_is_what_it_was_when_it_began(stage: Any, gate: threading.Event) -> None:
    steps = [
        stage.script(id="o", env=leaves("o", outputs={"n": "1"})),
        beside(stage, "b", "[{{steps.o.n}}]", env=WAITS),
        wait(stage),
    ]
    gate.set()
    assert commands(perform(stage, *steps))[1] == "[1]"


def test_a_failure_counts_once_something_waits_for_it(stage: Any) -> None:
    bad = beside(stage, "b", env={"FAKE_EXIT": "3"})
    done = perform(stage, bad, stage.script("next"), wait(stage, "b"), stage.script("never"), cancel(stage, "b"))
    assert done.outcomes("a") == [FAILED, PASSED, FAILED, SKIPPED, PASSED]
    assert (done.job("a").outcome, done.job("a").failed_step) == (FAILED, 0)
    assert done.job("a").reason == 'step 1 "b": exit 3'
    assert done.steps("a")[2].reason == "`b` failed"


def test_a_failure_that_is_forgiven_does_not_count(stage: Any) -> None:
    bad = beside(stage, "b", env={"FAKE_EXIT": "3"}, continue_on_error=True)
    seen = stage.script("{{steps.b}}")
    done = perform(stage, bad, wait(stage, "b"), seen)
    assert (done.outcomes("a"), done.job("a").outcome) == ([FAILED, PASSED, PASSED], PASSED)
    assert commands(done)[1] == "failed"


def test_nothing_is_left_behind_without_a_wait(stage: Any, gate: threading.Event) -> None:
    post = stage.script("{{status}} {{steps.b.n}}", id="p", when=ALWAYS)
    left = {**WAITS, **leaves("b", outputs={"n": "5"}), "FAKE_EXIT": "1"}
    first = stage.script("first", after_job=(post,))
    done = perform(stage, first, beside(stage, "b", env=left), stage.script("last"), emit=opening(gate, 2))
    assert done.job("a").outcome is FAILED
    assert commands(done)[-1] == "failed 5"
    assert [event.step for event in done.of(StepFinished)] == [0, 2, 1, 3]


def test_a_cancelled_one_ends_and_the_job_passes(stage: Any, gate: threading.Event) -> None:
    server = beside(stage, "server", env=WAITS)
    other = beside(stage, "other", env={**WAITS, **leaves("other", outputs={"n": "1"})})
    last = stage.script("{{steps.server}} {{steps.other.n}}")
    done = perform(stage, server, other, cancel(stage, "server"), wait(stage), last, emit=opening(gate, 2))
    assert done.outcomes("a") == [CANCELLED, PASSED, PASSED, PASSED, PASSED]
    assert done.steps("a")[0].reason == "cancelled by `Cancel`"
    assert done.job("a").outcome is PASSED
    assert commands(done)[-1] == "cancelled 1"


def test_what_had_failed_before_it_was_cancelled_counts_at_the_end(stage: Any, gate: threading.Event) -> None:
    bad = beside(stage, "b", env={"FAKE_EXIT": "1"})
    done = perform(stage, bad, until(stage, "gate"), cancel(stage, "b"), stage.script(), emit=opening(gate, 0))
    assert done.outcomes("a") == [FAILED, PASSED, PASSED, PASSED]
    assert done.job("a").outcome is FAILED


def test_to_wait_for_a_cancelled_one_means_nothing_to_the_job(stage: Any, gate: threading.Event) -> None:
    steps = [beside(stage, "b", env=WAITS), cancel(stage, "b"), wait(stage, "b"), stage.script("on")]
    done = perform(stage, *steps)
    assert (done.outcomes("a"), done.job("a").outcome) == ([CANCELLED, PASSED, CANCELLED, PASSED], PASSED)
    assert not gate.is_set()


def test_only_so_many_are_performed_at_once(stage: Any, gate: threading.Event) -> None:
    steps = [beside(stage, f"b{number}", env=WAITS) for number in range(AT_ONCE + 2)]
    steps = [*steps, cancel(stage, f"b{AT_ONCE}"), stage.script("last"), wait(stage)]
    done = perform(stage, *steps, emit=opening(gate, AT_ONCE + 3))
    order = [event.step for event in done.of(StepFinished)]
    assert order[:3] == [AT_ONCE, AT_ONCE + 2, AT_ONCE + 3]
    assert done.steps("a")[AT_ONCE].outcome is CANCELLED
    assert len(done.room("a").calls) == AT_ONCE + 2
    assert done.steps("a")[AT_ONCE + 1].outcome is PASSED


def test_a_group_in_the_background(stage: Any, gate: threading.Event) -> None:
    inner = (
        stage.script("one {{inputs.x}}", id="i", env={**WAITS, **leaves("i", outputs={"n": "7"})}),
        stage.script("two {{steps.i.n}}", id="j"),
    )
    group = Group(inner, {"x": Text("{{steps.o.n}}")}, {"out": Text("{{steps.i.n}}")})
    steps = [
        stage.script(id="o", env=leaves("o", outputs={"n": "1"})),
        stage.step(group, id="g", background=True),
        stage.script("meanwhile"),
        wait(stage, "g"),
        stage.script("{{steps.g.out}}"),
    ]
    done = perform(stage, *steps, emit=opening(gate, 4))
    assert sorted(commands(done)) == sorted(["true", "one 1", "meanwhile", "two 7", "7"])
    assert done.outcomes("a") == [PASSED] * 7


def test_a_group_that_is_cancelled(stage: Any, gate: threading.Event) -> None:
    inner = (stage.script("one", id="i", env=WAITS), stage.script("never"), stage.script("still", when=ALWAYS))
    begun = stage.runtime.gates["begun"] = threading.Event()
    steps = [stage.step(Group(inner), id="g", background=True), until(stage, "begun"), cancel(stage, "g")]

    def emit(event: Event) -> None:
        if isinstance(event, StepStarted) and event.step == 1:
            begun.set()

    done = perform(stage, *steps, emit=emit)
    assert done.steps("a")[0].outcome is CANCELLED
    assert done.steps("a")[2].outcome is SKIPPED
    assert (done.steps("a")[5].outcome, done.job("a").outcome) == (PASSED, PASSED)
    assert commands(done)[-1] == "still"
    assert not gate.is_set()


def test_a_condition_that_does_not_hold(stage: Any) -> None:
    step = replace(beside(stage, "b"), when=Condition(expression=Text("no")))
    done = perform(stage, step, wait(stage, "b"), stage.script("{{steps.b}}"))
    assert done.outcomes("a") == [SKIPPED, PASSED, PASSED]
    assert done.log("a", 1) == "Waits for: nothing\n"


def test_an_interrupted_run_ends_them_all(stage: Any, gate: threading.Event) -> None:
    def emit(event: Event) -> None:
        if isinstance(event, StepStarted) and event.step == 1:
            stage.stop.request()

    done = perform(stage, beside(stage, "b", env=WAITS), wait(stage), stage.script("never"), emit=emit)
    assert [done.outcomes("a")[0], done.outcomes("a")[2]] == [CANCELLED, SKIPPED]
    assert done.job("a").outcome is CANCELLED
    assert not gate.is_set()


def test_what_one_step_masks_is_hidden_in_what_another_prints(stage: Any, gate: threading.Event) -> None:
    heard = beside(stage, "ear", env={"FAKE_OUTPUT": "!mask hunter2\n", **WAITS})
    told = stage.runtime.gates["told"] = threading.Event()

    def emit(event: Event) -> None:
        if isinstance(event, StepOutput) and event.step == 0:
            told.set()
        if isinstance(event, StepFinished) and event.step == 2:
            gate.set()

    other = stage.script("other", env={"FAKE_OUTPUT": "say hunter2\n"})
    done = perform(stage, heard, until(stage, "told"), other, wait(stage), emit=emit)
    assert (done.log("a", 0), done.log("a", 2)) == ("!mask ***\n", "say ****\n")
    assert done.outcomes("a") == [PASSED] * 4
