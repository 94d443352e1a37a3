"""Files that describe actions: https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax."""

import pytest

from understudy.dialects.github.actions.metadata import Composite, Docker, JavaScript, read
from understudy.findings import Severity

COMPOSITE = b"""\
name: greet
inputs:
  who:
    required: true
  greeting:
    default: Hello
    deprecationMessage: say it yourself
outputs:
  said:
    value: ${{ steps.say.outputs.said }}
runs:
  using: composite
  steps: []
"""


def test_inputs_and_outputs() -> None:
    found, findings = read(COMPOSITE, "action.yml")
    assert not findings
    assert found is not None
    assert isinstance(found.runs, Composite)
    assert [(one.name, one.required, one.default and one.default.raw) for one in found.inputs.values()] == [
        ("who", True, None),
        ("greeting", False, "Hello"),
    ]
    assert found.input("GREETING") is found.inputs["greeting"]
    assert found.outputs["said"].raw == "${{ steps.say.outputs.said }}"


@pytest.mark.parametrize("using", ["node12", "node16", "node20", "node24"])
def test_javascript(using: str) -> None:
    text = f"runs: {{using: {using}, main: index.js, pre: a.js, post: b.js, post-if: success()}}"
    found, findings = read(text.encode(), "action.yml")
    assert not findings
    assert found is not None
    assert isinstance(found.runs, JavaScript)
    assert found.runs.post_if is not None
    assert found.runs.post_if.raw == "success()"


def test_docker() -> None:
    found, _ = read(b"runs: {using: docker, image: Dockerfile}", "action.yml")
    assert found is not None
    assert isinstance(found.runs, Docker)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("name: x\n", "action-runs", 1, 1),
        ("runs:\n  main: index.js\n", "action-using", 2, 3),
        ("runs:\n  using: node21\n  main: index.js\n", "action-using", 2, 10),
        ("runs:\n  using: node20\n", "action-runs", 2, 3),
        ("runs:\n  using: composite\n", "action-runs", 2, 3),
        ("runs:\n  using: docker\n", "action-runs", 2, 3),
        ("outputs:\n  a:\n    description: b\nruns: {using: composite, steps: []}\n", "action-output", 2, 3),
        ("- a\n", "action-empty", 0, 0),
        ("runs: [\n", "yaml-syntax", 1, 8),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, code: str, line: int, column: int) -> None:
    _, findings = read(text.encode(), "a/action.yml")
    errors = [one for one in findings if one.severity is Severity.ERROR]
    assert [(one.code, one.at.file, one.at.line, one.at.column) for one in errors] == [
        (code, "a/action.yml", line, column)
    ]


def test_an_unknown_key_has_its_neighbour_as_a_hint() -> None:
    _, (finding,) = read(b"input: {}\nruns: {using: composite, steps: []}", "action.yml")
    assert (finding.code, finding.hint) == ("action-key", "did you mean `inputs`?")
