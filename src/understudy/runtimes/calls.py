"""One call from its start to its end: reads what it prints, feeds it, and keeps its time limits."""

import contextlib
import fcntl
import os
import select
import termios
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from understudy.runtimes.base import Exit, Reason, Sink
from understudy.runtimes.wire import Wire, Worker, make_pipe

CHUNK = 1 << 20
GRACE_S = 5.0
"""Between TERM and KILL, as `Call` promises."""
LOST_S = 10.0
"""After KILL: a process that doesn't end then (a dead file server) is given up, and the room with it."""
FEED_MS = 1
"""How often to look whether a call that is fed has opened its input."""
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux, which `fcntl` has from Python 3.10 on only where it was built so


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in seconds: of the whole call, and of each silence."""

    total_s: float | None = None
    silence_s: float | None = None


NO_LIMITS = Limits()


def open_output(path: Path, *, shared: bool = False) -> int:
    """Makes the pipe `path` that a call writes to, and opens its reading end."""
    make_pipe(path, shared=shared)
    stream = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with contextlib.suppress(OSError):  # over the user's share, or not Linux: slower, no less right
        fcntl.fcntl(stream, _SET_PIPE_SIZE, CHUNK)
    return stream


class Feed:
    """The input of a call: what is read from `source`, through the pipe `path`."""

    def __init__(self, path: Path, source: BinaryIO, *, shared: bool = False) -> None:
        make_pipe(path, shared=shared)
        self._path = path
        self._source = source
        self._pending = memoryview(b"")
        self.stream: int | None = None

    def open(self) -> int | None:
        """Opens the pipe once the call reads from it, and not before: what is closed unread would be lost."""
        if self.stream is None:
            with contextlib.suppress(OSError):  # ENXIO: nobody reads yet
                self.stream = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        return self.stream

    def push(self) -> bool:
        """Writes as much as the pipe takes; False at the end of the source, or when nobody reads any more."""
        assert self.stream is not None
        if not self._pending:
            self._pending = memoryview(self._source.read(CHUNK))
        if not self._pending:
            return False
        try:
            self._pending = self._pending[os.write(self.stream, self._pending) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return True

    def close(self) -> None:
        """Closes the pipe, which is the end of the call's input."""
        if self.stream is not None:
            os.close(self.stream)
            self.stream = None


class Performance:
    """A call that is being performed by `worker`. One thread calls `follow`; any may call `stop`."""

    def __init__(self, wire: Wire, worker: Worker, limits: Limits = NO_LIMITS) -> None:
        self.done = threading.Event()
        self._wire = wire
        self._worker = worker
        self._limits = limits
        self._poll = select.poll()
        self._process: int | None = None
        self._status: int | None = None
        self._left = True
        self._reason: Reason | None = None
        self._sinks: dict[int, Sink] = {}
        self._feed: Feed | None = None
        self._began = self._heard = time.monotonic()
        self._kill_at: float | None = None
        self._killed = False

    def stop(self) -> None:
        """Asks the call's processes to end."""
        self._end(Reason.STOPPED)

    def kill(self) -> None:
        """Ends the call's processes, if it was stopped or ran out of time."""
        if self._process is not None:
            self._wire.signal("KILL", self._process)

    def follow(self, sinks: Mapping[int, Sink], feed: Feed | None = None) -> Exit:
        """Carries output to `sinks` (by pipe) and input from `feed` until the call has ended. Closes the pipes."""
        self._sinks, self._feed = dict(sinks), feed
        try:
            for stream in (self._worker.ends, self._wire.end):
                self._poll.register(stream, select.POLLIN)
            while self._status is None and self._reason is not Reason.LOST:
                self._turn()
            self._finish()
        except BaseException:
            self.kill()
            self._abandon()
            raise
        finally:
            self.done.set()
            if self._feed is not None:
                self._feed.close()
        if self._reason is not None:
            return Exit(None, self._reason)
        return Exit(self._status, Reason.EXITED, self._left)

    def _turn(self) -> None:
        self._open_feed()
        ready = dict(self._poll.poll(self._patience_ms()))
        if self._worker.ends in ready:
            self._hear()
        elif self._wire.end in ready:
            self._lose()
        for stream in [one for one in ready if one in self._sinks]:
            self._read(stream)
        if self._feed is not None and self._feed.stream in ready and not self._feed.push():
            self._poll.unregister(self._feed.stream)
            self._feed.close()
            self._feed = None
        self._keep_time()

    def _open_feed(self) -> None:
        if self._feed is not None and self._feed.stream is None and (stream := self._feed.open()) is not None:
            self._poll.register(stream, select.POLLOUT)

    def _read(self, stream: int) -> None:
        try:
            chunk = os.read(stream, CHUNK)
        except BlockingIOError:
            return
        self._heard = time.monotonic()
        if chunk:
            self._sinks[stream](chunk)
        else:
            self._poll.unregister(stream)
            del self._sinks[stream]
            os.close(stream)

    def _hear(self) -> None:
        told = self._worker.told()
        if told is None:
            self._lose()
            return
        for word, number in told:
            if word == "ended":
                self._status = number
            elif word == "left":
                self._left = number != 0
            else:
                self._start(number)

    def _start(self, process: int) -> None:
        self._process = process
        # Not before: a sink may fail, and then the process to end must be known.
        for stream in self._sinks:
            self._poll.register(stream, select.POLLIN)
        if self._reason is not None:
            self._wire.signal("TERM", process)

    def _lose(self) -> None:
        self._wire.lose()
        self._reason = Reason.LOST

    def _end(self, reason: Reason) -> None:
        if self._reason is None and self._status is None:
            self._reason = reason
            if self._process is not None:
                self._wire.signal("TERM", self._process)

    def _deadlines(self) -> list[tuple[float, Reason]]:
        if self._kill_at is not None:
            return [(self._kill_at, Reason.LOST)]
        if self._reason is not None:
            return []
        found = []
        if self._limits.total_s is not None:
            found.append((self._began + self._limits.total_s, Reason.TIMEOUT))
        if self._limits.silence_s is not None:
            found.append((self._heard + self._limits.silence_s, Reason.NO_OUTPUT))
        return sorted(found, key=lambda one: one[0])

    def _patience_ms(self) -> int | None:
        if self._feed is not None and self._feed.stream is None:
            return FEED_MS
        deadlines = self._deadlines()
        return max(0, int((deadlines[0][0] - time.monotonic()) * 1000) + 1) if deadlines else None

    def _keep_time(self) -> None:
        now = time.monotonic()
        for moment, reason in self._deadlines()[:1]:
            if now < moment or self._status is not None:
                return
            if reason is not Reason.LOST:
                self._end(reason)
                self._kill_at = now + GRACE_S
            elif not self._killed:
                self.kill()
                self._killed, self._kill_at = True, now + LOST_S
            else:
                self._lose()

    def _finish(self) -> None:
        if self._reason is Reason.LOST:
            self._abandon()
            return
        for stream in list(self._sinks):
            self._drain(stream)
        if self._reason is not None:  # what ignored TERM, in a group whose first process has ended
            self.kill()
        self._wire.release(self._worker)

    def _drain(self, stream: int) -> None:
        """Takes what the call itself has printed, and no more: others may hold the pipe and print for ever."""
        left = int.from_bytes(fcntl.ioctl(stream, termios.FIONREAD, bytes(4)), "little")
        sink = self._sinks.pop(stream)
        while left > 0:
            chunk = os.read(stream, min(left, CHUNK))
            left -= len(chunk)
            sink(chunk)
        try:
            ended = not os.read(stream, 1)
        except BlockingIOError:
            ended = False
        if ended:
            os.close(stream)
        else:
            self._wire.leave(stream)

    def _abandon(self) -> None:
        for stream in self._sinks:
            os.close(stream)
        self._sinks.clear()
