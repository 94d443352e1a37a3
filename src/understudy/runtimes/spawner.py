# As in `launcher.py`, pathlib, contextlib and signal would take longer to load than all else.
# ruff: noqa: PTH103, PTH110, PTH113, PTH118, PTH120
"""Performs the calls of a sandbox, in the process that made its namespaces: a part of the stand-alone script.

It does for one room what `agent.sh` does elsewhere, over the same pipes, but it starts a program itself, with no shell
before it. It lies outside of the room's namespace of processes, where nothing of the room can see or signal it; what
it starts lies inside, and has no more rights than it has kept itself. Nothing that a job does may hold it up: it opens
no file of the room without O_NONBLOCK.
"""

from __future__ import annotations

import marshal
import os
import select

from understudy.runtimes.kernel import KILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_SIGNALS = {"TERM": 15, "KILL": KILL, "INT": 2, "HUP": 1, "QUIT": 3}
_IGNORED_BY_PYTHON = (13, 25)  # SIGPIPE, SIGXFSZ
_CHUNK = 4096
NOT_STARTED = 256
"""The status of a call for which nothing could be started: more than any process ends with."""
_BY_SHELL = """\
control=$1 call=$2 lead= bare=bare
if [ -n "$BASH_VERSION$ZSH_VERSION$KSH_VERSION$YASH_VERSION" ]; then bare=; fi
. "$control/$call/start"
"""
"""Performs a call as `agent.sh` would, in a process that leads a session already."""


class Call:
    """A process that was started, until its worker begins the next one: its number may be another's from then on."""

    def __init__(self, number: int, leaves: tuple[bytes, ...]) -> None:
        self.number = number
        self.leaves = leaves
        self.watch = os.pidfd_open(number)

    def status(self) -> int:
        """How it ended, as a shell counts. It stays a zombie, so that its number is nobody else's."""
        ended = os.waitid(os.P_PID, self.number, os.WEXITED | os.WNOWAIT)
        if ended is None:
            return 127
        return ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status

    def forget(self) -> None:
        """Reaps it."""
        os.close(self.watch)
        os.waitpid(self.number, 0)


class Worker:
    """Performs calls one after the other: the other side of `wire.Worker`."""

    def __init__(self, control: str, number: str) -> None:
        self.orders = os.open(f"{control}/orders.{number}", os.O_RDONLY | os.O_NONBLOCK)
        self.ends = os.open(f"{control}/ends.{number}", os.O_WRONLY | os.O_NONBLOCK)
        self.call: Call | None = None
        self.running = False
        self.waiting: list[bytes] = []
        self._rest = b""

    def take(self) -> None:
        """Reads which calls it is to perform. A job can reach this pipe if it tries, and write what it likes."""
        *lines, rest = (self._rest + os.read(self.orders, _CHUNK)).split(b"\n")
        self._rest = rest[-_CHUNK:]
        self.waiting += [line for line in lines if line.isdigit() and len(line) < 10]

    def tell(self, text: bytes) -> None:
        """Tells the program; whoever does not listen is not waited for."""
        try:
            os.write(self.ends, text)
        except (BlockingIOError, BrokenPipeError):
            return


class Spawner:
    """Serves one room until its program, or its first process, ends."""

    def __init__(self, control: str, environment: Mapping[str, str], first: int, lifeline: int) -> None:
        self._control = control
        self._environment = environment
        self._room = os.pidfd_open(first)
        self._lifeline = lifeline
        self._poll = select.poll()
        self._workers: dict[int, Worker] = {}
        self._calls: dict[int, Worker] = {}
        self._rest = b""
        for watched in (0, lifeline, self._room):
            self._poll.register(watched, select.POLLIN)

    def serve(self) -> None:
        """Returns when there is nobody left to serve."""
        while True:
            ready = [stream for stream, _ in self._poll.poll()]
            if self._lifeline in ready or self._room in ready:
                return
            if 0 in ready and not self._obey():
                return
            for stream in ready:
                if stream in self._calls:
                    self._end(self._calls.pop(stream))
                elif stream in self._workers:
                    self._workers[stream].take()
                    self._next(self._workers[stream])

    def _obey(self) -> bool:
        """Follows the program's orders; False once there are no more."""
        said = os.read(0, _CHUNK)
        *lines, self._rest = (self._rest + said).split(b"\n")
        for line in lines:
            order, *words = line.decode().split()
            if order == "worker":
                worker = Worker(self._control, words[0])
                self._workers[worker.orders] = worker
                self._poll.register(worker.orders, select.POLLIN)
            elif order == "kill":
                self._kill(_SIGNALS[words[0]], int(words[1]))
        return bool(said)

    def _kill(self, signal: int, group: int) -> None:
        """Signals a call's group; only one whose number can't have become another's meanwhile."""
        if any(worker.call is not None and worker.call.number == group for worker in self._workers.values()):
            try:
                os.killpg(group, signal)
            except (ProcessLookupError, PermissionError):
                return

    def _next(self, worker: Worker) -> None:
        while worker.waiting and not worker.running:
            self._begin(worker, worker.waiting.pop(0).decode())

    def _begin(self, worker: Worker, call: str) -> None:
        if worker.call is not None:
            worker.call.forget()
            worker.call = None
        folder = f"{self._control}/{call}"
        if not os.path.exists(f"{folder}/start"):  # a number that a job made up
            return
        wanted = _wanted(f"{folder}/spawn")
        if wanted and "argv" not in wanted:
            worker.tell(b"ended %d\n" % (not _laid(wanted["files"])))
            return
        try:
            number = self._start(folder, wanted) if wanted else self._start_shell(call)
        except OSError:
            number = None
        if number is None:
            worker.tell(b"ended %d\n" % NOT_STARTED)
            return
        worker.call = Call(number, wanted["leaves"] if wanted else ())
        worker.running = True
        self._calls[worker.call.watch] = worker
        self._poll.register(worker.call.watch, select.POLLIN)
        worker.tell(b"started %d\n" % number)

    def _start(self, folder: str, wanted: Mapping[str, Any]) -> int | None:
        """Starts the program of a call; None where there is none of that name. Raises OSError."""
        try:
            lay_all(wanted["files"])
            os.chdir(wanted["workdir"])
            argv = wanted["argv"]
            if wanted["otherwise"] and not _is_program(argv[0]):
                argv = wanted["otherwise"]
            program = found(argv[0], wanted["env"].get(b"PATH", b""))
            return None if program is None else self._spawn(program, argv, wanted["env"], f"{folder}/output")
        finally:
            os.chdir("/")

    def _start_shell(self, call: str) -> int:
        argv = ("sh", "-c", _BY_SHELL, "sh", self._control, call)
        return self._spawn(b"/bin/sh", argv, self._environment, os.devnull)

    def _spawn(self, program: bytes, argv: Any, env: Mapping[Any, Any], output: str) -> int:
        stream = open_output(output)
        try:
            return os.posix_spawn(
                program,
                argv,
                env,
                file_actions=(
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, stream, 1),
                    (os.POSIX_SPAWN_DUP2, stream, 2),
                ),
                setsid=True,
                setsigmask=(),
                setsigdef=_IGNORED_BY_PYTHON,
            )
        finally:
            os.close(stream)

    def _end(self, worker: Worker) -> None:
        call = worker.call
        assert call is not None
        self._poll.unregister(call.watch)
        status = call.status()
        left = b"left %d\n" % any(map(_holds_something, call.leaves)) if call.leaves else b""
        worker.running = False
        worker.tell(b"%bended %d\n" % (left, status))
        self._next(worker)


def open_output(path: str) -> int:
    """Opens a pipe to write to. Raises OSError where nobody reads: a program that was killed is not waited for."""
    stream = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.set_blocking(stream, True)
    return stream


def _laid(files: Any) -> bool:
    try:
        lay_all(files)
    except OSError:
        return False
    return True


def lay_all(files: Any) -> None:
    """Lays files by path, content and mode."""
    for path, content, mode in files:
        lay(path, content, mode)


def lay(path: bytes, content: bytes, mode: int = 0) -> None:
    """Writes a file of the room, and the folders above it. A pipe or device in its place is not waited for.

    `mode` 0: that of a file which is there, else what the umask gives.
    """
    os.makedirs(os.path.dirname(path) or b"/", exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        if mode:
            os.fchmod(handle, mode)
    finally:
        os.close(handle)


def found(name: bytes, path: bytes) -> bytes | None:
    """The program that a shell whose PATH is `path` starts by `name`."""
    if b"/" in name:
        return name
    folders = (os.path.join(folder or b".", name) for folder in path.split(b":"))
    return next(filter(_is_program, folders), None)


def _wanted(path: str) -> dict[str, Any] | None:
    """What the program wants to have started without a shell; None where it said nothing of it."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            wanted: dict[str, Any] = marshal.loads(file.read())  # noqa: S302 - written by the program a moment before
            return wanted
    except FileNotFoundError:
        return None


def _is_program(path: bytes) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def _holds_something(path: bytes) -> bool:
    try:
        return os.stat(path).st_size > 0  # noqa: PTH116 - as above
    except OSError:
        return False
