"""Globs with slashes, as Bitbucket documents them.

https://support.atlassian.com/bitbucket-cloud/docs/use-glob-patterns-on-the-pipelines-yaml-file/
"""

import pytest

from understudy.text.globs import GlobError, fits, is_pattern, root_of


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("feature/*", "feature/one", True),
        ("feature/*", "feature/one/two", False),
        ("feature/*", "feature/", True),
        ("*", "main", True),
        ("*", "feature/one", False),
        ("**", "feature/one/two", True),
        ("**", "main", True),
        ("*/feature", "my/feature", True),
        ("*/feature", "a/b/feature", False),
        ("release/**", "release/1/2", True),
        ("release-*", "release-1.2", True),
        ("release-*", "prerelease-1", False),
        ("v?.?", "v1.2", True),
        ("v?.?", "v1/2", False),
        ("{staging,preview}", "preview", True),
        ("{staging,preview}", "previews", False),
        ("{a,b/{c,d}}/*.py", "b/d/x.py", True),
        ("a{b", "a{b", True),
        ("**/*.js", "deep/er/page.js", True),
        ("**/*.js", "page.js", True),
        ("src/**/test.py", "src/test.py", True),
        ("src/**/test.py", "src/a/b/test.py", True),
        ("src/**/test.py", "src/atest.py", False),
        ("dist/**", "dist/.hidden", True),
        ("dist/**", "distant/x", False),
        ("[ab].txt", "b.txt", True),
        ("[!ab].txt", "b.txt", False),
        ("a+b.(c)", "a+b.(c)", True),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("", "", True),
    ],
)
def test_a_glob_fits_whole_names(pattern: str, name: str, *, expected: bool) -> None:
    assert fits(pattern, name) is expected


def test_what_stands_for_too_much_is_refused() -> None:
    with pytest.raises(GlobError):
        fits("{a,b}" * 20, "x")


def test_where_all_that_fits_must_lie() -> None:
    assert [root_of(one) for one in ("dist/**", "a/b/c.txt", "*.py", "a/b*/c")] == ["dist", "a/b", "", "a"]


def test_a_plain_name_is_no_pattern() -> None:
    assert [is_pattern(one) for one in ("main", "feature/*", "{a,b}")] == [False, True, True]
