"""The reference implementation's own cases."""

import json
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.travis.conditions import ConditionError, Data, Value, holds, parse

VECTORS = Path(__file__).parents[5] / "shared" / "vectors"


def cases(name: str) -> list[dict[str, Any]]:
    path = VECTORS / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return found


def frozen(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(frozen(one) for one in value)
    if isinstance(value, dict):
        return {key: frozen(one) for key, one in value.items()}
    plain: Value = value
    return plain


def parses(condition: str) -> bool:
    try:
        parse(condition)
    except ConditionError:
        return False
    return True


@pytest.mark.corpus
def test_what_is_a_condition_and_what_is_none() -> None:
    given = cases("travis_conditions_parse")
    assert [one["condition"] for one in given if parses(one["condition"]) != one["parses"]] == []
    assert len(given) > 1000


@pytest.mark.corpus
def test_what_holds_and_what_does_not() -> None:
    given = [one for one in cases("travis_conditions_eval") if one["kind"] == "be"]
    wrong = []
    for one in given:
        data = frozen(one["data"])
        assert isinstance(data, dict)
        if holds(parse(one["str"] or one["cond"]), Data.of(data)) != one["arg"]:
            wrong.append(one)
    assert wrong == []
    assert len(given) > 50
