"""Branch and tag filters, by CircleCI's page on them and Java's on patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from understudy.dialects.base import EvaluationError
from understudy.dialects.circleci.filters import NOTHING, allows, filtered, job_filters, matches, pattern_problem
from understudy.dialects.circleci.javaregex import matches_whole
from understudy.model.pipeline import Patterns, Text
from understudy.model.results import EventKind, Facts


def patterns(only: tuple[str, ...] | None = None, ignore: tuple[str, ...] = ()) -> Patterns:
    return Patterns(None if only is None else tuple(map(Text, only)), tuple(map(Text, ignore)))


def pushed(branch: str | None = None, tag: str | None = None) -> Facts:
    return Facts(root="/p", event=EventKind.TAG if tag else EventKind.PUSH, branch=branch, tag=tag)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("main", "main", True),
        ("main", "maintenance", False),
        ("mai.", "main", False),
        ("/user-.*/", "user-ann", True),
        ("/user-.*/", "a-user-ann", False),
        ("/^config-test/", "config-test", True),
        ("/^config-test/", "config-test-2", False),
        ("/^config-test.*/", "config-test-2", True),
        (r"/^version-2\.1\.[3-7]/", "version-2.1.5", True),
        (r"/^version-2\.1\.[3-7]/", "version-2.1.8", False),
        (r"/release\/.*/", "release/1.2", True),
        ("/pre-prod(?:-.+)?$/", "pre-prod-x", True),
        (r"/^v[0-9]+(\.[0-9]+)*(-rc[0-9]+)?/", "v1.2.3-rc1", True),
        ("/", "/", True),
        ("//", "", True),
    ],
)
def test_a_pattern_is_a_name_or_a_regex_for_all_of_it(pattern: str, name: str, expected: bool) -> None:  # noqa: FBT001
    assert matches(pattern, name) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\Qa.b\E+", "a.bb", True),
        (r"\Qa.b\E+", "axb", False),
        (r"\p{Alpha}+\p{Punct}", "abc-", True),
        (r"[\p{Upper}\d]+", "A1", True),
        (r"\P{Digit}+", "ab", True),
        ("(?<year>[0-9]{4})-\\k<year>", "2024-2024", True),
        ("a(?i)b|c", "aB", True),
        ("a(?i)b|c", "C", True),
        ("a(?i)b|c", "AB", False),
        ("(?i:main)x", "MAINx", True),
        ("(?i:main)x", "MAINX", False),
        ("a*+b", "aab", True),
        (r"\x41\u0042\x{43}\0104", "ABCD", True),
        (r"a\z", "a", True),
        (r"\h*x", "\t x", True),
        ("[a-c&]+", "a&c", True),
        ("(?!main).*", "main", False),
        ("(?!main).*", "dev", True),
        (r"\w+", "é", False),
    ],
)
def test_java_patterns(pattern: str, text: str, expected: bool) -> None:  # noqa: FBT001
    assert matches_whole(pattern, text) is expected


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[a", "a{,3}", "*a", "[a&&[^b]]", "[a[b]]", r"\p{Greek}", "a\\", "(?P<n>a)", "(?U)a", r"\y", "(?<=a+)b"],
)
def test_what_is_no_pattern_or_has_no_equal_is_told(pattern: str) -> None:
    problem = pattern_problem(f"/{pattern}/")
    assert problem is not None
    assert pattern in problem


def test_plain_names_have_no_problem() -> None:
    assert pattern_problem("release(") is None


@given(some.text(alphabet="ab(|)[]{}*+?.^$\\-&:<=!P0123,QExu ", max_size=25), some.text(alphabet="ab[(", max_size=5))
def test_any_pattern_matches_or_is_refused(pattern: str, name: str) -> None:
    if pattern_problem(f"/{pattern}/") is None:
        assert matches_whole(pattern, name) in {True, False}
    else:
        with pytest.raises(EvaluationError, match="can't be used"):
            matches_whole(pattern, name)


ONLY_V = patterns(("/^v.*/",))


@pytest.mark.parametrize(
    ("branches", "tags", "facts", "expected"),
    [
        # "CircleCI does not run workflows for tags unless you explicitly specify tag filters."
        (None, None, pushed("dev"), True),
        (None, None, pushed(tag="v1"), False),
        # `build` runs for all branches and all tags starting with `v`.
        (None, ONLY_V, pushed("dev"), True),
        (None, ONLY_V, pushed(tag="v1"), True),
        (None, ONLY_V, pushed(tag="w1"), False),
        # `deploy` runs for no branches and only for some tags.
        (patterns(ignore=("/.*/",)), ONLY_V, pushed("dev"), False),
        (patterns(ignore=("/.*/",)), ONLY_V, pushed(tag="v1"), True),
        # "If neither only nor ignore are specified then the job is skipped for all tags."
        (None, patterns(), pushed(tag="v1"), False),
        (None, patterns(ignore=("/^w/",)), pushed(tag="v1"), True),
        (None, patterns(ignore=("/^v.*/",)), pushed(tag="v1"), False),
        # Branch filters say nothing of tags.
        (patterns(("main",)), None, pushed(tag="main"), False),
        (patterns(("main",)), None, pushed("main"), True),
        (patterns(("main", "/user-.*/")), None, pushed("user-a"), True),
        (patterns(("main",)), None, pushed("dev"), False),
        (patterns(ignore=("main",)), None, pushed("main"), False),
        (patterns(ignore=("main",)), None, pushed("dev"), True),
        (patterns(), None, pushed("dev"), True),
        # "If both only and ignore are specified, only is considered before ignore."
        (patterns(("/.*/",), ("dev",)), None, pushed("dev"), False),
        (patterns(("main",), ("dev",)), None, pushed("other"), False),
    ],
)
def test_the_matrix_of_filters(branches: Patterns | None, tags: Patterns | None, facts: Facts, expected: bool) -> None:  # noqa: FBT001
    holds, why = filtered(*job_filters(branches, tags), facts)
    assert holds is expected
    assert holds or why


def test_a_workflow_without_tag_patterns_is_open_to_tags() -> None:
    assert filtered(None, None, pushed(tag="v1")) == (True, "")


def test_reasons_name_the_pattern() -> None:
    assert allows(patterns(("main", "/r.*/")), "dev", "branch")[1] == "branch `dev` does not match `only: main, /r.*/`"
    assert filtered(None, NOTHING, pushed(tag="v1"))[1] == "it has no tag filter, and tag `v1` was pushed"


def test_a_branch_filter_needs_a_branch() -> None:
    with pytest.raises(EvaluationError, match="--branch"):
        filtered(patterns(("main",)), None, pushed())
