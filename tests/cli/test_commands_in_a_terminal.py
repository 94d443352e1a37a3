"""`understudy run` in a terminal of its own: what stands on it, Ctrl-C once and twice, a question, a narrow one."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

CONFIG = """\
version: 2.1
jobs:
  quick:
    docker: [{image: "cimg/base:current"}]
    steps: [{run: {name: Say, command: 'echo some words; sleep 1'}}]
  after:
    docker: [{image: "cimg/base:current"}]
    steps: [{run: {name: After, command: 'true'}}]
  nap:
    docker: [{image: "cimg/base:current"}]
    steps:
      - run: {name: Nap, command: 'echo I sleep; sleep 60'}
      - run: {name: Tidy, command: 'echo tidied', when: always}
workflows:
  good:
    jobs: [quick, {after: {requires: [quick]}}]
  gated:
    jobs: [{hold: {type: approval}}, {after: {requires: [hold]}}]
  sleepy:
    jobs: [nap]
"""
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Repository(Protocol):
    """As conftest.py has it."""

    root: Path
    store: Path
    home: Path

    def git(self, *arguments: str) -> None: ...

    def write(self, text: str | bytes, path: str = ".circleci/config.yml") -> None: ...

    def type(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]": ...


class Session:
    """The command in a terminal; `printed` is everything it has printed so far."""

    def __init__(self, repository: Repository, *arguments: str, columns: int = 80) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {
            "HOME": str(repository.home),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "UNDERSTUDY_RUNTIME": "plain",
        }
        command = (sys.executable, "-m", "understudy", "--store", str(repository.store), *arguments)
        self._process = subprocess.Popen(
            # Who leads a session and opens a terminal gets it for its own: only then is Ctrl-C a signal.
            ("sh", "-c", 'exec "$@" <>"$0" >&0 2>&1', os.ttyname(theirs), *command),
            cwd=repository.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._theirs = theirs
        self.printed = ""

    def until(self, words: str, times: int = 1) -> None:
        """Reads until `words` were printed so many times."""
        deadline = time.monotonic() + 60
        while self.printed.count(words) < times:
            assert time.monotonic() < deadline, self.printed
            assert self._read(0.1), f"ended without {words!r}: {self.printed}"

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        """Reads to the end; gives the exit code."""
        while self._read(60.0):
            pass
        os.close(self._ours)
        return self._process.wait(timeout=60)

    def _read(self, timeout_s: float) -> bool:
        if not select.select([self._ours], [], [], timeout_s)[0]:
            return True
        try:
            chunk = os.read(self._ours, 65536)
        except OSError:  # Linux's way to say that the last program on this terminal has gone
            return False
        if self._theirs >= 0:  # the other end lives on in the program now
            os.close(self._theirs)
            self._theirs = -1
        self.printed += chunk.decode("utf-8", "replace")
        return bool(chunk)

    def lines(self) -> list[str]:
        """What was printed, without controls: of the display every drawing, so that what stays is asked for alone."""
        return [line.strip() for line in _CONTROL.sub("", self.printed).replace("\r", "\n").split("\n") if line.strip()]


@pytest.fixture
def prepared(repository: Repository) -> Repository:
    repository.write(CONFIG)
    repository.git("add", "-A")
    repository.git("commit", "-qm", "one")
    return repository


def test_what_runs_is_shown_while_it_runs_and_each_end_once(prepared: Repository) -> None:
    session = Session(prepared, "run", "good")
    session.until("some words")
    assert session.end() == 0
    lines = session.lines()
    assert any(re.fullmatch(r". quick  [\d.]+s  step 1 of 1: Say", line) for line in lines), lines
    assert any(re.fullmatch(r"1 job waiting · [\d.]+s so far", line) for line in lines), lines
    assert sum(line.startswith("✔ quick") for line in lines) == 1
    assert sum(line.startswith("✔ after") for line in lines) == 1
    assert lines[-2].startswith("understudy show ")
    assert lines[-1].startswith("understudy logs ")
    assert session.printed.rindex("\x1b[?25h") > session.printed.rindex("\x1b[?25l")

    again = Session(prepared, "run", "good")
    again.until(" left")
    assert again.end() == 0
    assert any(line.endswith(" · a few seconds left") for line in again.lines())


def test_an_interrupt_ends_the_run_in_good_order(prepared: Repository) -> None:
    session = Session(prepared, "run", "sleepy")
    session.until("I sleep")
    session.press("\x03")
    assert session.end() == 130
    lines = session.lines()
    assert sum("stopping: steps that always run still do; once more ends it now" in line for line in lines) == 1
    assert sum(line.startswith("■ nap") for line in lines) == 1
    assert any("understudy run sleepy" in line and "once more" in line for line in lines)
    told = prepared.type("logs", "--json").stdout.decode().splitlines()
    assert [json.loads(line)["name"] for line in told] == ["Nap", "Tidy"]
    assert json.loads(told[1])["text"] == "tidied\n"


@pytest.mark.parametrize(
    ("keys", "code", "ends"),
    [(("y\n",), 0, "✔ hold"), (("maybe\n", "n\n"), 1, "■ hold"), (("\x04",), 1, "■ hold"), (("\x03",), 130, "■ hold")],
)
def test_a_person_is_asked(prepared: Repository, keys: tuple[str, ...], code: int, ends: str) -> None:
    session = Session(prepared, "run", "gated")
    for number, key in enumerate(keys, 1):
        session.until("approve `hold`? [y/n] ", number)
        session.press(key)
    assert session.end() == code
    lines = session.lines()
    assert sum(line.startswith(ends) for line in lines) == 1, lines
    assert any("understudy run gated --approve hold" in line for line in lines) == (code != 0)


def test_a_narrow_terminal_is_not_overrun(prepared: Repository) -> None:
    session = Session(prepared, "run", "good", columns=30)
    session.until("some words")
    assert session.end() == 0
    drawn = [line for line in session.lines() if "step 1" in line or "waiting" in line]
    assert drawn
    assert max(map(len, drawn)) <= 30
    printed = _CONTROL.sub("", session.printed).replace("\r", "")
    opening = re.search(r"^run \w+: good, .*\n(  \w.*\n)*", printed, re.MULTILINE)
    assert opening is not None
    assert " ".join(opening[0].split()).endswith(", 2 jobs")
    assert max(map(len, opening[0].splitlines())) <= 30


def test_an_error_is_not_torn_apart(prepared: Repository) -> None:
    session = Session(prepared, "plan", "--file", "a-file-that-is-not-there.yml", columns=40)
    assert session.end() == 2
    assert session.lines() == ["error: `a-file-that-is-not-there.yml` is", "no file of this repository"]
    assert b"error: `a-file-that-is-not-there.yml` is no file of this repository\n" in (
        prepared.type("plan", "--file", "a-file-that-is-not-there.yml").stderr
    )
