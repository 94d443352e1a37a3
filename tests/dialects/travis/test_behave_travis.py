"""What Travis does while a build runs, as far as that is decided outside of the job's shell."""

from dataclasses import replace

import pytest

from understudy.dialects.base import EvaluationError, Place, Scope, Setting
from understudy.dialects.travis import TRAVIS
from understudy.findings import NOWHERE
from understudy.model.pipeline import Checkout, Condition, Job, Pipeline, Platform, Script, Step, Text
from understudy.model.results import Facts, Outcome

FACTS = Facts(root="/", branch="main", owner="acme", repository="rocket")
FILE = """
language: shell
branches: {only: main}
script: a
deploy:
  - {provider: script, script: b, on: {branch: main, condition: "$X = 1"}}
  - {provider: script, script: c, on: {branch: release}}
  - {provider: npm}
jobs:
  include:
    - {name: first, env: {KEY: {secure: eA==}}}
    - {name: second, if: branch = dev}
"""


def read(facts: Facts = FACTS) -> Pipeline:
    (pipeline,) = TRAVIS.read(".travis.yml", {".travis.yml": FILE.encode()}.get, facts).pipelines
    return pipeline


def scope(job: Job, **more: object) -> Scope:
    place = Place("r", "n", 1, workdir="/w", home="/h")
    return replace(Scope(FACTS, place=place, job=job, pipeline=read()), **more)  # type: ignore[arg-type]


def first() -> Job:
    return read().jobs[0]


def step(identity: str) -> Step:
    return next(one for one in first().steps if one.id == identity)


@pytest.mark.parametrize(("branch", "starts"), [("main", True), ("dev", False)])
def test_a_build_is_started_by_its_branches(branch: str, *, starts: bool) -> None:
    pipeline = read()
    facts = replace(FACTS, branch=branch)
    holds, why = TRAVIS.holds(pipeline.when, Scope(facts, pipeline=pipeline))
    assert holds is starts
    assert branch in why


def test_a_job_is_kept_out_by_its_condition() -> None:
    one, other = read().jobs
    assert TRAVIS.holds(one.when, scope(one)) == (True, "")
    assert TRAVIS.holds(other.when, scope(other)) == (False, "`if: branch = dev` does not hold")


def test_a_deployment_asks_bash_for_its_condition_first() -> None:
    one = first()
    deploy = step("deploy.1").when
    assert TRAVIS.holds(deploy, scope(one))[0]
    asked = {"deploy.1.condition": {"met": "false"}}
    assert TRAVIS.holds(deploy, scope(one, outputs=asked)) == (False, "`condition: $X = 1` does not hold")
    body = step("deploy.1.condition").action
    assert isinstance(body, Script)
    assert "if [[ $X = 1 ]]; then" in body.body.raw


def test_a_deployment_elsewhere_is_not_performed() -> None:
    assert TRAVIS.holds(step("deploy.2").when, scope(first())) == (False, "branch `main` is not `release`")


def test_what_only_travis_deploys_is_left_out() -> None:
    holds, why = TRAVIS.holds(step("deploy.3").when, scope(first()))
    assert (holds, "only Travis" in why) == (False, True)


def test_a_condition_of_no_kind_holds() -> None:
    assert TRAVIS.holds(Condition(), scope(first())) == (True, "nothing keeps it out")


def test_an_encrypted_variable_with_a_name_is_asked_for() -> None:
    assert [(one.setting, one.name) for one in TRAVIS.asked(first(), read())] == [(Setting.SECRET, "KEY")]


def test_texts_are_as_they_are_written() -> None:
    assert TRAVIS.evaluate(Text("$HOME ${{ x }}"), scope(first())) == "$HOME ${{ x }}"


@pytest.mark.parametrize(
    ("identity", "kind"), [("script.1", "script"), ("deploy.1", "after"), ("after_script.1", "after"), ("env", "line")]
)
def test_a_line_is_handed_to_the_shell_of_the_job(identity: str, kind: str) -> None:
    line = Step(identity, Text("x"), NOWHERE, Script(Text("echo é")))
    found = TRAVIS.invoke(first(), line, scope(first()))
    assert found.argv == ("travis-step", kind)
    assert found.script == "echo é".encode()
    assert found.env == {"UNDERSTUDY_TRAVIS": "/h/.understudy/travis"}


def test_where_secrets_are_given_a_job_can_tell() -> None:
    """https://docs.travis-ci.com/user/environment-variables/#default-environment-variables"""
    found = TRAVIS.invoke(first(), step("script.1"), scope(first(), secrets={"KEY": "x"}))
    assert found.env["TRAVIS_SECURE_ENV_VARS"] == "true"


def test_what_has_no_lines_is_not_invoked() -> None:
    with pytest.raises(EvaluationError):
        TRAVIS.invoke(first(), Step("x", Text("x"), NOWHERE, Checkout()), scope(first()))
    with pytest.raises(EvaluationError, match="Windows"):
        TRAVIS.invoke(replace(first(), platform=Platform.WINDOWS), step("script.1"), scope(first()))


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        ({}, None),
        ({"ended": b"0\n"}, Outcome.PASSED),
        ({"ended": b"1\n"}, Outcome.FAILED),
        ({"ended": b"137\n"}, Outcome.ERRORED),
        ({"ended": b"\xff"}, None),
    ],
)
def test_the_end_of_the_shell_is_a_verdict(files: dict[str, bytes], verdict: Outcome | None) -> None:
    found = TRAVIS.absorb(first(), step("script.1"), lambda path: files.get(path.rpartition("/")[2]))
    assert found.verdict is verdict


def test_what_a_line_told_is_kept() -> None:
    told = {"told": b"warning\tcareful\nmissing\tgone\nmet\tfalse\nodd\n"}
    found = TRAVIS.absorb(first(), step("deploy.1.condition"), lambda path: told.get(path.rpartition("/")[2]))
    assert found.outputs == {"met": "false"}
    assert [(one.level, one.message) for one in found.annotations] == [("warning", "careful"), ("error", "gone")]
    assert TRAVIS.absorb(first(), step("script.1"), lambda path: told.get(path.rpartition("/")[2])).outputs == {}


def test_nothing_is_written_yet() -> None:
    assert [one.code for one in TRAVIS.write((read(),)).losses] == ["no-writer"]
