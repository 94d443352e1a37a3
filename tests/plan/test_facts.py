"""Facts are gathered from real repositories, made here by git itself."""

import os
import subprocess
from pathlib import Path

import pytest

from understudy.errors import InputError
from understudy.model.results import EventKind
from understudy.plan.facts import find_repository, gather


def git(folder: Path, *arguments: str) -> str:
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
    }
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """main with one commit of two files, and origin at example.org."""
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    git(root, "remote", "add", "origin", "git@github.com:ada/engine.git")
    (root / "a.txt").write_text("a\n")
    (root / "b.txt").write_text("b\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "First: the engine")
    return root


def commit(root: Path, name: str, content: str, subject: str) -> str:
    (root / name).write_text(content)
    git(root, "add", ".")
    git(root, "commit", "-qm", subject)
    return git(root, "rev-parse", "HEAD")


def test_a_push_to_the_current_branch_is_the_default(repo: Path) -> None:
    facts = gather(repo)
    assert (facts.event, facts.branch, facts.tag) == (EventKind.PUSH, "main", None)
    assert facts.sha == git(repo, "rev-parse", "HEAD")
    assert (facts.host, facts.owner, facts.repository) == ("github", "ada", "engine")
    assert (facts.author_name, facts.author_email) == ("Ada", "ada@example.org")
    assert facts.subject == "First: the engine"
    assert facts.dirty is False
    assert facts.default_branch == "main"


def test_the_whole_message_of_the_last_commit_is_known(repo: Path) -> None:
    commit(repo, "c.txt", "c\n", "Docs only\n\n[skip ci]: nothing\nto test\n")
    facts = gather(repo)
    assert facts.subject == "Docs only"
    assert facts.message == "Docs only\n\n[skip ci]: nothing\nto test"


def test_on_a_branch_changes_are_told_against_the_merge_base(repo: Path) -> None:
    fork = git(repo, "rev-parse", "HEAD")
    git(repo, "checkout", "-qb", "feature")
    commit(repo, "c.txt", "c\n", "c")
    commit(repo, "d e.txt", "d\n", "d")
    git(repo, "checkout", "-q", "main")
    commit(repo, "only-main.txt", "m\n", "m")
    git(repo, "checkout", "-q", "feature")
    facts = gather(repo)
    assert facts.base_sha == fork
    assert facts.changed_files == ("c.txt", "d e.txt")


def test_uncommitted_and_untracked_files_count_and_ignored_ones_do_not(repo: Path) -> None:
    git(repo, "checkout", "-qb", "feature")
    commit(repo, ".gitignore", "*.log\n", "ignore")
    (repo / "a.txt").write_text("changed\n")
    (repo / "new \n name.txt").write_text("")
    (repo / "noise.log").write_text("")
    (repo / "b.txt").unlink()
    facts = gather(repo)
    assert facts.changed_files == (".gitignore", "a.txt", "b.txt", "new \n name.txt")
    assert facts.dirty is True
    clean = gather(repo, committed=True)
    assert clean.changed_files == (".gitignore",)
    assert clean.dirty is False


def test_on_the_default_branch_changes_are_told_against_the_previous_commit(repo: Path) -> None:
    previous = commit(repo, "c.txt", "c\n", "c")
    commit(repo, "d.txt", "d\n", "d")
    facts = gather(repo)
    assert facts.base_sha == previous
    assert facts.changed_files == ("d.txt",)


def test_the_first_commit_changes_every_file(repo: Path) -> None:
    facts = gather(repo)
    assert facts.base_sha is None
    assert facts.changed_files == ("a.txt", "b.txt")


def test_no_commit_yet(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.txt").write_text("a\n")
    facts = gather(root, environ={"HOME": str(tmp_path), "PATH": os.environ["PATH"]})
    assert facts.sha == "0" * 40
    assert facts.branch == "main"
    assert facts.changed_files == ("a.txt",)
    assert facts.repository == "project"
    assert facts.dirty is True


def test_detached(repo: Path) -> None:
    commit(repo, "c.txt", "c\n", "c")
    git(repo, "checkout", "-q", "--detach", "HEAD~1")
    assert gather(repo).branch is None
    assert gather(repo, branch="asked").branch == "asked"


def test_a_shallow_clone_does_not_know_what_changed(repo: Path, tmp_path: Path) -> None:
    commit(repo, "c.txt", "c\n", "c")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", "shallow")
    facts = gather(tmp_path / "shallow")
    assert facts.base_sha is None
    assert facts.changed_files is None


def test_default_branch_is_what_origin_says(repo: Path, tmp_path: Path) -> None:
    git(repo, "checkout", "-qb", "trunk")
    git(tmp_path, "clone", "-q", str(repo), "clone")
    git(tmp_path / "clone", "checkout", "-qb", "topic")
    assert gather(tmp_path / "clone").default_branch == "trunk"


def test_events(repo: Path) -> None:
    git(repo, "tag", "-a", "v1", "-m", "one")
    named = gather(repo, tag="v9")
    assert (named.event, named.branch, named.tag) == (EventKind.TAG, None, "v9")
    found = gather(repo, event=EventKind.TAG)
    assert found.tag == "v1"
    nightly = gather(repo, event=EventKind.SCHEDULE, branch="main", schedule="nightly")
    assert (nightly.event, nightly.branch, nightly.schedule) == (EventKind.SCHEDULE, "main", "nightly")
    commit(repo, "c.txt", "c\n", "c")
    with pytest.raises(InputError, match="no tag points at"):
        gather(repo, event=EventKind.TAG)


def test_what_a_pull_request_goes_to_is_named_or_told_by_the_payload(repo: Path) -> None:
    git(repo, "branch", "next")
    pulled = EventKind.PULL_REQUEST
    assert gather(repo, event=pulled).base_branch == "main"
    assert gather(repo, event=pulled, base="next", payload="{}").base_branch == "next"
    assert gather(repo, event=pulled, payload="{}").base_branch is None


def test_a_base_can_be_named(repo: Path) -> None:
    first = git(repo, "rev-parse", "HEAD")
    commit(repo, "c.txt", "c\n", "c")
    commit(repo, "d.txt", "d\n", "d")
    assert gather(repo, base=first).changed_files == ("c.txt", "d.txt")
    with pytest.raises(InputError, match="no revision `nope`"):
        gather(repo, base="nope")
    with pytest.raises(InputError, match="no revision `--all`"):
        gather(repo, base="--all")


def test_a_hostile_environment_and_configuration_run_nothing(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> {ran}\nexit 1\n')
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "diff.external", "filter.x.clean", "filter.x.process", "gpg.program"):
        git(repo, "config", name, str(trap))
    git(repo, "config", "log.showSignature", "true")
    (repo / ".gitattributes").write_text("*.txt filter=x\n")
    (repo / "a.txt").write_text("changed\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trap))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare=true'")
    assert gather(repo).dirty is True
    assert not ran.exists()


def test_gathering_does_not_write_to_the_repository(repo: Path) -> None:
    os.utime(repo / "a.txt", (1, 1))
    before = (repo / ".git" / "index").read_bytes()
    gather(repo)
    assert (repo / ".git" / "index").read_bytes() == before


def test_find_repository(repo: Path, tmp_path: Path) -> None:
    (repo / "deep" / "down").mkdir(parents=True)
    assert find_repository(repo / "deep" / "down") == repo.resolve()
    git(repo, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    assert find_repository(tmp_path / "side") == (tmp_path / "side").resolve()
    assert gather(tmp_path / "side").branch == "side"
    git(tmp_path, "init", "-q", "outer")
    git(tmp_path / "outer", "submodule", "--quiet", "add", str(repo), "inner")
    assert find_repository(tmp_path / "outer" / "inner") == (tmp_path / "outer" / "inner").resolve()
    assert gather(tmp_path / "outer" / "inner").sha == git(repo, "rev-parse", "HEAD")


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_repository(tmp_path)
    assert "not inside a git repository" in caught.value.message
    assert "git init" in caught.value.hint


def test_a_repository_of_another_user_is_named(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(repo, 12345, 12345)
    os.chown(repo / ".git", 12345, 12345)
    with pytest.raises(InputError) as caught:
        gather(repo)
    assert "belongs to another user" in caught.value.message
    assert "safe.directory" in caught.value.hint
