"""Findings are shown with their place, their line and a caret under the very column, whatever the line holds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.cli.findings import count_line, finding_json, finding_lines
from understudy.cli.paint import Paint, width_of
from understudy.findings import Finding, Position, Severity


def finding(line: int, column: int, severity: Severity = Severity.ERROR, file: str = "ci.yml") -> Finding:
    return Finding(severity, "some-code", "the key `comand` is not known", Position(file, line, column))


def shown(one: Finding, source: str | None, paint: Paint | None = None) -> list[str]:
    return finding_lines([one], lambda _file: source, paint or Paint())


def test_a_finding_with_everything() -> None:
    one = Finding(
        Severity.ERROR,
        "unknown-key",
        "the key `comand` is not known",
        Position("ci.yml", 2, 3),
        "did you mean `command`?",
        "https://example.org/rule",
    )
    assert shown(one, "run:\n  comand: make\n") == [
        "ci.yml:2:3: error: the key `comand` is not known [unknown-key]",
        "  2 │   comand: make",
        "    │   ^",
        "  hint: did you mean `command`?",
        "  rule: https://example.org/rule",
        "",
        "1 error",
    ]


def test_the_first_line_is_whole_unless_it_is_to_be_wrapped() -> None:
    """Programs look for `file:line:column: `; people for words that are not torn apart."""
    narrow = Paint(width=40)
    whole = "ci.yml:1:1: error: the key `comand` is not known [some-code]"
    assert finding_lines([finding(1, 1)], lambda _file: None, narrow)[0] == whole
    wrapped = finding_lines([finding(1, 1)], lambda _file: None, narrow, wrap=True)
    assert wrapped[:2] == ["ci.yml:1:1: error: the key `comand` is", "  not known [some-code]"]


def test_the_same_of_several_places_is_said_once_unless_it_is_an_error() -> None:
    places = [finding(line, 3, Severity.UNSUPPORTED, file) for line, file in ((2, "a"), (5, "a"), (9, "a"), (4, "b"))]
    assert finding_lines(places, lambda _file: None, Paint()) == [
        "a:2:3: unsupported: the key `comand` is not known [some-code]",
        "  also: lines 5, 9",
        "  also: b, line 4",
        "",
        "4 unsupported in 2 files",
    ]
    errors = finding_lines([finding(2, 3), finding(5, 3)], lambda _file: None, Paint())
    assert [line[:12] for line in errors if line] == ["ci.yml:2:3: ", "ci.yml:5:3: ", "2 errors"]


def test_of_many_the_gravest_are_shown_and_all_counted() -> None:
    severities = [Severity.NOTE, Severity.WARNING, Severity.ERROR, Severity.WARNING, Severity.UNSUPPORTED]
    many = [finding(line, 1, severity) for line, severity in enumerate(severities, 1)]
    lines = finding_lines(many, lambda _file: None, Paint(), most=3)
    places = [line.partition(": the key")[0] for line in lines[:-1] if line]
    assert places == ["ci.yml:2:1: warning", "  also: line 4", "ci.yml:3:1: error", "ci.yml:5:1: unsupported"]
    assert lines[-1] == "1 error, 1 unsupported, 2 warnings, 1 note; the gravest 3 are shown"
    assert "shown" not in finding_lines(many, lambda _file: None, Paint(), most=4)[-1]


def test_ascii_alone() -> None:
    lines = shown(finding(1, 4), "é: x\n", Paint(unicode=False))
    assert lines[1:3] == ["  1 | \\xe9: x", "    |       ^"]


@pytest.mark.parametrize(
    ("source", "column", "caret"),
    [
        ("日本: x", 5, 6),  # two wide characters take four columns, the colon one, the blank one: x is the seventh
        ("\tx", 2, 4),
        ("\x1b[31m: x", 8, 10),
        ("e\u0301: x", 5, 3),
        ("x", 9, 1),
    ],
)
def test_the_caret_stands_under_the_column(source: str, column: int, caret: int) -> None:
    _, excerpt, below, *_ = shown(finding(1, column), source)
    assert below.index("^") - excerpt.index("│") - 2 == caret
    assert "\x1b" not in excerpt


def test_of_a_long_line_the_part_around_the_caret_is_shown() -> None:
    source = "a" * 500 + "HERE" + "b" * 500
    _, excerpt, below, *_ = shown(finding(1, 501), source, Paint(width=60))
    assert width_of(excerpt) <= 60
    assert width_of(below) <= 60
    assert excerpt[below.index("^") :].startswith("HERE")


def test_a_missing_file_or_line_has_no_excerpt() -> None:
    assert len(shown(finding(1, 1), None)) == 3
    assert len(shown(finding(9, 1), "one line\n")) == 3
    assert shown(finding(0, 0), "one line\n")[0].startswith("ci.yml: error: ")
    assert shown(Finding(Severity.NOTE, "c", "m"), None)[0] == "note: m [c]"


def test_line_breaks_are_those_of_yaml() -> None:
    source = "one\x0c\x0b\x1cstill one\r\ntwo\rthree\x85four\u2028five\n"
    lines = [shown(finding(line, 1), source)[1] for line in range(2, 6)]
    assert lines == ["  2 │ two", "  3 │ three", "  4 │ four", "  5 │ five"]


def test_all_of_them_by_file_and_place_and_how_many() -> None:
    noticed = [
        finding(9, 1, file="b.yml"),
        finding(3, 1, Severity.WARNING),
        finding(3, 1, Severity.WARNING),
        finding(1, 1, Severity.UNSUPPORTED),
        finding(2, 1),
    ]
    lines = finding_lines(noticed, lambda _file: None, Paint())
    places = [match[0] for line in lines if (match := re.match(r"\S+:\d+:\d+", line))]
    assert places == ["b.yml:9:1", "ci.yml:1:1", "ci.yml:2:1", "ci.yml:3:1"]
    assert lines[-1] == "2 errors, 1 unsupported, 1 warning in 2 files"
    assert finding_lines([], lambda _file: None, Paint()) == []
    assert count_line([finding(1, 1, Severity.NOTE)], Paint()) == "1 note"


@given(st.text(st.characters()), st.integers(0, 40), st.integers(0, 300))
def test_no_source_can_reach_the_terminal(source: str, line: int, column: int) -> None:
    for text in shown(finding(line, column), source, Paint(width=40)):
        assert text == "" or text.replace("\u200d", "").isprintable()


def test_as_data() -> None:
    assert finding_json(finding(2, 3)) == {
        "severity": "error",
        "code": "some-code",
        "message": "the key `comand` is not known",
        "file": "ci.yml",
        "line": 2,
        "column": 3,
        "hint": "",
        "rule": "",
        "tolerated": False,
    }
