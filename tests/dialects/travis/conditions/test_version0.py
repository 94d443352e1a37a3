"""What is a condition of the first version: https://docs.travis-ci.com/user/conditions-v0/."""

import pytest

from understudy.dialects.travis.conditions import problem


@pytest.mark.parametrize(
    "condition",
    [
        "branch = master",
        "branch=master",
        "env(foo) = bar",
        "sender != my-bot",
        'sender = "my bot"',
        "branch =~ ^master$",
        "env(foo) =~ ^bar$",
        "env( foo ) !~ /two words/",
        "branch IN (master, dev)",
        "branch in (master)",
        "NOT env(foo) IN (bar,baz)",
        "branch IS present",
        "tag is blank",
        "(NOT branch = a OR tag IS present) AND type = push",
        "not (branch = a or branch = b)",
        "BRANCH = a AND TAG = b OR TYPE = c AND FORK = true",
        "branch = ==",
    ],
)
def test_conditions(condition: str) -> None:
    assert problem(condition, "v0") is None


@pytest.mark.parametrize(
    ("condition", "offset"),
    [
        ("", 0),
        ("true", 0),
        ("master = branch", 0),
        ("Branch = a", 0),
        ("$BRANCH = a", 0),
        ("os = linux", 0),  # known to version 1 alone
        ("commit_message = a", 0),
        ("branch = a AND", 14),
        ("branch = a && tag = b", 10),
        ("branch NOT IN (a)", 0),
        ("branch IS NOT present", 0),
        ("branch = a ", 10),
        ("(branch = a", 11),
        ("(branch =~ ^a$)", 15),  # the parenthesis is part of the pattern
        ("env(A) = env(B)", 12),
        ("branch IN (a b)", 0),
        ('branch = "a', 0),
    ],
)
def test_what_is_none(condition: str, offset: int) -> None:
    refused = problem(condition, "v0")
    assert refused is not None
    assert refused.offset == offset
