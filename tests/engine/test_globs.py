"""Globs of paths: what a room's shell finds is what Go's `filepath.Match`, by a second reading of it, says of each."""

import fnmatch
import posixpath
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from understudy.engine.paths import EXPAND, is_glob, with_hidden

PATHS = ("a", "b.txt", "ab.txt", ".a", ".b.txt", "d/a", "d/b.txt", "d/.a", "d/e/a.txt", ".d/a", ".d/b.txt", "x-y/a")
SEGMENTS = some.sampled_from(
    ["*", "?", "a", "d", "e", "*.txt", "[ab]*", "[^a]*", "?.txt", ".*", "*a*", "x-*", "[a-e]", ".d"]
)
PATTERNS = some.lists(SEGMENTS, min_size=1, max_size=3).map("/".join).filter(is_glob)


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        for path in PATHS:
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        yield Path(folder)


def everything() -> set[str]:
    """The files and the folders that they are in."""
    folders = {posixpath.dirname(path) for path in PATHS} | {"d"}
    return {*PATHS, *folders} - {""}


def matches(pattern: str, path: str) -> bool:
    """A wildcard stays within one folder and takes a dot as any letter. https://pkg.go.dev/path/filepath#Match"""
    wanted, parts = pattern.split("/"), path.split("/")
    return len(wanted) == len(parts) and all(
        fnmatch.fnmatchcase(part, one.replace("[^", "[!")) for part, one in zip(parts, wanted, strict=True)
    )


@settings(deadline=None, max_examples=60)
@given(some.lists(PATTERNS, min_size=1, max_size=4))
def test_a_room_finds_what_matches(tree: Path, patterns: list[str]) -> None:
    spelled = [one for pattern in patterns for one in with_hidden(pattern)]
    command = ["sh", "-c", EXPAND, "expand", str(tree), *spelled]
    printed = subprocess.run(command, check=True, capture_output=True).stdout
    found = {name.decode() for name in printed.split(b"\0") if name}
    assert found == {path for path in everything() for pattern in patterns if matches(pattern, path)}
