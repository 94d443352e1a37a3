"""Expressions in workflows.

What contexts hold, where they can be used and what functions take:
https://docs.github.com/en/actions/reference/workflows-and-actions/contexts and `.../expressions`.
"""

from collections.abc import Callable

import pytest

Codes = Callable[..., list[str]]

STEP = """\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
        node: [14, 15]
        package:
          - {name: foo, optional: true}
        include:
          - npm: 7.5.4
    outputs:
      tag: ${{ steps.first.outputs.tag }}
    services:
      redis:
        image: redis
    steps:
      - id: first
        run: echo
      - name: ${{ WHAT }}
        run: echo
"""


@pytest.mark.parametrize(
    "expression",
    [
        "github.ref",
        "GitHub.Ref",
        "github['ref']",
        "github.event.anything.at.all",
        "github.event.commits[0].id",
        "toJSON(github.event.commits.*.id)",
        "env.ANY",
        "vars.ANY",
        "secrets.ANY",
        "runner.os",
        "job.status",
        "job.services.redis.ports[6379]",
        "job.workflow_sha",
        "strategy.job-index",
        "matrix.os",
        "matrix.node == 14",
        "matrix.package.name",
        "matrix.npm",
        "steps.first.outputs.whatever",
        "steps.first.outcome == 'success'",
        "contains(github.event.labels.*.name, 'bug')",
        "contains('hello', 'ell')",
        "startsWith(github.ref, 'refs/tags/')",
        "format('{0} {1} {{2}}', 1, github.ref)",
        "join(github.event.labels.*.name, ', ')",
        'fromJSON(\'{"a":{"b":1}}\').a.b',
        "hashFiles('**/lock')",
        "case(github.ref == 'a', 1, 2)",
        "'42' == 42",
        "true == 1",
        "null == 0",
        "github.event.number > 3",
        "github.ref && 'a' || 'b'",
        "!github.ref",
    ],
)
def test_what_the_documentation_allows_is_silent(expression: str, codes: Codes) -> None:
    assert codes(STEP.replace("WHAT", expression)) == []


@pytest.mark.parametrize(
    ("expression", "code", "column"),
    [
        ("unknown", "unknown-context", 19),
        ("github.events", "unknown-property", 19),
        ("runner.nothing", "unknown-property", 19),
        ("matrix.platform", "unknown-property", 19),
        ("matrix.package.dev", "unknown-property", 19),
        ("steps.second.outcome", "unknown-property", 19),
        ("needs.build.result", "unknown-property", 19),
        ("inputs.name", "unknown-property", 19),
        ("startWith('a', 'b')", "unknown-function", 19),
        ("startsWith('a')", "bad-expression", 19),
        ("startsWith('hello', github.event)", "bad-argument", 39),
        ("startsWith(true, 't')", "bad-argument", 30),
        ("contains(null, 'a')", "bad-argument", 28),
        ("join('a', ',')", "bad-argument", 24),
        ("format('text')", "unused-format", 19),
        ("env[0]", "bad-index", 23),
        ("format('{0}{1}', 1, 2, 3)", "unused-argument", 19),
        ("format('{0}{1}{2}', 1, 2)", "bad-format", 19),
        ("fromJSON('[1')", "bad-json", 28),
        ("fromJSON('{\"win\":1}')['mac']", "unknown-property", 19),
        ("github.event == 'push'", "useless-comparison", 19),
        ("true > 60", "useless-comparison", 19),
        ("matrix.node.version", "not-an-object", 19),
        ("matrix.os.*", "not-an-object", 19),
        ("always()", "function-not-here", 19),
        ("github.event", "not-a-text", 15),
        ("null", "not-a-text", 15),
        ("vars.GITHUB_X", "bad-variable-name", 19),
        ('"hello"', "bad-expression", 19),
        ("1 + 1", "bad-expression", 21),
        ("github.event.", "bad-expression", 31),
    ],
)
def test_what_goes_wrong_is_told_where_it_stands(expression: str, code: str, column: int, codes: Codes) -> None:
    assert codes(STEP.replace("WHAT", expression)) == [f"{code} 21:{column}"]


PLACES = """\
on:
  workflow_call:
    inputs:
      name: {type: string, default: "${{ AT1 }}"}
    outputs:
      one:
        value: ${{ AT2 }}
run-name: ${{ AT3 }}
env:
  A: ${{ AT4 }}
concurrency: ${{ AT5 }}
jobs:
  build:
    name: ${{ AT6 }}
    if: ${{ AT7 }}
    runs-on: ${{ AT8 }}
    env:
      A: ${{ AT9 }}
    defaults:
      run:
        shell: ${{ AT10 }}
    container:
      image: ${{ AT11 }}
      credentials:
        username: ${{ AT12 }}
        password: ${{ AT13 }}
      env:
        A: ${{ AT14 }}
    environment:
      name: ${{ AT15 }}
      url: ${{ AT16 }}
    steps:
      - if: ${{ AT17 }}
        run: ${{ AT18 }}
"""
_PLACES = 18


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("github.ref", set(range(1, 19))),
        ("secrets.A", {4, 9, 12, 13, 14, 18}),
        ("env.A", {10, 12, 13, 14, 16, 17, 18}),
        ("runner.os", {14, 16, 17, 18}),
        ("strategy.job-index", {5 + 1, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}),
        ("always()", {7, 17}),
        ("hashFiles('a')", {17, 18}),
    ],
)
def test_contexts_and_functions_are_where_the_table_says(expression: str, allowed: set[int], codes: Codes) -> None:
    for place in range(1, _PLACES + 1):
        text = PLACES
        for other in range(_PLACES, 0, -1):
            text = text.replace(f"AT{other} ", f"{expression if other == place else 'github.ref'} ")
        found = [one.split()[0] for one in codes(text)]
        assert (found == []) == (place in allowed), f"{expression} at AT{place}: {found}"
        assert set(found) <= {"context-not-here", "function-not-here"}


def test_places_in_scripts_of_several_lines(codes: Codes) -> None:
    text = STEP.replace(
        "run: echo\n      - name: ${{ WHAT }}",
        "run: |\n          echo one\n          echo ${{ nothing }}\n      - name: x",
    )
    assert codes(text) == ["unknown-context 22:20"]


def test_needs_are_the_jobs_named_by_the_job_itself(codes: Codes) -> None:
    text = """\
on: push
jobs:
  first:
    runs-on: ubuntu-latest
    outputs: {one: x}
    steps: [{run: echo}]
  second:
    needs: first
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ needs.first.outputs.one }} ${{ needs.first.result }}
      - run: echo ${{ needs.first.outputs.two }}
  third:
    needs: second
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ needs.first.result }}
"""
    assert codes(text) == ["unknown-property 12:23", "unknown-property 17:23"]


def test_inputs_and_secrets_are_those_declared(codes: Codes) -> None:
    text = """\
on:
  workflow_call:
    inputs:
      url: {type: string}
      many: {type: number}
    secrets:
      token: {}
jobs:
  a:
    runs-on: ubuntu-latest
    timeout-minutes: ${{ inputs.many }}
    steps:
      - run: echo ${{ inputs.url }} ${{ secrets.token }} ${{ secrets.GITHUB_TOKEN }}
      - run: echo ${{ inputs.uri }}
      - run: echo ${{ secrets.tokens }}
      - run: echo
        timeout-minutes: ${{ inputs.url }}
"""
    assert codes(text) == ["unknown-property 14:23", "unknown-property 15:23", "wrong-value 17:26"]


def test_a_default_sees_the_inputs_before_it(codes: Codes) -> None:
    text = """\
on:
  workflow_call:
    inputs:
      one: {type: string, default: "${{ inputs.two }}"}
      two: {type: string, default: "${{ inputs.one }}"}
      three: {type: boolean, default: "${{ inputs.one }}"}
jobs: {a: {runs-on: ubuntu-latest, steps: [{run: a}]}}
"""
    assert codes(text) == ["unknown-property 4:41", "bad-default 6:39"]


def test_what_must_be_of_a_kind(codes: Codes) -> None:
    text = """\
on: push
jobs:
  a:
    runs-on: ${{ matrix.x }}
    strategy:
      fail-fast: ${{ 'no' }}
      matrix:
        x: [{a: b}]
    services: ${{ 'redis' }}
    steps:
      - run: echo
        env: ${{ 'A=B' }}
      - run: echo
        env: ${{ fromJSON('{}') }}
        timeout-minutes: ${{ '...' && 60 || 20 }}
"""
    assert codes(text) == ["wrong-value 4:14", "wrong-value 6:18", "wrong-value 9:15", "wrong-value 12:14"]


def test_a_map_may_come_of_an_expression(codes: Codes) -> None:
    text = """\
on: push
concurrency: ${{ fromJSON('{"group":"a"}') }}
jobs:
  a:
    runs-on: ${{ fromJSON('{"group":"a"}') }}
    strategy: ${{ fromJSON('{"matrix":{"a":[1]}}') }}
    container: ${{ fromJSON('{"image":"a"}') }}
    environment: ${{ fromJSON('{"name":"a"}') }}
    services:
      one: ${{ fromJSON('{"image":"a"}') }}
    steps:
      - run: echo ${{ matrix.a }}
"""
    assert codes(text) == []


def test_status_functions_name_jobs_in_the_condition_of_a_job_alone(codes: Codes) -> None:
    text = """\
on: push
jobs:
  a: {runs-on: ubuntu-latest, steps: [{run: echo}]}
  b:
    needs: a
    if: success('a')
    runs-on: ubuntu-latest
    steps:
      - run: echo
        if: failure('a')
"""
    assert codes(text) == ["bad-argument-count 10:13"]


def test_a_text_is_no_number_and_no_map(codes: Codes) -> None:
    text = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    timeout-minutes: 1${{ github.run_number }}
    env: ${{ vars.A }}${{ vars.B }}
    steps:
      - run: echo
        timeout-minutes: ${{ fromJSON(vars.A) }}
      - uses: owner/repository@v1
        with: ${{ github.run_number }}
"""
    assert codes(text) == ["wrong-value 5:22", "wrong-value 6:10", "wrong-value 11:15"]
