"""Docker actions: what their steps become, and with what their containers are started.

https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs-for-docker-container-actions
"""

from collections.abc import Mapping
from typing import Any

import pytest

from understudy.dialects.base import EvaluationError, Invocation, Place, Scope
from understudy.dialects.github.actions import Resolved, resolve
from understudy.dialects.github.actions.laid import repositories
from understudy.dialects.github.behave import invoke
from understudy.findings import NOWHERE, Severity
from understudy.model.pipeline import Job, Pipeline, RunContainer, Step, Text, Use
from understudy.model.results import Facts, Outcome

ACTION = """\
inputs:
  who-to greet: {default: World}
  plain: {default: "${{ github.actor }}"}
runs:
  using: docker
  image: Dockerfile
  entrypoint: /main.sh
  pre-entrypoint: /setup.sh
  post-entrypoint: /cleanup.sh
  post-if: success()
  args: ["--who", "${{ inputs['who-to greet'] }}", "${{ inputs.PLAIN }} and more"]
  env: {WHOAMI: "${{ inputs.plain }}", TAKEN: action}
"""


def resolved(step: Step, files: Mapping[str, str] | None = None) -> Resolved:
    held = files or {}
    return resolve(step, lambda path: held[path].encode() if path in held else None, "job")


def container(step: Step) -> RunContainer:
    assert isinstance(step.action, RunContainer)
    return step.action


def invoked(step: Step, **more: Any) -> Invocation:
    job = Job("test", Text("test"), NOWHERE, steps=(step,))
    facts = Facts("/", branch="dev", sha="a" * 40, owner="octocat", repository="app", actor="mona")
    place = Place("run", "test", 1, workdir="/root/work/app/app", home="/root", pipeline="CI")
    scope = Scope(facts=facts, place=place, pipeline=Pipeline("CI", "github", NOWHERE, jobs=(job,)), job=job, **more)
    return invoke(job, step, scope)


class TestWhatIsRun:
    def test_an_image(self, use: Any) -> None:
        done = resolved(use("docker://alpine:3.8", {"entrypoint": "/bin/echo", "args": 'a "b c"', "Some Key": "v"}))
        action = container(done.step)
        assert (action.image, action.dockerfile) == (Text("alpine:3.8", done.step.at), None)
        assert action.workdir == "/github/workspace"
        assert set(action.folders) == {
            # https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support and the runner's own
            "/github/workspace", "/github/home", "/github/workflow", "/github/file_commands", "/github/runner_temp",
        }  # fmt: skip
        call = invoked(done.step)
        assert (call.entrypoint, call.argv) == (("/bin/echo",), ("a", "b c"))
        assert {name: call.env[name] for name in call.env if name.startswith("INPUT_")} == {
            "INPUT_ENTRYPOINT": "/bin/echo", "INPUT_ARGS": 'a "b c"', "INPUT_SOME_KEY": "v",
        }  # fmt: skip
        assert done.findings == ()

    @pytest.mark.parametrize(
        ("ref", "address", "dockerfile"),
        [
            ("./a", "a/action.yml", "a/Dockerfile"),
            ("O/r/sub@v1", "github://O/r@v1/sub/action.yml", "~/.understudy/actions/o/r/v1/sub/Dockerfile"),
        ],
    )
    def test_a_dockerfile_of_the_action(self, use: Any, ref: str, address: str, dockerfile: str) -> None:
        done = resolved(use(ref, {"who-to greet": "Mona"}), {address: ACTION})
        action = container(done.step)
        assert action.image is None
        assert action.dockerfile is not None
        assert action.dockerfile.raw == dockerfile
        call = invoked(done.step, written={"TAKEN": "step"})
        assert (call.entrypoint, call.argv) == (("/main.sh",), ("--who", "Mona", "mona and more"))
        assert call.env["WHOAMI"] == "mona"
        assert "TAKEN" not in call.env
        assert call.env["INPUT_WHO-TO_GREET"] == "Mona"

    def test_before_and_after(self, use: Any) -> None:
        """A local action has no `pre`, since its files aren't there yet."""
        done = resolved(use("o/r@v1"), {"github://o/r@v1/action.yml": ACTION})
        (pre,), (post,) = done.before, done.step.after_job
        assert [invoked(one).entrypoint for one in (pre, post)] == [("/setup.sh",), ("/cleanup.sh",)]
        assert (pre.when.after, pre.when.expression) == (frozenset(Outcome), None)
        assert post.when.expression is not None
        assert resolved(use("./a"), {"a/action.yml": ACTION}).before == ()
        job = Job("test", Text("test"), NOWHERE, steps=(done.step,))
        assert [one.slug for one in repositories(job)] == ["o/r"]

    def test_a_folder_with_a_dockerfile_alone(self, use: Any) -> None:
        done = resolved(use("./a", {"args": "${{ github.actor }} it"}), {"a/Dockerfile": "FROM x"})
        action = container(done.step)
        assert action.dockerfile is not None
        assert action.dockerfile.raw == "a/Dockerfile"
        assert (invoked(done.step).entrypoint, invoked(done.step).argv) == ((), ("mona", "it"))

    def test_an_action_of_an_image(self, use: Any) -> None:
        text = "runs: {using: docker, image: 'docker://node:16'}"
        done = resolved(use("./a", {"args": "-v"}), {"a/action.yml": text})
        assert container(done.step).image is not None
        assert (container(done.step).image or Text("")).raw == "node:16"
        assert invoked(done.step).argv == ("-v",)

    def test_arguments_of_the_action_are_not_taken_from_the_step(self, use: Any) -> None:
        done = resolved(use("./a", {"args": "other", "entrypoint": "/other"}), {"a/action.yml": ACTION})
        assert invoked(done.step).argv == ("--who", "World", "mona and more")
        assert invoked(done.step).entrypoint == ("/main.sh",)

    def test_what_is_neither_an_image_nor_a_dockerfile(self, use: Any) -> None:
        done = resolved(use("./a"), {"a/action.yml": "runs: {using: docker, image: alpine}"})
        (finding,) = done.findings
        assert isinstance(done.step.action, Use)
        assert (finding.severity, finding.code, str(finding.at)) == (
            Severity.ERROR,
            "action-image",
            "a/action.yml:1:30",
        )

    @pytest.mark.parametrize(
        ("inputs", "code"), [({"entrypoint": "sh -c"}, "entrypoint-words"), ({"args": "-c 'a b'"}, "args-quoted")]
    )
    def test_what_the_service_would_not_split_so_is_told(self, use: Any, inputs: dict[str, str], code: str) -> None:
        (finding,) = resolved(use("docker://alpine", inputs)).findings
        assert (finding.severity, finding.code) == (Severity.WARNING, code)

    def test_words_that_cannot_be_split(self, use: Any) -> None:
        done = resolved(use("docker://alpine", {"args": '"never closed'}))
        with pytest.raises(EvaluationError, match="can't be split"):
            invoked(done.step)


def test_the_container_is_told_of_the_runners_files_and_a_home_of_its_own(use: Any) -> None:
    call = invoked(resolved(use("docker://alpine")).step)
    temp = "/root/work/_temp"
    assert call.env["HOME"] == f"{temp}/_github_home"
    assert call.env["GITHUB_WORKSPACE"] == "/root/work/app/app"
    assert call.env["RUNNER_TEMP"] == temp
    assert call.env["GITHUB_OUTPUT"].startswith(f"{temp}/_runner_file_commands/")
    assert call.env["GITHUB_OUTPUT"] in call.leaves
    assert (call.script, call.otherwise) == (b"", ())
