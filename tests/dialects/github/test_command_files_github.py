"""Command files: what the runner's own tests expect, and the rules of the documentation."""

import json
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.github.command_files import CommandFileError, decoded, folders, pairs, variables

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "github_command_files.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"] if VECTORS.exists() else []


def test_one_line_and_many() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#example-of-a-multiline-string
    text = "action_state=yellow\nJSON_RESPONSE<<EOF\n{\n  a\n}\nEOF\n"
    assert pairs(text) == {"action_state": "yellow", "JSON_RESPONSE": "{\n  a\n}"}


def test_the_sign_that_comes_first_decides() -> None:
    assert pairs("A=b<<c") == {"A": "b<<c"}
    assert pairs("A<<=E\nx\n=E") == {"A": "x"}


def test_a_carriage_return_is_part_of_the_value_on_linux() -> None:
    assert pairs("A=b\r\n") == {"A": "b\r"}


def test_the_last_value_of_a_name_is_kept() -> None:
    assert pairs("A=1\nA=2") == {"A": "2"}


def test_a_mark_of_byte_order_is_no_part_of_the_first_name() -> None:
    assert decoded(b"\xef\xbb\xbfA=1") == "A=1"
    assert decoded(None) == ""


@pytest.mark.parametrize(
    "text", ["nothing", "A<<", "<<EOF\nx\nEOF", "=value", "A<<EOF\nx\n", "A<<EOF\nx", "A<<EOF", "A<<EOF\n EOF\n"]
)
def test_refused(text: str) -> None:
    with pytest.raises(CommandFileError):
        pairs(text)


def test_names_that_may_not_be_set() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable
    found = variables("NODE_OPTIONS=--x\nnode_options=y\nA=1")
    assert found.free == {"A": "1"}
    assert found.blocked == ("NODE_OPTIONS", "node_options")


def test_folders_added_last_stand_first() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-system-path
    assert folders("/a\n\n/b\r\n/a\n") == ("/a", "/b")


def _text(case: dict[str, Any]) -> str:
    newline = case["newline"] if case["newline"] not in (None, "param") else "\n"
    return newline.join(line if isinstance(line, str) else line["$cs"] for line in case["lines"] or ())


@pytest.mark.skipif(not CASES, reason=f"{VECTORS} is absent")
def test_vectors() -> None:
    answers: dict[str, object] = {}
    for case in CASES:
        read = (lambda text: variables(text).free) if case["kind"] == "GITHUB_ENV" else pairs
        try:
            answers[case["id"]] = read(_text(case))
        except CommandFileError:
            answers[case["id"]] = "throws"
    expected = {case["id"]: "throws" if case["throws"] else _expected(case) for case in CASES}
    assert answers == expected


def _expected(case: dict[str, Any]) -> dict[str, str]:
    """The suite runs its cases with a parameter once for each line end of a system; ours is the line feed."""
    return {name: value.replace("{newline}", "\n") for name, value in case["expected"].items()}
