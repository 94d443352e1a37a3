"""The conformance command: an answer a line, in order, at once, and never a crash."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.cli import conformance
from understudy.cli.conformance import serve

GOOD = """\
version: 2.1
parameters:
  python: {type: string, default: "3.11"}
jobs:
  test:
    docker: [{image: "cimg/python:<< pipeline.parameters.python >>"}]
    environment: {MODE: fast}
    steps: [checkout]
  deploy:
    docker: [{image: cimg/base:2024.12}]
    steps: [checkout]
workflows:
  main:
    jobs:
      - test
      - deploy:
          requires: [test]
          filters: {branches: {only: main}}
"""


def ask(endpoint: str, *questions: object) -> list[dict[str, Any]]:
    written: list[str] = []
    serve(endpoint, (json.dumps(one) + "\n" for one in questions), written.append)
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in written)
    return [json.loads(line) for line in written]


def about(text: str, **more: object) -> dict[str, object]:
    return {"dialect": "circleci", "text": text, **more}


def test_lint_gives_findings_with_their_places() -> None:
    good, bad = ask("lint", about(GOOD), about(GOOD.replace("requires", "requirse")))
    assert [one for one in good["findings"] if one["severity"] == "error"] == []
    wrong = [one for one in bad["findings"] if one["severity"] == "error"]
    assert wrong
    assert {frozenset(one) for one in wrong} == {frozenset({"line", "col", "code", "severity", "message", "tolerated"})}
    assert [(one["line"], one["col"]) for one in wrong] == [(17, 11)]


def test_plan_gives_the_jobs_that_the_event_starts() -> None:
    on_main, on_branch, by_text = ask(
        "plan",
        about(GOOD),
        about(GOOD, event={"type": "push", "branch": "dev"}),
        about(GOOD, event="push"),
    )
    assert [(one["id"], one["needs"], one["env"]) for one in on_main["jobs"]] == [
        ("test", [], {"MODE": "fast"}),
        ("deploy", ["test"], {}),
    ]
    assert [one["id"] for one in on_branch["jobs"]] == ["test"]
    assert by_text["jobs"] == on_main["jobs"]


def test_expand_gives_the_processed_form_with_the_parameters_asked_for() -> None:
    default, given_one = ask("expand", about(GOOD, params={}), about(GOOD, params={"python": "3.12"}))
    assert "cimg/python:3.11" in default["text"]
    assert "cimg/python:3.12" in given_one["text"]
    assert "<<" not in given_one["text"]


def test_a_condition_of_travis_is_read_and_judged() -> None:
    plain, judged, wrong, unusable = ask(
        "expr-travis",
        {"condition": "branch = main"},
        {"condition": "branch = main AND env(FAST)", "data": {"branch": "main", "env": ["FAST=true"]}},
        {"condition": "branch = (main"},
        {"condition": "branch =~ ^[", "data": {"branch": "main"}},
    )
    assert plain == {"parses": True}
    assert judged == {"parses": True, "value": True}
    assert (wrong["parses"], wrong["error"]["offset"]) == (False, 9)
    assert (unusable["parses"], unusable["value"]) == (True, False)
    assert "^[" in unusable["error"]["message"]


def test_a_file_of_bitbucket_has_a_normal_form() -> None:
    text = "pipelines:\n  default:\n    - parallel:\n      - step: {image: {name: a}, script: [make]}\n"
    (answer,) = ask("normalise", {"dialect": "bitbucket", "text": text})
    step = {"step": {"image": "a", "script": ["make"]}}
    assert answer == {"config": {"pipelines": {"default": [{"parallel": {"steps": [step]}}]}}, "messages": []}


def test_a_configuration_of_travis_is_multiplied_out() -> None:
    text = "language: python\npython: ['3.9', '3.10']\nscript: make\n"
    (answer,) = ask("matrix", {"dialect": "travis", "text": text, "options": {}})
    assert [row["python"] for row in answer["rows"]] == ["3.9", "3.10"]


@pytest.mark.parametrize(
    ("endpoint", "question", "why"),
    [
        ("lint", {"dialect": "gitlab", "text": "on: push"}, "gitlab"),
        ("lint", {"dialect": ["circleci"], "text": ""}, "dialect"),
        ("lint", {"dialect": "circleci"}, "no `text`"),
        ("lint", ["circleci"], "JSON object"),
        ("expand", {"dialect": "travis", "text": ""}, "travis"),
        ("plan", {"dialect": "circleci", "text": "", "event": {"type": "sunrise"}}, "sunrise"),
        ("expr-gitlab", {"expr": "1"}, "expr-gitlab"),
        ("matrix", {"dialect": "github", "text": ""}, "github"),
        ("normalise", {"dialect": "github", "text": ""}, "github"),
        ("normalise", {"dialect": "travis"}, "no `text`"),
        ("nonsense", {}, "nonsense"),
    ],
)
def test_what_cannot_be_answered_says_why(endpoint: str, question: object, why: str) -> None:
    (answer,) = ask(endpoint, question)
    assert list(answer) == ["unsupported"]
    assert why in answer["unsupported"]


def test_lines_that_are_no_json_are_answered_too() -> None:
    written: list[str] = []
    lines = ["{\n", "\n", "[" * 100_000 + "\n", json.dumps(about(GOOD)) + "\n"]
    assert serve("lint", lines, written.append) == 0
    answers = [json.loads(line) for line in written]
    assert ["unsupported" in answer for answer in answers] == [True, True, True, False]


def test_a_crash_in_one_case_leaves_the_others_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(question: Mapping[str, Any]) -> dict[str, Any]:
        if question["n"] == 1:
            raise ZeroDivisionError("on purpose")
        return {"n": question["n"]}

    monkeypatch.setitem(conformance.ENDPOINTS, "crash", crash)
    assert ask("crash", {"n": 0}, {"n": 1}, {}, {"n": 2}) == [
        {"n": 0},
        {"unsupported": "internal error: ZeroDivisionError: on purpose"},
        {"unsupported": "internal error: KeyError: 'n'"},
        {"n": 2},
    ]


def test_an_answer_is_written_before_the_next_line_is_read() -> None:
    written: list[str] = []

    def lines() -> Iterator[str]:
        for number in range(3):
            assert len(written) == number
            yield "{}\n"

    serve("lint", lines(), written.append)
    assert len(written) == 3


def test_an_endpoint_that_nobody_knows_is_an_input_error_after_all_answers() -> None:
    written: list[str] = []
    assert serve("nonsense", ["{}\n", "{}\n"], written.append) == 2
    assert len(written) == 2


@given(st.text(max_size=40) | st.sampled_from(GOOD.splitlines()).map(lambda line: GOOD.replace(line, "")))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_asked_about(text: str) -> None:
    for endpoint in ("lint", "plan", "expand"):
        (answer,) = ask(endpoint, about(text))
        assert "internal error" not in str(answer.get("unsupported"))


WORKFLOW = """\
on:
  push: {branches: [main]}
  workflow_dispatch: {inputs: {level: {type: string}}}
jobs:
  test:
    strategy: {matrix: {python: ["3.11", "3.12"]}}
    runs-on: ubuntu-latest
    steps: [{run: make}]
  deploy:
    needs: test
    runs-on: ubuntu-latest
    steps: [{run: make}]
"""


def test_github_workflows_are_linted_and_planned() -> None:
    github = {"dialect": "github", "text": WORKFLOW}
    (good,) = ask("lint", github)
    assert [one for one in good["findings"] if one["severity"] == "error"] == []
    pushed, elsewhere, by_hand = ask(
        "plan",
        github,
        {**github, "event": {"type": "push", "branch": "dev"}},
        {**github, "event": {"type": "workflow_dispatch", "branch": "dev", "inputs": {"level": "high"}}},
    )
    ids = ["test (3.11)", "test (3.12)", "deploy"]
    assert [one["id"] for one in pushed["jobs"]] == ids
    assert pushed["jobs"][0]["cell"] == {"python": "3.11"}
    assert pushed["jobs"][2]["needs"] == ids[:2]
    assert elsewhere["jobs"] == []
    assert [one["id"] for one in by_hand["jobs"]] == ids


def test_called_workflows_come_along_by_their_names() -> None:
    text = (
        "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n  c:\n    uses: o/r/.github/workflows/d.yml@v1\n"
    )
    called = "on: workflow_call\njobs:\n  inner:\n    runs-on: ubuntu-latest\n    steps: [{run: make}]\n"
    files = {".github/workflows/b.yml": called, "o/r/.github/workflows/d.yml@v1": called}
    with_them, alone = ask(
        "plan", {"dialect": "github", "text": text, "files": files}, {"dialect": "github", "text": text}
    )
    assert [one["id"] for one in with_them["jobs"]] == ["a/inner", "a", "c/inner", "c"]
    assert [one for one in with_them["findings"] if one["severity"] != "note"] == []
    assert [one["code"] for one in alone["findings"] if one["severity"] == "error"] == []
