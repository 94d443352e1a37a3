"""Whatever a `.travis.yml` holds, Travis's reading of it comes to an end, with values of the form that is promised."""

import json

from hypothesis import given
from hypothesis import strategies as st

from understudy.dialects.travis import document, matrix, messages, select, unjudged
from understudy.dialects.travis.deployment import deployment
from understudy.dialects.travis.known_data import data
from understudy.dialects.travis.normalise import Normal, Options, normalise
from understudy.dialects.travis.schema.root import root
from understudy.model.results import EventKind, Facts

OFTEN = ("language", "os", "dist", "python", "env", "jobs", "matrix", "stages", "deploy", "branches", "notifications")
INNER = ("include", "exclude", "allow_failures", "global", "only", "except", "on", "if", "name", "stage", "secure")
KEYS = st.one_of(
    st.sampled_from((*OFTEN, *INNER, "script", "<<", "", "2.7")),
    st.sampled_from(sorted(root().keys)),
    st.text(st.characters(codec="utf-8"), max_size=6),
)
WORDS = st.sampled_from(
    ("linux", "osx", "python", "3.9", "A=1 B=2", "A='", "a: b", "/^v/", "/(/", "branch = main", "= foo", "true", "%{x}")
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.one_of(WORDS, st.none(), st.booleans(), st.integers(-1, 9), st.floats(0, 4), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
FACTS = st.sampled_from(
    [
        Facts("/", branch="main", owner="ada", repository="engine", message="[skip travis]"),
        Facts("/", event=EventKind.TAG, tag="v1"),
        Facts("/", event=EventKind.PULL_REQUEST, branch="fix", base_branch="main"),
    ]
)
ALL = Options(alert=True, defaults=True, empty=True, fix=True, line=True, support=True, drop=True)


def normal(content: object, options: Options) -> Normal:
    """The normal form of `content`, by way of text: JSON is YAML."""
    return normalise(document.load(json.dumps(content), ".travis.yml").root, ".travis.yml", options)


def is_plain(value: object) -> bool:
    """Whether `value` holds nothing but maps, tuples and scalars."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(one) for key, one in value.items())
    if isinstance(value, tuple):
        return all(is_plain(one) for one in value)
    return value is None or isinstance(value, str | bool | int | float)


@given(st.dictionaries(KEYS, VALUES, max_size=6), st.sampled_from([Options(), ALL, Options.only(())]), FACTS)
def test_it_is_normalised_multiplied_out_and_judged(content: dict[str, object], options: Options, facts: Facts) -> None:
    found = normal(content, options)
    assert is_plain(found.config)
    assert all(found.place(*path).file == ".travis.yml" for path in found.places)
    told = [*map(messages.finding, found.messages), *unjudged.findings(found, facts)]
    assert all(one.at.file == ".travis.yml" and one.code and one.message for one in told)
    rows = matrix.expand(found.config, data(facts))
    for row in rows:
        assert is_plain(row)
        assert select.may_fail(row, found.config, facts)[1]
        entries = row.get("deploy")
        for entry in entries if isinstance(entries, tuple) else ():
            assert not isinstance(entry, dict) or deployment(entry, row, facts).reason
