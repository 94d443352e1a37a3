"""`hashFiles`: which files it takes, in which order, and what it makes of them."""

import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from understudy.dialects.base import EvaluationError, Place, Scope
from understudy.dialects.github.behave import evaluate
from understudy.dialects.github.hash_files import Glob, hash_files
from understudy.model.pipeline import Text
from understudy.model.results import Facts

FILES = {
    "requirements.txt": b"a",
    "sub/requirements.txt": b"b",
    "sub/requirements-dev.txt": b"c",
    "sub-a/requirements.txt": b"d",
    "lib/foo.rb": b"e",
    "lib/foo/bar.rb": b"f",
    "package-lock.json": b"g",
}


@pytest.fixture(scope="module", params=["2", "4"])
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that tracks FILES, with an index of each of git's usual versions."""
    root: Path = tmp_path_factory.mktemp("tree")
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "untracked.txt").write_bytes(b"u")
    git = ["git", "-C", str(root), "-c", f"index.version={request.param}"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", *FILES], check=True)
    return root


def scope(root: Path) -> Scope:
    def read(path: str) -> bytes | None:
        found = root / path
        return found.read_bytes() if found.is_file() else None

    return Scope(Facts("/"), Place("r", "n", 1, workdir=str(root), home="/h"), read_file=read)


def expected(*names: str) -> str:
    """The rule of the service: the hash of the files' hashes, one after the other."""
    contents: Mapping[str, bytes] = {**FILES, "untracked.txt": b"u"}
    return sha256(b"".join(sha256(contents[name]).digest() for name in names)).hexdigest()


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        # https://docs.github.com/actions/reference/workflows-and-actions/expressions#hashfiles
        (["**/package-lock.json"], ["package-lock.json"]),
        (["**/package-lock.json", "**/foo.rb"], ["lib/foo.rb", "package-lock.json"]),
        (
            ["/lib/**/*.rb", "!/lib/foo/*.rb"],
            None,
        ),  # the page has it, but the runner takes it for a path of the machine
        (["lib/**/*.rb", "!lib/foo/*.rb"], ["lib/foo.rb"]),
        (
            ["**/requirements*.txt"],
            ["requirements.txt", "sub/requirements-dev.txt", "sub/requirements.txt", "sub-a/requirements.txt"],
        ),
        (["sub"], ["sub/requirements-dev.txt", "sub/requirements.txt"]),
        (["requirements.txt"], ["requirements.txt"]),
        (["./requirements.txt"], ["requirements.txt"]),
        (["sub-a/*\nlib/*.rb"], ["sub-a/requirements.txt", "lib/foo.rb"]),
        (["# no pattern\nrequirements.txt"], ["requirements.txt"]),
        (["untracked.txt"], ["untracked.txt"]),
        (["requirement?.txt"], ["requirements.txt"]),
        (["[r]equirements.txt"], ["requirements.txt"]),
        (["none.txt"], None),
        (["../*"], None),
        (["!requirements.txt"], None),
    ],
)
def test_the_files_and_their_order(patterns: list[str], names: list[str] | None, tree: Path) -> None:
    assert hash_files(patterns, scope(tree)) == ("" if names is None else expected(*names))


def test_absolute_patterns_begin_at_the_workspace(tree: Path) -> None:
    assert hash_files([f"{tree}/requirements.txt"], scope(tree)) == expected("requirements.txt")


def test_as_a_function_of_an_expression(tree: Path) -> None:
    text = Text("v1-${{ hashFiles('requirements.txt') }}")
    assert evaluate(text, scope(tree)) == f"v1-{expected('requirements.txt')}"
    assert evaluate(Text("${{ hashFiles('none') }}"), scope(tree)) == ""


def test_without_a_checkout_there_is_nothing(tmp_path: Path) -> None:
    assert hash_files(["**"], scope(tmp_path)) == ""


def test_an_index_that_is_none(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "index").write_bytes(b"nonsense")
    with pytest.raises(EvaluationError):
        hash_files(["**"], scope(tmp_path))


def test_a_pattern_outside_of_the_workspace_is_none() -> None:
    assert Glob.of("/etc/passwd", "/work") is None
