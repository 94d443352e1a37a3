"""Ruby's regular expressions: https://docs.ruby-lang.org/en/3.2/regexp_rdoc.html."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.dialects.travis.conditions import ConditionError
from understudy.dialects.travis.conditions.rubyregex import compiled, found
from understudy.text import patterns


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns._bounded.cache_clear()
    monkeypatch.setattr(patterns._Spent, "seconds", 0.0)
    monkeypatch.setattr(patterns, "LIMIT_S", 0.05)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^b$", "a\nb\nc"),  # ends of lines, always
        (r"\Aa", "a\nb"),
        (r"b\z", "a\nb"),
        (r"b\Z", "a\nb\n"),
        ("(?m)a.b", "a\nb"),
        ("(?m:a.b)", "a\nb"),
        ("A(?i)b|c", "AC"),  # up to the end of the group, over any `|`
        ("x(?i:DEPLOY)-", "xdeploy-1"),
        ("(?<year>[0-9]+)-\\k<year>", "20-20"),
        ("(?'n'a)\\k'n'", "aa"),
        (r"(a)(b)\2", "abb"),
        (r"^\h+$", "c0ffee"),
        ("^[[:alpha:]]+$", "Abc"),
        ("^[^[:digit:]]+$", "abc"),
        (r"^\p{Alnum}+$", "a1"),
        (r"^\p{^Alpha}$", "1"),
        (r"^\P{Alpha}$", "1"),
        ("a{,2}b", "aab"),
        ("^release/**$", "release//"),
        ("^x{$", "x{"),
        (r"\u0041\u{42}\x43\0104", "ABC\b4"),
        ("^v\\d+(\\.\\d+){1,2}$", "v1.2"),
        ("(?>a+)b", "aab"),
        ("a++b", "aab"),
        ("(?#why)a", "a"),
        (r"^\y\-\/$", "y-/"),
        (r"\bmaster\b", "to master!"),
        ("[&|~]", "&"),
        ("é", "café"),
    ],
)
def test_it_matches(pattern: str, text: str) -> None:
    assert found(compiled(pattern), text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\Ab", "a\nb"),
        (r"a\z", "a\n"),
        ("a.b", "a\nb"),
        ("A(?i)b|c", "aC"),
        (r"^\h+$", "g"),
        (r"\d", "٣"),
        (r"^\P{Alpha}$", "a"),
        ("a++a", "aaa"),
    ],
)
def test_it_does_not_match(pattern: str, text: str) -> None:
    assert not found(compiled(pattern), text)


@pytest.mark.parametrize(
    "pattern",
    ["[z-a]", "(", ")", "a)", "[", "*", "+a", "\\", "(?P<n>a)", r"\k<n>", r"\x", r"\1", r"\u{110000}", "(?z)a"],
)
def test_what_is_none_is_refused_as_travis_does(pattern: str) -> None:
    with pytest.raises(ConditionError) as caught:
        compiled(pattern, 7)
    assert (caught.value.offset, caught.value.pattern, caught.value.ours) == (7, pattern, False)


@pytest.mark.parametrize(
    "pattern",
    [
        *("[a&&b]", "[a[bc]]", "(?~a)", r"\p{Greek}", "a{2}+", r"[^\P{Alpha}]", r"\g<0>", "(?<=a+)b", r"[\w-a]"),
        "(?<n>a)(?<n>b)",
        "a" * 20_000,
    ],
)
def test_what_has_no_equal_here_is_not_called_wrong(pattern: str) -> None:
    with pytest.raises(ConditionError) as caught:
        compiled(pattern, 7)
    assert (caught.value.offset, caught.value.pattern, caught.value.ours) == (7, None, True)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", r"([a-z]+)*\d", "(.*)*(.*)*x"])
def test_a_hostile_pattern_has_an_end(pattern: str) -> None:
    answers = []
    try:
        answers.append(found(compiled(pattern), "a" * 5000 + "!"))
    except ConditionError as error:
        answers.append("takes longer" in error.message and error.ours)
    assert answers in ([True], [False])


PIECES = st.sampled_from((*"ab.|()[]^$*+?{}\\-,:&1", "(?i)", "(?:", "[[:alpha:]]", r"\h", r"\z", "(?<n>", r"\k<n>"))


@given(st.lists(PIECES, max_size=12).map("".join), st.text("ab1\n", max_size=6))
def test_any_pattern_is_used_or_refused(pattern: str, text: str) -> None:
    refused = False
    try:
        found(compiled(pattern), text)
    except ConditionError:
        refused = True
    assert refused or isinstance(compiled(pattern), re.Pattern)
