"""A pull request's clone is its branch with the one merged in that it goes to, where the service does that."""

import os
import subprocess
from pathlib import Path

import pytest

from understudy.errors import InputError
from understudy.plan.facts import snapshot


def git(folder: Path, *arguments: str) -> str:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, name: str, content: str) -> str:
    (root / name).write_text(content)
    git(root, "add", name)
    git(root, "commit", "-qm", name)
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    commit(root, "shared.txt", "one\n")
    git(root, "checkout", "-qb", "feature")
    commit(root, "feature.txt", "mine\n")
    git(root, "checkout", "-q", "main")
    return root


def test_both_branches_are_there_and_the_sha_is_that_of_the_request(repo: Path, tmp_path: Path) -> None:
    theirs = commit(repo, "main.txt", "theirs\n")
    git(repo, "checkout", "-q", "feature")
    mine = git(repo, "rev-parse", "HEAD")
    clone = tmp_path / "clone"
    assert snapshot(repo, clone, committed=False, base="main") == mine
    assert {path.name for path in clone.glob("*.txt")} == {"shared.txt", "feature.txt", "main.txt"}
    assert git(clone, "rev-list", "--parents", "-1", "HEAD").split()[1:] == [mine, theirs]
    assert git(clone, "status", "--porcelain") == ""
    assert git(repo, "rev-parse", "HEAD") == mine


def test_uncommitted_changes_are_merged_too(repo: Path, tmp_path: Path) -> None:
    commit(repo, "main.txt", "theirs\n")
    git(repo, "checkout", "-q", "feature")
    (repo / "new.txt").write_text("not yet\n")
    clone = tmp_path / "clone"
    snapshot(repo, clone, committed=False, base="main")
    assert (clone / "new.txt").read_text() == "not yet\n"
    assert (clone / "main.txt").exists()


def test_what_is_in_already_is_not_merged_again(repo: Path, tmp_path: Path) -> None:
    git(repo, "checkout", "-q", "feature")
    mine = git(repo, "rev-parse", "HEAD")
    snapshot(repo, tmp_path / "clone", committed=False, base="main")
    assert git(tmp_path / "clone", "rev-parse", "HEAD") == mine


def test_a_conflict_is_told_with_its_files(repo: Path, tmp_path: Path) -> None:
    commit(repo, "shared.txt", "theirs\n")
    git(repo, "checkout", "-q", "feature")
    commit(repo, "shared.txt", "mine\n")
    with pytest.raises(InputError, match=r"`main`.*conflicts in `shared\.txt`"):
        snapshot(repo, tmp_path / "clone", committed=False, base="main")
