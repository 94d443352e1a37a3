"""Plain words, as Travis reads them: https://docs.travis-ci.com/user/build-config-yaml/"""

import pytest

from understudy.dialects.travis import document
from understudy.dialects.travis.normalise.words import meaning
from understudy.findings import Position
from understudy.text.yaml import Mapping, Scalar


def word(text: str, *, plain: bool = True) -> object:
    return meaning(Scalar(text, Position(), plain))


@pytest.mark.parametrize("text", ["3.10", "2.7", "1.0", "-1.5", "1e3", "3.9-dev", "nightly", "2012-01-01 10:00:00"])
def test_versions_stay_text(text: str) -> None:
    assert word(text) == text


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("0", 0), ("-3", -3), ("1_000", 1000), ("010", 8), ("0x1F", 31)]
)
def test_whole_numbers_are_numbers(text: str, number: int) -> None:
    assert word(text) == number


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("True", True), ("FALSE", False), ("Yes", True), ("OFF", False)]
)
def test_words_for_booleans(text: str, *, value: bool) -> None:
    assert word(text) is value


@pytest.mark.parametrize("text", ["yes", "no", "on", "off"])
def test_small_words_are_kept_for_whoever_wants_them(text: str) -> None:
    assert word(text) == text


@pytest.mark.parametrize("text", ["", "~", "null", "NULL"])
def test_nothing(text: str) -> None:
    assert word(text) is None


def test_a_symbol_of_ruby_is_text() -> None:
    assert word(":gem") == "gem"
    assert word(":") == ":"


def test_clock_times_are_seconds() -> None:
    assert word("1:30:15") == 5415


@pytest.mark.parametrize("text", ["true", "12", "", "~"])
def test_what_is_quoted_is_text(text: str) -> None:
    assert word(text, plain=False) == text


def test_a_merge_replaces_what_stands_above_it() -> None:
    root = document.load("_x: &x {os: osx, dist: focal}\nos: linux\n<<: *x\ndist: jammy\n", ".travis.yml").root
    assert isinstance(root, Mapping)
    assert {key.value: value.value for key, value in root if isinstance(value, Scalar)} == {
        "os": "osx",
        "dist": "jammy",
    }


def test_a_file_that_is_no_map_is_refused() -> None:
    loaded = document.load("- a\n- b\n", ".travis.yml")
    assert loaded.root is None
    assert [(one.code, one.at.line) for one in loaded.findings] == [("not-a-map", 1)]


def test_an_empty_file_holds_nothing() -> None:
    assert document.load("# nothing\n", ".travis.yml").findings == ()


def test_hard_spaces_indent() -> None:
    root = document.load("git:\n\u00a0\u00a0depth: 3\n".encode(), ".travis.yml").root
    assert isinstance(root, Mapping)
    assert isinstance(root.get("git"), Mapping)


def test_letters_beyond_ascii_are_told_once() -> None:
    loaded = document.load("name: caf\u00e9\nscript: \u00fc\n", ".travis.yml")
    assert [(one.code, one.at.line) for one in loaded.findings] == [("beyond-ascii", 1)]


def test_an_alias_that_leads_nowhere_keeps_nobody_from_building() -> None:
    assert [one.tolerated for one in document.load("script: *nowhere\n", ".travis.yml").findings] == [True]


def test_aliases_of_aliases_are_bounded() -> None:
    lines = ["_0: &0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"_{level}: &{level} [{', '.join([f'*{level - 1}'] * 10)}]" for level in range(1, 6)]
    loaded = document.load("\n".join(lines), ".travis.yml")
    assert loaded.root is None
    assert [one.code for one in loaded.findings] == ["alias-bomb"]
