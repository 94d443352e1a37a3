"""Jobs judged when they are to start, their outputs for later jobs, and matrices known only then.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobs
"""

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from understudy.model.events import JobStarted, Multiplied, RunStarted
from understudy.model.pipeline import ALWAYS, Caller, Condition, Job, Limits, Matrix, Need, Text
from understudy.model.results import Outcome
from understudy.plan.merge import merge
from understudy.plan.plan import Plan

PASSED, FAILED, CANCELLED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.CANCELLED, Outcome.SKIPPED
BAD = {"FAKE_EXIT": "1"}
NO = Condition(expression=Text("no"))
ON_FAILURE = Condition(after=frozenset({FAILED}))


def perform(stage: Any, *jobs: Job, **given: Any) -> Any:
    return stage.perform(*jobs, dialect=stage.late(), change=given.pop("change", stage.planned), **given)


def giving(stage: Any, name: str, value: str, **more: Any) -> Job:
    """A job with the output `o`."""
    step = stage.script(id="s", env={"FAKE_WRITE": f"effects-s={json.dumps({'outputs': {'o': value}})}"})
    job = stage.job(name, step, outputs={"o": Text("{{steps.s.o}}")}, **more)
    assert isinstance(job, Job)
    return job


class TestConditions:
    def test_a_skip_applies_to_all_that_follows(self, stage: Any) -> None:
        done = perform(
            stage,
            stage.job("a", when=NO),
            stage.job("b", needs=["a"]),
            stage.job("c", needs=["a"], when=ALWAYS),
            stage.job("d", needs=["c"]),
        )
        assert done.jobs() == {"a": SKIPPED, "b": SKIPPED, "c": PASSED, "d": SKIPPED}
        assert done.job("a").reason == "`no` is not `yes`"
        assert done.job("b").reason == "it needs `a`, which was skipped"
        assert done.job("d").reason == "it comes after `a`, which was skipped"
        assert done.outcome is PASSED

    def test_a_failure_lets_those_start_that_ask_for_it(self, stage: Any) -> None:
        done = perform(
            stage,
            stage.job("a", stage.script(env=BAD)),
            stage.job("b", needs=["a"]),
            stage.job("tell", needs=["b"], when=ON_FAILURE),
        )
        assert done.jobs() == {"a": FAILED, "b": SKIPPED, "tell": PASSED}

    def test_they_see_outputs_and_outcomes(self, stage: Any) -> None:
        yes = Condition(expression=Text("{{jobs.a.o}}"))
        done = perform(stage, giving(stage, "a", "yes"), stage.job("b", needs=["a"], when=yes))
        assert done.jobs() == {"a": PASSED, "b": PASSED}
        done = perform(stage, giving(stage, "a", "nope"), stage.job("b", needs=["a"], when=yes))
        assert done.job("b").reason == "`nope` is not `yes`"

    def test_one_that_cannot_be_evaluated_fails_its_job(self, stage: Any) -> None:
        done = perform(stage, stage.job("a", when=Condition(expression=Text("{{NOWHERE}}"))))
        assert done.jobs() == {"a": FAILED}
        assert done.job("a").reason == "`NOWHERE` is not set"

    def test_what_may_fail_counts_as_passed(self, stage: Any) -> None:
        may = stage.job("a", stage.script(env=BAD), limits=Limits(forgiven=Text("true")))
        assert perform(stage, may, stage.job("b", needs=["a"])).jobs() == {"a": FAILED, "b": PASSED}


class TestOutputs:
    def test_steps_of_later_jobs_see_them(self, stage: Any) -> None:
        done = perform(stage, giving(stage, "a", "1.2"), stage.job("b", stage.script("v{{jobs.a.o}}"), needs=["a"]))
        assert done.room("b").files["/opt/fake/steps/1.sh"].content == b"v1.2"

    def test_a_job_without_steps_has_no_room_and_outputs_all_the_same(self, stage: Any) -> None:
        sums = replace(stage.job("sum", needs=["a"], outputs={"p": Text("{{jobs.a.o}}!")}), steps=())
        done = perform(
            stage, giving(stage, "a", "x"), sums, stage.job("b", stage.script("{{jobs.sum.p}}"), needs=["sum"])
        )
        assert done.job("sum").outputs == {"p": "x!"}
        assert done.room("b").files["/opt/fake/steps/1.sh"].content == b"x!"
        assert len(done.rooms) == 2


class TestCalledWorkflows:
    def jobs(self, stage: Any, **caller: Any) -> tuple[Job, ...]:
        calls = Caller("call", "called.yml", needs=(Need("first"),), **caller)
        inner = giving(stage, "call/inner", "in", caller=calls)
        never = stage.job("call/never", when=NO, caller=calls)
        whole = stage.job("call", needs=["call/inner", "call/never"], outputs={"p": Text("{{jobs.call/inner.o}}")})
        return inner, never, replace(whole, steps=()), stage.job("after", needs=["call"])

    def test_inside_and_outside_are_judged_apart(self, stage: Any) -> None:
        done = perform(stage, stage.job("first"), *self.jobs(stage))
        assert done.jobs() == {
            "first": PASSED,
            "call/inner": PASSED,
            "call/never": SKIPPED,
            "call": PASSED,
            "after": PASSED,
        }
        assert done.job("call").outputs == {"p": "in"}
        order = [event.job for event in done.of(JobStarted)]
        assert order.index("first") < order.index("call/inner") < order.index("call") < order.index("after")

    def test_a_call_that_is_not_made_is_skipped_whole(self, stage: Any) -> None:
        done = perform(stage, stage.job("first"), *self.jobs(stage, when=NO))
        assert done.jobs() == {"first": PASSED} | dict.fromkeys(("call/inner", "call/never", "call", "after"), SKIPPED)
        assert done.job("call/inner").reason == "`call` is not called: `no` is not `yes`"

    def test_what_goes_before_the_call_goes_before_all_of_it(self, stage: Any) -> None:
        done = perform(stage, stage.job("first", stage.script(env=BAD)), *self.jobs(stage))
        assert set(done.jobs().values()) == {FAILED, SKIPPED}
        done = perform(stage, stage.job("first", stage.script(env=BAD)), *self.jobs(stage, when=ALWAYS))
        assert done.jobs()["call/inner"] is PASSED
        assert done.jobs()["after"] is SKIPPED


class TestMatrix:
    def matrix(self, written: str, **more: Any) -> Matrix:
        return Matrix({}, written=Text(written), **more)

    def test_cells_at_planning(self, stage: Any) -> None:
        job = stage.job("a", stage.script("{{cell.v}}"), matrix=self.matrix('["x", "y"]'))
        done = perform(stage, job, stage.job("b", needs=["a"]))
        assert done.jobs() == {"a (x)": PASSED, "a (y)": PASSED, "b": PASSED}
        assert done.of(RunStarted)[0].jobs[2].after == ("a (x)", "a (y)")

    def test_cells_that_take_results(self, stage: Any) -> None:
        job = stage.job("a", stage.script("{{cell.v}}"), needs=["list"], matrix=self.matrix("{{jobs.list.o}}"))
        done = perform(stage, giving(stage, "list", '["x", "y"]'), job, stage.job("b", needs=["a"]))
        assert done.jobs() == {"list": PASSED, "a (x)": PASSED, "a (y)": PASSED, "b": PASSED}
        assert [one.id for one in done.of(RunStarted)[0].jobs] == ["list", "a", "b"]
        (event,) = done.of(Multiplied)
        assert (event.job, [one.id for one in event.jobs]) == ("a", ["a (x)", "a (y)"])
        order = [event.job for event in done.of(JobStarted)]
        assert order[-1] == "b"

    @pytest.mark.parametrize(("value", "why"), [("[]", "has no cells"), ('"bad"', "no list")])
    def test_those_that_come_to_nothing_fail(self, stage: Any, value: str, why: str) -> None:
        job = stage.job("a", needs=["list"], matrix=self.matrix("{{jobs.list.o}}"))
        done = perform(stage, giving(stage, "list", value), job, stage.job("b", needs=["a"]))
        assert done.jobs() == {"list": PASSED, "a": FAILED, "b": SKIPPED}
        assert why in done.job("a").reason

    def test_a_job_that_is_skipped_is_not_multiplied(self, stage: Any) -> None:
        job = stage.job("a", needs=["list"], when=NO, matrix=self.matrix("{{jobs.list.o}}"))
        assert perform(stage, giving(stage, "list", '["x"]'), job).jobs() == {"list": PASSED, "a": SKIPPED}

    def test_the_first_failure_ends_the_others(self, stage: Any) -> None:
        step = stage.script(env={"FAKE_EXIT": "{{cell.v}}"})
        tidy = stage.script("tidy", when=ALWAYS)
        job = stage.job("a", step, tidy, matrix=self.matrix('["1", "0", "2"]'))
        done = perform(stage, job, slots=1)
        assert done.jobs() == {"a (1)": FAILED, "a (0)": CANCELLED, "a (2)": CANCELLED}
        assert done.job("a (2)").reason == "`a (1)` failed, and the matrix is to end with its first failure"
        assert done.outcome is FAILED

    def test_one_that_runs_is_ended_with_its_tidying_done(self, stage: Any) -> None:
        stage.runtime.gates["never"] = threading.Event()
        slow = stage.script("slow", when=Condition(expression=Text("{{cell.v}}")), env={"FAKE_WAIT": "never"})
        bad = stage.script("bad", env=BAD, when=Condition(expression=Text("{{FAIL}}")))
        tidy = stage.script("tidy", when=ALWAYS)
        job = stage.job("a", slow, bad, tidy, env={"FAIL": Text("yes")}, matrix=self.matrix('["yes", "no"]'))
        done = perform(stage, job)
        assert done.jobs() == {"a (yes)": CANCELLED, "a (no)": FAILED}
        assert done.outcomes("a (yes)") == [CANCELLED, SKIPPED, PASSED]

    @pytest.mark.parametrize("fail_fast", [False, Text("false")])
    def test_unless_it_is_not_to(self, stage: Any, fail_fast: Any) -> None:
        step = stage.script(env={"FAKE_EXIT": "{{cell.v}}"})
        job = stage.job("a", step, matrix=self.matrix('["1", "0"]', fail_fast=fail_fast))
        assert perform(stage, job, slots=1).jobs() == {"a (1)": FAILED, "a (0)": PASSED}

    def test_or_the_failing_one_may_fail(self, stage: Any) -> None:
        step = stage.script(env={"FAKE_EXIT": "{{cell.v}}"})
        job = stage.job("a", step, matrix=self.matrix('["1", "0"]'), limits=Limits(forgiven=Text("true")))
        assert perform(stage, job, slots=1).jobs() == {"a (1)": FAILED, "a (0)": PASSED}

    @pytest.mark.parametrize("most", [2, Text("2")])
    def test_no_more_at_once_than_allowed(self, stage: Any, most: Any) -> None:
        running: set[str] = set()
        peak = 0

        def watch(event: Any) -> None:
            nonlocal peak
            if isinstance(event, JobStarted):
                running.add(event.job)
                peak = max(peak, len(running))
            elif type(event).__name__ == "JobFinished":
                running.discard(event.job)

        step = stage.script(env={"FAKE_SLEEP_S": "0.002"})
        job = stage.job("a", step, matrix=self.matrix("[1, 2, 3, 4, 5, 6]", max_parallel=most))
        assert perform(stage, job, emit=watch).outcome is PASSED
        assert peak <= 2


class TestGroups:
    def test_pipelines_of_one_group_run_one_after_another(self, stage: Any) -> None:
        def two(one: Plan) -> Plan:
            pipelines = [replace(one.pipeline, name=name, concurrency=Text("g")) for name in ("p", "q")]
            return merge([stage.planned(replace(one, pipeline=pipeline)) for pipeline in pipelines])

        jobs = (giving(stage, "a", "x"), stage.job("b", stage.script("{{jobs.a.o}}"), needs=["a"]))
        done = perform(stage, *jobs, change=two)
        assert done.jobs() == dict.fromkeys(("p/a", "p/b", "q/a", "q/b"), PASSED)
        assert [event.job for event in done.of(JobStarted)] == ["p/a", "p/b", "q/a", "q/b"]

    def test_a_group_of_jobs_may_be_an_expression(self, stage: Any) -> None:
        running: list[str] = []

        def watch(event: Any) -> None:
            if isinstance(event, JobStarted):
                running.append(event.job)
                assert len(running) == 1
            elif type(event).__name__ == "JobFinished":
                running.remove(event.job)

        jobs = [stage.job(f"j{index}", group="deploy{{jobs.none}}") for index in range(3)]
        assert perform(stage, *jobs, emit=watch).outcome is PASSED
