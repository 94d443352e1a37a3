"""Actions and workflows that are used.

https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax and `.../workflow-syntax`.
"""

from collections.abc import Callable

import pytest

Codes = Callable[..., list[str]]

STEPS = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
ACTION = """\
name: mine
inputs:
  message: {required: true}
  name: {default: x, required: true}
  old: {deprecationMessage: no more}
outputs:
  done: {}
runs: {using: composite, steps: []}
"""


@pytest.mark.parametrize(
    "uses",
    [
        "actions/checkout@v4",
        "owner/repository/path/to@main",
        "owner/repository@8f4b7f84864484a7bf31766abe9204da3cbe65b3",
        "./.github/actions/mine",
        "$/.github/actions/mine",
        "$/",
        "docker://alpine:3.8",
        "docker://ghcr.io/owner/image",
        "${{ github.ref }}",
    ],
)
def test_names_of_actions(uses: str, codes: Codes) -> None:
    assert codes(f"{STEPS}      - uses: {uses}\n") == []


@pytest.mark.parametrize(
    "uses",
    [
        "actions/checkout",
        "checkout@v2",
        "docker://image:",
        "docker://",
        ".github/mine",
        "$$docker://a:1",
        "$/a@main",
        "../mine",
        ".",
    ],
)
def test_what_names_no_action(uses: str, codes: Codes) -> None:
    assert codes(f"{STEPS}      - uses: '{uses}'\n") == ["bad-uses 6:15"]


def test_a_local_action_takes_its_inputs(codes: Codes) -> None:
    files = {".github/actions/mine/action.yml": ACTION}
    text = f"""{STEPS}      - uses: ./.github/actions/mine
        id: one
        with:
          additions: x
          OLD: y
      - run: echo ${{{{ steps.one.outputs.done }}}} ${{{{ steps.one.outputs.other }}}}
"""
    assert codes(text, files) == [
        "missing-input 6:15",
        "unknown-input 9:11",
        "deprecated-input 10:11",
        "unknown-property 11:53",
    ]


def test_a_remote_action_at_hand_takes_its_inputs(codes: Codes) -> None:
    files = {"github://owner/repository@v1/sub/action.yaml": ACTION}
    assert codes(f"{STEPS}      - uses: owner/repository/sub@v1\n", files) == ["missing-input 6:15"]
    assert codes(f"{STEPS}      - uses: owner/repository/sub@v2\n", files) == []


def test_often_used_actions_are_known(codes: Codes) -> None:
    text = f"{STEPS}      - uses: actions/cache@v4\n        with:\n          keys: x\n          path: y\n"
    assert codes(text) == ["missing-input 6:15", "unknown-input 8:11"]


def test_what_containers_take_is_for_actions_that_run_in_one(codes: Codes) -> None:
    given = "        with: {entrypoint: x, args: y}\n"
    assert codes(f"{STEPS}      - uses: rhysd/action-setup-vim@v1\n{given}") == [
        "docker-input 7:16",
        "docker-input 7:31",
    ]
    assert codes(f"{STEPS}      - uses: ./mine\n{given}", {"mine/action.yml": "runs: {using: docker, image: a}"}) == []
    assert codes(f"{STEPS}      - uses: docker://alpine:3\n{given}") == []
    assert codes(f"{STEPS}      - uses: un/known@v1\n{given}") == []


def test_the_newest_version_may_have_learnt_something(checked: Callable[..., tuple[object, ...]], codes: Codes) -> None:
    text = f"{STEPS}      - uses: actions/setup-python@v7\n        with: {{some-day: x}}\n"
    assert codes(text) == ["newer-input 7:16"]


def test_old_actions_are_told_once(codes: Codes) -> None:
    step = "      - uses: actions/checkout@v2\n"
    assert codes(f"{STEPS}{step}{step}      - uses: actions/cache/save@v2\n") == ["old-action 6:15", "gone-action 8:15"]
    assert codes(f"{STEPS}      - uses: webfactory/ssh-agent@v0.5.4\n") == []


CALLED = """\
on:
  workflow_call:
    inputs:
      url: {type: string, required: true}
      many: {type: number}
    secrets:
      token: {required: true}
    outputs:
      done: {value: x}
jobs: {}
"""


def test_a_called_workflow_takes_its_inputs_and_secrets(codes: Codes) -> None:
    files = {".github/workflows/called.yml": CALLED}
    text = """\
on: push
jobs:
  good:
    uses: ./.github/workflows/called.yml
    with: {url: x, many: 3}
    secrets: {token: y}
  inherits:
    uses: $/.github/workflows/called.yml
    with: {url: "${{ github.ref }}"}
    secrets: inherit
  bad:
    uses: ./.github/workflows/called.yml
    with: {uri: x, many: no number}
    secrets: {tokens: y}
  after:
    needs: good
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ needs.good.outputs.done }} ${{ needs.good.outputs.other }}
"""
    assert codes(text, files) == [
        "missing-workflow-input 12:11",
        "missing-secret 12:11",
        "unknown-workflow-input 13:12",
        "wrong-value 13:26",
        "unknown-secret 14:15",
        "unknown-property 19:54",
    ]


@pytest.mark.parametrize("uses", ["./a/b.yml@main", "$/a/b.yml@main", "/a/b.yml@main", "a/b.yml@main", "a/b/c.yml"])
def test_what_names_no_workflow(uses: str, codes: Codes) -> None:
    assert codes(f"on: push\njobs:\n  a:\n    uses: {uses}\n") == ["bad-uses 4:11"]
