"""GitHub's own cases for its expressions, and act's; what cannot pass is named here with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.github.expression.conform import answer

VECTORS = Path(__file__).parents[5] / "shared" / "vectors"
ORDER = "the case has lost the order in which its object is written"
NOT_PASSING = {"foo[*]": ORDER, "tojson(myObject)": ORDER}


def _cases(name: str) -> list[dict[str, Any]]:
    path = VECTORS / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    assert cases
    return cases


@pytest.mark.corpus
def test_the_services_own_cases() -> None:
    wrong = []
    for case in _cases("github_expressions"):
        found = answer({"expr": case["expr"], "contexts": case.get("contexts", {})})
        if "err" in case:
            error = found.get("error", {})
            right = error.get("phase") == case["err"]["kind"] and case["err"]["value"] in error["message"]
        else:
            right = (found.get("kind"), found.get("value")) == (case["result"]["kind"], case["result"].get("value"))
        if not right:
            wrong.append((case["expr"], case.get("result") or case["err"], found))
    assert [case for case in wrong if case[0] not in NOT_PASSING] == []
    assert len(wrong) <= len(NOT_PASSING)


@pytest.mark.corpus
def test_the_cases_of_operators_and_functions_of_another_runner() -> None:
    cases = [
        case
        for case in _cases("github_expressions_act")
        if case["test"] != "TestContexts" and "hashFiles" not in case["expr"] and "env" not in case["expr"]
    ]
    contexts = {"github": {"action": "push"}}
    for case in cases:
        found = answer({"expr": case["expr"], "contexts": contexts})
        if case["error"]:
            assert "error" in found, case
        else:
            assert found.get("value") == case["expected"], case


@pytest.mark.corpus
def test_status_functions() -> None:
    for case in _cases("github_status_functions"):
        found = answer({"expr": case["expr"], "contexts": {}, "status": case["job_status"]})
        assert found == {"kind": "Boolean", "value": case["expected"]}, case
