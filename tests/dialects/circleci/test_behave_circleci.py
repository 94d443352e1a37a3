"""The behaviour half of the dialect: what the engine asks of CircleCI while a pipeline runs."""

import json
import subprocess
from pathlib import Path

import pytest

from understudy.dialects.base import EvaluationError, Place, Scope
from understudy.dialects.circleci import behave
from understudy.dialects.circleci.logic import expression_statement, pipeline_values
from understudy.dialects.circleci.read import read
from understudy.findings import Position
from understudy.model.pipeline import Checkout, Condition, Job, Patterns, Pipeline, Platform, Script, Step, Text
from understudy.model.results import EventKind, Facts

AT = Position("config.yml", 1, 1)
FACTS = Facts(root="/p", branch="dev", sha="a" * 40)
PLACE = Place("7f3a", "build", 3, workdir="/home/ci/project", home="/home/ci")
SCOPE = Scope(FACTS, PLACE)


def job(shell: str | None = None, platform: Platform = Platform.LINUX) -> Job:
    return Job("build", Text("build"), AT, shell=Text(shell) if shell is not None else None, platform=platform)


def step(body: str, shell: str | None = None, identity: str = "s1") -> Step:
    action = Script(Text(body), Text(shell) if shell is not None else None)
    return Step(identity, Text("Run"), AT, action)


def written(tree: object) -> Condition:
    return Condition(expression=Text(json.dumps(tree)))


def test_a_workflow_runs_when_its_statement_holds() -> None:
    assert behave.holds(Condition(), SCOPE)[0]
    assert behave.holds(written({"equal": ["dev", "dev"]}), SCOPE) == (True, '`{"equal": ["dev", "dev"]}` holds')
    assert behave.holds(written({"equal": ["main", "dev"]}), SCOPE) == (
        False,
        '`{"equal": ["main", "dev"]}` does not hold',
    )
    assert not behave.holds(written(""), SCOPE)[0]
    assert behave.holds(written("any text"), SCOPE)[0]


def test_an_expression_is_told_as_written() -> None:
    statement = expression_statement('pipeline.git.branch == "main"', pipeline_values(FACTS, {}))
    assert behave.holds(written(statement), SCOPE) == (False, '`pipeline.git.branch == "main"` does not hold')


def test_filters_come_before_the_expression() -> None:
    condition = Condition(branches=Patterns(only=(Text("main"),)), expression=Text('{"bad": 1}'))
    assert behave.holds(condition, SCOPE) == (False, "branch `dev` does not match `only: main`")


def test_events_keep_out() -> None:
    assert not behave.holds(Condition(events=("schedule",)), SCOPE)[0]
    assert behave.holds(Condition(events=("push", "tag")), SCOPE)[0]


@pytest.mark.parametrize("raw", ["{", "[" * 100_000])
def test_a_condition_that_is_no_json_is_told(raw: str) -> None:
    with pytest.raises(EvaluationError, match="can't be read"):
        behave.holds(Condition(expression=Text(raw)), SCOPE)


def test_only_templates_of_keys_are_filled_in() -> None:
    assert behave.evaluate(Text("v1-{{ .Branch }}"), SCOPE) == "v1-dev"
    assert behave.evaluate(Text("$CIRCLE_WORKING_DIRECTORY/tests"), SCOPE) == "$CIRCLE_WORKING_DIRECTORY/tests"
    assert behave.evaluate(Text("{{.Names}}"), SCOPE) == "{{.Names}}"
    with pytest.raises(EvaluationError, match="cache key"):
        behave.evaluate(Text('{{ .Branch }}-{{ checksum "gone" }}'), SCOPE)


def test_shells() -> None:
    own = behave.invoke(job("/bin/zsh"), step("true", "python3 -u"), SCOPE)
    assert (own.argv, own.script) == (("python3", "-u"), b"true\n")
    assert behave.invoke(job("/bin/sh -leo pipefail"), step("true\n"), SCOPE).argv == ("/bin/sh", "-leo", "pipefail")
    assert behave.invoke(job(), step("x", "'/my shell' -c"), SCOPE).argv == ("/my shell", "-c")
    macos = behave.invoke(job(platform=Platform.MACOS), step("x"), SCOPE)
    assert macos.argv == ("/bin/bash", "--login", "-eo", "pipefail")
    assert behave.invoke(job("powershell.exe -File"), step("x"), SCOPE).suffix == ".ps1"
    assert behave.invoke(job(), step("x", identity="s9"), SCOPE).env == {"UNDERSTUDY_STEP": "s9"}


def test_wrong_shells_and_steps_are_told() -> None:
    with pytest.raises(EvaluationError, match="is no command line"):
        behave.invoke(job("bash 'open"), step("x"), SCOPE)
    with pytest.raises(EvaluationError, match="names no program"):
        behave.invoke(job(), step("x", "'' -e"), SCOPE)
    with pytest.raises(EvaluationError, match="no script"):
        behave.invoke(job(), Step("s", Text("Checkout"), AT, Checkout()), SCOPE)


@pytest.mark.parametrize(
    ("body", "code", "output"),
    [
        ("echo one; false; echo two", 1, "one\n"),
        ("false | true; echo on", 1, ""),
        ("shopt -q login_shell || echo no login; echo $MINE", 0, "no login\nset by BASH_ENV\n"),
    ],
)
def test_the_default_shell_stops_at_the_first_failure(tmp_path: Path, body: str, code: int, output: str) -> None:
    if not Path("/bin/bash").exists():
        pytest.skip("there is no /bin/bash here")
    script = tmp_path / "script"
    bash_env = tmp_path / "env"
    bash_env.write_text("MINE='set by BASH_ENV'\n")
    invocation = behave.invoke(job(), step(body), SCOPE)
    script.write_bytes(invocation.script)
    env = {"PATH": "/usr/bin:/bin", "BASH_ENV": str(bash_env)}
    done = subprocess.run((*invocation.argv, str(script)), env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, output)


def test_predefined_and_furnished_agree_on_bash_env() -> None:
    files = {file.path: file for file in behave.furnish(job(), PLACE, {"tests/a.py": 1.5, "bad\tname": 1.0})}
    bash_env = behave.predefined(FACTS, job(), PLACE)["BASH_ENV"]
    assert files[bash_env].content == b""
    assert files["circleci.d/timings.tsv"].content == b"tests/a.py\t1.500000\n"
    assert all(files[name].mode == 0o755 and files[name].content.startswith(b"#!/bin/sh\n") for name in behave.TOOLS)


def notes(text: str, parameters: str = "") -> dict[str, bytes]:
    state = f"~/{behave.STATE}"
    return {f"{state}/effects": text.encode(), f"{state}/continuation.json": parameters.encode()}


def test_nothing_left_behind_is_no_effect() -> None:
    effects = behave.absorb(job(), step("x"), lambda _path: None)
    assert (effects.halt, effects.continuation) == (False, None)


def test_only_the_step_that_halted_halts() -> None:
    files = notes("s1\thalt\n")
    assert behave.absorb(job(), step("x"), files.get).halt
    assert not behave.absorb(job(), step("x", identity="s2"), files.get).halt


def test_a_continuation_and_its_parameters() -> None:
    files = notes("s1\tcontinue\t/p/next.yml\n", '{"a": "x", "b": 2, "c": true}\n')
    assert behave.absorb(job(), step("x"), files.get).continuation == ("/p/next.yml", {"a": "x", "b": 2, "c": True})
    assert behave.absorb(job(), step("x"), notes("s1\tcontinue\t/n\n").get).continuation == ("/n", {})


@pytest.mark.parametrize("text", ["halt\n", "\n\n", "s1\n", "s1\tcontinue\n", "\xff\tx"])
def test_damaged_notes_are_no_effects(text: str) -> None:
    effects = behave.absorb(job(), step("x"), notes(text, "[1]").get)
    assert (effects.halt, effects.continuation) == (False, None)


def test_a_schedule_is_asked_of_its_own_module() -> None:
    facts = Facts(root="/p", event=EventKind.SCHEDULE, branch="main")
    assert behave.on_schedule(Pipeline("build", "circleci", AT), facts) == (False, "it has no schedule")


def test_a_workflows_condition_is_told_in_the_words_of_the_file() -> None:
    text = b"""\
version: 2.1
parameters: {nightly: {type: boolean, default: false}}
jobs: {build: {docker: [{image: a}], steps: [run: x]}}
workflows:
  plain: {when: << pipeline.parameters.nightly >>, jobs: [build]}
  nested:
    when:
      and: [true, {equal: [main, << pipeline.git.branch >>]}]
    jobs: [build]
  turned: {unless: << pipeline.parameters.nightly >>, jobs: [build]}
"""
    facts = Facts("/r", branch="dev")
    pipelines = read("c.yml", lambda _path: text, facts).pipelines
    assert [behave.holds(one.when, Scope(facts)) for one in pipelines] == [
        (False, "`when: << pipeline.parameters.nightly >>` is not met"),
        (False, "`when: and: [true, equal: [main, << pipeline.git.branch >>]]` is not met"),
        (True, "`unless: << pipeline.parameters.nightly >>` is met"),
    ]
