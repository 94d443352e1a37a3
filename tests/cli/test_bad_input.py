"""What is wrong with the input: exit 2, the place, what to do, and never a traceback; by the real command."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

GOOD = "version: 2.1\njobs: {build: {docker: [{image: a}], steps: [checkout]}}\nworkflows: {w: {jobs: [build]}}\n"
CASES = Path(__file__).parents[1] / "cases" / "circleci-bad"
SAMPLE = [
    "tabs", "duplicate-keys", "unknown-key", "recursive-commands", "cycle-of-requires", "alias-bomb", "deep-nesting",
    "invalid-utf-8", "names-with-emoji-and-slashes", "path-outside-workspace", "empty",
]  # fmt: skip


class Repository(Protocol):
    """See `conftest.py`."""

    root: Path
    store: Path

    def git(self, *arguments: str) -> None: ...
    def write(self, text: str | bytes, path: str = ...) -> None: ...
    def type(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]": ...


def refused(done: "subprocess.CompletedProcess[bytes]") -> str:
    """What a refusal says; that it is one."""
    said = done.stderr.decode() + done.stdout.decode()
    assert done.returncode == 2, said
    assert "Traceback" not in said
    assert "bug of ours" not in said
    return said


@pytest.mark.parametrize("command", [("run",), ("plan",), ("check",), (), ("run", "--json"), ("plan", "--json")])
def test_no_repository(tmp_path: Path, repository: Repository, command: tuple[str, ...]) -> None:
    said = refused(repository.type(*command, "-C", str(tmp_path)))
    assert "is not inside a git repository" in said
    assert "hint:" in said


@pytest.mark.parametrize("command", [("run",), ("plan",), ("check",), (), ("run", "--json")])
def test_no_ci_file(repository: Repository, command: tuple[str, ...]) -> None:
    said = refused(repository.type(*command))
    assert "there is no CI file" in said
    assert "hint:" in said


@pytest.mark.parametrize("case", SAMPLE)
def test_a_bad_file_by_every_command(repository: Repository, case: str) -> None:
    repository.write((CASES / case / "config.yml").read_bytes())
    place = (CASES / case / "expected.txt").read_text().split()[0]
    for command in (("run",), ("plan",), ("check",)):
        said = refused(repository.type(*command))
        assert f".circleci/config.yml:{place}: error: " in said
    data = json.loads(repository.type("check", "--json").stdout)
    first = next(one for one in data["findings"] if one["severity"] == "error")
    assert f"{first['line']}:{first['column']}" == place
    refused(repository.type("run", "--json"))


def test_a_file_of_50_megabytes(repository: Repository) -> None:
    repository.write(GOOD.encode() + b"# padding padding padding padding padding padding\n" * 1_000_000)
    said = refused(repository.type("run"))
    assert "more than 4 MiB are not read" in said
    assert ".circleci/config.yml" in said


def test_a_file_that_is_no_file(repository: Repository) -> None:
    (repository.root / ".circleci" / "config.yml").mkdir(parents=True)
    assert "there is no CI file" in refused(repository.type("plan"))


def test_a_link_out_of_the_repository(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("password: hunter2\n")
    (repository.root / ".circleci").mkdir()
    (repository.root / ".circleci" / "config.yml").symlink_to(tmp_path / "secret.yml")
    assert "hunter2" not in refused(repository.type("plan"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "nowhere"), "there is no workflow `nowhere`"),
        (("run", "-j", "buidl"), "did you mean `build`"),
        (("run", "-e", "none"), "there is no executor"),
        (("run", "--matrix", "x=1"), "there is no matrix axis"),
        (("run", "--matrix", "x"), "takes NAME=VALUE"),
        (("run", "--param", "nothing"), "takes NAME=VALUE"),
        (("run", "--runtime", "magic"), "`magic`"),
        (("run", "--jobs", "0"), "less than one"),
        (("run", "--ci", "none"), "is not known"),
        (("run", "--base", "nothing"), "git knows no revision `nothing`"),
        (("run", "--secret-file", "absent"), "can't be read"),
        (("run", "-C", "absent"), "is no folder"),
        (("check", "../../../etc/passwd"), "is no file of this repository"),
        (("run", "--event", "tag"), "tag"),
        (("run", "-j", "\x1b[31m\n"), "there is no job"),
    ],
)
def test_what_is_asked_for_and_is_not_there(repository: Repository, arguments: tuple[str, ...], said: str) -> None:
    repository.write(GOOD)
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "one")
    answer = refused(repository.type(*arguments))
    assert said in " ".join(answer.split())
    assert "\x1b[31m" not in answer


@pytest.mark.parametrize(
    "text",
    [
        "jobs = \n",
        "unknown = 1\n",
        'jobs = "two"\n',
        "approve = 1\n",
        b"\xff\xfe",
        "[contexts]\na = 1\n",
        "jobs = true\n",
    ],
)
def test_settings_that_are_wrong(repository: Repository, text: str | bytes) -> None:
    repository.write(GOOD)
    repository.write(text, "understudy.toml")
    assert "understudy.toml" in refused(repository.type("plan")) or isinstance(text, str)


def test_a_required_job_that_is_left_out(repository: Repository) -> None:
    repository.write(
        "version: 2.1\njobs: {test: &j {docker: [{image: a}], steps: [checkout]}, deploy: *j}\n"
        "workflows:\n  w:\n    jobs:\n"
        "      - test: {filters: {branches: {only: never}}}\n      - deploy: {requires: [test]}\n"
    )
    said = refused(repository.type("run"))  # nothing is left to start
    assert ".circleci/config.yml:7:29: note: `deploy` would run by its own filters" in said
    assert "hint:" in said


def test_a_hostile_pattern_does_not_hang(repository: Repository) -> None:
    repository.write(GOOD.replace("[build]", '[{build: {filters: {branches: {only: "/(a|aa)+\\\\1?c/"}}}}]'))
    said = refused(repository.type("plan", "--branch", "a" * 3000 + "bc"))
    assert re.search(r"config\.yml:\d+:\d+: error: .*can't be used", said)
