"""The two languages of conditions, by CircleCI's own tables and examples."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from understudy.dialects.base import EvaluationError
from understudy.dialects.circleci.logic import (
    evaluate_expression,
    evaluate_logic,
    expression_statement,
    expression_value,
    pipeline_values,
    show,
    truthy,
)
from understudy.dialects.circleci.values import UNKNOWN_VALUES
from understudy.model.results import EventKind, Facts

MAIN = Facts(root="/p", branch="main", host="github.com", owner="circleci", repository="circleci-docs", number=42)
VALUES = pipeline_values(MAIN, {"quick": True, "size": 3, "my-custom-param": "DEPLOY: now"})


@pytest.mark.parametrize("value", [False, None, 0, 0.0, float("nan"), "", {}])
def test_falsy(value: object) -> None:
    assert not truthy(value)


@pytest.mark.parametrize("value", [True, 42, "a string", "false", "0", -1])
def test_truthy(value: object) -> None:
    assert truthy(value)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"and": [True, True, False]}, False),
        ({"and": [True, "x"]}, True),
        ({"or": [False, True, False]}, True),
        ({"or": ["", 0]}, False),
        ({"not": True}, False),
        ({"not": ""}, True),
        ({"equal": [42, 42]}, True),
        ({"equal": ["42", 42]}, False),
        ({"equal": [1, True]}, False),
        ({"equal": ["main", "main", "dev"]}, False),
        ({"matches": {"pattern": "^feature-.+$", "value": "feature-x"}}, True),
        ({"matches": {"pattern": "feature", "value": "feature-x"}}, False),
        ({"matches": {"pattern": ".*", "value": None}}, True),
        ({"or": [{"equal": ["main", "dev"]}, {"equal": ["staging", "staging"]}]}, True),
        ({"not": {"or": [False, {"and": [True, {"equal": ["a", "a"]}]}]}}, False),
        ({"and": None}, False),
        ({}, False),
    ],
)
def test_logic_statements(tree: object, expected: bool) -> None:  # noqa: FBT001
    assert evaluate_logic(tree) is expected


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ({"and": []}, "`and` takes a list that is not empty"),
        ({"xor": [True]}, "`xor` is no operator"),
        ({"and": [True], "or": [False]}, "one operator, here are 2"),
        ([True], "is a list"),
        ({"matches": {"pattern": "a"}}, "a map of `pattern` and `value`"),
        ({"matches": {"pattern": "(", "value": "a"}}, "can't be used"),
        ({"matches": {"pattern": 1, "value": "a"}}, "is a string"),
        ({"or": [True, {"nor": [1]}]}, "`nor` is no operator"),
    ],
)
def test_wrong_logic_statements(tree: object, told: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate_logic(tree)
    assert told in raised.value.message


def test_logic_nests_to_a_hundred_levels() -> None:
    tree: object = True
    for _ in range(100):
        tree = {"not": tree}
    assert evaluate_logic(tree) is True
    with pytest.raises(EvaluationError, match="100 levels"):
        evaluate_logic({"not": tree})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('pipeline.git.branch == "main"', True),
        ('pipeline.git.branch != "main" and pipeline.git.branch != "canary"', False),
        ('pipeline.git.branch == "main" or pipeline.git.tag starts-with "release"', True),
        ('pipeline.git.tag starts-with "release"', False),
        ('pipeline.git.branch == "main" and pipeline.parameters.my-custom-param starts-with "DEPLOY:"', True),
        ('pipeline.git.branch == "main" and not (pipeline.trigger_source starts-with "api")', True),
        ('"hello world" starts-with "hello"', True),
        ('"hello world" matches /hello.*/', True),
        ('"hello world" matches /hello/', False),
        ("not true and false", False),
        ("not (true and false)", True),
        ("!false", True),
        ('1 == "1"', False),
        ('1 != "1"', True),
        ("true == 1", False),
        ("pipeline.parameters.size >= 3 and pipeline.parameters.size < 4", True),
        ("pipeline.parameters.size > 3", False),
        ("pipeline.number <= 42", True),
        (r'"say \"hi\" \\ bye" == "say \"hi\" \\ bye"', True),
        ("pipeline.git.branch or pipeline.git.tag", True),
        ("pipeline.git.tag", False),
        ("true\n  or pipeline.git.branch\n", True),
        ("false and pipeline.not.there", False),
    ],
)
def test_expressions(text: str, expected: bool) -> None:  # noqa: FBT001
    assert evaluate_expression(text, VALUES) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('pipeline.git.branch == "main" and 10 or 1', 10),
        ('pipeline.git.branch == "dev" and 10 or 1', 1),
        ('pipeline.git.tag or "unknown tag"', "unknown tag"),
        ("pipeline.number", 42),
    ],
)
def test_expressions_give_values(text: str, expected: object) -> None:
    assert expression_value(text, VALUES) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pipeline.not.there", "`pipeline.not.there` has no value"),
        ('1 starts-with "1"', "`starts-with` takes strings, not `1`"),
        ('"a" > 1', "`>` takes numbers, not `a`"),
        ("true > 1", "`>` takes numbers"),
        ("pipeline.git.branch ==", "ends where a value should follow"),
        ("(true", "never closed"),
        ("true)", "`)`"),
        ("true false", "an operator is missing before `false`"),
        ("pipeline.git.branch = 1", "can't be read from `= 1`"),
        ("", "ends where a value should follow"),
        ('"open', "can't be read"),
        ("not " * 500 + "true", "nested deeper"),
        ('"a" matches /(/', "can't be used"),
    ],
)
def test_wrong_expressions(text: str, told: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate_expression(text, VALUES)
    assert told in raised.value.message


@given(some.text(alphabet='andortru efls.()!=<>"/\\-0123 \n', max_size=60) | some.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(EvaluationError):
        assert evaluate_expression(text, VALUES) in {True, False}


def test_an_expression_travels_with_the_values_it_asks_for() -> None:
    statement = expression_statement('pipeline.git.branch == "main" and pipeline.not.there', VALUES)
    assert statement["values"] == {"pipeline.git.branch": "main"}
    assert evaluate_logic(expression_statement('pipeline.git.branch == "main"', VALUES))
    with pytest.raises(EvaluationError, match=r"pipeline\.not\.there"):
        evaluate_logic(statement)
    assert show(statement) == 'pipeline.git.branch == "main" and pipeline.not.there'


def test_values_of_a_push() -> None:
    assert VALUES["pipeline.git.tag"] == ""
    assert VALUES["pipeline.git.branch.is_default"] is True
    assert VALUES["pipeline.project.git_url"] == "https://github.com/circleci/circleci-docs"
    assert VALUES["pipeline.project.type"] == "github"
    assert VALUES["pipeline.trigger_source"] == "webhook"
    assert VALUES["pipeline.event.name"] == "push"
    assert VALUES["pipeline.parameters.quick"] is True
    assert VALUES["pipeline.schedule.name"] == ""


def test_values_of_a_tag_have_no_branch() -> None:
    values = pipeline_values(Facts(root="/p", event=EventKind.TAG, branch="main", tag="v1"), {})
    assert (values["pipeline.git.branch"], values["pipeline.git.tag"]) == ("", "v1")
    assert values["pipeline.git.branch.is_default"] is False


@pytest.mark.parametrize(
    ("event", "source", "kind"),
    [
        (EventKind.SCHEDULE, "scheduled_pipeline", "schedule"),
        (EventKind.API, "api", "api"),
        (EventKind.PULL_REQUEST, "webhook", "github_oauth"),
    ],
)
def test_values_of_other_triggers(event: EventKind, source: str, kind: str) -> None:
    facts = Facts(root="/p", event=event, branch="main", base_sha="b" * 40, pull_request=7, schedule="nightly")
    values = pipeline_values(facts, {})
    assert values["pipeline.trigger_source"] == source
    assert values["pipeline.trigger.type"] == kind
    assert values["pipeline.schedule.name"] == "nightly"
    assert values["pipeline.git.base_revision"] == ("" if event is EventKind.API else "b" * 40)


def test_what_cannot_be_known_is_empty_and_listed() -> None:
    values = pipeline_values(MAIN, {})
    assert {values[name] for name in UNKNOWN_VALUES} == {""}
