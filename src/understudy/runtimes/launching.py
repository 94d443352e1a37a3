"""The program's side of `launcher.py`: one script for all sandboxes of this program, which forks for each."""

import atexit
import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, BinaryIO

from understudy.errors import RoomError
from understudy.runtimes import remains

END_S = 2.0
_SOURCES = str(Path(__file__).parents[2])
_CODE = f"import sys; sys.path.append({_SOURCES!r}); from understudy.runtimes.launcher import main; main()"


class Holder:
    """The process that holds one room: not a child of this program, so that its end is that of its pipe."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], record: Path) -> None:
        self.stdin: IO[bytes] | None = stdin
        self.stdout: IO[bytes] | None = stdout
        self._record = record

    def end(self) -> None:
        """Waits for its end, and brings it about if need be. Raises nothing."""
        if not self._ended(remains.WAIT_S) and (process := remains.recorded(self._record)):
            process.kill()
            self._ended(remains.WAIT_S)

    def _ended(self, timeout_s: float) -> bool:
        assert self.stdout is not None
        poll = select.poll()
        poll.register(self.stdout, 0)  # only that it hangs up, which is always told
        return bool(poll.poll(timeout_s * 1000))


class Launcher:
    """The script, started when the first room is asked for. Threads may ask at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, plan: Path, record: Path, log: BinaryIO, lifeline: int) -> Holder:
        """Has a room opened as the file `plan` says; its holder writes to `record` who it is. Raises RoomError."""
        orders_read, orders_write = os.pipe()
        told_read, told_write = os.pipe()
        try:
            with self._lock:
                self._ask(os.fsencode(plan), [orders_read, told_write, log.fileno(), lifeline])
        except OSError as failure:
            os.close(orders_write)
            os.close(told_read)
            raise RoomError(f"the room could not be opened: {failure}") from failure
        finally:
            os.close(orders_read)
            os.close(told_write)
        return Holder(open(orders_write, "wb"), open(told_read, "rb"), record)  # noqa: PTH123 - numbers of pipes

    def close(self) -> None:
        """Ends the script; rooms that are open go on. Safe to repeat."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_S)

    def _ask(self, path: bytes, streams: list[int]) -> None:
        try:
            socket.send_fds(self._connected(), [path], streams)
        except BrokenPipeError:  # something has killed it: another one does as well
            self._end()
            socket.send_fds(self._connected(), [path], streams)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with its:
                code = (
                    f"import sys; sys.path.append({_SOURCES!r}); from understudy.runtimes.launcher import main; main()"
                )
                self._process = subprocess.Popen(
                    (sys.executable, "-I", "-S", "-c", code, str(its.fileno())),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    pass_fds=(its.fileno(),),
                    start_new_session=True,
                )
            self._socket = ours
        return self._socket


LAUNCHER = Launcher()
atexit.register(LAUNCHER.close)
