"""A room that the agent serves: calls, and files carried in and out by processes of the room itself."""

import os
import re
import shlex
import threading
import time
from collections.abc import Mapping, Sequence
from typing import BinaryIO, Protocol

from understudy.errors import RoomError
from understudy.runtimes.accounts import expand
from understudy.runtimes.base import Aside, Call, Exit, Reason, Sink
from understudy.runtimes.calls import NO_LIMITS, Feed, Limits, Performance, open_output
from understudy.runtimes.packing import packed
from understudy.runtimes.wire import Wire

EMPTY_TAR = bytes(10240)
"""Two blocks of zeros end a tar, and a record has twenty blocks."""
INLINE_BYTES = 64 << 10
"""Larger files are not part of the script that starts a call."""
ABSENT = 44
"""The status by which our own scripts say that there is no such file."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_OF_SHELLS = frozenset(
    {"IFS", "OPTIND", "LINENO", "RANDOM", "PPID", "SECONDS", "PS1", "PS2", "PS4", "MAIL", "MAILPATH"}
)
"""Variables that mean something to the shell itself, which may refuse their values."""
_PLAIN = re.compile(r"[\w./+@=,: ][\w./+@=,: -]*", re.ASCII)
_NO_LISTS = "invalid option -- 'T'"
"""What a busybox says that was built without lists of files; its tar has written nothing then."""
_CHANGED = re.compile(r"file changed as we read it|[Ff]ile removed before we read it|socket ignored")


_NO_ASIDES = "there is no container engine to run a container with"


class Asides(Protocol):
    """What runs the calls of a room that are to have a container of their own (see `Aside`)."""

    def run(self, call: Call, aside: Aside, sink: Sink) -> Exit:
        """As `Room.run`. Raises MachineError where the image can't be had."""
        ...

    def stop(self, *, grace_s: float, call: Call | None = None) -> None:
        """As `Room.stop`."""
        ...


class AgentRoom:
    """A `Room` over a `Wire` to the agent. Paths of the room are never opened from outside it.

    A job may put symbolic links wherever it likes; what follows them must be a process with the job's own rights.
    """

    asides: "Asides | None" = None
    """What runs calls in containers of their own; None in a room that has no engine for it."""

    def __init__(self, wire: Wire, *, home: str, workdir: str, tools: str, env: Mapping[str, str]) -> None:
        self._wire = wire
        self._home = home
        self._workdir = workdir
        self._tools = tools
        self._env = dict(env)
        self._lock = threading.Lock()
        self._performances: dict[Performance, Call | None] = {}

    @property
    def home(self) -> str:
        """See `Room`."""
        return self._home

    @property
    def workdir(self) -> str:
        """See `Room`."""
        return self._workdir

    @property
    def tools(self) -> str:
        """See `Room`."""
        return self._tools

    @property
    def env(self) -> Mapping[str, str]:
        """See `Room`."""
        return self._env

    def run(self, call: Call, sink: Sink) -> Exit:
        """See `Room`."""
        if call.aside is not None:
            return self.asides.run(call, call.aside, sink) if self.asides else Exit(None, Reason.LOST, why=_NO_ASIDES)
        try:
            return self._run(call, sink)
        except RoomError:
            return Exit(None, Reason.LOST)

    def _run(self, call: Call, sink: Sink) -> Exit:
        """Runs `call` by a shell. Raises RoomError."""
        script = (
            'exec </dev/null >"$control/$call/output" 2>&1\n'
            f"{''.join(self._lay(path, content) for path, content in call.files)}"
            f"cd -- {shlex.quote(self._place(call.workdir))} || exit 1\n"
            f"{_replacing(call)}"
        )
        return self._perform(script, {"output": sink}, limits=limits_of(call), content=self._after(call), call=call)

    def _lay(self, path: str, content: bytes) -> str:
        """Has the shell that starts a call write a file itself, which costs no process; large ones are written now."""
        if b"\0" in content or len(content) > INLINE_BYTES:
            self.write_file(path, content)
            return ""
        place = self._place(path)
        parent, target = shlex.quote(os.path.dirname(place) or "/"), shlex.quote(place)  # noqa: PTH120 - a room's path
        text = shlex.quote(os.fsdecode(content))
        return f"[ -d {parent} ] || mkdir -p -- {parent} || exit 1\nprintf %s {text} >{target} || exit 1\n"

    def _after(self, call: Call) -> dict[str, bytes]:
        """What the worker asks once the call has ended: by itself, since a process would cost as much as the call."""
        tests = " || ".join(f"[ -s {shlex.quote(self._place(path))} ]" for path in call.leaves)
        return {"after": os.fsencode(f"if {tests}; then echo left 1; else echo left 0; fi\n")} if tests else {}

    def stop(self, *, grace_s: float, call: Call | None = None) -> None:
        """See `Room`."""
        if self.asides is not None:
            self.asides.stop(grace_s=grace_s, call=call)
        with self._lock:
            running = tuple(one for one, own in self._performances.items() if call is None or own is call)
        for performance in running:
            performance.stop()
        until = time.monotonic() + grace_s
        for performance in running:
            if not performance.done.wait(max(0.0, until - time.monotonic())):
                performance.kill()

    def write_file(self, path: str, content: bytes, *, mode: int = 0o644) -> None:
        """See `Room`."""
        place = self._place(path)
        parent, target = shlex.quote(os.path.dirname(place) or "/"), shlex.quote(place)  # noqa: PTH120 - a room's path
        change = f" && exec chmod {mode:o} {target}"
        # A new file gets its mode from the umask alone, unless it is executable: one process less for each file.
        plain = f"[ -e {target} ] || exec cat >{target}\n" if not mode & 0o111 else ""
        script = (
            f"[ -d {parent} ] || mkdir -p -- {parent} || exit 1\n"
            f'exec <"$control/$call/content"\numask {~mode & 0o777:04o}\n{plain}cat >{target}{change}\n'
        )
        self._carry(script, f"writing {path}", content={"content": content})

    def write_files(self, files: Sequence[tuple[str, bytes, int]]) -> None:
        """See `Room`."""
        for base, archive in packed(files, (self._tools, self._home)).items():
            self.unpack(archive, base)

    def read_file(self, path: str) -> bytes | None:
        """See `Room`."""
        target = shlex.quote(self._place(path))
        taken = bytearray()
        status = self._carry(
            f"[ -f {target} ] || exit {ABSENT}\nexec cat {target}\n", f"reading {path}", output=taken.extend
        )
        return None if status == ABSENT else bytes(taken)

    def pack(self, base: str, paths: tuple[str, ...], target: BinaryIO) -> tuple[str, ...]:
        """See `Room`."""
        missing = self._missing(base, paths)
        present = [path for path in paths if path not in missing]
        if not present:
            target.write(EMPTY_TAR)
            return missing
        # Every tar reads a list of lines; GNU's and BSD's also one that nothing in a name can break.
        plain = all(_PLAIN.fullmatch(path) and path == path.strip() for path in present)
        listing = "".join(path + ("\n" if plain else "\0") for path in present)
        script = (
            f"cd -- {shlex.quote(self._place(base))} || exit 1\n"
            f'exec tar -cf - {"" if plain else "--null "}-T "$control/$call/paths"\n'
        )
        content = {"paths": os.fsencode(listing)}
        doing = f"packing files of {base}"
        try:
            self._carry(script, doing, output=lambda chunk: _write(target, chunk), content=content)
        except RoomError as error:
            if _NO_LISTS not in error.message:
                raise
            named = shlex.join(f"./{path}" if path.startswith("-") else path for path in present)
            script = f"cd -- {shlex.quote(self._place(base))} || exit 1\nexec tar -cf - {named}\n"
            self._carry(script, doing, output=lambda chunk: _write(target, chunk))
        return missing

    def unpack(self, source: BinaryIO, base: str) -> None:
        """See `Room`."""
        place = shlex.quote(self._place(base))
        script = (
            f'exec <"$control/$call/input"\nmkdir -p -- {place} && cd -- {place} || exit 1\n'
            # Under extraction every tar reads -o as: owned by whoever extracts.
            "exec tar -xpof -\n"
        )
        self._carry(script, f"unpacking files at {base}", source=source)

    def can_work(self) -> bool:
        """Makes the working directory, if it isn't there, as the job's user; whether that user can work in it."""
        home, workdir = shlex.quote(self._home), shlex.quote(self._workdir)
        script = f"mkdir -p -- {home} {workdir} 2>/dev/null; [ -d {workdir} ] && [ -w {workdir} ]\n"
        try:
            self._carry(script, "opening")
        except RoomError:
            return False
        return True

    def _place(self, path: str) -> str:
        return expand(path, self._home, self._workdir)

    def _missing(self, base: str, paths: tuple[str, ...]) -> tuple[str, ...]:
        place = shlex.quote(self._place(base))
        tests = "".join(
            f"{{ [ -e {quoted} ] || [ -L {quoted} ]; }} || echo {index}\n"
            for index, path in enumerate(paths)
            for quoted in (shlex.quote(f"./{path}"),)
        )
        taken = bytearray()
        script = f"cd -- {place} 2>/dev/null || exit {ABSENT}\n{tests}exit 0\n"
        status = self._carry(script, f"looking for files in {base}", output=taken.extend)
        if status == ABSENT:
            return paths
        absent = {int(index) for index in taken.split()}
        return tuple(path for index, path in enumerate(paths) if index in absent)

    def _carry(
        self,
        script: str,
        doing: str,
        *,
        output: Sink | None = None,
        source: BinaryIO | None = None,
        content: Mapping[str, bytes] | None = None,
    ) -> int:
        """Runs one of our own scripts; its status, which is 0 or ABSENT. Raises RoomError for any other end."""
        complaints = bytearray()
        whole = f'exec </dev/null >"$control/$call/output" 2>"$control/$call/errors"\n{script}'
        sinks: dict[str, Sink] = {"output": output or complaints.extend, "errors": complaints.extend}
        ended = self._perform(whole, sinks, source=source, content=content or {})
        said = complaints.decode(errors="replace").strip()
        if ended.reason is not Reason.EXITED or ended.code is None:
            raise RoomError(f"{doing}: the room has ended")
        if ended.code == 1 and said and all(_CHANGED.search(line) for line in said.splitlines()):
            return 0
        if ended.code not in {0, ABSENT}:
            reason = said.splitlines()[0] if said else f"status {ended.code}"
            raise RoomError(f"{doing}: {reason}")
        return ended.code

    def _perform(
        self,
        script: str,
        sinks: Mapping[str, Sink],
        *,
        limits: Limits = NO_LIMITS,
        source: BinaryIO | None = None,
        content: Mapping[str, bytes] | None = None,
        call: Call | None = None,
    ) -> Exit:
        shared = self._wire.shared
        with self._wire.call() as (number, folder):
            for name, data in {**(content or {}), "start": os.fsencode(script)}.items():
                (folder / name).write_bytes(data)
                if shared:
                    (folder / name).chmod(0o644)
            worker = self._wire.hire()
            feed = Feed(folder / "input", source, shared=shared) if source is not None else None
            streams = {open_output(folder / name, shared=shared): sink for name, sink in sinks.items()}
            performance = Performance(self._wire, worker, limits)
            with self._lock:
                self._performances[performance] = call
            try:
                worker.begin(number)
                self._wire.sweep()
                return performance.follow(streams, feed)
            finally:
                with self._lock:
                    self._performances.pop(performance, None)


def limits_of(call: Call) -> Limits:
    """The bounds that `call` asks for."""
    return Limits(call.timeout_s, call.no_output_timeout_s)


def _replacing(call: Call) -> str:
    """The command by which the shell becomes the call's process."""
    words = shlex.join(f"{name}={value}" for name, value in call.env.items())
    becomes = f'exec $lead env -i {words} "$@"\n'
    if "PATH" in call.env and all(_NAME.fullmatch(name) and name not in _OF_SHELLS for name in call.env):
        # `env` is a program, and starting it takes as long as starting a small step.
        bare = f'set -- $lead "$@"\nunset PATH LC_ALL PWD OLDPWD SHLVL\nexport {words}\nexec "$@"\n'
        becomes = f'if [ "$bare" ]; then\n{bare}fi\n{becomes}'
    # `env` takes a program whose name holds an equals sign for one more variable.
    argv = ("sh", "-c", 'exec "$@"', "sh", *call.argv) if "=" in call.argv[0] else call.argv
    if not call.otherwise:
        return f"set -- {shlex.join(argv)}\n{becomes}"
    there = f"[ -f {shlex.quote(call.argv[0])} ] && [ -x {shlex.quote(call.argv[0])} ]"
    return f"if {there}; then set -- {shlex.join(argv)}; else set -- {shlex.join(call.otherwise)}; fi\n{becomes}"


def _write(target: BinaryIO, chunk: bytes) -> None:
    target.write(chunk)
