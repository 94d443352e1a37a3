"""Names that nobody expects, performed for real: jobs, steps, workflows, cache keys, files."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="jobs need a POSIX system")

STRANGE = [
    "with space", "a/b", "../up", "it's \"quoted\"", "\U0001f389 é", "tab\tand\nline", "\x1b[31mred", "$(touch owned)",
    "-rf", "%s{}", "a" * 300,
]  # fmt: skip
"""Of everything that a text in a file can be."""


class Repository(Protocol):
    """See `conftest.py`."""

    root: Path
    store: Path

    def git(self, *arguments: str) -> None: ...
    def write(self, text: str | bytes, path: str = ...) -> None: ...
    def type(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]": ...


def as_yaml(tree: object) -> str:
    """JSON is YAML, but for characters written as two halves."""
    return json.dumps(tree, ensure_ascii=False)


def config(**parts: object) -> str:
    """A file of one job; JSON is YAML."""
    job = {"docker": [{"image": "cimg/base:2024.01"}], "steps": ["checkout"], **parts}
    return as_yaml({"version": 2.1, "jobs": {"build": job}, "workflows": {"w": {"jobs": ["build"]}}})


def events(repository: Repository, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    done = repository.type("run", "--json", *arguments)
    assert b"Traceback" not in done.stderr
    assert b"bug of ours" not in done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_names_of_steps(repository: Repository) -> None:
    repository.write(config(steps=[{"run": {"name": name, "command": "true"}} for name in STRANGE]))
    code, seen = events(repository)
    assert code == 0
    assert [one["name"] for one in seen if one["class"] == "StepFinished"] == STRANGE
    assert not list(repository.root.glob("owned*"))
    for form in ((), ("--verbose",), ("--quiet",)):
        shown = repository.type("run", *form)
        assert shown.returncode == 0
        assert b"\x1b[31m" not in shown.stdout + shown.stderr
    assert b"\x1b[31m" not in repository.type("show").stdout


@pytest.mark.parametrize("name", STRANGE)
def test_names_of_workflows_and_jobs(repository: Repository, name: str) -> None:
    job = {"docker": [{"image": "cimg/base:2024.01"}], "steps": [{"run": "echo done"}]}
    tree = {"version": 2.1, "jobs": {name: job}, "workflows": {name: {"jobs": [{name: {"name": f"{name}!"}}]}}}
    repository.write(as_yaml(tree))
    code, seen = events(repository, name)
    assert code in {0, 2}  # what the service refuses is a finding
    if code == 0:
        assert seen[-1]["outcome"] == "passed"
        run = str(seen[0]["run"])
        assert repository.type("show", run).returncode == 0
        assert b"done" in repository.type("logs", run).stdout
    inside = repository.store.resolve()
    outside = [
        path for path in repository.store.parent.glob("*") if path.name.startswith("up") and inside not in path.parents
    ]
    assert outside == []


PATHS = ["/etc/passwd", "..", "../up", "a/../../b", "~/x", "./x"]


def kept_under(key: str) -> list[object]:
    """Steps that save a folder under a key and restore it by the same one."""
    return [
        {"run": "mkdir -p kept; echo hello >kept/file"},
        {"save_cache": {"key": key, "paths": ["kept"]}},
        {"run": "rm -r kept"},
        {"restore_cache": {"key": key}},
        {"run": "cat kept/file"},
    ]


@pytest.mark.parametrize("key", [*(one for one in STRANGE[:-1] if one not in PATHS), "nul\0key", "a" * 900])
def test_keys_of_caches(repository: Repository, key: str) -> None:
    repository.write(config(steps=kept_under(key)))
    code, seen = events(repository)
    assert code == 0, seen
    assert [one["found"] for one in seen if one["class"] == "CacheUsed"] == [key, key]
    assert b"Traceback" not in repository.type("cache", "ls").stderr


@pytest.mark.parametrize("key", PATHS)
def test_a_key_that_is_a_path_is_refused(repository: Repository, key: str) -> None:
    repository.write(config(steps=kept_under(key)))
    done = repository.type("run")
    assert done.returncode == 2
    assert b"is a path" in b" ".join(done.stderr.split())


@pytest.mark.parametrize("key", PATHS)
def test_a_key_that_becomes_a_path_is_a_name_all_the_same(repository: Repository, key: str) -> None:
    """What a template gives is known only while the job runs."""
    repository.write(config(steps=kept_under("{{ .Environment.KEY }}"), environment={"KEY": key}))
    code, seen = events(repository)
    assert code == 0, seen
    assert [one["found"] for one in seen if one["class"] == "CacheUsed"] == [key, key]


def test_a_key_without_end(repository: Repository) -> None:
    steps = [{"save_cache": {"key": "k" * 1_000_000, "paths": ["."]}}]
    repository.write(config(steps=["checkout", *steps]))
    done = repository.type("run")
    assert done.returncode == 2
    assert b"900 are the most" in b" ".join(done.stderr.split())


@pytest.mark.parametrize("path", ["../../../../etc/passwd", "../..", "~/../../etc/shadow", "~/.."])
def test_paths_out_of_the_home_by_dots_are_refused(repository: Repository, path: str) -> None:
    for step in ({"save_cache": {"key": "k", "paths": ["d", path]}}, {"store_artifacts": {"path": path}}):
        repository.write(config(steps=["checkout", step]))
        done = repository.type("run")
        assert done.returncode == 2
        assert b"leads out of the job's home" in b" ".join(done.stderr.split())


@pytest.mark.parametrize("path", ["/etc/passwd", "link", "link/inner", "/proc/1/environ", "/home/../etc/shadow"])
def test_paths_lead_nowhere_but_into_the_room(repository: Repository, path: str, tmp_path: Path) -> None:
    """A path may be anywhere in the room. This machine's files are none of the room's, whatever leads there."""
    outside = tmp_path / "outside"
    outside.write_text("of this machine")
    steps = [
        {"run": f"ln -s {outside} link || true; mkdir d; ln -s {tmp_path} d/link; echo mine >d/file"},
        {"save_cache": {"key": "k", "paths": [path, "d", "link"]}},
        {"store_artifacts": {"path": path}},
        {"store_artifacts": {"path": "d"}},
        {"persist_to_workspace": {"root": ".", "paths": ["d", "link"]}},
    ]
    repository.write(config(steps=steps))
    code, _ = events(repository, "--runtime", "sandbox")
    if code == 3:
        pytest.skip("no sandbox here")
    assert code in {0, 1}
    kept = b"".join(one.read_bytes() for one in (repository.store / "blobs").rglob("*") if one.is_file())
    assert b"of this machine" not in kept
    assert b"mine" in kept
