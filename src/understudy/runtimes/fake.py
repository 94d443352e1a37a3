"""A runtime that runs nothing: steered by the environment of each call, its files in memory; for tests and dry runs.

FAKE_EXIT      the exit status; several, with commas between, for one call with these words after another
FAKE_OUTPUT    what it prints
FAKE_WRITE     `path=content`: a file that it writes (several: a line each)
FAKE_SLEEP_S   how long it takes
FAKE_WAIT      the name of a gate that it waits at
FAKE_END       `timeout`, `no-output` or `lost`: how it ends instead of exiting
"""

import fnmatch
import io
import posixpath
import tarfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from understudy.errors import RoomError
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Platform
from understudy.runtimes.base import Call, Exit, Reason, Room, RoomSpec, Sink

_HOME = "/home/fake"
_TOOLS = "/opt/fake"
_ENDS = {one.value: one for one in (Reason.TIMEOUT, Reason.NO_OUTPUT, Reason.LOST)}


@dataclass(frozen=True, slots=True)
class FakeFile:
    """A file in a fake room, or, with `link`, a symbolic link."""

    content: bytes = b""
    mode: int = 0o644
    link: str | None = None


class FakeRoom:
    """A room in memory. `calls` are those that were begun, in order; `files` by absolute path."""

    def __init__(self, spec: RoomSpec, gates: Mapping[str, threading.Event]) -> None:
        """`gates`: what calls with FAKE_WAIT wait for, by name."""
        self.spec = spec
        self.calls: list[Call] = []
        self.files: dict[str, FakeFile] = {}
        self.stops: list[float] = []
        self._gates = gates
        self._trees = tuple((self._at(tree.target), tree.source) for tree in spec.trees)
        self._changed = threading.Condition()
        self._stopped: set[int] = set()
        self._current: set[int] = set()
        self._exits: dict[str, int] = {}
        self._lost = False

    @property
    def home(self) -> str:
        """`/home/fake`, unless the spec says otherwise."""
        return self.spec.home or _HOME

    @property
    def workdir(self) -> str:
        """As the spec says."""
        return self._at(self.spec.workdir)

    @property
    def tools(self) -> str:
        """`/opt/fake`."""
        return _TOOLS

    @property
    def env(self) -> Mapping[str, str]:
        """The least that a login gives."""
        return {"HOME": self.home, "USER": "fake", "PATH": "/usr/bin:/bin", **self.spec.env}

    def run(self, call: Call, sink: Sink) -> Exit:
        """Does what the call's environment says; the engine's own calls for globs and copies are performed."""
        with self._changed:
            number = len(self.calls)
            self.calls.append(call)
            self._current.add(number)
        try:
            return self._run(call, sink, number)
        finally:
            with self._changed:
                self._current.discard(number)

    def stop(self, *, grace_s: float, call: Call | None = None) -> None:
        """Ends the calls that wait or sleep now, at once."""
        with self._changed:
            self.stops.append(grace_s)
            self._stopped |= {number for number in self._current if call is None or self.calls[number] is call}
            self._changed.notify_all()

    def write_file(self, path: str, content: bytes, *, mode: int = 0o644) -> None:
        """Keeps the file."""
        self._alive()
        self.files[self._at(path)] = FakeFile(content, mode)

    def write_files(self, files: Sequence[tuple[str, bytes, int]]) -> None:
        """See `Room`."""
        for path, content, mode in files:
            self.write_file(path, content, mode=mode)

    def read_file(self, path: str) -> bytes | None:
        """The file, from memory or from a tree; links are followed once."""
        self._alive()
        found = self._find(self._at(path))
        if found is not None and found.link is not None:
            found = self._find(posixpath.normpath(posixpath.join(posixpath.dirname(self._at(path)), found.link)))
        return None if found is None or found.link is not None else found.content

    def pack(self, base: str, paths: tuple[str, ...], target: BinaryIO) -> tuple[str, ...]:
        """Writes the tar as the contract says."""
        self._alive()
        missing = []
        with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for path in paths:
                found = False
                for name, file in self._below(self._at(posixpath.join(base, path))):
                    found = True
                    info = tarfile.TarInfo(posixpath.relpath(name, self._at(base)))
                    info.mode = file.mode
                    if file.link is not None:
                        info.type, info.linkname = tarfile.SYMTYPE, file.link
                        tar.addfile(info)
                    else:
                        info.size = len(file.content)
                        tar.addfile(info, io.BytesIO(file.content))
                if not found:
                    missing.append(path)
        return tuple(missing)

    def unpack(self, source: BinaryIO, base: str) -> None:
        """Keeps the files of the tar."""
        self._alive()
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for info in tar:
                path = posixpath.normpath(posixpath.join(self._at(base), info.name))
                if info.issym():
                    self.files[path] = FakeFile(link=info.linkname)
                elif info.isreg() and (content := tar.extractfile(info)) is not None:
                    self.files[path] = FakeFile(content.read(), info.mode)

    def _run(self, call: Call, sink: Sink, number: int) -> Exit:
        if self._lost:
            return Exit(None, Reason.LOST)
        for laid, given in call.files:
            self.write_file(laid, given)
        if call.argv[:2] == ("sh", "-c"):
            return self._own(call, sink)
        if "FAKE_OUTPUT" in call.env:
            sink(call.env["FAKE_OUTPUT"].encode())
        for line in call.env.get("FAKE_WRITE", "").splitlines():
            path, _, content = line.partition("=")
            self.write_file(posixpath.join(call.workdir, path), content.encode())
        ended = self._linger(call, number)
        if ended is not None:
            return ended
        reason = _ENDS.get(call.env.get("FAKE_END", ""))
        if reason is not None:
            self._lost = reason is Reason.LOST
            return Exit(None, reason)
        return Exit(self._exit(call.env.get("FAKE_EXIT", "0")), Reason.EXITED)

    def _own(self, call: Call, sink: Sink) -> Exit:
        """What the engine asks of every room: `expand` of patterns, `list` of files, `copy` of a folder."""
        word, *arguments = call.argv[3:]
        if word == "expand":
            base, *patterns = arguments
            for pattern in patterns:
                for match in self._matches(base, pattern):
                    sink(match.encode() + b"\0")
        elif word == "list":
            base, _, *folders = arguments
            for folder in folders:
                top = posixpath.normpath(posixpath.join(base, folder))
                for path, _ in tuple(self._below(top)):
                    sink(posixpath.relpath(path, base).encode() + b"\0")
        elif word == "copy":
            source, target = arguments[:2]
            for path, file in tuple(self._below(source)):
                self.files[posixpath.normpath(posixpath.join(target, posixpath.relpath(path, source)))] = file
        return Exit(0, Reason.EXITED)

    def _matches(self, base: str, pattern: str) -> list[str]:
        """What a shell would make of `pattern`: a wildcard matches within one folder, and nothing that is hidden."""
        wanted = posixpath.normpath(posixpath.join(base, pattern)).split("/")
        found = set()
        for path, _ in self._below("/"):
            parts = path.split("/")[: len(wanted)]
            if len(parts) == len(wanted) and all(map(_fits, parts, wanted)):
                whole = "/".join(parts)
                found.add(whole if pattern.startswith("/") else posixpath.relpath(whole, base))
        return sorted(found)

    def _linger(self, call: Call, number: int) -> Exit | None:
        """Sleeps and waits as told; how the call was ended meanwhile, if it was."""
        gate = call.env.get("FAKE_WAIT")
        sleep_s = float(call.env.get("FAKE_SLEEP_S", "0"))
        limits = [(call.timeout_s, Reason.TIMEOUT), (call.no_output_timeout_s, Reason.NO_OUTPUT)]
        limit_s, reason = min(((limit, why) for limit, why in limits if limit is not None), default=(None, None))
        if gate is None and not sleep_s:
            return None
        with self._changed:
            if gate is None:
                bound = sleep_s if limit_s is None else min(limit_s, sleep_s)
                if self._changed.wait_for(lambda: number in self._stopped, timeout=bound):
                    return Exit(None, Reason.STOPPED)
                return Exit(None, reason) if reason and limit_s is not None and limit_s < sleep_s else None
        return self._wait(self._gates[gate], number)

    def _wait(self, gate: threading.Event, number: int) -> Exit | None:
        while not gate.wait(0.005):
            with self._changed:
                if number in self._stopped:
                    return Exit(None, Reason.STOPPED)
        return None

    def _exit(self, codes: str) -> int:
        wanted = codes.split(",")
        with self._changed:
            turn = self._exits.get(codes, 0)
            self._exits[codes] = turn + 1
        return int(wanted[min(turn, len(wanted) - 1)])

    def _at(self, path: str) -> str:
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        return posixpath.normpath(path)

    def _alive(self) -> None:
        if self._lost:
            raise RoomError("the fake room died, as it was told to")

    def _find(self, path: str) -> FakeFile | None:
        return next((file for found, file in self._below(path) if found == path), None)

    def _below(self, top: str) -> Iterator[tuple[str, FakeFile]]:
        """The files at `top` or under it: those in memory, then those of the trees that they don't hide."""
        inside = top.rstrip("/") + "/"
        for path in sorted(self.files):
            if path == top or path.startswith(inside):
                yield path, self.files[path]
        for target, source in self._trees:
            if target == top or target.startswith(inside):
                yield from self._tree(target, source, source)
            elif top.startswith(target.rstrip("/") + "/"):
                yield from self._tree(target, source, source / posixpath.relpath(top, target))

    def _tree(self, target: str, source: Path, start: Path) -> Iterator[tuple[str, FakeFile]]:
        found = sorted(start.rglob("*")) if start.is_dir() else [start]
        for one in found:
            path = posixpath.join(target, one.relative_to(source).as_posix())
            if path in self.files:
                continue
            if one.is_symlink():
                yield path, FakeFile(link=str(one.readlink()))
            elif one.is_file():
                yield path, FakeFile(one.read_bytes(), one.stat().st_mode & 0o777)


def _fits(part: str, wanted: str) -> bool:
    return fnmatch.fnmatchcase(part, wanted) and (not part.startswith(".") or wanted.startswith("."))


class FakeRuntime:
    """Opens rooms in memory. `rooms` are all that it opened, by the name of their spec; `gates` as for the rooms."""

    def __init__(self, gates: Mapping[str, threading.Event] | None = None, *, broken: str = "") -> None:
        """`broken`: why no room can be opened."""
        self.gates = dict(gates or {})
        self.rooms: dict[str, FakeRoom] = {}
        self._broken = broken

    @property
    def name(self) -> str:
        """`fake`."""
        return "fake"

    def missing(self) -> str | None:
        """Never: it needs nothing."""
        return None

    def resolve(self, image: str) -> str:
        """The image, as it is."""
        return image

    def stands_in(self, spec: RoomSpec) -> tuple[Finding, ...]:
        """That nothing really runs."""
        what = f"`{spec.image}`" if spec.image else "a machine"
        return (Finding(Severity.NOTE, "fake-room", f"nothing runs: the room only pretends to be {what}"),)

    def provides(self, reference: str) -> bool:
        """See `Runtime`."""
        del reference
        return False

    def unmet(self, spec: RoomSpec) -> str | None:
        """It pretends to be Linux only."""
        return None if spec.platform is Platform.LINUX else f"the fake room can't be {spec.platform.value}"

    def open(self, spec: RoomSpec) -> AbstractContextManager[Room]:
        """A room in memory. Raises RoomError when told to be broken."""
        return self._open(spec)

    @contextmanager
    def _open(self, spec: RoomSpec) -> Iterator[Room]:
        if self._broken:
            raise RoomError(self._broken)
        room = FakeRoom(spec, self.gates)
        self.rooms[spec.name] = room
        yield room
        room.stop(grace_s=0)

    def sweep(self, scratch: Path) -> tuple[str, ...]:
        """Nothing is ever left behind."""
        del scratch
        return ()
