"""Untrusted input.

https://docs.github.com/en/actions/reference/security/secure-use#good-practices-for-mitigating-script-injection-attacks.
"""

from collections.abc import Callable

import pytest

RUN = """\
on: pull_request
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ WHAT }}
"""


@pytest.mark.parametrize(
    "expression",
    [
        "github.event.issue.title",
        "github.event['issue']['title']",
        "github.head_ref",
        "github.event.commits[0].message",
        "toJSON(github.event.commits.*.message)",
        "toJSON(github.event.*.body)",
        "github.event.pull_request.head.ref || 'main'",
        "format('{0}', github.event.comment.body)",
    ],
)
def test_in_a_script_it_is_an_error(expression: str, codes: Callable[..., list[str]]) -> None:
    found = codes(RUN.replace("WHAT", expression))
    assert [one.split()[0] for one in found] == ["untrusted-input"]


@pytest.mark.parametrize(
    "expression",
    [
        "github.event.issue.number",
        "github.event.pull_request.head.sha",
        "contains(github.event.issue.title, 'bug')",
        "github.head_ref == 'main'",
        "github.sha",
    ],
)
def test_what_nobody_else_can_choose_is_silent(expression: str, codes: Callable[..., list[str]]) -> None:
    assert codes(RUN.replace("WHAT", expression)) == []


def test_in_a_variable_it_is_silent(codes: Callable[..., list[str]]) -> None:
    text = RUN.replace("echo ${{ WHAT }}", "echo\n        env:\n          T: ${{ github.event.issue.title }}")
    assert codes(text) == []
