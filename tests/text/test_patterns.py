"""Patterns of a hostile file end, and others mean what they always did."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.text import patterns

HOSTILE = [
    r"(a+)+b",
    r"(a|a)*b",
    r"(a|aa)+$b",
    r"([a-z]+)*\d",
    r"(.*)*(.*)*x",
    r"(?:(?:a?){20}){20}b",
    r"(a*)*\1b",
    "a?" * 30 + "a" * 30 + "b",
    ".*" * 12 + "b",
]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns._bounded.cache_clear()
    monkeypatch.setattr(patterns._Spent, "seconds", 0.0)
    monkeypatch.setattr(patterns, "LIMIT_S", 0.05)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_pattern_has_an_end(pattern: str) -> None:
    answers = []
    with suppress(patterns.TooSlow):
        answers.append(patterns.matches(re.compile(pattern), "a" * 200, whole=True))
    assert True not in answers


@pytest.mark.timeout(60)
def test_one_that_no_cleverness_ends_is_given_up() -> None:
    with pytest.raises(patterns.TooSlow, match="takes longer"):
        patterns.matches(re.compile(r"(a|aa)+\1?c"), "a" * 3000 + "b" + "c", whole=True)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_pattern_that_may_begin_anywhere_has_an_end(pattern: str) -> None:
    answers = []
    with suppress(patterns.TooSlow):
        answers.append(patterns.occurs(re.compile(pattern), "a" * 200))
    assert True not in answers


@pytest.mark.parametrize("long", [1, 2_000])
def test_a_pattern_is_found_in_the_middle_and_at_the_ends_of_lines(long: int) -> None:
    text = "first\nsecond " + "x" * long
    assert patterns.occurs(re.compile("sec(on)*d"), text)
    assert patterns.occurs(re.compile("^second", re.MULTILINE), text)
    assert patterns.occurs(re.compile("^(second)+", re.MULTILINE), text)
    assert not patterns.occurs(re.compile("^(second)+"), text)
    assert not patterns.occurs(re.compile(r"\Asecond", re.MULTILINE), text)


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_pattern_is_not_left_to_pythons_matcher(pattern: str) -> None:
    assert not patterns.is_harmless(pattern, 200)


@pytest.mark.parametrize("pattern", [r"main", r"release/.*", r"v\d+\.\d+\.\d+(-rc\d+)?", r"(?!main).*", r"^v.*$"])
def test_ordinary_patterns_need_no_other_library(pattern: str) -> None:
    assert patterns.is_harmless(pattern, 60)


WORDS = st.sampled_from(["a", "b", ".", r"\d", "[a-c]", r"\.", "{", "a{e}", r"\{", "x{2}", "(?i:q)", "^", "$", "é"])
TEXTS = st.text("abcqx1.{}eé\n", max_size=12)


@given(st.lists(WORDS, max_size=6).map("".join), TEXTS, st.sampled_from(["whole", "start"]))
def test_both_libraries_agree(pattern: str, text: str, what: str) -> None:
    try:
        expression = re.compile(f"(?:{pattern})+", re.ASCII)
    except re.error:
        return
    expected = (expression.fullmatch(text) if what == "whole" else expression.match(text)) is not None
    assert patterns.matches(expression, text, whole=what == "whole") is expected
