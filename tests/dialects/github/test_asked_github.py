"""The settings that a workflow needs, by the contexts reference.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
"""

from textwrap import dedent, indent

import pytest

from understudy.dialects.github import GITHUB
from understudy.model.results import Facts

FILE = ".github/workflows/ci.yml"


def asked(text: str, called: str = "", job: int = 0) -> list[str]:
    files = {FILE: dedent(text).encode(), ".github/workflows/called.yml": dedent(called).encode()}
    (pipeline,) = GITHUB.read(FILE, files.get, Facts(root="/")).pipelines
    found = GITHUB.asked(pipeline.jobs[job], pipeline)
    return [f"{one.setting.value} {one.name} {one.at.line}" for one in found]


def in_step(step: str) -> list[str]:
    head = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - name: one\n"
    return asked(head + indent(step + "\n", " " * 8))


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("run: echo ${{ secrets.NPM }} ${{ secrets.npm }}", ["secret NPM 7"]),
        ("run: echo ${{ secrets['NPM'] }}", ["secret NPM 7"]),
        ("run: echo ${{ vars.PLACE }}", ["variable PLACE 7"]),
        ("run: make\nenv:\n  A: ${{ format('{0}', secrets.NPM) }}", ["secret NPM 9"]),
        ("run: make\nif: contains(vars.WHO, 'x')", ["variable WHO 8"]),
        ("run: echo ${{ github.token }} ${{ secrets.GITHUB_TOKEN }}", ["token GITHUB_TOKEN 7"]),
        ("run: echo ${{ secrets.NPM || github.token }}", ["token GITHUB_TOKEN 7"]),
        ("run: echo ${{ vars.MOST || 1 }} ${{ matrix.x && secrets.A || '' }}", []),
        ("run: make\nif: vars.A != '' && !vars.B", []),
        ("run: make\nif: vars.A == 'yes'", ["variable A 8"]),
        ("run: echo ${{ toJSON(secrets) }} ${{ github.ref }}", []),
        ("uses: actions/checkout@v4", []),
        ("uses: docker/login-action@v3\nwith:\n  password: ${{ secrets.PASSWORD }}", []),
    ],
)
def test_what_a_step_asks_for(step: str, found: list[str]) -> None:
    assert in_step(step) == found


def test_what_a_job_and_its_workflow_ask_for() -> None:
    text = """
        on: push
        env: {A: "${{ secrets.ONE }}"}
        jobs:
          a:
            runs-on: ubuntu-latest
            env: {B: "${{ vars.TWO }}"}
            container: {image: x, credentials: {username: me, password: "${{ secrets.THREE }}"}}
            steps: [{run: make}]
          b:
            runs-on: ubuntu-latest
            steps: [{run: "echo ${{ secrets.OTHER }}"}]
    """
    assert sorted(asked(text)) == ["secret ONE 3", "secret THREE 8", "variable TWO 7"]


@pytest.mark.parametrize(
    ("handed", "found"),
    [
        ("secrets: inherit", ["secret INNER 7", "token GITHUB_TOKEN 7"]),
        ("secrets: {INNER: '${{ secrets.OUTER }}'}", ["secret OUTER 6", "token GITHUB_TOKEN 7"]),
        ("secrets: {INNER: plain}", ["token GITHUB_TOKEN 7"]),
    ],
)
def test_a_called_workflow_asks_for_what_its_caller_hands_in(handed: str, found: list[str]) -> None:
    called = """
        on: {workflow_call: {secrets: {INNER: {required: false}}}}
        jobs:
          inner:
            runs-on: ubuntu-latest
            steps:
              - run: echo ${{ secrets.INNER }} ${{ secrets.GITHUB_TOKEN }}
    """
    text = f"""
        on: push
        jobs:
          call:
            uses: ./.github/workflows/called.yml
            {handed}
    """
    assert asked(text, called) == found
