"""GitHub's patterns: the examples of its documentation, what others expect of it, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.github.filters import PatternError, chosen, compiled, excluded, ignored

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "github_filters.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"] if VECTORS.exists() else []

# https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
CHEAT_SHEET = [
    ("Octo*", ["Octocat"], ["octocat", "Octo/cat"]),
    ("[CB]at", ["Cat", "Bat"], ["Rat", "CBat"]),
    ("[1-2]00", ["100", "200"], ["300", "1200"]),
    ("feature/*", ["feature/my-branch", "feature/your-branch"], ["feature/a/b", "feature"]),
    ("feature/**", ["feature/beta-a/my-branch", "feature/mona/the/octocat"], ["feature", "features/a"]),
    ("main", ["main"], ["maint", "mainx", "x/main"]),
    ("*", ["main", "releases", "README.md"], ["all/the/branches"]),
    ("**", ["all/the/branches", "every/tag", "main"], []),
    ("*feature", ["mona-feature", "feature", "ver-10-feature"], ["feature-1"]),
    ("v2*", ["v2", "v2.0", "v2.9"], ["v1", "av2"]),
    ("v[12].[0-9]+.[0-9]+", ["v1.10.1", "v2.0.0"], ["v3.0.0", "v1.10", "v1a10b1", "v1..1"]),
    ("*.jsx?", ["page.js", "page.jsx"], ["page.jsxx", "a/page.js", "pagejs"]),
    ("**.js", ["index.js", "js/index.js", "src/js/app.js"], ["index.jsx"]),
    ("docs/*", ["docs/README.md", "docs/file.txt"], ["docs/a/b.md"]),
    ("docs/**/*.md", ["docs/README.md", "docs/mona/hello-world.md", "docs/a/markdown/file.md"], ["docs/a.txt"]),
    ("**/docs/**", ["docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"], ["mydocs/a"]),
    ("**/README.md", ["README.md", "js/README.md"], ["js/xREADME.md"]),
    ("**/*src/**", ["a/src/app.js", "my-src/code/js/app.js"], ["a/srcs/app.js"]),
    ("**/*-post.md", ["my-post.md", "path/their-post.md"], ["post.md"]),
    ("**/migrate-*.sql", ["migrate-10909.sql", "db/migrate-v1.0.sql", "db/sept/migrate-v1.sql"], ["migrate.sql"]),
]


@pytest.mark.parametrize(("pattern", "inside", "outside"), CHEAT_SHEET)
def test_the_documentations_examples(pattern: str, inside: list[str], outside: list[str]) -> None:
    assert [name for name in inside if not chosen([pattern], name)] == []
    assert [name for name in outside if chosen([pattern], name)] == []


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#example-including-and-excluding-branches-and-tags
        (["releases/**", "!releases/**-alpha"], {"releases/10": True, "releases/beta/mona": True}),
        (["releases/**", "!releases/**-alpha"], {"releases/10-alpha": False, "releases/beta/3-alpha": False}),
        # ... #example-including-and-excluding-paths
        (["sub-project/**", "!sub-project/docs/**"], {"sub-project/index.js": True, "sub-project/docs/a.md": False}),
        # The last match decides.
        (["*.md", "!README.md", "README*"], {"hello.md": True, "README.md": True, "README.doc": True, "a.txt": False}),
        (["!main"], {"main": False, "dev": False}),
    ],
)
def test_the_last_match_decides(patterns: list[str], names: dict[str, bool]) -> None:
    assert {name: chosen(patterns, name) for name in names} == names


def test_one_name_let_in_starts_it_and_all_names_ignored_keep_it_out() -> None:
    assert not excluded(["docs/**"], ["src/a.py", "docs/a.md"])
    assert excluded(["docs/**"], ["src/a.py"])
    assert ignored(["docs/**"], ["docs/a.md", "docs/b.md"])
    assert not ignored(["docs/**"], ["src/a.py", "docs/a.md"])
    assert not excluded([], ["a"])
    assert not ignored([], ["a"])
    assert not ignored(["docs/**", "!docs/a.md"], ["src/a.py"])
    assert ignored(["docs/**", "!docs/a.md"], ["docs/a.md"])


def test_a_backslash_takes_the_meaning() -> None:
    assert chosen([r"a\*b"], "a*b")
    assert not chosen([r"a\*b"], "axb")
    assert chosen([r"c\+\+"], "c++")


def test_letters_that_mean_something_to_regular_expressions_alone() -> None:
    assert chosen(["a.b(c)|d^$"], "a.b(c)|d^$")
    assert not chosen(["a.b"], "axb")
    assert not chosen(["main"], "main\n")


@pytest.mark.parametrize("pattern", ["v[", "v[]", "v[a-Z]", "v[z-a]", "v[.]", "[a-]", "[-a]", "v\\"])
def test_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)


@pytest.mark.parametrize(("pattern", "name"), [("?a", "?a"), ("+a", "+a"), ("a?+", ""), ("a+?", "aaa"), ("*+", "x")])
def test_repetitions_with_nothing_to_repeat_or_of_repetitions(pattern: str, name: str) -> None:
    assert chosen([pattern], name)


@pytest.mark.skipif(not CASES, reason=f"{VECTORS} is absent")
def test_vectors() -> None:
    answers = {
        case["id"]: (excluded(case["patterns"], case["inputs"]), ignored(case["patterns"], case["inputs"]))
        for case in CASES
    }
    assert answers == {case["id"]: (case["skip"], case["filter"]) for case in CASES}
