"""Contexts, conditions and status functions, by the tables of the documentation."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from understudy.dialects.base import EvaluationError, JobState, Place, Scope, StepState
from understudy.dialects.github.behave import evaluate, holds
from understudy.findings import Position
from understudy.model.pipeline import Caller, Condition, Container, Group, Job, Need, Pipeline, Text, Tree
from understudy.model.results import EventKind, Facts, Outcome

AT = Position(".github/workflows/ci.yml", 1, 1)
FACTS = Facts("/", branch="dev", sha="a" * 40, owner="octocat", repository="app", actor="mona", host="github.com")
PLACE = Place("run", "test", 1, workdir="/home/me/work/app/app", home="/home/me", pipeline="CI")


def job(name: str = "test", **more: Any) -> Job:
    return Job(name, Text(name), AT, **more)


def scope(one: Job | None = None, **more: Any) -> Scope:
    one = one or job()
    pipeline = more.pop("pipeline", Pipeline("CI", "github", AT, jobs=(one,)))
    return Scope(**{"facts": FACTS, "place": PLACE, "pipeline": pipeline, "job": one, **more})


def value(expression: str, around: Scope) -> str:
    return evaluate(Text(f"${{{{ {expression} }}}}"), around)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("github.ref", "refs/heads/dev"),
        ("github.ref_name", "dev"),
        ("github.ref_type", "branch"),
        ("github.ref_protected", "false"),
        ("github.repository", "octocat/app"),
        ("github.repository_owner", "octocat"),
        ("github.repositoryUrl", "git://github.com/octocat/app.git"),
        ("github.sha", "a" * 40),
        ("github.actor", "mona"),
        ("github.event_name", "push"),
        ("github.event.repository.default_branch", "main"),
        ("github.head_ref", ""),
        ("github.workflow", "CI"),
        ("github.workflow_ref", "octocat/app/.github/workflows/ci.yml@refs/heads/dev"),
        ("github.job", "test"),
        ("github.workspace", "/home/me/work/app/app"),
        ("github.event_path", "/home/me/work/_temp/_github_workflow/event.json"),
        ("github.server_url", "https://github.com"),
        ("github.api_url", "https://api.github.com"),
        ("github.graphql_url", "https://api.github.com/graphql"),
        ("github.run_attempt", "1"),
        ("github.retention_days", "90"),
        ("runner.os", "Linux"),
        ("runner.temp", "/home/me/work/_temp"),
        ("runner.environment", "github-hosted"),
        ("job.status", "success"),
        ("job.workflow_file_path", ".github/workflows/ci.yml"),
        ("GITHUB.Ref", "refs/heads/dev"),
        ("github.nothing", ""),
    ],
)
def test_values_of_a_push(expression: str, expected: str) -> None:
    assert value(expression, scope()) == expected


def test_a_pull_request() -> None:
    facts = replace(FACTS, event=EventKind.PULL_REQUEST, base_branch="main", pull_request=7)
    around = scope(facts=facts)
    assert value("github.head_ref", around) == "dev"
    assert value("github.base_ref", around) == "main"
    assert value("github.ref", around) == "refs/pull/7/merge"
    assert value("github.ref_name", around) == "7/merge"


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("git@github.com:octocat/app.git", "https://github.com"),
        ("ssh://git@github.example.org:22/octocat/app", "https://github.example.org"),
        ("https://GitHub.example.org/octocat/app", "https://github.example.org"),
        ("https://gitlab.com/octocat/app", "https://github.com"),
        ("", "https://github.com"),
    ],
)
def test_the_server_is_the_one_of_the_origin(origin: str, address: str) -> None:
    assert value("github.server_url", scope(facts=replace(FACTS, origin_url=origin))) == address


def test_before_a_job_has_begun_it_has_no_workspace_and_no_name() -> None:
    around = scope(place=Place("run", "test", 1, pipeline="CI"))
    assert value("github.workspace == null && github.job == null", around) == "true"


def test_the_env_context_has_what_workflows_set() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/contexts#env-context
    written = {"MINE": "1", "mine": "2"}
    around = scope(env={"PATH": "/bin", "HOME": "/h", "GITHUB_REF": "x", **written}, written=written)
    assert value("env.MINE", around) == "1"
    assert value("env.mine", around) == "2"
    assert value("join(env.*, ',')", around) == "1,2"
    assert value("env.HOME == null", around) == "true"


def test_variables_and_secrets() -> None:
    around = scope(facts=replace(FACTS, variables={"MASCOT": "Mona"}), secrets={"TOKEN": "s", "GITHUB_TOKEN": "g"})
    assert value("vars.mascot", around) == "Mona"
    assert value("secrets.token", around) == "s"
    assert value("github.token", around) == "g"
    assert value("secrets.none", around) == ""


def test_steps_have_outcome_conclusion_and_outputs() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/contexts#steps-context
    states = {
        "one": StepState(Outcome.FAILED, Outcome.PASSED, {"a": "1"}),
        "two": StepState(Outcome.SKIPPED, Outcome.SKIPPED),
        "__run": StepState(Outcome.PASSED, Outcome.PASSED, {"b": "2"}),
    }
    around = scope(steps=states)
    assert value("format('{0} {1} {2}', steps.one.outcome, steps.one.conclusion, steps.one.outputs.a)", around) == (
        "failure success 1"
    )
    assert value("steps.two.outcome", around) == "skipped"
    assert value("steps.__run.outputs.b", around) == ""


def test_needs() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/contexts#needs-context
    jobs = {"build": JobState(Outcome.PASSED, {"id": "7"}), "other": JobState(Outcome.FAILED)}
    around = scope(job(needs=(Need("build"),)), jobs=jobs)
    assert value("needs.build.result", around) == "success"
    assert value("needs.build.outputs.id", around) == "7"
    assert value("needs.other.result", around) == ""
    assert value("toJSON(needs.*.result)", around) == '[\n  "success"\n]'


def test_services_have_ports() -> None:
    one = job(services=(Container(Text("redis"), alias="redis"),))
    around = scope(one, ports={"redis": {"6379": "49153"}})
    assert value("job.services.redis.ports['6379']", around) == "49153"
    assert value("job.services.redis.ports[6379]", around) == "49153"


INPUTS: dict[str, Tree] = {
    "level": {"type": "choice", "options": ("info", "debug")},
    "dry": {"type": "boolean", "default": True},
    "count": {"type": "number"},
    "name": {"required": True},
}


def dispatch(inputs: Mapping[str, str]) -> Scope:
    one = job()
    triggers: dict[str, Tree] = {"workflow_dispatch": {"inputs": INPUTS}}
    pipeline = Pipeline("CI", "github", AT, jobs=(one,), triggers=triggers)
    return scope(one, pipeline=pipeline, facts=replace(FACTS, event=EventKind.API, inputs=inputs))


def test_inputs_of_a_workflow_started_by_hand() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_dispatchinputs
    around = dispatch({"name": "x", "dry": "false", "count": "3"})
    assert value("inputs.dry == false && inputs.count == 3 && inputs.level == 'info'", around) == "true"
    assert value("toJSON(github.event.inputs.dry)", around) == '"false"'
    assert value("toJSON(inputs.dry)", around) == "false"
    assert value("inputs.dry", dispatch({})) == "true"
    assert value("inputs.name", dispatch({"NAME": "y"})) == "y"
    with pytest.raises(EvaluationError, match="dry"):
        value("inputs.dry", dispatch({"dry": "perhaps"}))
    assert value("inputs.name", scope()) == ""


def test_a_group_has_inputs_of_its_own() -> None:
    group = Group((), path=Text("./.github/actions/setup"))
    around = scope(group=group, inputs={"python": "3.12"}, status=Outcome.FAILED)
    assert value("inputs.python", around) == "3.12"
    assert value("github.action_path", around) == "/home/me/work/app/app/./.github/actions/setup"
    assert value("github.action_status", around) == "failure"
    away = scope(group=replace(group, path=Text("~/.understudy/actions/a/b/v1")))
    assert value("github.action_path", away) == "/home/me/.understudy/actions/a/b/v1"


DECLARED: dict[str, Tree] = {
    "who": {"type": "string", "required": True},
    "loud": {"type": "boolean", "default": False},
    "times": {"type": "number"},
}


def called(inputs: Mapping[str, Tree], **more: Any) -> Job:
    caller = Caller("call", "called.yml", inputs, DECLARED, needs=(Need("setup"),), **more)
    return job("call/inner", caller=caller, needs=(Need("setup"), Need("call/first")))


JOBS = {
    "setup": JobState(Outcome.PASSED, {"who": "Mona"}),
    "call/first": JobState(Outcome.PASSED, {"x": "1"}),
}


def test_inputs_of_a_called_workflow() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_callinputs
    one = called({"who": Text("${{ needs.setup.outputs.who }}"), "loud": Text("${{ github.ref_name == 'dev' }}")})
    around = scope(one, jobs=JOBS)
    assert value("inputs.who", around) == "Mona"
    assert value("toJSON(inputs.loud)", around) == "true"
    assert value("toJSON(inputs.times)", around) == "0"
    assert value("needs.first.outputs.x", around) == "1"
    assert value("needs.setup.outputs.who", around) == ""
    assert value("github.job", around) == "inner"
    with pytest.raises(EvaluationError, match="`loud`"):
        value("inputs.loud", scope(called({"loud": Text("${{ 'true' }}")}), jobs=JOBS))


def test_secrets_of_a_called_workflow() -> None:
    # https://docs.github.com/actions/how-tos/reuse-automations/reuse-workflows#passing-inputs-and-secrets-to-a-reusable-workflow
    known = {"A": "a", "B": "b", "GITHUB_TOKEN": "g"}
    passing = called({}, secrets={"mine": Text("${{ secrets.A }}")})
    around = scope(passing, secrets=known)
    assert value("format('{0}{1}{2}', secrets.mine, secrets.A, secrets.GITHUB_TOKEN)", around) == "ag"
    assert value("secrets.B", scope(called({}), secrets=known)) == "b"


def test_outputs_of_a_called_workflow() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/contexts#jobs-context
    jobs = {"call/inner": JobState(Outcome.FAILED, {"x": "1"}), "other": JobState(Outcome.PASSED)}
    around = scope(job("call", needs=(Need("call/inner"),)), jobs=jobs)
    assert value("jobs.inner.outputs.x", around) == "1"
    assert value("jobs.inner.result", around) == "failure"
    assert value("jobs.other.result", around) == ""


@pytest.mark.parametrize(
    ("status", "success", "failure", "cancelled"),
    [
        (Outcome.PASSED, "true", "false", "false"),
        (Outcome.FAILED, "false", "true", "false"),
        (Outcome.ERRORED, "false", "true", "false"),
        (Outcome.CANCELLED, "false", "false", "true"),
        (Outcome.SKIPPED, "true", "false", "false"),
    ],
)
def test_status_functions_in_steps(status: Outcome, success: str, failure: str, cancelled: str) -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/expressions#status-check-functions
    around = scope(status=status)
    assert [value(f"{name}()", around) for name in ("success", "failure", "cancelled", "always")] == [
        success,
        failure,
        cancelled,
        "true",
    ]


def test_a_job_after_a_skipped_one_has_neither_success_nor_failure() -> None:
    one = job(needs=(Need("build"),))
    around = scope(one, place=None, status=Outcome.SKIPPED)
    assert value("success()", around) == "false"
    assert value("failure()", around) == "false"
    assert value("success()", scope(place=None, status=Outcome.SKIPPED)) == "true"


def asked(expression: str, around: Scope) -> tuple[bool, str]:
    return holds(Condition(expression=Text(expression)), around)


def test_reasons_say_what_the_contexts_are() -> None:
    assert asked("github.ref == 'refs/heads/main'", scope()) == (
        False,
        "`if` is false: github.ref == 'refs/heads/main' (github.ref is `refs/heads/dev`)",
    )
    assert asked("failure() && github.head_ref", scope()) == (
        False,
        "`if` is false: failure() && github.head_ref (nothing has failed, github.head_ref is empty)",
    )
    assert asked("secrets.A != ''", scope(secrets={"A": "hidden"})) == (True, "`if` is true: secrets.A != ''")
    assert asked("always()", scope()) == (True, "`if` is true: always()")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("0", False), ("''", False), ("'false'", True), ("github.event", True), ("!true", False)],
)
def test_what_counts_as_true(expression: str, expected: bool) -> None:  # noqa: FBT001
    # https://docs.github.com/actions/reference/workflows-and-actions/expressions#literals
    assert asked(expression, scope())[0] is expected


def test_a_condition_that_can_not_be_evaluated() -> None:
    with pytest.raises(EvaluationError, match="fromJSON"):
        asked("fromJSON('{')", scope())


def test_without_an_if_nothing_is_said() -> None:
    assert holds(Condition(), scope()) == (True, "")


def test_texts_without_expressions_are_not_touched() -> None:
    assert evaluate(Text("a $HOME {{ b }}"), scope()) == "a $HOME {{ b }}"
    assert evaluate(Text("a ${{ 1 + 0 }}".replace("1 + 0", "1")), scope()) == "a 1"
    with pytest.raises(EvaluationError):
        evaluate(Text("${{ nothing.x }}"), scope())
