"""What can't be judged is told at its place, and whose fault that is."""

import pytest

from understudy.dialects.travis.normalise import normalise
from understudy.dialects.travis.unjudged import findings
from understudy.findings import Finding, Severity
from understudy.model.results import Facts
from understudy.text import yaml


def found(text: str) -> list[Finding]:
    loaded = yaml.load(text, ".travis.yml")
    return list(findings(normalise(loaded.root, ".travis.yml"), Facts("/", branch="main")))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (r"if: branch =~ /\p{Greek}/", 1),
        ("stages:\n  - name: a\n    if: branch =~ /[a&&b]/\n", 3),
        ("jobs:\n  include:\n    - script: a\n    - script: b\n      if: env(A) =~ /(?~a)/\n      env: A=1\n", 5),
        ("jobs:\n  allow_failures:\n    - if: branch =~ /(?<=a+)/\n", 3),
    ],
)
def test_what_only_we_cannot_judge_is_unsupported(text: str, line: int) -> None:
    (one,) = found(text)
    assert (one.severity, one.code, one.at.line) == (Severity.UNSUPPORTED, "condition-not-judged", line)
    assert "at character" in one.message


@pytest.mark.parametrize("condition", [f"tag =~ /{'a' * 10_001}/", "(" * 60 + "a = b" + ")" * 60])
def test_a_limit_of_ours_is_no_fault_of_the_file(condition: str) -> None:
    normal = normalise(yaml.load(f"if: {condition}", ".travis.yml").root, ".travis.yml")
    assert not [one for one in normal.messages if one.code == "invalid_condition"]
    assert [one.severity for one in findings(normal, Facts("/", branch="main"))] == [Severity.UNSUPPORTED]


def test_what_travis_cannot_judge_either_is_said_to_count_as_not_met() -> None:
    (one,) = found("if: NOT branch =~ env(B)\nenv:\n  global: B=true\n")
    assert (one.severity, one.code, one.at.line) == (Severity.WARNING, "condition-fails", 1)


def test_a_pattern_out_of_a_variable_is_looked_at_with_its_value() -> None:
    (one,) = found("if: branch =~ env(PATTERN)\nenv:\n  global: PATTERN='['\n")
    assert (one.severity, one.code) == (Severity.WARNING, "condition-fails")


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("branch = env-1", '`env-1` is read as `-1`, for it begins like a function; write `"env-1"`'),
        ("branch = env staging", "`env staging` is read as `staging`"),
        ("tag =~ Envy", "`Envy` is read as `y`, for it begins like a function; write `/Envy/`"),
        ("branch IN (main, concats)", "`concats` is read as `s`"),
        ("tag =~ /^v AND type = push", "the regular expression has no second `/`"),
    ],
)
def test_what_is_read_otherwise_than_it_looks_is_told(condition: str, told: str) -> None:
    (one,) = found(f"if: {condition}")
    assert (one.severity, one.code, one.at.line) == (Severity.WARNING, "condition-misread", 1)
    assert told in one.message


@pytest.mark.parametrize(
    "condition",
    [
        'branch = "env-1"',
        "env(A) = concat(env(B), -x)",
        "branch =~ concat(^, a)",
        r"tag =~ /^a\/b$/",
        "branch = my-env",
    ],
)
def test_what_is_read_as_it_looks_is_not_told(condition: str) -> None:
    assert found(f"if: {condition}") == []


def test_patterns_of_branches_are_looked_at() -> None:
    wrong, unsupported = found("branches:\n  only:\n    - main\n    - /[/\n  except:\n    - /[a&&b]/\n")
    assert (wrong.severity, wrong.at.line) == (Severity.ERROR, 4)
    assert (unsupported.severity, unsupported.at.line) == (Severity.UNSUPPORTED, 6)


@pytest.mark.parametrize(
    "text", ["", "if: branch = main", "if: '= foo'", "if: branch =~ /[/", "branches:\n  only: /^v/\n"]
)
def test_all_else_is_none_of_its_business(text: str) -> None:
    assert found(text) == []
