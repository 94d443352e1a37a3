"""A snapshot is a real clone of what a commit would hold now, and the repository it is of stays untouched."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from understudy.errors import InputError
from understudy.plan.facts import snapshot


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


def state(root: Path) -> dict[str, tuple[float, str]]:
    """Every file under `root` with its time of change and content."""
    found = {}
    for path in sorted(root.rglob("*")):
        content = str(path.readlink()) if path.is_symlink() else path.read_bytes().hex() if path.is_file() else ""
        found[str(path)] = (path.lstat().st_mtime, hashlib.sha256(content.encode()).hexdigest())
    return found


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text() if not path.is_symlink() else f"-> {path.readlink()}"
        for path in root.rglob("*")
        if ".git" not in path.relative_to(root).parts and (path.is_symlink() or path.is_file())
    }


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    git(root, "remote", "add", "origin", "https://ada:s3cret@github.com/ada/engine.git")
    for name in ("a.txt", "b.txt", "c.txt"):
        (root / name).write_text(f"{name}\n")
    (root / ".gitignore").write_text("*.log\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "First")
    return root


def test_a_clean_tree_is_head_itself(repo: Path, tmp_path: Path) -> None:
    before = state(repo)
    sha = snapshot(repo, tmp_path / "clone", committed=False)
    clone = tmp_path / "clone"
    assert sha == git(repo, "rev-parse", "HEAD") == git(clone, "rev-parse", "HEAD")
    assert files(clone) == files(repo)
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(clone, "rev-parse", "origin/main") == sha
    assert git(clone, "fsck", "--strict") == ""
    assert state(repo) == before


def test_uncommitted_changes_are_one_commit_on_top(repo: Path, tmp_path: Path) -> None:
    (repo / "a.txt").write_text("changed\n")
    (repo / "b.txt").unlink()
    git(repo, "mv", "c.txt", "renamed.txt")
    (repo / "new.sh").write_text("#!/bin/sh\n")
    (repo / "new.sh").chmod(0o755)
    (repo / "link").symlink_to("a.txt")
    (repo / "sub dir").mkdir()
    (repo / "sub dir" / 'odd "näme"\n\\').write_text("odd\n")
    (repo / "-rf").write_text("dash\n")
    (repo / "noise.log").write_text("ignored\n")
    before = state(repo)
    clone = tmp_path / "clone"
    sha = snapshot(repo, clone, committed=False)
    assert files(clone) == {
        ".gitignore": "*.log\n",
        "a.txt": "changed\n",
        "renamed.txt": "c.txt\n",
        "new.sh": "#!/bin/sh\n",
        "link": "-> a.txt",
        'sub dir/odd "näme"\n\\': "odd\n",
        "-rf": "dash\n",
    }
    assert os.access(clone / "new.sh", os.X_OK)
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "rev-parse", "HEAD") == sha
    assert git(clone, "rev-parse", "HEAD~1") == git(repo, "rev-parse", "HEAD")
    assert git(clone, "fsck", "--strict") == ""
    assert state(repo) == before


def test_the_same_content_gives_the_same_commit(repo: Path, tmp_path: Path) -> None:
    (repo / "a.txt").write_text("changed\n")
    first = snapshot(repo, tmp_path / "one", committed=False)
    assert snapshot(repo, tmp_path / "two", committed=False) == first


def test_staged_is_overruled_by_what_is_in_the_folder(repo: Path, tmp_path: Path) -> None:
    (repo / "a.txt").write_text("staged\n")
    git(repo, "add", "a.txt")
    (repo / "a.txt").write_text("later\n")
    git(repo, "rm", "-q", "--cached", "b.txt")
    snapshot(repo, tmp_path / "clone", committed=False)
    assert files(tmp_path / "clone") == files(repo)


def test_committed_leaves_changes_out(repo: Path, tmp_path: Path) -> None:
    (repo / "a.txt").write_text("changed\n")
    sha = snapshot(repo, tmp_path / "clone", committed=True)
    assert sha == git(repo, "rev-parse", "HEAD")
    assert (tmp_path / "clone" / "a.txt").read_text() == "a.txt\n"


def test_without_any_commit(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.txt").write_text("a\n")
    clone = tmp_path / "clone"
    sha = snapshot(root, clone, committed=False)
    assert files(clone) == {"a.txt": "a\n"}
    assert git(clone, "rev-list", "--count", "HEAD") == "1"
    assert git(clone, "log", "-1", "--format=%H %D") == f"{sha} HEAD -> main, origin/main, origin/HEAD"
    with pytest.raises(InputError, match="no commit yet"):
        snapshot(root, tmp_path / "other", committed=True)


def test_an_empty_repository(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    sha = snapshot(root, tmp_path / "clone", committed=False)
    assert git(tmp_path / "clone", "rev-parse", "HEAD") == sha
    assert files(tmp_path / "clone") == {}


def test_no_secret_hook_or_setting_goes_along(repo: Path, tmp_path: Path) -> None:
    git(repo, "config", "http.extraHeader", "AUTHORIZATION: basic s3cret")
    hook = repo / ".git" / "hooks" / "post-checkout"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    clone = tmp_path / "clone"
    snapshot(repo, clone, committed=False)
    assert git(clone, "remote", "get-url", "origin") == "https://github.com/ada/engine.git"
    assert not (clone / ".git" / "hooks").exists()
    config = (clone / ".git" / "config").read_text()
    assert "s3cret" not in config


def test_nothing_configured_is_run(repo: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> {ran}\ncat\n')
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge", "filter.x.process"):
        git(repo, "config", name, str(trap))
    git(repo, "config", "core.hooksPath", str(tmp_path))
    for name in ("post-index-change", "post-checkout", "pre-commit"):
        (tmp_path / name).symlink_to(trap)
    git(repo, "config", "filter.x.required", "true")
    (repo / ".gitattributes").write_text("*.txt filter=x\n")
    (repo / "a.txt").write_text("version https://git-lfs.github.com/spec/v1\n")
    snapshot(repo, tmp_path / "clone", committed=False)
    assert not ran.exists()
    assert (tmp_path / "clone" / "a.txt").read_text() == "version https://git-lfs.github.com/spec/v1\n"


def test_a_worktree_with_a_split_index_and_alternates(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--shared", str(repo), "sharing")
    sharing = tmp_path / "sharing"
    git(sharing, "update-index", "--split-index")
    git(sharing, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    (tmp_path / "side" / "d.txt").write_text("d\n")
    (sharing / "e.txt").write_text("e\n")
    for folder, name in ((tmp_path / "side", "d.txt"), (sharing, "e.txt")):
        clone = tmp_path / f"clone-{name}"
        snapshot(folder, clone, committed=False)
        assert sorted(files(clone)) == sorted([".gitignore", "a.txt", "b.txt", "c.txt", name])
        assert git(clone, "fsck", "--strict") == ""
        assert not (clone / ".git" / "objects" / "info" / "alternates").exists()


def test_submodules_and_nested_repositories_stay_empty(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "outer")
    outer = tmp_path / "outer"
    git(outer, "submodule", "--quiet", "add", str(repo), "inner")
    git(outer, "commit", "-qm", "With a submodule")
    git(outer, "init", "-q", "nested")
    (outer / "nested" / "x.txt").write_text("x\n")
    (outer / "plain.txt").write_text("p\n")
    snapshot(outer, tmp_path / "clone", committed=False)
    clone = tmp_path / "clone"
    assert sorted(files(clone)) == [".gitmodules", "plain.txt"]
    assert list((clone / "inner").iterdir()) == []


def test_a_nested_repository_alone_is_no_change(repo: Path, tmp_path: Path) -> None:
    git(repo, "init", "-q", "nested")
    assert snapshot(repo, tmp_path / "clone", committed=False) == git(repo, "rev-parse", "HEAD")


def test_a_merge_in_progress_is_taken_as_it_stands(repo: Path, tmp_path: Path) -> None:
    git(repo, "checkout", "-qb", "other")
    (repo / "a.txt").write_text("theirs\n")
    git(repo, "commit", "-qam", "theirs")
    git(repo, "checkout", "-q", "main")
    (repo / "a.txt").write_text("ours\n")
    git(repo, "commit", "-qam", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "other")
    snapshot(repo, tmp_path / "clone", committed=False)
    assert "<<<<<<<" in (tmp_path / "clone" / "a.txt").read_text()


def test_branches_and_tags_are_as_after_a_push(repo: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(repo), str(bare))
    git(tmp_path, "clone", "-q", str(bare), "work")
    work = tmp_path / "work"
    git(work, "tag", "-a", "v1", "-m", "one")
    git(work, "checkout", "-qb", "feature/one")
    git(work, "branch", "private")
    (work / "a.txt").write_text("changed\n")
    clone = tmp_path / "clone"
    sha = snapshot(work, clone, committed=False)
    refs = git(clone, "for-each-ref", "--format=%(refname)").splitlines()
    assert refs == [
        "refs/heads/feature/one",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/feature/one",
        "refs/remotes/origin/main",
        "refs/tags/v1",
    ]
    assert git(clone, "rev-parse", "origin/feature/one") == sha
    assert git(clone, "describe", "--tags") == "v1-1-g" + sha[:7]
    assert git(clone, "merge-base", "origin/HEAD", "HEAD") == git(work, "rev-parse", "HEAD")


def test_another_branch_can_be_asked_for(repo: Path, tmp_path: Path) -> None:
    snapshot(repo, tmp_path / "clone", committed=False, branch="release/1")
    assert git(tmp_path / "clone", "branch", "--show-current") == "release/1"
    for bad in ("../../../evil", "a b", "-x", "a..b", "x.lock", "/x", "a\nb", ""):
        with pytest.raises(InputError, match="no name for a branch"):
            snapshot(repo, tmp_path / "never", committed=False, branch=bad)
    assert not (tmp_path / "never").exists()


def test_a_detached_head_and_a_shallow_history_stay_so(repo: Path, tmp_path: Path) -> None:
    (repo / "d.txt").write_text("d\n")
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "Second")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", "shallow")
    git(tmp_path / "shallow", "checkout", "-q", "--detach")
    snapshot(tmp_path / "shallow", tmp_path / "clone", committed=False)
    clone = tmp_path / "clone"
    assert git(clone, "rev-list", "--count", "HEAD") == "1"
    assert git(clone, "branch", "--show-current") == ""


def test_an_index_older_than_the_change_is_not_believed(repo: Path, tmp_path: Path) -> None:
    """A file changed within the index's own time stamp, to the same size: git must compare its content."""
    index = repo / ".git" / "index"
    (repo / "a.txt").write_text("A.TXT\n")
    moment = index.stat().st_mtime_ns
    os.utime(repo / "a.txt", ns=(moment, moment))
    snapshot(repo, tmp_path / "clone", committed=False)
    assert (tmp_path / "clone" / "a.txt").read_text() == "A.TXT\n"


def test_line_endings_are_as_on_the_service(repo: Path, tmp_path: Path) -> None:
    git(repo, "config", "core.autocrlf", "true")
    (repo / "d.txt").write_bytes(b"one\r\ntwo\r\n")
    snapshot(repo, tmp_path / "clone", committed=False)
    assert (tmp_path / "clone" / "d.txt").read_bytes() == b"one\ntwo\n"
