"""Paths in rooms; the snippet that expands globs is tried with this machine's own shell."""

import subprocess
from pathlib import Path

import pytest

from understudy.engine.paths import EXPAND, absolute, is_glob, outside, with_hidden
from understudy.engine.words import duration_text, size_text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("~", "/root"),
        ("~/venv", "/root/venv"),
        ("/etc/x", "/etc/x"),
        ("dist", "/root/project/dist"),
        ("./dist/", "/root/project/dist"),
        ("../up", "/root/up"),
        ("", "/root/project"),
        ("a~b", "/root/project/a~b"),
    ],
)
def test_absolute(path: str, expected: str) -> None:
    assert absolute(path, "/root/project", "/root") == expected


def test_outside() -> None:
    assert [outside(path) for path in ("a", "a/../b", "..", "../a", "a/../../b", "/a")] == [False] * 2 + [True] * 4


def test_globs_are_told_from_plain_paths() -> None:
    assert [is_glob(path) for path in ("a", "*.whl", "a?", "[ab]")] == [False, True, True, True]


def test_the_shell_finds_what_matches(tmp_path: Path) -> None:
    for name in ("a b.whl", "c.whl", "-n.whl", ".hidden.whl", "d.txt", "new\nline.whl"):
        (tmp_path / name).touch()
    (tmp_path / "dangling.whl").symlink_to("nowhere")
    command = ["sh", "-c", EXPAND, "expand", str(tmp_path), "*.whl", "$(touch evil)*", "*.none"]
    printed = subprocess.run(command, check=True, capture_output=True, cwd="/").stdout
    found = {name.decode() for name in printed.split(b"\0") if name}
    assert found == {"a b.whl", "c.whl", "-n.whl", "new\nline.whl", "dangling.whl"}
    assert not (tmp_path / "evil").exists()


# https://circleci.com/docs/reference/configuration-reference/#persisttoworkspace: globs are Go's `filepath.Match`.
# The expected matches are what its rules say: a wildcard stands for any letter but `/`, a dot included.
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", {".git", ".env", "a.txt", "b.txt", "sub"}),
        ("**", {".git", ".env", "a.txt", "b.txt", "sub"}),
        ("?env", {".env"}),
        ("[^a]*", {".git", ".env", "b.txt", "sub"}),
        ("[ab]*", {"a.txt", "b.txt"}),
        ("*/*", {".git/HEAD", "sub/.hidden", "sub/seen"}),
        ("sub/*", {"sub/.hidden", "sub/seen"}),
        ("*.txt", {"a.txt", "b.txt"}),
        (".*", {".git", ".env"}),
    ],
)
def test_the_globs_of_workspaces_are_those_of_go(pattern: str, expected: set[str], tmp_path: Path) -> None:
    for name in (".git/HEAD", ".env", "a.txt", "b.txt", "sub/.hidden", "sub/seen"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    command = ["sh", "-c", EXPAND, "expand", str(tmp_path), *with_hidden(pattern)]
    printed = subprocess.run(command, check=True, capture_output=True, cwd="/").stdout
    assert {name.decode() for name in printed.split(b"\0") if name} == expected


def test_sizes_and_durations_read_well() -> None:
    assert [size_text(size) for size in (0, 999, 1500, 212_000_000, 3 * 10**9)] == [
        "0 B",
        "999 B",
        "1.5 KB",
        "212 MB",
        "3.0 GB",
    ]
    assert [duration_text(seconds) for seconds in (0, 0.5, 45, 600, 5400, 90061)] == [
        "0s",
        "0.5s",
        "45s",
        "10m",
        "1h 30m",
        "25h 1m",
    ]
