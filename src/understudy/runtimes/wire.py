"""The line between the program and the agent of one room: pipes for orders, a worker for each call at a time."""

import contextlib
import os
import selectors
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

from understudy.errors import RoomError

READY = b"ready\n"
LEAVE_S = 10.0
"""How long a sink may hold up the end of its room."""


class Ends(Protocol):
    """What leads to the agent: a process's pipes, or a container's."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """Carries orders; its end is the agent's."""
        ...

    @property
    def stdout(self) -> IO[bytes] | None:
        """Ends with the agent."""
        ...


def make_pipe(path: Path, *, shared: bool) -> None:
    """Makes the named pipe `path`: for this user alone, or for whoever can reach its folder."""
    os.mkfifo(path, 0o600)
    if shared:
        path.chmod(0o666)


class Worker:
    """One of the agent's workers, as the program sees it: a pipe to give it calls, and one on which it tells."""

    def __init__(self, folder: Path, number: int, *, shared: bool = False) -> None:
        orders, ends = folder / f"orders.{number}", folder / f"ends.{number}"
        make_pipe(orders, shared=shared)
        make_pipe(ends, shared=shared)
        # Open for both ways, so that opening waits for nobody; the agent sees its end when this program ends.
        self._orders = os.open(orders, os.O_RDWR | os.O_NONBLOCK)
        self.ends = os.open(ends, os.O_RDONLY | os.O_NONBLOCK)
        self._rest = b""

    def begin(self, call: int) -> None:
        """Has the worker perform the call of that number."""
        os.write(self._orders, b"%d\n" % call)

    def told(self) -> tuple[tuple[str, int], ...] | None:
        """What it told since: words of the agent, each with its number; None once it is gone."""
        try:
            chunk = os.read(self.ends, 4096)
        except BlockingIOError:
            return ()
        if not chunk:
            return None
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        words = (line.decode(errors="replace").split() for line in lines)
        return tuple((word, int(number)) for word, number in filter(_is_told, words))

    def close(self) -> None:
        """Closes the pipes."""
        os.close(self._orders)
        os.close(self.ends)


def _is_told(words: list[str]) -> bool:
    # A job can reach these pipes if it tries; what it writes must not break the program.
    return len(words) == 2 and words[0] in {"started", "left", "ended"} and words[1].isdecimal() and len(words[1]) < 10


class Drain:
    """Reads on, and forgets, what processes that outlive their call still print; else they would block or die."""

    def __init__(self) -> None:
        self._wake_read, self._wake_write = os.pipe()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._open = True
        self._thread = threading.Thread(target=self._work, name="understudy-drain", daemon=True)
        self._thread.start()

    def add(self, stream: int) -> None:
        """Takes the pipe `stream` over."""
        self._selector.register(stream, selectors.EVENT_READ)
        os.write(self._wake_write, b"+")

    def close(self) -> None:
        """Closes all pipes that were taken over."""
        self._open = False
        os.write(self._wake_write, b"-")
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        self._selector.close()
        os.close(self._wake_write)

    def _work(self) -> None:
        while self._open:
            for key, _ in self._selector.select():
                with contextlib.suppress(BlockingIOError):
                    if not os.read(key.fd, 1 << 16):
                        self._selector.unregister(key.fd)
                        os.close(key.fd)


class Wire:
    """The agent of a room, reached through the pipes of `process` and the folder `folder`.

    `process` is whatever stands between: a launcher, or a client of a container engine. Its standard input carries
    orders and is the agent's lifeline; its standard output says `ready`, and ends when the agent has. `shared`: the
    room's user is another than this program's, so that whoever reaches `folder` may use its pipes.
    """

    def __init__(self, process: Ends, folder: Path, *, shared: bool = False) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.shared = shared
        self._stdin, self._stdout = process.stdin, process.stdout
        self._folder = folder
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._workers: list[Worker] = []
        self._spent: list[Path] = []
        self._calls = 0
        self._active = 0
        self._all_left = threading.Condition(self._lock)
        self._drain: Drain | None = None
        self._lost = False
        self._closed = False

    @property
    def end(self) -> int:
        """A pipe that hangs up when the agent has ended."""
        return self._stdout.fileno()

    @property
    def lost(self) -> bool:
        """Whether the agent has ended, or was closed."""
        return self._lost or self._closed

    def lose(self) -> None:
        """Notes that the agent has ended."""
        self._lost = True

    def await_ready(self, timeout_s: float) -> None:
        """Waits for the agent's first word. Raises RoomError with the reason of whoever stood between."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            line = self._stdout.readline() if selector.select(timeout_s) else b"did not start in time"
        if line != READY:
            reason = line.decode(errors="replace").removeprefix("refused ").strip()
            raise RoomError(f"the room could not be opened: {reason or 'its first process ended at once'}")

    @contextlib.contextmanager
    def call(self) -> Iterator[tuple[int, Path]]:
        """The number and folder of a new call; emptied at the end, removed by `sweep`. Raises RoomError."""
        with self._lock:
            if self.lost:
                raise RoomError("the room has ended")
            self._calls += 1
            self._active += 1
            number = self._calls
        folder = self._folder / str(number)
        try:
            folder.mkdir()
            if self.shared:
                folder.chmod(0o755)
            yield number, folder
        finally:
            with contextlib.suppress(FileNotFoundError):
                for file in folder.iterdir():
                    file.unlink()
            with self._all_left:
                self._spent.append(folder)
                self._active -= 1
                self._all_left.notify_all()

    def sweep(self) -> None:
        """Removes the empty folders of calls that have ended: best while the next one's process starts."""
        with self._lock:
            spent, self._spent = self._spent, []
        for folder in spent:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def hire(self) -> Worker:
        """A worker that has nothing to do, a new one if need be. Raises RoomError when the agent has ended."""
        with self._lock:
            if self.lost:
                raise RoomError("the room has ended")
            if self._idle:
                return self._idle.pop()
            number = len(self._workers)
            worker = Worker(self._folder, number, shared=self.shared)
            self._workers.append(worker)
        self._order(f"worker {number}")
        return worker

    def release(self, worker: Worker) -> None:
        """Takes back a worker whose call has ended."""
        with self._lock:
            self._idle.append(worker)

    def signal(self, name: str, process: int) -> None:
        """Signals the group of a process of the room, by the signal's name (`TERM`)."""
        self._order(f"kill {name} {process}")

    def leave(self, stream: int) -> None:
        """Takes over the output of a call that has ended, for as long as others write to it."""
        with self._lock:
            if self._closed:
                os.close(stream)
                return
            if self._drain is None:
                self._drain = Drain()
            self._drain.add(stream)

    def close(self) -> None:
        """Closes all pipes, once the agent has ended and the calls that ran then have noticed. Safe to repeat."""
        with self._all_left:
            if self._closed:
                return
            self._closed = True
            drain, workers = self._drain, self._workers
            with contextlib.suppress(BrokenPipeError):
                self._stdin.close()
            # Numbers of pipes are given again at once: none may be closed under a thread that still listens to it.
            if not self._all_left.wait_for(lambda: self._active == 0, LEAVE_S):
                return
        if drain:
            drain.close()
        for worker in workers:
            worker.close()
        self._stdout.close()

    def _order(self, line: str) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                self._stdin.write(line.encode() + b"\n")
                self._stdin.flush()
            except BrokenPipeError:
                self._lost = True
