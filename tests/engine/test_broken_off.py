"""Jobs that their own steps break off: fatal steps, verdicts, and time that is up where a service says so.

https://docs.travis-ci.com/user/job-lifecycle/#breaking-the-build
"""

from typing import Any

import pytest

from understudy.dialects.base import Effects, Traits
from understudy.model.pipeline import ALWAYS, Fetch, Kind, Limits, Need, Publish, RestoreCache, SaveCache, Step, Text
from understudy.model.results import Outcome

PASSED, FAILED, ERRORED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED
FAILS = {"FAKE_EXIT": "3"}


def with_verdict(stage: Any, verdict: Outcome, *steps: Step, **limits: Any) -> Any:
    """Performs steps of which those called `end` leave `verdict`."""

    def absorb(_self: object, _job: object, step: Step, _files: object) -> Effects:
        return Effects(verdict=verdict) if step.id == "end" else Effects()

    dialect = type("Ending", (type(stage.dialect()),), {"absorb": absorb})()
    return stage.perform(stage.job("a", *steps, limits=Limits(**limits)), dialect=dialect)


def test_a_fatal_step_that_fails_ends_the_job_as_errored(stage: Any) -> None:
    done = stage.perform(stage.job("a", stage.script(env=FAILS, fatal=True), stage.script(when=ALWAYS)))
    assert done.outcomes("a") == [FAILED, SKIPPED]
    assert (done.job("a").outcome, done.job("a").broken, done.job("a").failed_step) == (ERRORED, True, 0)
    assert "exit 3" in done.job("a").reason


def test_for_the_run_such_a_job_has_failed(stage: Any) -> None:
    first = stage.job("a", stage.script(env=FAILS, fatal=True))
    done = stage.perform(first, stage.job("b", needs=["a"]))
    assert done.outcome is FAILED
    assert done.job("b").outcome is SKIPPED


def test_a_fatal_step_that_passes_is_a_step(stage: Any) -> None:
    done = stage.perform(stage.job("a", stage.script(fatal=True), stage.script()))
    assert (done.outcomes("a"), done.job("a").broken) == ([PASSED, PASSED], False)


def test_such_a_job_may_be_allowed_to_fail(stage: Any) -> None:
    first = stage.job("a", stage.script(env=FAILS, fatal=True), limits=Limits(allow_failure=True))
    done = stage.perform(first, stage.job("b", needs=[Need("a")]))
    assert (done.job("a").outcome, done.job("a").forgiven) == (ERRORED, True)
    assert (done.job("b").outcome, done.outcome) == (PASSED, PASSED)


@pytest.mark.parametrize("verdict", [PASSED, FAILED, ERRORED])
def test_a_verdict_ends_the_job_whatever_its_steps_came_to(stage: Any, verdict: Outcome) -> None:
    bad = stage.script("bad", env=FAILS)
    done = with_verdict(stage, verdict, bad, stage.script(id="end", when=ALWAYS), stage.script(when=ALWAYS))
    assert done.outcomes("a") == [FAILED, PASSED, SKIPPED]
    assert (done.job("a").outcome, done.job("a").broken) == (verdict, verdict is ERRORED)
    assert bool(done.job("a").reason) is (verdict is not PASSED)
    assert done.outcome is (PASSED if verdict is PASSED else FAILED)


def test_a_machine_that_failed_stays_a_machine_that_failed(stage: Any) -> None:
    lost = stage.script("lost", env={"FAKE_END": "lost"}, fatal=True)
    done = stage.perform(stage.job("a", lost))
    assert (done.job("a").outcome, done.job("a").broken, done.outcome) == (ERRORED, False, ERRORED)


class TestWhereTimeBreaks:
    @staticmethod
    def perform(stage: Any, *steps: Step, **limits: Any) -> Any:
        dialect = type("Breaking", (type(stage.dialect()),), {"TRAITS": Traits(timeout_breaks=True)})()
        return stage.perform(stage.job("a", *steps, limits=Limits(**limits)), dialect=dialect)

    @pytest.mark.parametrize("how", ["timeout", "no-output"])
    def test_a_step_out_of_time_ends_the_job_as_errored(self, stage: Any, how: str) -> None:
        done = self.perform(stage, stage.script(env={"FAKE_END": how}), stage.script(when=ALWAYS))
        assert done.outcomes("a") == [FAILED, SKIPPED]
        assert (done.job("a").outcome, done.job("a").broken) == (ERRORED, True)

    def test_one_whose_failure_counts_for_nothing_fails_it(self, stage: Any) -> None:
        step = stage.script(env={"FAKE_END": "timeout"}, continue_on_error=True)
        done = self.perform(stage, step, stage.script(when=ALWAYS))
        assert done.outcomes("a") == [FAILED, SKIPPED]
        assert done.job("a").outcome is FAILED

    def test_a_job_out_of_time_is_errored(self, stage: Any) -> None:
        done = self.perform(stage, stage.script(env={"FAKE_SLEEP_S": "60"}), stage.script(), timeout_s=0.02)
        assert (done.outcomes("a"), done.job("a").outcome) == ([FAILED, SKIPPED], ERRORED)

    def test_elsewhere_it_fails(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script(env={"FAKE_END": "timeout"}), stage.script(when=ALWAYS)))
        assert (done.outcomes("a"), done.job("a").outcome) == ([FAILED, PASSED], FAILED)


def test_a_cache_may_be_replaced(stage: Any) -> None:
    def save(content: str) -> Any:
        action = SaveCache(Text("k"), (Text("x"),), replaces=True)
        return stage.job("a", stage.script(env={"FAKE_WRITE": f"x={content}"}), stage.step(action))

    stage.perform(save("old"))
    assert "Nothing has changed" in stage.perform(save("old")).log("a", 1)
    stage.perform(save("new"))
    done = stage.perform(stage.job("a", stage.step(RestoreCache((Text("k"),)))))
    room = done.room("a")
    assert room.files[f"{room.workdir}/x"].content == b"new"


def test_workspaces_are_told_apart_by_name(stage: Any) -> None:
    def maker(name: str) -> Any:
        publish = Publish(Kind.WORKSPACE, (Text("x"),), name=Text(name))
        return stage.job(name, stage.script(env={"FAKE_WRITE": f"x={name}"}), stage.step(publish))

    fetch = stage.step(Fetch(Kind.WORKSPACE, Text("."), Text("two")))
    done = stage.perform(maker("one"), maker("two"), stage.job("c", fetch, needs=["one", "two"]))
    room = done.room("c")
    assert room.files[f"{room.workdir}/x"].content == b"two"
