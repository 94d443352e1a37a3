"""The language of shapes: what each of them demands, and where it says so."""

import pytest

from understudy.findings import Finding, Position, Severity
from understudy.text import yaml
from understudy.text.shape import (
    Anything,
    Chosen,
    Either,
    Flag,
    Later,
    Many,
    Place,
    Shape,
    Table,
    Text,
    Whole,
    Words,
    check,
    names,
)


def findings(shape: Shape, text: str) -> tuple[Finding, ...]:
    root = yaml.load(text, "f").root
    assert root is not None
    return check(shape, root, Place("the value", Position("f", 1, 1)), lambda word: "<<" in word)


def seen(shape: Shape, text: str) -> list[tuple[int, int, str, str]]:
    return [(one.at.line, one.at.column, one.severity.value, one.code) for one in findings(shape, text)]


def even(text: str) -> str:
    return "" if len(text) % 2 == 0 else "has an odd length"


TREE: Shape = Either((Text(), Table(keys={"leaf": Text(), "more": Later(lambda: TREE)})), "a leaf or a branch")


@pytest.mark.parametrize(
    ("shape", "good", "bad", "code"),
    [
        (Anything(), ["1", "[a]", "{}"], [], ""),
        (Text(), ["word", "'1'", "'<< x >>'"], ["[a]", "{}"], "wrong-type"),
        (Text(test=even), ["ab", "<< x"], ["abc"], "bad-value"),
        (Whole(), ["0", "-3", "'<< n >>'"], ["1.5", "one", "'1'", "true", "[1]"], "wrong-type"),
        (Whole(1, 5), ["1", "5"], ["0", "6"], "bad-value"),
        (Flag(), ["true", "no", "'<< b >>'"], ["maybe", "1", "[true]"], "wrong-type"),
        (Words(("on_fail", "always")), ["always", "'<< w >>'"], ["allways", "ALWAYS", "1"], "bad-value"),
        (Many(Whole()), ["[]", "[1, 2]", "'<< list >>'"], ["1", "{a: 1}"], "wrong-type"),
        (Many(Whole(), least=1), ["[1]"], ["[]"], "bad-value"),
        (Table(keys={"a": Whole()}), ["{}", "{a: 1}", "{a: }"], ["{b: 1}"], "unknown-key"),
        (Table(keys={"a": Whole()}, required=("a",)), ["{a: 1}"], ["{}", "{a: }", "{a: ~}"], "missing-key"),
        (Table(others=Whole(), single="split it"), ["{a: 1}"], ["{a: 1, b: 2}", "{}"], "several-keys"),
        (names("job", Whole(), test=even), ["{ab: 1}", "{'<< n >>': 1}"], ["{abc: 1}"], "bad-name"),
        (names("job", Whole()), ["{a: 1}"], ["{a: }", "{a: x}"], "wrong-type"),
        (Either((Whole(), Many(Text())), "a number or words"), ["1", "[a]"], ["a", "{}", "true"], "wrong-type"),
        (Either((Many(Text()),), "words", nothing=True), ["[a]", "~"], ["''", "a"], "wrong-type"),
        (Chosen(lambda table: Table(keys={table.keys()[0]: Whole()})), ["{a: 1}"], ["{a: 1, b: 2}"], "unknown-key"),
        (TREE, ["x", "{more: {more: {leaf: x}}}"], ["{more: {more: {leaf: [x]}}}"], "wrong-type"),
    ],
)
def test_a_shape_takes_the_good_and_names_the_bad(shape: Shape, good: list[str], bad: list[str], code: str) -> None:
    for text in good:
        assert findings(shape, text) == (), text
    for text in bad:
        assert [(one.severity, one.code) for one in findings(shape, text)] == [(Severity.ERROR, code)], text


def test_numbers_for_texts_and_quoted_booleans_are_only_warned_about() -> None:
    table = Table(keys={"name": Text(), "loose": Text(lax=True), "flag": Flag()})
    assert seen(table, "name: 3\nloose: 3\nflag: 'true'\n") == [
        (1, 7, "warning", "not-a-text"),
        (3, 7, "warning", "not-a-boolean"),
    ]


def test_places_are_those_of_the_offender() -> None:
    table = Table(keys={"list": Many(Whole()), "map": Table(keys={"a": Text()}, required=("a",))})
    assert seen(table, "list:\n  - 1\n  - x\nmap:\n  b: 1\nlost: 1\n") == [
        (3, 5, "error", "wrong-type"),
        (4, 1, "error", "missing-key"),
        (5, 3, "error", "unknown-key"),
        (6, 1, "error", "unknown-key"),
    ]


def test_an_unknown_key_comes_with_the_nearest_known_one() -> None:
    (finding,) = findings(Table(keys={"steps": Anything(), "docker": Anything()}), "setps: 1\n")
    assert finding.message == "unknown key `setps` in the value"
    assert finding.hint == "did you mean `steps`?"


def test_a_message_says_what_was_expected_and_what_was_found() -> None:
    (finding,) = findings(Table(keys={"parallelism": Whole(1)}), "parallelism: four\n")
    assert finding.message == "`parallelism` must be a whole number of at least 1, not the text `four`"


def test_what_aliases_show_again_is_said_once() -> None:
    assert len(findings(Many(Many(Whole())), "[&a [x], *a, *a]")) == 1


def test_rules_see_the_whole_table_and_pages_are_those_of_the_nearest_table() -> None:
    def both(table: yaml.Mapping, place: Place) -> list[Finding]:
        return [Finding(Severity.ERROR, "both", place.name, table.at, rule=place.rule)] if len(table.keys()) > 1 else []

    inner = Table(keys={"a": Whole(), "b": Whole()}, rules=(both,), rule="https://inner")
    found = findings(Table(keys={"x": inner, "y": Whole()}, rule="https://outer"), "x: {a: 1, b: z}\ny: z\n")
    assert [(one.code, one.rule) for one in found] == [
        ("wrong-type", "https://inner"),
        ("both", "https://inner"),
        ("wrong-type", "https://outer"),
    ]
