"""One job on the fake runtime: environment, conditions, retries, background steps, time limits, checkouts."""

import json
import threading
from pathlib import Path
from typing import Any

from understudy.findings import Severity
from understudy.model.events import CacheUsed, Continued, Event, Noticed, StepFinished, StepOutput, StepStarted
from understudy.model.pipeline import (
    ALWAYS,
    ON_FAILURE,
    Checkout,
    Condition,
    Container,
    Fetch,
    Kind,
    Limits,
    Text,
    Use,
)
from understudy.model.results import Outcome
from understudy.runtimes.fake import FakeFile

PASSED, FAILED, CANCELLED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.CANCELLED, Outcome.SKIPPED


def env_of(stage: Any, job: Any, **given: Any) -> dict[str, str]:
    """The environment of the first call of `job`."""
    return dict(stage.perform(job, **given).room(job.id).calls[0].env)


def effects(step: str, **values: Any) -> dict[str, str]:
    return {"FAKE_WRITE": f"effects-{step}={json.dumps(values)}"}


class TestSteps:
    def test_a_script_is_laid_into_the_room_and_run(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script("make test")))
        room = done.room("a")
        (call,) = room.calls
        assert call.argv == ("bash", "-e", "/opt/fake/steps/1.sh")
        assert room.files["/opt/fake/steps/1.sh"] == FakeFile(b"make test", 0o644)
        assert call.workdir == "/home/fake/project"
        assert call.env["STEP"] == "s"

    def test_a_failure_skips_all_but_what_asks_for_it(self, stage: Any) -> None:
        job = stage.job(
            "a",
            stage.script("bad", env={"FAKE_EXIT": "3"}),
            stage.script("next"),
            stage.script("report", when=ON_FAILURE),
            stage.script("tidy", when=ALWAYS),
        )
        done = stage.perform(job)
        assert done.outcomes("a") == [FAILED, SKIPPED, PASSED, PASSED]
        assert done.steps("a")[0].exit_code == 3
        assert done.steps("a")[1].reason == "a step before it failed"
        assert done.job("a").outcome is FAILED

    def test_on_failure_is_skipped_while_all_goes_well(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script(), stage.script("report", when=ON_FAILURE)))
        assert done.outcomes("a") == [PASSED, SKIPPED]
        assert done.job("a").outcome is PASSED

    def test_the_dialect_is_asked_about_its_conditions(self, stage: Any) -> None:
        job = stage.job(
            "a",
            stage.script(when=Condition(expression=Text("yes"))),
            stage.script(when=Condition(expression=Text("no"))),
        )
        done = stage.perform(job)
        assert done.outcomes("a") == [PASSED, SKIPPED]
        assert done.steps("a")[1].reason == "`no` is not `yes`"

    def test_a_forgiven_failure_is_no_failure_of_the_job(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script(env={"FAKE_EXIT": "1"}, continue_on_error=True)))
        assert (done.steps("a")[0].outcome, done.steps("a")[0].conclusion) == (FAILED, PASSED)
        assert done.job("a").outcome is PASSED

    def test_retries_until_it_passes(self, stage: Any) -> None:
        step = stage.script(env={"FAKE_EXIT": "1,1,0"}, retries=3)
        done = stage.perform(stage.job("a", step))
        assert done.outcomes("a") == [PASSED]
        assert done.steps("a")[0].attempts == 3
        assert [event.attempt for event in done.of(StepStarted)] == [1, 2, 3]
        assert "Attempt 1 of 4 failed" in done.log("a", 0)

    def test_retries_are_bounded(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script(env={"FAKE_EXIT": "1"}, retries=2)))
        assert (done.outcomes("a"), done.steps("a")[0].attempts) == ([FAILED], 3)

    def test_a_halt_ends_the_job_with_success(self, stage: Any) -> None:
        job = stage.job("a", stage.script(id="stop", env=effects("stop", halt=True)), stage.script(when=ALWAYS))
        done = stage.perform(job)
        assert done.outcomes("a") == [PASSED, SKIPPED]
        assert done.steps("a")[1].reason == "the job was halted"
        assert done.job("a").outcome is PASSED

    def test_a_text_that_cannot_be_evaluated_fails_its_step(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script("{{NOWHERE}}", name="x"), stage.script()))
        assert done.outcomes("a") == [FAILED, SKIPPED]
        assert done.steps("a")[0].reason == "`NOWHERE` is not set"
        assert "`NOWHERE` is not set" in done.log("a", 0)

    def test_an_environment_that_cannot_be_evaluated_fails_its_step(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script(env={"X": "{{NOWHERE}}"}), stage.script(when=ALWAYS)))
        assert done.outcomes("a") == [FAILED, PASSED]
        assert [event.step for event in done.of(StepStarted)] == [0, 1]

    def test_signals_are_named(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script(env={"FAKE_EXIT": "137"})))
        assert done.job("a").reason == 'step 1 "true": ended by SIGKILL'

    def test_what_the_service_provides_is_skipped_and_named(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.step(Use(Text("setup_remote_docker"))), stage.script()))
        assert done.outcomes("a") == [SKIPPED, PASSED]
        (finding,) = [event.finding for event in done.of(Noticed) if event.finding.severity is Severity.UNSUPPORTED]
        assert "`setup_remote_docker`" in finding.message
        assert done.job("a").outcome is PASSED

    def test_fetching_test_results_is_named_as_unsupported(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.step(Fetch(Kind.TEST_RESULTS, Text(".")))))
        assert done.outcomes("a") == [SKIPPED]

    def test_stand_ins_are_told(self, stage: Any) -> None:
        job = stage.job("a", container=Container(Text("cimg/python:3.9")))
        assert "cimg/python:3.9" in stage.perform(job).of(Noticed)[0].finding.message


class TestEnvironment:
    def test_a_later_place_wins(self, stage: Any) -> None:
        # https://circleci.com/docs/env-vars/#order-of-precedence
        places = ["project", "context", "service", "container", "job", "step"]
        for count in range(places.index("service") + 1, len(places) + 1):  # the service's own are always there
            used = places[:count]
            image = {"WHO": Text("container")} if "container" in used else {}
            job = stage.job(
                f"j{count}",
                stage.script(env={"WHO": "step"} if "step" in used else {}),
                container=Container(Text("x"), env=image),
                env={"WHO": Text("job")} if "job" in used else {},
                contexts=(Text("team"),) if "context" in used else (),
            )
            secrets = {"WHO": "project"} if "project" in used else {}
            env = env_of(stage, job, secrets=secrets, contexts={"team": {"WHO": "context"}})
            assert env["WHO"] == used[-1]

    def test_a_context_is_only_for_jobs_that_ask(self, stage: Any) -> None:
        contexts = {"team": {"TOKEN": "t0k3n-of-team"}}
        assert "TOKEN" not in env_of(stage, stage.job("a"), contexts=contexts)
        assert env_of(stage, stage.job("b", contexts=(Text("team"),)), contexts=contexts)["TOKEN"] == "t0k3n-of-team"

    def test_the_hosts_settings_reach_every_call(self, stage: Any) -> None:
        assert env_of(stage, stage.job("a"), env={"HTTPS_PROXY": "http://proxy"})["HTTPS_PROXY"] == "http://proxy"

    def test_tools_come_first_on_the_path(self, stage: Any) -> None:
        done = stage.perform(stage.job("a"))
        room = done.room("a")
        assert room.calls[0].env["PATH"] == "/opt/fake:/usr/bin:/bin"
        assert room.files["/opt/fake/tool"] == FakeFile(b"{}", 0o755)

    def test_steps_add_variables_and_folders_for_those_after_them(self, stage: Any) -> None:
        first = stage.script(id="one", env=effects("one", env={"NEW": "x"}, path=["/new/bin"]))
        done = stage.perform(stage.job("a", first, stage.script("echo {{NEW}}")))
        assert "NEW" not in done.room("a").calls[0].env
        assert done.room("a").calls[1].env["NEW"] == "x"
        assert done.room("a").calls[1].env["PATH"] == "/opt/fake:/new/bin:/usr/bin:/bin"

    def test_outputs_of_steps_and_job(self, stage: Any) -> None:
        step = stage.script(id="one", env=effects("one", outputs={"version": "1.2"}, env={"V": "1.2"}))
        done = stage.perform(stage.job("a", step, outputs={"version": Text("v{{CI}}")}))
        assert done.steps("a")[0].outputs == {"version": "1.2"}
        assert done.job("a").outputs == {"version": "vtrue"}

    def test_known_times_reach_the_tools(self, stage: Any) -> None:
        stage.timings.record("/project", "a", {"test_x.py": 2.5})
        assert json.loads(stage.perform(stage.job("a")).room("a").files["/opt/fake/tool"].content) == {"test_x.py": 2.5}

    def test_a_configuration_to_continue_with_is_kept(self, stage: Any) -> None:
        write = 'effects-c={"continuation": ["next.yml", {"deep": true}]}\nnext.yml=version: 2.1'
        done = stage.perform(stage.job("a", stage.script(id="c", env={"FAKE_WRITE": write})))
        (event,) = done.of(Continued)
        assert stage.blobs.held[event.digest] == b"version: 2.1"
        assert event.parameters == {"deep": True}


class TestTime:
    def test_the_reasons(self, stage: Any) -> None:
        done = stage.perform(
            stage.job("a", stage.script(env={"FAKE_END": "no-output"}, no_output_timeout_s=600)),
            stage.job("b", stage.script(env={"FAKE_END": "timeout"}, timeout_s=5400)),
        )
        assert done.steps("a")[0].reason == "timed out after 10m with no output"
        assert done.steps("b")[0].reason == "timed out after 1h 30m"
        assert done.jobs() == {"a": FAILED, "b": FAILED}

    def test_a_job_out_of_time_ends_whole(self, stage: Any) -> None:
        stage.runtime.gates["never"] = threading.Event()
        job = stage.job(
            "a", stage.script(env={"FAKE_SLEEP_S": "60"}), stage.script(when=ALWAYS), limits=Limits(timeout_s=0.02)
        )
        done = stage.perform(job)
        assert done.outcomes("a") == [FAILED, SKIPPED]
        assert done.job("a").reason == "the job ran longer than 0.0s"


class TestBackground:
    def test_it_runs_beside_the_others_and_ends_with_the_job(self, stage: Any) -> None:
        stage.runtime.gates["never"] = threading.Event()
        server = stage.script("serve", background=True, env={"FAKE_WAIT": "never"})
        done = stage.perform(stage.job("a", server, stage.script("test")))
        assert done.job("a").outcome is PASSED
        assert [event.step for event in done.of(StepFinished)] == [1, 0]
        assert done.steps("a")[0].reason == "ended with the job"

    def test_its_failure_is_not_the_jobs(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.script(background=True, env={"FAKE_EXIT": "1"}), stage.script()))
        assert (done.steps("a")[0].outcome, done.job("a").outcome) == (FAILED, PASSED)


class TestCheckout:
    def test_first_of_all_it_is_there_already(self, stage: Any, tmp_path: Path) -> None:
        source = project(tmp_path)
        done = stage.perform(stage.job("a", stage.step(Checkout()), stage.script("{{file setup.py}}")), source=source)
        room = done.room("a")
        assert [(tree.source, tree.target) for tree in room.spec.trees] == [(source, "~/project")]
        assert room.files["/opt/fake/steps/2.sh"].content == b"setup()"
        assert len(room.calls) == 1

    def test_later_it_is_copied(self, stage: Any, tmp_path: Path) -> None:
        job = stage.job(
            "a", stage.script("{{file setup.py}}"), stage.step(Checkout()), stage.script("{{file setup.py}}")
        )
        room = stage.perform(job, source=project(tmp_path)).room("a")
        assert room.files["/opt/fake/steps/1.sh"].content == b"missing"
        assert room.files["/opt/fake/steps/3.sh"].content == b"setup()"

    def test_elsewhere_it_is_copied_there(self, stage: Any, tmp_path: Path) -> None:
        job = stage.job("a", stage.step(Checkout(path=Text("~/there"))))
        assert stage.perform(job, source=project(tmp_path)).room("a").files["/home/fake/there/setup.py"]

    def test_without_a_project_it_fails(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.step(Checkout())))
        assert done.job("a").reason == 'step 1 "Checkout": there are no project files to check out'


def project(folder: Path) -> Path:
    source = folder / "source"
    source.mkdir()
    (source / "setup.py").write_text("setup()")
    return source


class TestSecrets:
    def test_they_are_in_no_log_event_or_reason(self, stage: Any) -> None:
        job = stage.job(
            "a",
            stage.script("x", name="say {{TOKEN}}", env={"FAKE_OUTPUT": "token is {{TOKEN}}, really\n"}),
            stage.script("{{ {{TOKEN}} }}"),
            env={"COPY": Text("{{TOKEN}}")},
        )
        done = stage.perform(job, secrets={"TOKEN": "s3cr3t-value"})
        assert done.log("a", 0) == "token is ****, really\n"
        assert "s3cr3t-value" not in repr(done.events)
        assert done.of(StepOutput)

    def test_what_a_step_asks_to_hide_is_hidden_after_it(self, stage: Any) -> None:
        first = stage.script(id="one", env=effects("one", masks=["fresh-secret"]))
        done = stage.perform(stage.job("a", first, stage.script(env={"FAKE_OUTPUT": "a fresh-secret\n"})))
        assert done.log("a", 1) == "a ****\n"

    def test_output_is_told_live_and_whole(self, stage: Any) -> None:
        heard: list[Event] = []
        done = stage.perform(stage.job("a", stage.script(env={"FAKE_OUTPUT": "héllo\n"})), emit=heard.append)
        assert "".join(event.text for event in heard if isinstance(event, StepOutput)) == "héllo\n"
        assert done.steps("a")[0].log_bytes == len("héllo\n".encode())
        assert not done.of(CacheUsed)
