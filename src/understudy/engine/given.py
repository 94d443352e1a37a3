"""What a run is given besides its plan: plug-ins, places, secrets, and the answers of people."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from understudy.dialects.base import Dialect, RoomFile
from understudy.fleets.base import Fleet
from understudy.model.events import Emit, Event
from understudy.model.pipeline import Job
from understudy.runtimes.base import Runtime, Tree
from understudy.store.base import Blobs, Caches, Timings


@dataclass(frozen=True, slots=True)
class Tally:
    """What one file of test results says; `seconds` by the name that tests are split by."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failing: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


ReadTests = Callable[[bytes], Tally]
"""Reads a file of test results; raises ValueError, with a sentence, for what is none."""


def no_tests(content: bytes) -> Tally:
    """Reads nothing: for runs whose test results nobody asked for."""
    del content
    return Tally()


Shown = Callable[[Job, Callable[[str], None]], tuple[Tree, ...]]
"""Gives the folders that the room of a job shows besides the project's files; it may tell a line while it gets them."""


def no_trees(job: Job, tell: Callable[[str], None]) -> tuple[Tree, ...]:
    """Shows nothing more."""
    del job, tell
    return ()


@dataclass(frozen=True)
class Given:
    """What the composition root hands over for one run.

    `run` and `number` name it; `project` scopes caches and timings. `source`: a prepared folder of the project's
    files, read only. `scratch`: the run's own folder; a job's room gets a folder in it, removed with the room.
    `env`: this machine's settings that every process needs to reach the network. `secrets` (by name, for every job)
    and `contexts` (sets of them, by name, for the jobs that ask) are masked in all output, and so are `masks`.
    `approve` is asked with a node's id and prompt: None means that nobody can answer; `approver` is who answers.
    `durations`: seconds that nodes took in the past. `hide`: paths of this machine that no room may show.
    `lends`: files that a job needs in its room besides its service's tools, for a room with that home folder; `shows`:
    folders of this machine for it. `rehearsed`: nothing runs, so that what a step lacks which another
    would have made is no failure.
    """

    run: str
    project: str
    dialect: Dialect
    runtime: Runtime
    fleet: Fleet
    blobs: Blobs
    caches: Caches
    timings: Timings
    log_path: Callable[[str, int], Path]
    scratch: Path
    number: int = 1
    source: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    masks: tuple[str, ...] = ()
    approve: Callable[[str, str], bool | None] = lambda _node, _prompt: None
    approver: str = "you"
    network: bool = True
    hide: tuple[Path, ...] = ()
    lends: Callable[[Job, str], Iterable[RoomFile]] = lambda _job, _home: ()
    shows: Shown = no_trees
    durations: Mapping[str, float] = field(default_factory=dict)
    read_tests: ReadTests = no_tests
    rehearsed: bool = False
    clock: Callable[[], float] = time.time


class Emitter:
    """Hands events on one at a time, in one order for everybody. After `emit` has failed it takes none any more."""

    def __init__(self, emit: Emit, failed: Callable[[BaseException], None]) -> None:
        """`failed` is told, once, of what `emit` raised."""
        self._emit = emit
        self._failed = failed
        self._lock = threading.Lock()
        self._broken = False

    def __call__(self, event: Event) -> None:
        """Hands `event` on; raises what `emit` raises, the first time."""
        with self._lock:
            if self._broken:
                return
            try:
                self._emit(event)
            except BaseException as error:
                self._broken = True
                self._failed(error)
                raise
