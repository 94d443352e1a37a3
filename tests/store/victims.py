"""Processes that write to a store, for tests that kill them; not a test itself.

`victims.py kill FOLDER ROUNDS append|put` forks a writer a round and kills it at a random moment, then prints what the
writers had been told was kept: a line `RUN NUMBER` or `DIGEST` each. The other verbs print `ready`, wait for a line on
standard input, and then: `crowd FOLDER RUN NAME COUNT` appends COUNT events, saves a cache, begins a run, and prints
what it got; `make FOLDER` makes the store and begins a run.
"""

import io
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from understudy.model.events import JobStarted, RunFinished
from understudy.model.results import Outcome
from understudy.store.base import CacheRow, RunInfo
from understudy.store.blobs import FolderBlobs
from understudy.store.sqlite import SqliteStore

INFO = RunInfo("/project", "build", "circleci", (), 1.0, 10, 20, "/scratch", "sandbox")


def append_forever(folder: Path, tell: Callable[[str], None]) -> NoReturn:
    with SqliteStore(folder) as store:
        run = store.runs.begin(INFO)
        while True:
            lasting, passing = RunFinished(1.0, Outcome.PASSED), JobStarted(1.0, "b" * random.randrange(9000))
            tell(f"{run} {store.runs.append(run, lasting if random.randrange(2) else passing)}")


def put_forever(folder: Path, tell: Callable[[str], None]) -> NoReturn:
    blobs = FolderBlobs(folder)
    while True:
        tell(blobs.put(io.BytesIO(random.randbytes(random.randrange(1_500_000))))[0])


def write_line(handle: int, line: str) -> None:
    os.write(handle, f"{line}\n".encode())


def kill_one(work: Callable[[Path, Callable[[str], None]], NoReturn], folder: Path) -> str:
    """What one writer had been told before its end."""
    from_writer, to_killer = os.pipe()
    writer = os.fork()
    if not writer:
        os.close(from_writer)
        random.seed()
        try:
            work(folder, lambda line: write_line(to_killer, line))
        finally:
            os._exit(1)
    os.close(to_killer)
    with os.fdopen(from_writer) as told:
        first = told.readline()
        time.sleep(random.uniform(0, 0.03))
        os.kill(writer, signal.SIGKILL)
        text = first + told.read()
    _, status = os.waitpid(writer, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    return text


def make(folder: Path) -> None:
    with SqliteStore(folder) as store:
        print(store.runs.begin(INFO))


def crowd(folder: Path, run: str, name: str, count: int) -> None:
    with SqliteStore(folder) as store:
        numbers = [store.runs.append(run, JobStarted(1.0, name)) for _ in range(count)]
        first = store.caches.save(CacheRow("/p", "circleci", "key", "sha256:" + "0" * 64, 1, 1.0, 1.0, {"by": name}))
        own = store.runs.begin(INFO)
    print(name, first, own, *numbers)


def main(verb: str, folder: str, *rest: str) -> None:
    if verb == "kill":
        work = {"append": append_forever, "put": put_forever}[rest[1]]
        for _ in range(int(rest[0])):
            sys.stdout.write(kill_one(work, Path(folder)))
        return
    print("ready", flush=True)
    sys.stdin.readline()
    if verb == "crowd":
        crowd(Path(folder), rest[0], rest[1], int(rest[2]))
    else:
        make(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
