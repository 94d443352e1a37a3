"""Orbs of the registry: fetched from one on loopback, kept in the store, put into the repository, missed."""

import hashlib
import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Protocol

import pytest

CONFIG = """\
version: 2.1
orbs:
  say: acme/say@1
jobs:
  talk:
    docker: [{image: "cimg/base:current"}]
    steps:
      - say/hello
workflows:
  w:
    jobs: [talk]
"""
SAY = """\
version: 2.1
orbs: {inner: acme/inner@2.0.0}
commands:
  hello:
    steps: [inner/words]
"""
INNER = """\
version: 2.1
commands:
  words:
    steps: [{run: {name: Words, command: echo hello}}]
"""


class Repository(Protocol):
    """As conftest.py has it."""

    root: Path
    store: Path

    def git(self, *arguments: str) -> None: ...

    def write(self, text: str | bytes, path: str = ".circleci/config.yml") -> None: ...

    def type(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]": ...


class Registry(ThreadingHTTPServer):
    """Answers as CircleCI's GraphQL interface does, and keeps what it was asked."""

    daemon_threads = True
    # The shape of the answers is what CircleCI's own command-line client expects (its folder api/).
    orbs: ClassVar[dict[str, tuple[str, str]]] = {"acme/say@1": ("1.4.2", SAY), "acme/inner@2.0.0": ("2.0.0", INNER)}

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []
        self.raw: bytes | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/graphql-unstable"


class Answer(BaseHTTPRequestHandler):
    server: Registry

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        (reference,) = question["variables"].values()
        assert "orbVersion(orbVersionRef:" in question["query"]
        self.server.asked.append(reference)
        found = self.server.orbs.get(reference)
        value = {"version": found[0], "source": found[1]} if found else None
        body = self.server.raw or json.dumps({"data": {"orbVersion": value}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def prepared(repository: Repository, registry: Registry | None = None) -> dict[str, str]:
    repository.write(CONFIG)
    repository.git("add", "-A")
    repository.git("commit", "-qm", "one")
    # Port 9 discards, and nothing listens on it: refused at once, on any machine.
    return {"UNDERSTUDY_ORB_REGISTRY": registry.address if registry else "http://127.0.0.1:9/"}


def tree(repository: Repository) -> list[str]:
    root = repository.root
    return sorted(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts
    )


def test_a_plan_fetches_what_is_missing_once_and_leaves_the_repository_alone(
    repository: Repository, registry: Registry
) -> None:
    env = prepared(repository, registry)
    before = tree(repository)
    done = repository.type("plan", "--json", env=env)
    planned = json.loads(done.stdout)
    assert [job["steps"] for job in planned["workflows"][0]["jobs"]] == [["Words"]]
    fetched = [one["message"] for one in planned["findings"] if one["code"] == "orb-fetched"]
    assert fetched == [
        "the orb `acme/inner@2.0.0` was fetched from the registry (version 2.0.0)",
        "the orb `acme/say@1` was fetched from the registry (version 1.4.2)",
    ]
    assert registry.asked == ["acme/say@1", "acme/inner@2.0.0"]
    assert tree(repository) == before

    again = json.loads(repository.type("plan", "--json", env=env).stdout)
    assert again["workflows"] == planned["workflows"]
    assert again["findings"] == []
    assert len(registry.asked) == 2


def test_offline_asks_nobody(repository: Repository, registry: Registry) -> None:
    env = prepared(repository, registry)
    done = repository.type("plan", "--offline", "--json", env=env)
    assert [one["code"] for one in json.loads(done.stdout)["findings"]] == ["orb-not-here"]
    repository.write("offline = true\n", "understudy.toml")
    repository.type("plan", env=env)
    repository.type("check", env=env)
    assert registry.asked == []


def test_without_a_network_the_orb_is_named_and_what_needs_it_is_not_started(repository: Repository) -> None:
    env = prepared(repository)
    done = repository.type("run", env=env)
    said = " ".join(done.stderr.decode().split())
    assert done.returncode == 2
    assert "the orb `acme/say@1` can't be fetched from http://127.0.0.1:9/: " in said
    assert "Connection refused" in said
    assert "not started: 1 job needs what is not performed here talk say/hello .circleci/config.yml:8:9" in said
    assert said.endswith("understudy run --go-on" + f" --store {repository.store}")


def test_add_puts_an_orb_and_what_it_needs_into_the_repository_and_pins_them(
    repository: Repository, registry: Registry
) -> None:
    env = prepared(repository, registry)
    done = repository.type("orbs", "add", env=env)
    assert done.returncode == 0, done.stderr.decode()
    lock = json.loads((repository.root / "understudy.lock").read_text())
    assert lock == {
        "orbs": {
            "acme/inner@2.0.0": {
                "path": ".circleci/orbs/acme/inner@2.0.0.yml",
                "version": "2.0.0",
                "sha256": hashlib.sha256(INNER.encode()).hexdigest(),
            },
            "acme/say@1": {
                "path": ".circleci/orbs/acme/say@1.4.2.yml",
                "version": "1.4.2",
                "sha256": hashlib.sha256(SAY.encode()).hexdigest(),
            },
        }
    }
    assert (repository.root / ".circleci/orbs/acme/say@1.4.2.yml").read_text() == SAY
    # From now on nobody has to be asked, nor anything be in the store.
    elsewhere = {"UNDERSTUDY_ORB_REGISTRY": "http://127.0.0.1:9/"}
    planned = repository.type("plan", "--json", "--store", str(repository.store) + "-2", env=elsewhere)
    assert json.loads(planned.stdout)["findings"] == []
    listed = repository.type("orbs", env=elsewhere)
    assert listed.stdout.decode() == "acme/say@1  .circleci/orbs/acme/say@1.4.2.yml\n"
    assert repository.type("orbs", "add", env=elsewhere).stderr.decode().startswith("every orb that the file needs")


def test_add_takes_a_source_from_a_file(repository: Repository) -> None:
    env = prepared(repository)
    repository.write(INNER, "mine.yml")
    done = repository.type("orbs", "add", "acme/inner@2.0.0", "--from", "mine.yml", env=env)
    assert done.returncode == 0, done.stderr.decode()
    assert (repository.root / ".circleci/orbs/acme/inner@2.0.0.yml").read_text() == INNER


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("acme/say@1",), 3, "the orb `acme/say@1` can't be fetched"),
        (("acme/say@1", "--offline"), 3, "the orb `acme/say@1` is not in the store, and `--offline` asks nobody"),
        (("nonsense",), 2, "`nonsense` names no orb"),
        (("../../x@1",), 2, "`../../x@1` names no orb"),
        (("acme/say@1", "--from", "no-such-file"), 2, "`no-such-file` can't be read: no such file or directory"),
        (("--from", "x"), 2, "`--from` gives the source of one orb"),
    ],
)
def test_what_can_not_be_added(repository: Repository, arguments: tuple[str, ...], code: int, words: str) -> None:
    env = prepared(repository)
    before = tree(repository)
    done = repository.type("orbs", "add", *arguments, env=env)
    assert done.returncode == code
    assert words in done.stderr.decode()
    assert "hint: " in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert tree(repository) == before


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        (None, 2, "the registry has no orb `acme/other@1`"),
        (b"<html>", 3, "answered something else than a registry does"),
        (b"[]", 3, "answered something else than a registry does"),
        (b'{"data": {"orbVersion": {"version": "../../../x", "source": "a: 1"}}}', 3, "something else"),
        (b'{"data": {"orbVersion": {"version": "1.0.0", "source": "a: [1"}}}', 2, "is no YAML"),
    ],
)
def test_odd_answers_of_a_registry(
    repository: Repository, registry: Registry, raw: bytes | None, code: int, words: str
) -> None:
    env = prepared(repository, registry)
    registry.raw = raw
    before = tree(repository)
    done = repository.type("orbs", "add", "acme/other@1", env=env)
    assert (done.returncode, words in done.stderr.decode()) == (code, True), done.stderr.decode()
    assert tree(repository) == before
