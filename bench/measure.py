"""Takes times and memory of whole processes, in pairs that take turns, and gives medians."""

import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from written import committed

PYTHON = sys.executable
PROGRAM = str(Path(PYTHON).parent / "understudy")
PASS = (PYTHON, "-c", "pass")


@dataclass(frozen=True)
class Row:
    """One measured number and what it must not pass: at most `target`, or at least where `at_least`."""

    name: str
    value: float
    unit: str
    target: float
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target


@dataclass(frozen=True)
class Skipped:
    """A benchmark that could not be done here, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Ended:
    """How one process went."""

    seconds: float
    peak_mib: float
    status: int
    output: bytes = b""


class Bench:
    """A folder for everything a benchmark writes, and the environment that its processes get."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "UNDERSTUDY"))}
        # Compiled modules are kept here, so that every start but the first finds them, as an installed program does.
        self.environment = {**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled"), "NO_COLOR": "1"}

    def new_folder(self, name: str) -> Path:
        """An empty folder."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    def repository(self, name: str, config: str) -> Path:
        """A git repository with `config` as its CircleCI file, committed on `main`."""
        return committed(self.new_folder(name), {".circleci/config.yml": config})

    def understudy(self, *arguments: str) -> tuple[str, ...]:
        """The program's command line, with a store of its own."""
        return (PROGRAM, "--store", str(self.folder / "store"), *arguments)

    def perform(self, command: Sequence[str], cwd: Path, *, keep: bool = False) -> Ended:
        """Runs `command` to its end. Raises RuntimeError with what it said when it fails."""
        with tempfile.TemporaryFile() as said:
            began = time.perf_counter()
            out = said if keep else subprocess.DEVNULL
            process = subprocess.Popen(command, cwd=cwd, env=self.environment, stdout=out, stderr=said)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read()
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)}: status {process.returncode}\n{text.decode(errors='replace')}")
        return Ended(seconds, usage.ru_maxrss / 1024, process.returncode, text)

    def first_byte_s(self, command: Sequence[str], cwd: Path) -> float:
        """Seconds until `command`, on a terminal, shows something; it is then left to end."""
        master, slave = pty.openpty()
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=self.environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        try:
            os.read(master, 1)
            seconds = time.perf_counter() - began
            while _read(master):
                pass
        finally:
            process.wait()
            os.close(master)
        return seconds


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # EIO: the other side was closed
        return b""


def in_turns(rounds: int, *actions: Callable[[], float]) -> tuple[float, ...]:
    """The medians of `actions`, which take turns `rounds` times after one round that doesn't count."""
    for action in actions:
        action()
    found: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, values in zip(actions, found, strict=True):
            values.append(action())
    return tuple(statistics.median(values) for values in found)


def spawned_s(command: Sequence[str]) -> float:
    """Seconds from the start to the end of `command`, started as cheaply as can be."""
    began = time.perf_counter()
    os.waitpid(os.posix_spawnp(command[0], tuple(command), os.environ), 0)
    return time.perf_counter() - began
