"""The real command shows no secret anywhere: on the terminal, in events, in its store, to a pull request of a fork."""

import base64
import json
import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="jobs need a POSIX system")

CONFIG = r"""
version: 2.1
parameters: {word: {type: string, default: none}}
jobs:
  show:
    docker: [{image: cimg/base:2024.01}]
    steps:
      - checkout
      - run:
          name: name << pipeline.parameters.word >>
          command: |
            echo "plain $A_TOKEN $CONTEXT_TOKEN"
            printf %s "$A_TOKEN" | base64 -w 5
            printf 'xy%s' "$A_TOKEN" | base64
            python3 -c 'import os, urllib.parse as u; print("url", u.quote(os.environ.get("A_TOKEN", ""), safe=""))'
            python3 -c 'import json, os; print("json", json.dumps(os.environ.get("A_TOKEN", "")))'
            for part in 1 2; do printf 'cut: hun'; sleep 0.1; echo "ter2/é\"'x"; done
            set -x; : "$A_TOKEN"; set +x
            echo "index ${PIP_INDEX_URL:-none}"
            git config --list
            cat .git/config
            env
      - run: {name: fails, command: 'echo "$A_TOKEN"; exit 3'}
workflows: {w: {jobs: [{show: {context: release}}]}}
"""
CACHES = """
version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:2024.01}]
    steps:
      - restore_cache: {key: tools}
      - run: if [ -e tools/x ]; then echo poi""soned; fi; mkdir -p tools; touch tools/x
      - save_cache: {key: tools, paths: [tools]}
workflows: {w: {jobs: [build]}}
"""
SECRET = "hunter2/é\"'x"
ENV = {
    "A_TOKEN": SECRET,
    "IN_CONTEXT": "contextual-value",
    "PIP_INDEX_URL": "https://me:index-password@pypi.example/simple",
}
SHOWN = [
    SECRET.encode(), b"hunter2", b"contextual-value", b"index-password", b"origin-password",
    base64.b64encode(SECRET.encode()), base64.b64encode(b"xy" + SECRET.encode())[4:-4], b"hunter2%2F",
]  # fmt: skip


class Repository(Protocol):
    """See `conftest.py`."""

    root: Path
    store: Path

    def git(self, *arguments: str) -> None: ...
    def write(self, text: str, path: str = ...) -> None: ...
    def type(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]": ...
    def stored(self) -> bytes: ...


@pytest.fixture
def prepared(repository: Repository) -> Repository:
    repository.write(CONFIG)
    repository.write('[contexts.release]\nCONTEXT_TOKEN = { env = "IN_CONTEXT" }\n', "understudy.toml")
    repository.git("remote", "add", "origin", "https://bob:origin-password@github.com/o/r.git")
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "first")
    return repository


@pytest.mark.parametrize("form", ["--verbose", "--json", "--quiet"])
def test_nothing_shows_a_secret(prepared: Repository, form: str) -> None:
    done = prepared.type("run", "--secret", "A_TOKEN", "--param", f"word={SECRET}", form, env=ENV)
    assert done.returncode == 1, done.stderr.decode()
    everything = done.stdout + done.stderr + prepared.stored()
    assert b"plain **** ****" in prepared.stored()
    assert b"index https://****@pypi.example/simple" in prepared.stored()
    assert b"url ****" in prepared.stored()
    assert b'json "****"' in prepared.stored()
    assert b'url = "https://github.com/o/r.git"' in prepared.stored()
    assert [secret for secret in SHOWN if secret in everything] == []
    for command in (("runs", "--json"), ("show",), ("show", "--json"), ("logs", "1")):
        past = prepared.type(*command)
        assert [secret for secret in SHOWN if secret in past.stdout + past.stderr] == []


def test_a_pull_request_of_a_fork_gets_no_secret(prepared: Repository) -> None:
    done = prepared.type("run", "--from-fork", "--secret", "A_TOKEN", "--json", env=ENV)
    stored = prepared.stored()
    assert b"plain  \n" in stored
    assert b"index https://pypi.example/simple" in stored
    assert b"A_TOKEN=" not in stored
    assert b"CONTEXT_TOKEN=" not in stored
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert "secrets-withheld" in json.dumps(events)
    assert "secret-not-given" not in json.dumps(events)


def test_caches_of_a_fork_are_its_own(repository: Repository) -> None:
    repository.write(CACHES)
    assert repository.type("run", "--from-fork").returncode == 0
    assert b"poisoned" not in repository.stored()
    assert repository.type("run").returncode == 0
    assert b"poisoned" not in repository.stored()
    assert repository.type("run").returncode == 0
    assert b"poisoned" in repository.stored()  # that one was its own


def test_a_fork_is_a_matter_of_pull_requests(prepared: Repository) -> None:
    done = prepared.type("plan", "--from-fork", "--event", "push")
    assert done.returncode == 2
    assert b"--from-fork" in done.stderr


def test_what_is_missing_is_named_before_the_run(prepared: Repository) -> None:
    done = prepared.type("plan")
    said = done.stderr.decode() + done.stdout.decode()
    assert done.returncode == 0
    words = " ".join(said.split())
    assert "config.yml:11:20: warning: the variable `A_TOKEN` looks like a secret" in words
    assert "`CONTEXT_TOKEN` of the context `release` is to come from the variable `IN_CONTEXT`" in " ".join(
        said.split()
    )
    assert prepared.type("run", "--secret", "A_TOKEN").returncode == 2


def test_the_store_is_for_its_owner_alone(prepared: Repository) -> None:
    prepared.store.mkdir(mode=0o755)
    prepared.type("run", "--dry-run")
    assert stat.S_IMODE(prepared.store.stat().st_mode) == 0o700
