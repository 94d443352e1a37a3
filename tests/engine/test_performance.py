"""Whole runs on the fake runtime: edges, slots, needs, people, interrupts and our own failures."""

import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from understudy.errors import RoomError, StoreError
from understudy.findings import NOWHERE
from understudy.model.events import (
    ApprovalAsked,
    ApprovalGiven,
    Event,
    JobFinished,
    JobStarted,
    Noticed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)
from understudy.model.pipeline import ALWAYS, Approve, Limits, Need, SaveCache, Step, Text
from understudy.model.results import Outcome
from understudy.plan.plan import Plan
from understudy.runtimes.fake import FakeRuntime

PASSED, FAILED, ERRORED, CANCELLED, SKIPPED = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.ERRORED,
    Outcome.CANCELLED,
    Outcome.SKIPPED,
)
APPROVE = Step("a", Text("hold"), NOWHERE, Approve(Text("deploy?")))


def test_events_of_a_run_come_in_order(stage: Any) -> None:
    done = stage.perform(stage.job("a"), stage.job("b", needs=["a"]))
    assert done.outcome is PASSED
    shape = [(type(event), getattr(event, "job", None)) for event in done.events if not isinstance(event, Noticed)]
    one = [(JobStarted, "a"), (StepStarted, "a"), (StepFinished, "a"), (JobFinished, "a")]
    assert shape == [(RunStarted, None), *one, *((kind, "b") for kind, _ in one), (RunFinished, None)]


def test_a_job_starts_while_an_unrelated_one_still_runs(stage: Any) -> None:
    gate = threading.Event()
    stage.runtime.gates["slow"] = gate

    def watch(event: Event) -> None:
        if isinstance(event, JobStarted) and event.job == "second":
            gate.set()  # without a true edge `second` would wait for `slow`, and `slow` for ever

    slow = stage.job("slow", stage.script(env={"FAKE_WAIT": "slow"}))
    done = stage.perform(slow, stage.job("first"), stage.job("second", needs=["first"]), emit=watch)
    assert done.outcome is PASSED
    order = [event.job for event in done.of(JobFinished)]
    assert order.index("first") < order.index("slow")


def test_never_more_jobs_than_slots(stage: Any) -> None:
    running: set[str] = set()
    most = 0

    def watch(event: Event) -> None:
        nonlocal most
        if isinstance(event, JobStarted):
            running.add(event.job)
            most = max(most, len(running))
        if isinstance(event, JobFinished):
            running.discard(event.job)

    jobs = [stage.job(f"j{index}", stage.script(env={"FAKE_SLEEP_S": "0.002"})) for index in range(12)]
    assert stage.perform(*jobs, slots=3, emit=watch).outcome is PASSED
    assert most == 3


def test_the_longest_chain_has_the_first_slot(stage: Any) -> None:
    jobs = [stage.job("lone"), stage.job("head"), stage.job("tail", needs=["head"])]
    done = stage.perform(*jobs, slots=1)
    assert [event.job for event in done.of(JobStarted)] == ["head", "lone", "tail"]


def test_a_failed_need_skips_what_follows_and_says_so(stage: Any) -> None:
    broken = stage.job("build", stage.script(env={"FAKE_EXIT": "2"}))
    done = stage.perform(broken, stage.job("test", needs=["build"]), stage.job("lint"))
    assert done.jobs() == {"build": FAILED, "test": SKIPPED, "lint": PASSED}
    assert done.job("test").reason == "it needs `build`, which failed"
    assert done.job("build").failed_step == 0
    assert done.job("build").reason == 'step 1 "true": exit 2'
    assert done.outcome is FAILED


def test_needs_ask_for_sets_of_outcomes(stage: Any) -> None:
    broken = stage.job("build", stage.script(env={"FAKE_EXIT": "1"}))
    on_failure = stage.job("tell", needs=[Need("build", outcomes=frozenset({FAILED, CANCELLED}))])
    whatever = stage.job("clean", needs=[Need("test", outcomes=frozenset(Outcome))])
    done = stage.perform(broken, stage.job("test", needs=["build"]), on_failure, whatever)
    assert done.jobs() == {"build": FAILED, "test": SKIPPED, "tell": PASSED, "clean": PASSED}


def test_all_shares_of_a_job_split_by_the_same_times(stage: Any) -> None:
    stage.timings.record("/project", "test", {"a": 1.0, "b": 2.0})
    furnished: list[Mapping[str, float]] = []

    class Asking(type(stage.dialect())):  # type: ignore[misc] # the class is the conftest's own
        def furnish(self, job: Any, scope: Any, timings: Mapping[str, float]) -> Any:
            furnished.append(dict(timings))
            return super().furnish(job, scope, timings)

    def learn(event: Event) -> None:
        if isinstance(event, JobFinished):  # as a share that stores its test results does
            stage.timings.record("/project", "test", {"a": 9.0})

    shares = stage.job("test", limits=Limits(parallelism=3))
    stage.perform(shares, slots=1, emit=learn, dialect=Asking())
    assert furnished == [{"a": 1.0, "b": 2.0}] * 3
    stage.perform(shares, slots=1, dialect=Asking())
    assert furnished[3:] == [{"a": 9.0, "b": 2.0}] * 3


def test_all_rooms_of_a_parallel_job_must_pass(stage: Any) -> None:
    halves = stage.job("test", stage.script(env={"FAKE_EXIT": "{{NODE_INDEX}}"}), limits=Limits(parallelism=2))
    done = stage.perform(halves, stage.job("ship", needs=["test"]))
    assert done.jobs() == {"test.0": PASSED, "test.1": FAILED, "ship": SKIPPED}


def test_what_this_machine_cannot_do_is_skipped_with_the_reason(stage: Any) -> None:
    def no_mac(plan: Plan) -> Plan:
        return replace(plan, nodes=(replace(plan.nodes[0], unmet="no macOS here"), *plan.nodes[1:]))

    done = stage.perform(stage.job("mac"), stage.job("after", needs=["mac"]), stage.job("linux"), change=no_mac)
    assert done.job("mac").reason == "no macOS here"
    assert done.job("after").reason == "it needs `mac`, which was skipped"
    assert done.outcome is PASSED


def test_skipped_jobs_alone_do_not_fail_a_run(stage: Any) -> None:
    def no_mac(plan: Plan) -> Plan:
        return replace(plan, nodes=(replace(plan.nodes[0], unmet="no macOS here"),))

    assert stage.perform(stage.job("mac"), change=no_mac).outcome is SKIPPED


def test_a_room_that_does_not_open_is_the_machines_fault(stage: Any) -> None:
    stage.runtime = FakeRuntime(broken="no space for a room")
    done = stage.perform(stage.job("a"), stage.job("b", needs=["a"]))
    assert done.jobs() == {"a": ERRORED, "b": SKIPPED}
    assert done.job("a").reason == "no space for a room"
    assert done.outcome is ERRORED


def test_a_job_without_steps_passes_without_a_room(stage: Any) -> None:
    noop = replace(stage.job("noop"), steps=())
    assert stage.perform(noop, stage.job("b", needs=["noop"])).jobs() == {"noop": PASSED, "b": PASSED}


def test_a_serial_group_runs_one_job_at_a_time(stage: Any) -> None:
    running: list[str] = []

    def watch(event: Event) -> None:
        if isinstance(event, JobStarted):
            running.append(event.job)
            assert len(running) == 1
        if isinstance(event, JobFinished):
            running.remove(event.job)

    jobs = [stage.job(f"j{index}", group="g") for index in range(4)]
    assert stage.perform(*jobs, emit=watch).outcome is PASSED


def test_a_job_is_performed_once_more_where_it_allows_that(stage: Any) -> None:
    shared = iter(["1", "0"])

    class Flaky(type(stage.runtime)):  # type: ignore[misc] # the class of a fixture
        def open(self, spec: Any) -> Any:
            return super().open(replace(spec, env={"CODE": next(shared)}))

    stage.runtime = Flaky()
    job = stage.job("flaky", stage.script(env={"FAKE_EXIT": "{{CODE}}"}), limits=Limits(retries=2))
    done = stage.perform(job)
    assert done.outcome is PASSED
    assert [event.finding.code for event in done.of(Noticed) if event.finding.code == "job-retried"] == ["job-retried"]


class TestApproval:
    def test_yes_lets_what_follows_start(self, stage: Any) -> None:
        asked: list[tuple[str, str]] = []

        def yes(node: str, prompt: str) -> bool:
            asked.append((node, prompt))
            return True

        done = stage.perform(stage.job("hold", APPROVE), stage.job("ship", needs=["hold"]), approve=yes)
        assert done.jobs() == {"hold": PASSED, "ship": PASSED}
        assert asked == [("hold", "deploy?")]
        assert [event.prompt for event in done.of(ApprovalAsked)] == ["deploy?"]
        assert [event.approved for event in done.of(ApprovalGiven)] == [True]

    def test_nobody_there_never_passes(self, stage: Any) -> None:
        done = stage.perform(stage.job("hold", APPROVE), stage.job("ship", needs=["hold"]))
        assert done.jobs() == {"hold": CANCELLED, "ship": SKIPPED}
        assert done.job("hold").reason == "not approved; use --approve hold"
        assert not done.of(ApprovalGiven)

    def test_no_is_no(self, stage: Any) -> None:
        done = stage.perform(stage.job("hold", APPROVE), approve=lambda _node, _prompt: False)
        assert done.outcome is CANCELLED

    def test_waiting_takes_no_slot(self, stage: Any) -> None:
        answered = threading.Event()

        def wait(_node: str, _prompt: str) -> bool:
            return answered.wait(60)

        def watch(event: Event) -> None:
            if isinstance(event, JobFinished) and event.job == "work":
                answered.set()

        done = stage.perform(stage.job("hold", APPROVE), stage.job("work"), slots=1, approve=wait, emit=watch)
        assert done.jobs() == {"hold": PASSED, "work": PASSED}

    def test_an_interrupt_does_not_wait_for_an_answer(self, stage: Any) -> None:
        never = threading.Event()

        def watch(event: Event) -> None:
            if isinstance(event, ApprovalAsked):
                stage.stop.request()

        done = stage.perform(stage.job("hold", APPROVE), approve=lambda _node, _prompt: never.wait(60), emit=watch)
        assert done.jobs() == {"hold": CANCELLED}
        never.set()


class TestStop:
    def test_gracefully(self, stage: Any) -> None:
        stage.runtime.gates["never"] = threading.Event()

        def watch(event: Event) -> None:
            if isinstance(event, StepStarted) and event.step == 0:
                stage.stop.request()

        job = stage.job(
            "a",
            stage.script("long", env={"FAKE_WAIT": "never"}),
            stage.script("next"),
            stage.script("tidy", when=ALWAYS),
        )
        done = stage.perform(job, stage.job("b", needs=["a"]), stage.job("c"), slots=1, emit=watch)
        assert done.outcomes("a") == [CANCELLED, SKIPPED, PASSED]
        assert done.jobs() == {"a": CANCELLED, "b": CANCELLED, "c": CANCELLED}
        assert done.outcome is CANCELLED
        assert isinstance(done.events[-1], RunFinished)

    def test_at_once(self, stage: Any) -> None:
        stage.runtime.gates["never"] = threading.Event()

        def watch(event: Event) -> None:
            if isinstance(event, StepStarted):
                stage.stop.request()

        job = stage.job(
            "a",
            stage.script("long", env={"FAKE_WAIT": "never"}),
            stage.script("tidy", when=ALWAYS, env={"FAKE_WAIT": "never"}),
            stage.script("more", when=ALWAYS),
        )
        done = stage.perform(job, emit=watch)
        assert done.outcomes("a") == [CANCELLED, CANCELLED, SKIPPED]
        assert stage.stop.stage == 2

    def test_files_on_their_way_are_ended_too(self, stage: Any) -> None:
        class Slow(type(stage.runtime)):  # type: ignore[misc] # the class of a fixture
            @contextmanager
            def open(self, spec: Any) -> Any:
                with super().open(spec) as room:
                    stopped = threading.Event()
                    room.stop = lambda **_: stopped.set()

                    def pack(*_: Any) -> Any:
                        stage.stop.request()
                        assert stopped.wait(60)
                        raise RoomError("ended")

                    room.pack = pack
                    yield room

        stage.runtime = Slow()
        done = stage.perform(stage.job("a", stage.step(SaveCache(Text("k"), (Text("deps"),)))))
        assert done.outcomes("a") == [CANCELLED]
        assert done.job("a").reason == "interrupted"

    def test_before_anything_started(self, stage: Any) -> None:
        stage.stop.request()
        done = stage.perform(stage.job("a"), stage.job("b"))
        assert done.jobs() == {"a": CANCELLED, "b": CANCELLED}
        assert not done.rooms


class TestOurOwnFailures:
    def test_a_store_that_fails_ends_the_run_and_is_raised(self, stage: Any) -> None:
        def full(event: Event) -> None:
            if isinstance(event, StepFinished):
                raise StoreError("the disk is full")

        with pytest.raises(StoreError, match="the disk is full"):
            stage.perform(stage.job("a"), stage.job("b", needs=["a"]), emit=full)
        assert not list(stage.folder.glob("*/scratch/*"))

    def test_a_bug_in_a_job_does_not_hang_the_others(self, stage: Any) -> None:
        stage.runtime.gates["never"] = threading.Event()

        class Buggy(type(stage.runtime)):  # type: ignore[misc] # the class of a fixture
            def open(self, spec: Any) -> Any:
                if spec.name.endswith("bad"):
                    raise ZeroDivisionError
                return super().open(spec)

        stage.runtime = Buggy(stage.runtime.gates)
        with pytest.raises(ZeroDivisionError):
            stage.perform(stage.job("good", stage.script(env={"FAKE_WAIT": "never"})), stage.job("bad"))
        finished = {event.job: event.result.outcome for event in stage.events if isinstance(event, JobFinished)}
        assert finished == {"good": CANCELLED, "bad": ERRORED}
        assert stage.events[-1].outcome is ERRORED

    def test_a_room_lost_under_a_job_is_errored(self, stage: Any) -> None:
        lost = stage.job("a", stage.script(env={"FAKE_END": "lost"}), stage.script("tidy", when=ALWAYS))
        done = stage.perform(lost, stage.job("b"))
        assert done.outcomes("a") == [ERRORED, SKIPPED]
        assert done.jobs() == {"a": ERRORED, "b": PASSED}

    def test_a_room_that_dies_under_a_step_is_errored(self, stage: Any) -> None:
        class Fragile(type(stage.runtime)):  # type: ignore[misc] # the class of a fixture
            @contextmanager
            def open(self, spec: Any) -> Any:
                with super().open(spec) as room:
                    room.write_file = self.burn
                    yield room

            def burn(self, path: str, *_rest: Any, **_more: Any) -> None:
                if "steps" in path:
                    raise RoomError("it burned down")

        stage.runtime = Fragile()
        done = stage.perform(stage.job("a", stage.script(), stage.script(when=ALWAYS)))
        assert done.outcomes("a") == [ERRORED, SKIPPED]
        assert done.job("a").reason == 'step 1 "true": it burned down'


def test_many_jobs_settle(stage: Any) -> None:
    jobs = [stage.job(f"j{index}", needs=[f"j{index // 2}"] if index else []) for index in range(300)]
    done = stage.perform(*jobs, slots=4)
    assert set(done.jobs().values()) == {PASSED}
    assert len(done.jobs()) == 300
