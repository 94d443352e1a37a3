"""Other people's findings: what they take is taken here, and what they refuse for its meaning is found in its line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.github.checks import check
from understudy.findings import Finding, Severity
from understudy.text import yaml

SHARED = Path(__file__).parents[5] / "shared"
SHAPE = ("syntax-check", None)
NOT_FOUND = {
    ("issue280_runs_on.yaml", 7): "an empty label: its shape is told",
    ("issue280_runs_on.yaml", 17): "an empty label: its shape is told",
    ("issue280_runs_on.yaml", 22): "an empty label: its shape is told",
    ("issue280_runs_on.yaml", 58): "an empty label: its shape is told",
    ("issue280_runs_on.yaml", 64): "an empty label: its shape is told",
    ("action_metadata_syntax_validation.yaml", 8): "the action's file is not among the vectors",
    ("local_action_inputs.yaml", 7): "the action's file is not among the vectors",
    ("local_action_inputs.yaml", 13): "the action's file is not among the vectors",
    ("invalid_ids_in_needs.yaml", 8): "told where the unknown job is named, as GitHub does",
    ("workflow_call_jobs.yaml", 19): "told by whoever reads the called workflow",
}
"""Lines in which they find something wrong with the meaning and these checks don't, and why."""
OF_SHAPE = ("case_sensitive_keys.yaml", "invalid_event_filters.yaml", "webhook_checks.yaml")
"""Files whose events have names, filters or types that don't exist: the check of the shape tells those."""


def cases() -> list[dict[str, Any]]:
    """Those that ask for no other program."""
    path = SHARED / "vectors" / "github_lint.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [case for case in found if not case["needs"]]


def findings(text: str) -> tuple[Finding, ...]:
    """What is wrong with the meaning of `text`; nothing where it is no YAML."""
    loaded = yaml.load(text, "ci.yml")
    return check(loaded.root, "ci.yml", lambda path: text.encode() if path == "ci.yml" else None) if loaded.root else ()


def test_good_files_are_silent() -> None:
    wrong = {
        case["name"]: [one.message for one in findings(case["workflow"]) if one.severity is Severity.ERROR]
        for case in cases()
        if not case["expect"]
    }
    assert {name: messages for name, messages in wrong.items() if messages} == {}


def test_bad_lines_are_found() -> None:
    missed = {
        (case["name"], expected["line"])
        for case in cases()
        for expected in case["expect"]
        if expected["kind"] not in SHAPE and case["name"] not in OF_SHAPE
        if expected["line"] not in {one.at.line for one in findings(case["workflow"])}
    }
    assert missed == set(NOT_FOUND)


@pytest.mark.corpus
def test_errors_in_the_corpus_are_those_looked_at_by_eye() -> None:
    folder = SHARED / "corpus" / "github"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    found = {
        (path.name.split("__")[1], one.code)
        for path in sorted(folder.glob("*.yml"))
        for one in findings(path.read_text(encoding="utf-8"))
        if one.severity is Severity.ERROR
    }
    assert found == {
        ("FXrays.yml", "no-such-runner"),
        ("nmodl.yml", "deprecated-input"),
        ("hatchet.yml", "no-such-runner"),
        ("hatchet.yml", "useless-exclude"),
        ("finn.yml", "no-such-runner"),
        ("dss-plugin-timeseries-forecast.yml", "no-such-runner"),
        ("thinc.yml", "no-such-runner"),
        ("mmcv.yml", "no-such-runner"),
        ("serve.yml", "no-such-runner"),
        ("gluon-nlp.yml", "gone-action"),
        ("dss-plugin-timeseries-forecast.yml", "gone-action"),
        ("allennlp.yml", "gone-action"),
        ("mmf.yml", "gone-action"),
        ("test-selenium-demo.yml", "gone-action"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "x",
        "{on: [[a]], jobs: [b]}",
        "{on: {push: [a], schedule: {}, workflow_call: x, workflow_dispatch: {inputs: [a]}}, jobs: {a: [], b: x}}",
        "{on: {schedule: [x, [y], {cron: [z]}]}, jobs: {a: {needs: {b: c}, runs-on: [[d]], steps: e}}}",
        "{jobs: {a: {steps: [x, [], {run: [a], uses: {}, with: b, env: [c], if: [d]}], strategy: x}}}",
        "{jobs: {a: {strategy: {matrix: {a: x, include: [y, {b: [c]}], exclude: x}}, container: [], services: x}}}",
        "{jobs: {a: {uses: {}, with: [a], secrets: x, outputs: [x], environment: [y], concurrency: [z]}}}",
        "{env: x, defaults: [y], concurrency: [], run-name: {}, permissions: [x], jobs: {a: {snapshot: x}}}",
        "{jobs: {a: {if: '${{', steps: [{if: '}}${{'}, {run: '${{ ${{ }} }}'}]}}}",
    ],
)
def test_any_shape_is_answered(text: str, codes: Callable[..., list[str]]) -> None:
    codes(text)
