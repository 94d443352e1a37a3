"""A small project in a repository of its own, performed by the real program, and what may be left of a run."""

import contextlib
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from understudy.model.codec import encode
from understudy.model.events import CacheUsed, Event, Published, StepFinished
from understudy.store.base import RunRow
from understudy.store.blobs import FolderBlobs
from understudy.store.sqlite import SqliteStore

SOURCE = Path(__file__).parents[2] / "src"
LIMIT_S = 120.0

CONFIG = """
version: 2.1
executors:
  base:
    docker: [{image: "cimg/base:stable"}]
    environment: {SURVIVAL_MARK: MARK}
jobs:
  build:
    executor: base
    steps:
      - checkout
      - restore_cache: {keys: [deps-]}
      - run:
          name: leave processes behind
          command: |
            setsid sleep 600 &
            (setsid sh -c 'sleep 600; :' &)
            echo left behind
      - run: {name: in the background, background: true, command: sleep 600}
      - run: {name: work, command: "mkdir -p deps out; head -c 300000 /dev/urandom >deps/d; seq 20000"}
      - save_cache: {key: 'deps-{{ epoch }}', paths: [deps]}
      - run: {name: more work, command: "head -c 100000 /dev/urandom | tee out/a >out/b; sleep 0.05; echo done"}
      - persist_to_workspace: {root: ., paths: [out]}
      - store_artifacts: {path: out}
  left: &side
    executor: base
    steps:
      - attach_workspace: {at: .}
      - run: {name: read, command: "setsid sleep 600 & sleep 0.1; od <out/a"}
      - store_artifacts: {path: out/a}
  right: *side
  last:
    executor: base
    steps:
      - run: "echo the end"
workflows:
  all:
    jobs:
      - build
      - left: {requires: [build]}
      - right: {requires: [build]}
      - last: {requires: [left, right]}
"""


class House:
    """A project at `project`, a store at `store`, and the program to perform the one with the other."""

    def __init__(self, folder: Path, *, python: str = sys.executable) -> None:
        self.mark = uuid.uuid4().hex
        self.project = folder / "project"
        self.store = folder / "store"
        self.python = python
        self.prefix: tuple[str, ...] = ()
        self._programs: list[subprocess.Popen[bytes]] = []
        self.env = {**os.environ, "PYTHONPATH": str(SOURCE), "HOME": str(folder), "NO_COLOR": "1"}
        self.env["UNDERSTUDY_RUNTIME"] = "sandbox"
        self.temporary = folder / "temporary"
        self.env["TMPDIR"] = str(self.temporary)
        self.temporary.mkdir()
        self.project.mkdir()
        self.write(CONFIG)
        self.git("init", "-q", "-b", "main")
        self.git("add", ".")
        self.git("-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "-q", "-m", "first")

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_error: object) -> None:
        for program in self._programs:
            program.kill()
            program.wait()
            for stream in (program.stdin, program.stdout, program.stderr):
                if stream is not None:
                    stream.close()
        for process in self.living():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def git(self, *arguments: str) -> None:
        subprocess.run(("git", *arguments), cwd=self.project, check=True)

    def write(self, config: str) -> None:
        folder = self.project / ".circleci"
        folder.mkdir(exist_ok=True)
        (folder / "config.yml").write_text(config.replace("MARK", self.mark), encoding="utf-8")

    def command(self, *arguments: str) -> tuple[str, ...]:
        return (*self.prefix, self.python, "-m", "understudy", *arguments, "--store", str(self.store))

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
        """The program on its way; it is ended with the house, if need be."""
        known = {"cwd": self.project, "env": self.env, "stdin": subprocess.DEVNULL}
        program = subprocess.Popen(self.command(*arguments), **{**known, **options})
        self._programs.append(program)
        return program

    def told(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments),
            cwd=self.project,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def steps(self, steps: str, *, job: str = "only") -> None:
        """A pipeline of one job with `steps` (YAML, one list)."""
        indented = "".join(f"      {line}\n" for line in steps.strip("\n").splitlines())
        self.write(
            "version: 2.1\njobs:\n"
            f"  {job}:\n    docker: [{{image: 'cimg/base:stable'}}]\n    environment: {{SURVIVAL_MARK: MARK}}\n"
            f"    steps:\n{indented}workflows:\n  all:\n    jobs: [{job}]\n"
        )

    def living(self) -> dict[int, str]:
        """The processes of rooms: those with the mark, with the scratch folder in a command, or with its mounts."""
        signs = (self.mark.encode(), f"{self.store}/scratch".encode())
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
                shown = b"".join((entry / name).read_bytes() for name in ("environ", "cmdline", "mountinfo"))
                if state not in b"ZX" and any(sign in shown for sign in signs):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def mounts(self) -> list[str]:
        """What is mounted, here, below the scratch folder."""
        lines = Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()
        return [line for line in lines if f"{self.store}/scratch" in line]

    def scratch(self) -> list[Path]:
        """What rooms and runs left in the store."""
        folder = self.store / "scratch"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def rows(self) -> tuple[RunRow, ...]:
        with SqliteStore(self.store) as store:
            return store.runs.recent(1000)

    def events(self, run: str) -> list[Event]:
        with SqliteStore(self.store) as store:
            numbered = list(store.runs.events(run))
        assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
        return [event for _, event in numbered]

    def assert_nothing_lives(self) -> None:
        assert until(lambda: not self.living()), self.living()
        assert self.mounts() == []

    def assert_whole(self) -> None:
        """The database is sound, and every blob is what its name says."""
        if not (self.store / "understudy.db").exists():
            return
        with SqliteStore(self.store):
            pass
        connection = sqlite3.connect(self.store / "understudy.db")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        for path in (self.store / "blobs").glob("??/*"):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name + path.name
        with SqliteStore(self.store) as store:
            assert all(FolderBlobs(self.store).has(row.digest) for row in store.caches.list())

    def assert_kept(self, run: str, told: Sequence[Mapping[str, Any]] = ()) -> None:
        """Every event that was `told` is kept, each finished step has its log, and what was published is there."""
        events = self.events(run)
        kept = [json.loads(json.dumps(encode(event))) for event in events]
        acknowledged = [one for one in told if one["class"] != "StepOutput"]
        assert kept[: len(acknowledged)] == acknowledged
        assert len(kept) <= len(acknowledged) + 1 or not told
        blobs = FolderBlobs(self.store)
        with SqliteStore(self.store) as store:
            for event in events:
                if isinstance(event, StepFinished) and event.result.log_bytes:
                    assert store.runs.log(run, event.job, event.step).stat().st_size == event.result.log_bytes
                if isinstance(event, Published):
                    assert blobs.has(event.digest)
                if isinstance(event, CacheUsed) and event.action == "save" and event.found is not None:
                    assert event.found in {row.key for row in store.caches.list()}


def until(true: Callable[[], bool], timeout_s: float = 20) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.01)
    return False
