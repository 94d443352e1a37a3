"""How steps are run and what they leave behind: shells, variables, command files, the files of a room."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.base import Annotation, EvaluationError, Invocation, Place, Scope
from understudy.dialects.github.behave import absorb, furnish, hear, invoke, predefined
from understudy.dialects.github.command_files import LONGEST_SUMMARY_BYTES
from understudy.dialects.github.variables import command_files
from understudy.findings import Position
from understudy.model.pipeline import Container, Group, Job, Pipeline, Script, Step, Text, Use
from understudy.model.results import Facts

AT = Position(".github/workflows/ci.yml", 9, 7)
FACTS = Facts("/", branch="dev", sha="a" * 40, owner="octocat", repository="app", actor="mona")


def place(home: str = "/home/me") -> Place:
    return Place("run", "test", 1, workdir=f"{home}/work/app/app", home=home, pipeline="CI")


def step(body: str = "true", shell: str | None = None, name: str = "one", line: int = 9) -> Step:
    action = Script(Text(body), Text(shell) if shell is not None else None)
    return Step(name, Text("Run"), replace(AT, line=line), action)


def job(*steps: Step, **more: Any) -> Job:
    return Job("test", Text("test"), AT, steps=steps, **more)


def scope(one: Job, home: str = "/home/me", **more: Any) -> Scope:
    pipeline = Pipeline("CI", "github", AT, jobs=(one,))
    return Scope(**{"facts": FACTS, "place": place(home), "pipeline": pipeline, "job": one, **more})


def invoked(one: Step, around: Job | None = None, **more: Any) -> Invocation:
    around = around or job(one)
    return invoke(around, one, scope(around, **more))


@pytest.mark.parametrize(
    ("shell", "argv"),
    [
        # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
        (None, ("/bin/bash", "-e")),
        ("bash", ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")),
        ("sh", ("sh", "-e")),
        ("python", ("python",)),
        ("bash -l {0}", ("bash", "-l")),
        ("perl {0}", ("perl",)),
        ("${{ 'bash' }}", ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")),
    ],
)
def test_shells(shell: str | None, argv: tuple[str, ...]) -> None:
    assert invoked(step(shell=shell)).argv == argv


def test_the_default_shell_is_sh_where_there_is_no_bash_and_in_containers() -> None:
    assert invoked(step()).otherwise == ("/bin/sh", "-e")
    one = step()
    assert invoked(one, job(one, container=Container(Text("alpine")))).argv == ("sh", "-e")


def test_the_jobs_shell_is_the_default_of_its_own_steps_alone() -> None:
    one = step()
    around = job(one, shell=Text("sh"))
    assert invoked(one, around).argv == ("sh", "-e")
    assert invoked(one, around, group=Group(())).argv == ("/bin/bash", "-e")
    assert invoked(step(shell="bash"), around).argv[0] == "bash"


@pytest.mark.parametrize("shell", ["fish", "bash -e", "cmd", "powershell", 'perl "{0}'])
def test_shells_that_are_not_there(shell: str) -> None:
    with pytest.raises(EvaluationError):
        invoked(step(shell=shell))


def test_expressions_in_scripts_are_filled_in() -> None:
    assert invoked(step("echo ${{ github.ref_name }} $HOME")).script == b"echo dev $HOME\n"


def test_steps_without_a_script_are_not_invoked() -> None:
    with pytest.raises(EvaluationError):
        invoked(Step("one", Text("Run"), AT, Use(Text("a/b@v1"))))


def run(one: Step, home: Path, around: Job | None = None, **more: Any) -> "subprocess.CompletedProcess[str]":
    """Performs `one` on this machine as a room with `home` would."""
    around = around or job(one)
    for file in furnish(around, Scope(FACTS, place(str(home)))):
        Path(file.path).parent.mkdir(parents=True, exist_ok=True)
        if not Path(file.path).exists():
            Path(file.path).write_bytes(file.content)
    found = invoke(around, one, scope(around, str(home), **more))
    script = home / f"step{found.suffix}"
    script.write_bytes(found.script)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **found.env}
    return subprocess.run([*found.argv, str(script)], env=env, capture_output=True, text=True, check=False)


def left(one: Step, home: Path, around: Job | None = None) -> Any:
    return absorb(around or job(one), one, lambda path: (home / path.removeprefix("~/")).read_bytes())


@pytest.mark.parametrize(
    ("shell", "body", "code"),
    [
        (None, "false; true", 1),
        (None, "false | true", 0),
        ("bash", "false | true", 1),
        ("sh", "false; true", 1),
        ("bash {0}", "false; true", 0),
        ("sh -c '. {0}; exit 3'", "true", 3),
        ("python3 {0}", "raise SystemExit(4)", 4),
    ],
)
def test_shells_fail_as_they_should(shell: str | None, body: str, code: int, tmp_path: Path) -> None:
    assert run(step(body, shell), tmp_path).returncode == code


def test_command_files_from_end_to_end(tmp_path: Path) -> None:
    body = """
        echo "A=1" >> "$GITHUB_ENV"
        echo "NODE_OPTIONS=x" >> "$GITHUB_ENV"
        { echo "B<<END"; echo two; echo lines; echo END; } >> "$GITHUB_OUTPUT"
        echo /opt/a >> "$GITHUB_PATH"
        echo /opt/b >> "$GITHUB_PATH"
        echo "C=3" >> "$GITHUB_STATE"
        echo "# Done" >> "$GITHUB_STEP_SUMMARY"
        cat "$GITHUB_EVENT_PATH"
    """
    one = step(body)
    done = run(one, tmp_path)
    assert json.loads(done.stdout)["repository"]["full_name"] == "octocat/app"
    found = left(one, tmp_path)
    assert found.env == {"A": "1"}
    assert found.outputs == {"B": "two\nlines"}
    assert found.path == ("/opt/b", "/opt/a")
    assert found.state == {"C": "3"}
    assert found.summary == "# Done\n"
    assert found.annotations == (Annotation("error", "`NODE_OPTIONS` can't be set by `$GITHUB_ENV`"),)
    assert found.error == ""


def test_a_file_that_can_not_be_read_fails_the_step_and_the_others_count(tmp_path: Path) -> None:
    one = step('echo nonsense >> "$GITHUB_ENV"; echo "B=2" >> "$GITHUB_OUTPUT"')
    assert run(one, tmp_path).returncode == 0
    found = left(one, tmp_path)
    assert "GITHUB_ENV" in found.error
    assert "`nonsense`" in found.error
    assert found.outputs == {"B": "2"}


def test_a_summary_may_be_too_long() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
    one = step()
    summary = command_files(job(one), one)["step_summary"]

    def read(size: int) -> Any:
        return absorb(job(one), one, lambda path: b"x" * size if path == f"~/{summary}" else None)

    assert len(read(LONGEST_SUMMARY_BYTES).summary) == LONGEST_SUMMARY_BYTES
    assert read(LONGEST_SUMMARY_BYTES + 1).summary == ""
    assert [one.level for one in read(LONGEST_SUMMARY_BYTES + 1).annotations] == ["error"]


def test_each_step_has_files_of_its_own_and_they_are_there_from_the_start() -> None:
    inner = step(name="inner", line=30)
    post = step(name="post", line=40)
    steps = (step(), replace(step(name="group", line=20), action=Group((inner,)), after_job=(post,)))
    around = job(*steps)
    laid = {file.path for file in furnish(around, Scope(FACTS, place()))}
    every = [command_files(around, one) for one in (*steps, inner, post)]
    paths = {f"/home/me/{path}" for files in every for path in files.values()}
    assert len(paths) == 20
    assert paths <= laid
    assert all(file.mode == 0o666 for file in furnish(around, Scope(FACTS, place())))


@pytest.mark.parametrize("shell", [None, "bash", "sh", "bash {0}"])
def test_a_step_of_an_action_that_is_used_twice_begins_with_empty_files(shell: str | None, tmp_path: Path) -> None:
    inner = step('cat "$GITHUB_OUTPUT"; echo "A=1" >> "$GITHUB_OUTPUT"', shell, name="inner")
    twice = tuple(replace(step(name=name), action=Group((inner,))) for name in ("a", "b"))
    around = job(*twice)
    assert [run(inner, tmp_path, around).stdout for _ in twice] == ["", ""]
    assert left(inner, tmp_path, around).outputs == {"A": "1"}


def test_nobody_overwrites_the_services_variables() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/variables#default-environment-variables
    env = invoked(step()).env
    assert env["GITHUB_REF"] == "refs/heads/dev"
    assert env["RUNNER_OS"] == "Linux"
    assert env["GITHUB_ACTION"] == "one"
    assert "CI" not in env


def test_state_and_the_folder_of_an_action() -> None:
    env = invoked(step(), state={"pid": "7"}, group=Group((), path=Text("./a"))).env
    assert env["STATE_pid"] == "7"
    assert env["GITHUB_ACTION_PATH"] == "/home/me/work/app/app/./a"
    assert "RUNNER_DEBUG" not in env
    assert invoked(step(), secrets={"ACTIONS_STEP_DEBUG": "true"}).env["RUNNER_DEBUG"] == "1"


VARIABLES: Mapping[str, str] = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "mona",
    "GITHUB_API_URL": "https://api.github.com",
    "GITHUB_BASE_REF": "",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_EVENT_PATH": "/home/me/work/_temp/_github_workflow/event.json",
    "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
    "GITHUB_HEAD_REF": "",
    "GITHUB_JOB": "test",
    "GITHUB_REF": "refs/heads/dev",
    "GITHUB_REF_NAME": "dev",
    "GITHUB_REF_PROTECTED": "false",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_REPOSITORY": "octocat/app",
    "GITHUB_REPOSITORY_OWNER": "octocat",
    "GITHUB_RETENTION_DAYS": "90",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_RUN_NUMBER": "1",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": "a" * 40,
    "GITHUB_TRIGGERING_ACTOR": "mona",
    "GITHUB_WORKFLOW": "CI",
    "GITHUB_WORKFLOW_REF": "octocat/app/.github/workflows/ci.yml@refs/heads/dev",
    "GITHUB_WORKFLOW_SHA": "a" * 40,
    "GITHUB_WORKSPACE": "/home/me/work/app/app",
    "RUNNER_ENVIRONMENT": "github-hosted",
    "RUNNER_OS": "Linux",
    "RUNNER_TEMP": "/home/me/work/_temp",
    "RUNNER_TOOL_CACHE": "/home/me/work/_tool",
}


def test_default_variables() -> None:
    found = predefined(FACTS, job(), place())
    assert {name: found[name] for name in VARIABLES} == VARIABLES
    numbers = ("GITHUB_ACTOR_ID", "GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER_ID", "GITHUB_RUN_ID")
    assert all(found[name].isdigit() for name in numbers)
    assert found["RUNNER_ARCH"] in {"X86", "X64", "ARM", "ARM64"}


def test_the_id_of_a_job_is_that_of_its_file() -> None:
    cell = replace(job(), id="test (3.12)", names=("test",))
    assert predefined(FACTS, cell, place())["GITHUB_JOB"] == "test"
    hosted = job(runs_on=(Text("self-hosted"), Text("linux")))
    assert predefined(FACTS, hosted, place())["RUNNER_ENVIRONMENT"] == "self-hosted"


def test_every_step_is_listened_to() -> None:
    one = step()
    listener = hear(job(one), one, scope(job(one)))
    assert listener is not None
    assert listener.line("::warning::x") == "Warning: x"
