"""What expressions are worth: the examples and rules of GitHub's page of expressions."""

from typing import Any

import pytest

from understudy.dialects.github.expression import Contexts, ExpressionError, Value, evaluate, parse
from understudy.dialects.github.expression.contexts import by_status, hashing
from understudy.dialects.github.expression.values import Object, from_plain, to_plain

FRUITS = [
    {"name": "apple", "quantity": 1},
    {"name": "orange", "quantity": 2},
    {"name": "pear", "quantity": 1},
]
VEGETABLES = {
    "scallions": {"colors": ["green", "white", "red"], "ediblePortions": ["roots", "stalks"]},
    "beets": {"colors": ["purple", "red", "gold", "white", "pink"], "ediblePortions": ["roots", "stems", "leaves"]},
    "artichokes": {"colors": ["green", "purple", "red", "black"], "ediblePortions": ["hearts", "stems", "leaves"]},
}
PLAIN: dict[str, Any] = {
    "fruits": FRUITS,
    "vegetables": VEGETABLES,
    "github": {"event_name": "push", "event": {"issue": {"labels": [{"name": "bug"}, {"name": "help wanted"}]}}},
    "job": {"status": "success"},
}


def _value(text: str) -> object:
    contexts = Contexts({name: from_plain(value) for name, value in PLAIN.items()})
    return to_plain(evaluate(parse(text), contexts))


def _error(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        _value(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("contains('Hello world', 'llo')", True),
        ("contains(github.event.issue.labels.*.name, 'bug')", True),
        ("""contains(fromJSON('["push", "pull_request"]'), github.event_name)""", True),
        ("startsWith('Hello world', 'He')", True),
        ("endsWith('Hello world', 'ld')", True),
        ("format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat')", "Hello Mona the Octocat"),
        ("format('{{Hello {0} {1} {2}!}}', 'Mona', 'the', 'Octocat')", "{Hello Mona the Octocat!}"),
        ("join(github.event.issue.labels.*.name, ', ')", "bug, help wanted"),
        ("toJSON(job)", '{\n  "status": "success"\n}'),
        ("fruits.*.name", ["apple", "orange", "pear"]),
        (
            "vegetables.*.ediblePortions",
            [["roots", "stalks"], ["roots", "stems", "leaves"], ["hearts", "stems", "leaves"]],
        ),
        ("vegetables.*.ediblePortions.*", ["roots", "stalks", "roots", "stems", "leaves", "hearts", "stems", "leaves"]),
        ("github.no.such.thing", None),
        ("GITHUB.Event_Name", "push"),
    ],
)
def test_examples_of_the_page(text: str, value: object) -> None:
    assert _value(text) == value


@pytest.mark.parametrize("text", ["false", "0", "-0", "''", "null", "NaN"])
def test_what_counts_as_false(text: str) -> None:
    assert _value(f"!{text}") is True
    assert _value(f"!({text} && 1)") is True
    assert _value(f"{text} || 'fallback'") == "fallback"


@pytest.mark.parametrize(
    "text",
    [
        "null == 0",
        "true == 1",
        "'' == 0",
        "' 12 ' == 12",
        "'0x1F' == 31",
        "'0o17' == 15",
        "'1e3' == 1000",
        "'Infinity' == Infinity",
        "'Word' == 'wORD'",
        "fruits == fruits",
        "!(fromJSON('[]') == fromJSON('[]'))",
        "!(NaN == NaN)",
        "'word' != 0",
        "!('word' > 0)",
        "!(fruits > 0)",
        "null >= null",
        "!(null > null)",
        "true > false",
        "'b' > 'A'",
    ],
)
def test_loose_comparisons(text: str) -> None:
    assert _value(text) is True


def test_what_does_not_decide_is_not_evaluated() -> None:
    def explode() -> Value:
        raise AssertionError

    contexts = Contexts({"bomb": explode})
    for text in ("false && bomb", "true || bomb", "case(true, 1, bomb)", "format('a', bomb)"):
        evaluate(parse(text), contexts)
    with pytest.raises(AssertionError):
        evaluate(parse("true && bomb"), contexts)


def test_a_context_is_worked_out_once() -> None:
    asked: list[int] = []

    def env() -> Value:
        asked.append(1)
        return Object({"A": "1"}, case_sensitive=True)

    assert to_plain(evaluate(parse("format('{0}{1}{2}', env.A, env.a, ENV == env)"), Contexts({"env": env}))) == "1true"
    assert asked == [1]


def test_numbers_become_text_with_at_most_fifteen_digits() -> None:
    numbers = "0.84551240822557006, 1.0, -0.0, 1e15, 12345678901234567890, 0.00001, -Infinity, NaN"
    text = f"format('{{0}} {{1}} {{2}} {{3}} {{4}} {{5}} {{6}} {{7}}', {numbers})"
    assert _value(text) == "0.84551240822557 1 0 1E+15 1.23456789012346E+19 1E-05 -Infinity NaN"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("format('{0} {1}', 1)", "The following format string references more arguments than were supplied: {0} {1}"),
        ("format('{0', 1)", "The following format string is invalid: {0"),
        ("case('a', 1, 2)", "case predicate must evaluate to a boolean value"),
        ("fromJSON('')", "Error parsing fromJson: Unexpected end of content. Line 1, position 1."),
        ("fromJSON('{\"a\" 1}')", "Error parsing fromJson: Invalid character after parsing property name."),
    ],
)
def test_errors_of_functions(text: str, message: str) -> None:
    error = _error(text)
    assert error.phase == "evaluation"
    assert error.message.startswith(message)


def test_an_error_has_the_place_of_what_could_not_be_evaluated() -> None:
    assert _error("true && format('{0')").offset == 8


def test_memory_is_limited() -> None:
    long = "1234567890" * 10
    text = f"'{long}'"
    for _ in range(4):
        text = f"format('{'{0}' * 40}', {text})"
    assert _error(text).message.startswith("The maximum allowed memory size was exceeded")


@pytest.mark.parametrize(
    ("json", "value"),
    [
        ('[1, 2.5, -3e2, true, null, "a\\u0041\\n"]', [1, 2.5, -300, True, None, "aA\n"]),
        ('{"a": {"b": []}}', {"a": {"b": []}}),
        ("[1, 2,]", [1, 2]),
        ("{a: ''b'', /* why */ \"c\": 1}", {"a": "b", "c": 1}),
        ('"\\ud83d\\ude00"', "\U0001f600"),
    ],
)
def test_json_is_read_forgivingly(json: str, value: object) -> None:
    assert _value(f"fromJSON('{json}')") == value


def test_json_is_written_an_element_a_line() -> None:
    contexts = Contexts({"x": from_plain({"a": [1, {"b": None}], "e": [], "o": {}, "s": 'q"\\\n\x01é/\u2028'})})
    assert evaluate(parse("toJSON(x)"), contexts) == (
        '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "e": [],\n  "o": {},\n'
        '  "s": "q\\"\\\\\\n\\u0001é/\\u2028"\n}'
    )


@pytest.mark.parametrize("status", ["success", "failure", "cancelled", None])
def test_status_functions(status: str | None) -> None:
    contexts = Contexts({}, by_status(status))
    holding = [
        name
        for name in ("success", "failure", "cancelled", "always")
        if evaluate(parse(f"{name}()", functions=contexts.functions), contexts)
    ]
    assert holding == [status or "success", "always"]


def test_hash_files_hands_its_patterns_on() -> None:
    asked: list[tuple[list[str], bool]] = []

    def hash_files(patterns: object, follow: bool) -> str:  # noqa: FBT001 - as the contract says
        assert isinstance(patterns, list)
        asked.append((patterns, follow))
        return "abc"

    contexts = Contexts({}, {"hashFiles": hashing(hash_files)})
    assert evaluate(parse("hashFiles('**/*.lock', '!x')"), contexts) == "abc"
    assert evaluate(parse("hashfiles('--follow-symbolic-links', 'a')"), contexts) == "abc"
    assert asked == [(["**/*.lock", "!x"], False), (["a"], True)]
    with pytest.raises(ExpressionError, match="Invalid glob option --other"):
        evaluate(parse("hashFiles('--other', 'a')"), contexts)


@pytest.mark.parametrize("text", ["nothing.here", "nothing()"])
def test_what_is_not_there_is_an_error(text: str) -> None:
    assert _error(text).message.startswith("Unrecognized ")
