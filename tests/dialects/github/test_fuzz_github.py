"""Whatever stands in a workflow, reading it ends with findings and never with a traceback."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from understudy.dialects.github import GITHUB
from understudy.model.results import Facts

FILE = ".github/workflows/ci.yml"
CALLED = ".github/workflows/called.yml"
SEED = """\
on:
  push: {branches: [main], paths-ignore: ['docs/**']}
  schedule: [{cron: '0 0 * * *', timezone: UTC}]
  workflow_call: {inputs: {a: {type: number, default: 1}}, outputs: {o: {value: "${{ jobs.build.outputs.o }}"}}}
  workflow_dispatch: {inputs: {c: {type: choice, options: [x, y]}}}
run-name: Run ${{ github.actor }}
env: &env {A: b, C: 3.10}
defaults: {run: {shell: bash, working-directory: sub}}
permissions: {contents: read, id-token: write}
concurrency: {group: "${{ github.ref }}", cancel-in-progress: true, queue: single}
jobs:
  build:
    name: Build ${{ matrix.os }}
    if: github.ref == 'a' && ${{ always() }}
    strategy:
      fail-fast: ${{ github.x }}
      max-parallel: 2
      matrix:
        os: [ubuntu-latest, windows-latest]
        include: [{os: a, n: 1}]
        exclude: ${{ fromJSON('[]') }}
    runs-on: [self-hosted, "${{ matrix.os }}"]
    container: {image: "docker://alpine", env: *env, ports: [80], credentials: {username: u, password: p}}
    services: {db: {image: postgres, options: --health-cmd x}, cache: redis}
    environment: {name: prod, url: "https://${{ steps.a.outputs.b }}"}
    outputs: {o: "${{ steps.a.outputs.b }}"}
    timeout-minutes: ${{ matrix.n }}
    continue-on-error: true
    snapshot: {image-name: mine}
    steps:
      - uses: actions/checkout@v4
        with: {ref: "${{ github.sha }}", fetch-depth: 0}
      - &step
        id: a
        name: Say
        run: |
          echo ${{ matrix.os }} <<: x
        env: {B: "${{ env.A }}"}
        timeout-minutes: 1
      - uses: ./action
      - uses: docker://alpine:3
      - run: serve
        background: true
      - parallel: [*step, {run: b}]
      - wait: [a]
      - wait-all:
      - cancel: a
  call:
    needs: [build]
    strategy: {matrix: {x: [1, {y: z}]}}
    uses: ./.github/workflows/called.yml
    with: {a: "${{ matrix.x }}"}
    secrets: inherit
  far: {uses: o/r/.github/workflows/x.yml@v1, secrets: {t: "${{ secrets.T }}"}}
"""
PIECES = st.sampled_from(
    [
        *("", "null", "[]", "{}", "~", '"', "'", "${{", "${{ }}", "${{ x.y }}", "}}", "- ", "*env", "&x ", "<<: *env"),
        *("!!int ", "!!bool x", "1e999", "on", "0x1F", ": ", "\t", "\n", "# ", "|", ">-", "[[", "{{", "😀", "\x00"),
        *("run:", "uses: ./action", "uses:", "needs: [call]", "needs: build", "matrix:", "strategy: ${{ a }}"),
    ]
)
EDITS = st.lists(st.tuples(st.integers(0, len(SEED)), st.integers(0, 40), PIECES), min_size=1, max_size=6)
FACTS = Facts(root="/", branch="main")


def read(text: str, called: str = SEED) -> None:
    data = {FILE: text.encode("utf-8", "replace"), CALLED: called.encode("utf-8", "replace")}
    reading = GITHUB.read(FILE, data.get, FACTS)
    lines = max(one.count(b"\n") for one in data.values()) + 2
    assert all(one.message and one.at.line <= lines for one in reading.findings)
    for pipeline in reading.pipelines:
        ids = [job.id for job in pipeline.jobs]
        assert len(ids) == len(set(ids)) or any(one.code == "duplicate-key" for one in reading.findings)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
def test_edits_of_a_workflow(edits: list[tuple[int, int, str]]) -> None:
    text = SEED
    for at, length, piece in edits:
        text = text[:at] + piece + text[at + length :]
    read(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
def test_edits_of_a_called_workflow(edits: list[tuple[int, int, str]]) -> None:
    text = SEED
    for at, length, piece in edits:
        text = text[:at] + piece + text[at + length :]
    read(SEED, text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    read(text)
    read(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {text}\n")
