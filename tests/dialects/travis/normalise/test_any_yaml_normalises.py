"""Whatever stands in a file, it comes into a form; messages have places, and a normal form is its own."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.dialects.travis import document, messages
from understudy.dialects.travis.normalise import Normal, Options, Value, normalise
from understudy.dialects.travis.schema.forms import Map, Node, OneOf, Scalar, Secret, Sequence
from understudy.dialects.travis.schema.root import root
from understudy.findings import Severity, has_errors

PATH = ".travis.yml"
CORPUS = Path(__file__).parents[5] / "shared" / "corpus" / "travis"
EVERYTHING = Options(empty=True, support=True, drop=True)
WORDS = st.sampled_from(
    ("linux", "3.10", "A=1 B='b'", "A='", "main", "= foo", "yes", "heroku", "Apt", "%{x}", "c2VjcmV0", "$X", "", "a\nb")
)
SCALARS = st.one_of(WORDS, st.none(), st.booleans(), st.integers(-9, 99), st.text(max_size=5))
SECRETS = st.sampled_from(("text", "$X", {"secure": "c2VjcmV0"}, {"secure": "!"}))
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


def values(form: Node, depth: int = 0) -> st.SearchStrategy[object]:
    """Values that often have `form`."""
    match form:
        case _ if depth > 5:
            return SCALARS
        case OneOf():
            return st.sampled_from(form.forms).flatmap(lambda one: values(one, depth))
        case Sequence():
            return st.deferred(lambda: st.lists(values(form.item, depth + 1), max_size=2))
        case Map():
            names = sorted({*form.keys, *form.key_aliases, "foo", "_x"})
            chosen = st.lists(st.sampled_from(names), max_size=3, unique=True)
            return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: inner(form, key, depth) for key in keys}))
        case Secret():
            return SECRETS
        case _:
            choices = [*form.values, *form.value_aliases] if isinstance(form, Scalar) else []
            return st.sampled_from(choices) | SCALARS if choices else SCALARS


def inner(form: Map, key: str, depth: int) -> st.SearchStrategy[object]:
    known = form.keys.get(key) or form.keys.get(form.key_aliases.get(key, "")) or form.rest
    return values(known, depth + 1) if known is not None else ANYTHING


FILES = values(root()).filter(lambda content: isinstance(content, dict)) | st.dictionaries(st.text(), ANYTHING)


def normal(content: object, options: Options) -> Normal:
    return normalise(document.load(json.dumps(content, indent=1), PATH).root, PATH, options)


def check_places(value: Value, found: Normal, path: tuple[str | int, ...] = ()) -> None:
    assert path in found.places
    if isinstance(value, tuple):
        for index, one in enumerate(value):
            check_places(one, found, (*path, index))
    elif not isinstance(value, (str, bool, int, float)) and value is not None:
        for key, one in value.items():
            check_places(one, found, (*path, key))


@given(FILES, st.sampled_from((Options(), EVERYTHING, Options.only(()))))
def test_everything_has_its_place(content: object, options: Options) -> None:
    found = normal(content, options)
    check_places(found.config, found)
    lines = json.dumps(content, indent=1).splitlines()
    for one in messages.findings(found.messages):
        assert one.at.file == PATH
        assert 1 <= one.at.line <= len(lines)
        assert 1 <= one.at.column <= len(lines[one.at.line - 1]) + 1


@given(FILES)
def test_a_normal_form_is_its_own(content: object) -> None:
    bare = Options(defaults=False)
    first = normal(content, bare)
    # What was dropped, or stands where nobody looks for it, may be seen with other eyes the second time.
    if not any(one.level == "error" or one.code in ("unknown_key", "unexpected_seq") for one in first.messages):
        assert normal(first.config, bare).config == first.config


@given(st.text(st.characters(codec="utf-8")) | st.binary())
def test_no_text_is_too_strange(text: str | bytes) -> None:
    normalise(document.load(text, PATH).root, PATH)


@pytest.mark.corpus
def test_files_that_travis_builds_have_no_errors() -> None:
    paths = sorted(CORPUS.glob("*"))
    if not paths:
        pytest.skip(f"{CORPUS} is not there")
    for path in paths:
        loaded = document.load(path.read_bytes(), path.name)
        found = (*loaded.findings, *messages.findings(normalise(loaded.root, path.name).messages))
        assert not has_errors(found), path.name
        assert all(one.at.line for one in found if one.severity is not Severity.NOTE), path.name
