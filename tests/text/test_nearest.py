"""The known word that was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.text.nearest import nearest, suggestion

KEYS = ("docker", "machine", "macos", "steps", "environment", "working_directory", "resource_class")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("setps", "steps"),
        ("step", "steps"),
        ("stepz", "steps"),
        ("Docker", "docker"),
        ("working-directory", "working_directory"),
        ("enviroment", "environment"),
        ("resourceclass", "resource_class"),
        ("machines", "machine"),
        ("x", None),
        ("image", None),
        ("kubernetes", None),
        ("", None),
    ],
)
def test_a_slip_of_the_pen_is_seen_and_another_word_is_not(word: str, meant: str | None) -> None:
    assert nearest(word, KEYS) == meant


def test_the_hint_names_the_word_or_falls_back() -> None:
    assert suggestion("stepz", KEYS) == "did you mean `steps`?"
    assert suggestion("kubernetes", KEYS, "known: none") == "known: none"


@given(st.sampled_from(KEYS), st.integers(0, 20), st.characters(codec="ascii"))
def test_one_wrong_letter_in_a_long_word_is_always_forgiven(word: str, index: int, letter: str) -> None:
    index %= len(word)
    assert nearest(word[:index] + letter + word[index + 1 :], [word]) == word
