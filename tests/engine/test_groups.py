"""Groups of steps performed as one, and steps that come after the job; the rules are those of composite actions.

https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs-for-composite-actions
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from understudy.model.events import Annotated, StepFinished, StepStarted, Summarized
from understudy.model.layout import every_step
from understudy.model.pipeline import ALWAYS, ON_FAILURE, Condition, Group, Limits, Step, Text
from understudy.model.results import Outcome

PASSED, FAILED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED
BAD = {"FAKE_EXIT": "1"}


def group(stage: Any, *steps: Step, inputs: Any = None, outputs: Any = None, **more: Any) -> Step:
    texts = {name: Text(value) for name, value in (inputs or {}).items()}
    results = {name: Text(value) for name, value in (outputs or {}).items()}
    step = stage.step(Group(steps, texts, results), **more)
    assert isinstance(step, Step)
    return step


def effects(step: str, **values: Any) -> dict[str, str]:
    return {"FAKE_WRITE": f"effects-{step}={json.dumps(values)}"}


def perform(stage: Any, *steps: Step, **job: Any) -> Any:
    return stage.perform(stage.job("a", *steps, **job), dialect=stage.late())


def commands(done: Any) -> list[str]:
    room = done.room("a")
    return [room.files[call.argv[-1]].content.decode() for call in room.calls]


def test_every_step_has_a_number_of_its_own(stage: Any) -> None:
    post = stage.script("post", id="p")
    late = stage.script("late", id="l")
    job = stage.job(
        "a",
        stage.script("one", after_job=(post,)),
        group(stage, stage.script("two", after_job=(late,)), group(stage, stage.script("three"))),
        stage.script("four"),
    )
    names = [(one.index, one.depth, one.step.name.raw) for one in every_step(job)]
    assert names == [
        (0, 0, "one"),
        (1, 0, "Group"),
        (2, 1, "two"),
        (3, 1, "Group"),
        (4, 2, "three"),
        (5, 0, "four"),
        (6, 0, "late"),
        (7, 0, "post"),
    ]


def test_inner_steps_are_performed_in_order_and_told(stage: Any) -> None:
    done = perform(stage, group(stage, stage.script("x"), stage.script("y")), stage.script("z"))
    assert commands(done) == ["x", "y", "z"]
    assert [event.step for event in done.of(StepStarted)] == [0, 1, 2, 3]
    assert [event.step for event in done.of(StepFinished)] == [1, 2, 0, 3]


def test_a_failing_inner_step_fails_the_group_and_the_job(stage: Any) -> None:
    inner = group(stage, stage.script("x", env=BAD), stage.script("y"), stage.script("z", when=ALWAYS))
    done = perform(stage, inner, stage.script("after"))
    assert done.outcomes("a") == [FAILED, FAILED, SKIPPED, PASSED, SKIPPED]
    assert done.job("a").failed_step == 1
    assert done.job("a").reason == 'step 1 "Group": step 2 "x": exit 1'


def test_the_outer_steps_forgiveness_decides(stage: Any) -> None:
    inner = group(stage, stage.script(env=BAD), id="g", continue_on_error=True)
    done = perform(stage, inner, stage.script("{{steps.g}}"))
    assert (done.steps("a")[0].outcome, done.steps("a")[0].conclusion) == (FAILED, PASSED)
    assert done.job("a").outcome is PASSED
    assert commands(done)[-1] == "failed"


def test_inner_conditions_look_at_the_group(stage: Any) -> None:
    # The job has failed already; within the group nothing has.
    inner = group(stage, stage.script("in"), stage.script("{{status}}", when=ON_FAILURE), when=ALWAYS)
    done = perform(stage, stage.script("bad", env=BAD), inner)
    assert done.outcomes("a") == [FAILED, PASSED, PASSED, SKIPPED]


def test_inputs_outputs_and_ids_are_the_groups_own(stage: Any) -> None:
    said = stage.script("{{inputs.who}}", id="say", env=effects("say", outputs={"x": "1"}))
    inner = group(
        stage,
        said,
        stage.script("{{steps.say.x}}"),
        id="g",
        inputs={"who": "{{steps.before.name}}"},
        outputs={"y": "{{steps.say.x}}!"},
    )
    before = stage.script("b", id="before", env=effects("before", outputs={"name": "ann"}))
    done = perform(stage, before, inner, stage.script("{{steps.g.y}}{{steps.say.x}}{{inputs.who}}"))
    assert commands(done) == ["b", "ann", "1", "1!"]
    assert done.steps("a")[1].outputs == {"y": "1!"}


def test_the_groups_environment_applies_inside_alone(stage: Any) -> None:
    inner = group(stage, stage.script("{{X}}{{Y}}", env={"Y": "{{X}}2"}), env={"X": Text("1")})
    inner = replace(inner, env={"X": Text("1")})
    done = perform(stage, inner, stage.script("{{X}}"))
    assert commands(done) == ["112"]
    assert done.outcomes("a") == [PASSED, PASSED, FAILED]


def test_what_an_inner_step_adds_stays_for_the_job(stage: Any) -> None:
    inner = group(stage, stage.script(id="e", env=effects("e", env={"NEW": "x"})))
    assert commands(perform(stage, inner, stage.script("{{NEW}}")))[-1] == "x"


def test_inputs_that_cannot_be_evaluated_fail_the_group(stage: Any) -> None:
    done = perform(stage, group(stage, stage.script("x"), inputs={"a": "{{NOWHERE}}"}))
    assert done.outcomes("a") == [FAILED]
    assert "`NOWHERE` is not set" in done.log("a", 0)


def test_a_group_out_of_time_ends_whole(stage: Any) -> None:
    inner = group(stage, stage.script("x", env={"FAKE_SLEEP_S": "60"}), stage.script("y", when=ALWAYS), timeout_s=0.02)
    done = perform(stage, inner, stage.script("tidy", when=ALWAYS))
    assert done.outcomes("a") == [FAILED, FAILED, SKIPPED, PASSED]


class TestAfterTheJob:
    def test_in_reverse_order_and_only_for_steps_that_were_performed(self, stage: Any) -> None:
        def step(name: str, **more: Any) -> Step:
            post = stage.script(f"post {name}", when=ALWAYS)
            found = stage.script(name, id=name, after_job=(post,), **more)
            assert isinstance(found, Step)
            return found

        no = Condition(expression=Text("no"))
        done = perform(stage, step("one"), step("never", when=no), step("two", env=BAD), step("three"))
        assert commands(done) == ["one", "two", "post two", "post one"]

    def test_it_sees_what_its_step_has_kept_and_the_groups_inputs(self, stage: Any) -> None:
        post = stage.script("{{state.k}} {{inputs.i}} {{status}}", when=ALWAYS)
        main = stage.script("m", id="m", env=effects("m", state={"k": "v"}), after_job=(post,))
        done = perform(stage, group(stage, main, inputs={"i": "in"}), stage.script("bad", env=BAD))
        assert commands(done)[-1] == "v in failed"

    def test_an_earlier_step_of_the_same_id_keeps_for_it_too(self, stage: Any) -> None:
        pre = stage.script("pre", id="m", env=effects("m", state={"k": "v"}))
        assert commands(perform(stage, pre, stage.script("{{state.k}}", id="m")))[-1] == "v"

    def test_its_failure_fails_the_job(self, stage: Any) -> None:
        done = perform(stage, stage.script("m", after_job=(stage.script("post", env=BAD),)))
        assert done.job("a").outcome is FAILED
        assert done.job("a").failed_step == 1


class TestLimitsByExpression:
    def test_minutes_of_a_step(self, stage: Any) -> None:
        step = stage.script(env={"FAKE_SLEEP_S": "60", "M": "0.0005"}, timeout=Text("{{M}}"))
        done = perform(stage, step)
        assert done.steps("a")[0].reason.startswith("timed out after")

    @pytest.mark.parametrize(("word", "outcome"), [("true", PASSED), ("false", FAILED)])
    def test_forgiveness_of_a_step(self, stage: Any, word: str, outcome: Outcome) -> None:
        done = perform(stage, stage.script(env={**BAD, "F": word}, forgiven=Text("{{F}}")))
        assert done.job("a").outcome is outcome

    def test_minutes_that_are_no_number_fail_the_step(self, stage: Any) -> None:
        done = perform(stage, stage.script(timeout=Text("soon")))
        assert done.steps("a")[0].reason == "`soon` is to be a number of minutes, and is `soon`"

    def test_of_a_job(self, stage: Any) -> None:
        slow = stage.script(env={"FAKE_SLEEP_S": "60"})
        done = perform(stage, slow, limits=Limits(timeout=Text("0.0005")))
        assert done.job("a").reason.startswith("the job ran longer than")
        done = perform(stage, stage.script(env=BAD), limits=Limits(forgiven=Text("true")))
        assert (done.job("a").outcome, done.job("a").forgiven, done.outcome) == (FAILED, True, PASSED)


class TestListening:
    def test_lines_are_heard_masked_and_dropped(self, stage: Any) -> None:
        told = "hush is open\n!mask hush\nhush is hidden\n!drop this\n!say mind the gap\nend"
        done = perform(
            stage, stage.script(id="ear", env={"FAKE_OUTPUT": told}), stage.script(env={"FAKE_OUTPUT": "hush"})
        )
        assert done.log("a", 0) == "hush is open\n!mask ***\n**** is hidden\nend"
        assert done.log("a", 1) == "****"
        (event,) = done.of(Annotated)
        assert (event.level, event.message, event.file, event.line) == ("warning", "mind the gap", "a.py", 3)
        assert [event.text for event in done.of(Summarized)] == ["# heard\n"]

    def test_an_error_in_what_was_left_fails_the_step(self, stage: Any) -> None:
        done = perform(stage, stage.script(id="e", env=effects("e", error="the file can't be read")))
        assert done.steps("a")[0].reason == "the file can't be read"

    def test_secrets_are_no_variables_here(self, stage: Any) -> None:
        done = stage.perform(stage.job("a"), dialect=stage.late(), secrets={"TOKEN": "s3cr3t-value"})
        assert "TOKEN" not in done.room("a").calls[0].env

    def test_an_output_with_a_secret_is_not_handed_on(self, stage: Any) -> None:
        step = stage.script(id="o", env=effects("o", outputs={"t": "x-s3cr3t-value", "u": "fine"}))
        outputs = {"t": Text("{{steps.o.t}}"), "u": Text("{{steps.o.u}}")}
        done = stage.perform(stage.job("a", step, outputs=outputs), dialect=stage.late(), secrets={"T": "s3cr3t-value"})
        assert done.job("a").outputs == {"u": "fine"}
