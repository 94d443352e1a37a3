"""Which jobs want a Node.js, and which version of it."""

import pytest

from understudy.dialects.github.actions.needs_node import wanted
from understudy.dialects.github.read import read
from understudy.model.pipeline import Job, Text
from understudy.model.results import Facts

ACTION = b"name: it\nruns: {using: node20, main: index.js}\n"
COMPOSITE = b"name: it\nruns: {using: composite, steps: [{uses: ./javascript}]}\n"


def job(step: str) -> Job:
    files = {
        "w.yml": f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n".encode(),
        "javascript/action.yml": ACTION,
        "composite/action.yml": COMPOSITE,
    }
    return read("w.yml", files.get, Facts("/")).pipelines[0].jobs[0]


def value(text: Text) -> str:
    return "20.x" if "matrix" in text.raw else text.raw


@pytest.mark.parametrize(
    ("step", "versions"),
    [
        ("run: node --version", ()),
        ("uses: actions/checkout@v4", ()),
        ("uses: ./javascript", ("",)),
        ("uses: ./composite", ("",)),
        ("uses: actions/setup-node@v4", ("",)),
        ("{uses: actions/setup-node@v4, with: {node-version: 22}}", ("22",)),
        ("{uses: actions/setup-node@v4, with: {node-version: v22.1.0}}", ("22.1.0",)),
        ("{uses: actions/setup-node@v4, with: {node-version: 18.x, cache: npm}}", ("18",)),
        ('{uses: actions/setup-node@v4, with: {node-version: "${{ matrix.node }}", cache: npm}}', ("20",)),
        ("{uses: actions/setup-node@v4, with: {node-version: lts/*}}", ("",)),
        ('{uses: actions/setup-node@v4, with: {node-version: ">=18"}}', ("",)),
    ],
)
def test_versions(step: str, versions: tuple[str, ...]) -> None:
    assert wanted(job(step), value) == versions
