"""The snippet that checks the project out where files may be already, tried with this machine's own shell and git.

https://circleci.com/docs/reference/configuration-reference/#checkout
"""

import subprocess
from pathlib import Path

import pytest

from understudy.engine.steps import COPY

GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def check_out(source: Path, target: Path, strict: str = "strict") -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", COPY, "copy", str(source), str(target), strict]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".git"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "new.txt").write_text("new\n")
    subprocess.run([*GIT, "init", "-q"], check=True, cwd=folder)
    return folder


def test_an_absent_folder_is_filled(source: Path, tmp_path: Path) -> None:
    assert check_out(source, tmp_path / "deep" / "target").returncode == 0
    assert names(tmp_path / "deep" / "target") == {"new.txt"}


def test_an_empty_folder_is_filled(source: Path, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    assert check_out(source, tmp_path / "target").returncode == 0
    assert names(tmp_path / "target") == {"new.txt"}


def test_a_folder_with_files_that_is_no_repository_fails(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "restored").touch()
    assert check_out(source, target).returncode == 73
    assert names(target) == {"restored"}


def test_where_an_image_may_have_left_files_they_are_no_failure(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "left").touch()
    assert check_out(source, target, "").returncode == 0
    assert names(target) == {"left", "new.txt"}


def test_a_repository_loses_what_is_no_longer_tracked_and_keeps_the_rest(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "old.txt").touch()
    subprocess.run([*GIT, "init", "-q"], check=True, cwd=target)
    subprocess.run([*GIT, "add", "old.txt"], check=True, cwd=target)
    (target / "built").touch()
    assert check_out(source, target).returncode == 0
    assert names(target) == {"built", "new.txt"}
