"""What a runtime must offer: a room for a job, and a way to run processes in it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Protocol

from understudy.findings import Finding
from understudy.model.pipeline import Container, Platform, Resources

Sink = Callable[[bytes], None]
"""Takes raw output as it comes, in chunks of any size; called from one thread at a time for one call."""


def ignore(*_told: object) -> None:
    """Takes what nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder of this machine to be seen in the room at `target`, writable there, never written to here."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True)
class RoomSpec:
    """What a job's room must be.

    `name` is unique on this machine while the room lives (run and node id). `scratch` is a folder for the runtime's
    own use that exists, is empty, and is removed by the caller after the room is closed. `image` is as the file names
    it, None for a job on a whole machine. `home` and `user` are what the image would give; None: the runtime's choice.
    `machine_user`: that of the service's whole machines, where the runtime stands in for one.
    `workdir` is made if it doesn't exist; a leading `~` is the room's home. `trees` are laid in before the first call.
    `env` is the least environment of every call. `hide`: paths of this machine that the room must not show, besides
    those that the runtime always hides. `root_filesystem`: an unpacked image to use in place of this machine's own.
    `credentials`: what the file says to fetch the image with. `entrypoint` and `command`: what the file wants the image
    started with. `options` (of `docker create`) and `volumes`: what the file wants the container made with. `labels`:
    what a job on a whole machine asks for it by. `wants_engine`: the job talks to a container engine. `shared`: folders
    of the room (as `workdir` is written) that containers of calls see, too; they are made. `keep` takes the logs of
    services when the room ends, by the service's name; `tell` one line at a time about what opening the room does.
    """

    name: str
    scratch: Path
    image: str | None = None
    platform: Platform = Platform.LINUX
    machine: bool = False
    home: str | None = None
    user: str | None = None
    machine_user: str | None = None
    workdir: str = "~/project"
    trees: tuple[Tree, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    services: tuple[Container, ...] = ()
    resources: Resources = field(default_factory=Resources)
    network: bool = True
    hide: tuple[Path, ...] = ()
    root_filesystem: Path | None = None
    python: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    options: str = ""
    volumes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    wants_engine: bool = False
    shared: tuple[str, ...] = ()
    keep: Callable[[str, bytes], None] = ignore
    tell: Callable[[str], None] = ignore


CONTAINERS = "containers"
"""What a runtime `provides` that performs calls with an `Aside`."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A container of its own for one call, beside the room and in its network, removed with the call's end.

    `image`, or what the Dockerfile at the path `dockerfile` of the room makes of the folder that it lies in.
    `entrypoint`: none for the image's own; `Call.argv` are its arguments, none for the image's own. `folders`: those of
    the room that the container sees, by their places in it; each of them is one of `RoomSpec.shared`. The image gives
    the user, and what `Call.env` does not; `Call.workdir` is a path of the container.
    """

    image: str = ""
    dockerfile: str = ""
    entrypoint: tuple[str, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A process to run in a room: a new process group, `env` as its whole environment, standard input empty.

    `timeout_s` bounds the whole call, `no_output_timeout_s` each silence. `workdir` absolute or with a leading `~`.
    `otherwise` takes the place of `argv` where the room has no program at the absolute path `argv[0]`. `files`: paths
    and contents, laid in before the process starts (as `Room.write_file` would). `leaves`: files by which the process
    may tell something; `Exit.left` says whether any of them is there and not empty once it has ended. `aside`: the
    container to run it in; rooms of a runtime that provides no CONTAINERS have none, and answer with Reason.LOST.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    workdir: str
    timeout_s: float | None = None
    no_output_timeout_s: float | None = None
    otherwise: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    leaves: tuple[str, ...] = ()
    aside: Aside | None = None


class Reason(Enum):
    """How a call came to its end."""

    EXITED = "exited"
    TIMEOUT = "timeout"
    NO_OUTPUT = "no-output"
    STOPPED = "stopped"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Exit:
    """A call's end. `code` is the exit status (128 + signal number for a signal), None unless `reason` is EXITED.

    `left`: whether there may be something in the files that the call leaves (see `Call`); they are worth a look.
    `why`: what the runtime knows of an end that isn't the call's own doing, in one clause (no memory left, ...).
    """

    code: int | None
    reason: Reason
    left: bool = field(default=True, compare=False)
    why: str = field(default="", compare=False)


class Room(Protocol):
    """One job's live environment.

    Order: everything between entering and leaving the context manager that `Runtime.open` returned; leaving it ends
    every process of the room and removes all that the room made on this machine. Threads: every member may be called
    from any thread, several `run`s at once (background steps). A room that died answers `run` with Reason.LOST and
    raises RoomError from the members that move files.
    """

    @property
    def home(self) -> str:
        """The absolute path of the home folder inside the room."""
        ...

    @property
    def workdir(self) -> str:
        """The absolute path of the job's working directory inside the room."""
        ...

    @property
    def tools(self) -> str:
        """A folder inside the room, outside the working directory, for tools; on PATH by the engine's doing."""
        ...

    @property
    def env(self) -> Mapping[str, str]:
        """The environment that the room itself gives every process (PATH, HOME, USER, ...), as the image would."""
        ...

    def run(self, call: Call, sink: Sink) -> Exit:
        """Runs `call` to its end; standard output and error come to `sink` in one stream, in order.

        Returns once the process itself has ended, even if others it started hold its output open. On a timeout the
        whole process group is ended (TERM, then KILL after a grace of five seconds). Blocks.
        """
        ...

    def stop(self, *, grace_s: float, call: Call | None = None) -> None:
        """Ends every call that is running now: TERM, then KILL after `grace_s`. Later calls work. Never blocks longer.

        With `call`: that very object alone. Safe to repeat and when nothing runs; callable from another thread.
        """
        ...

    def write_file(self, path: str, content: bytes, *, mode: int = 0o644) -> None:
        """Writes a file in the room (parents are made), owned by the job's user."""
        ...

    def write_files(self, files: Sequence[tuple[str, bytes, int]]) -> None:
        """As `write_file`, many at once, each with its mode; meant for a room in which no job's process has run yet.

        A call for each would be most of what a small job costs.
        """
        ...

    def read_file(self, path: str) -> bytes | None:
        """A file of the room, as the job's user would read it; None when it isn't there or isn't a regular file."""
        ...

    def pack(self, base: str, paths: tuple[str, ...], target: BinaryIO) -> tuple[str, ...]:
        """Writes an uncompressed tar of `paths` to `target`; returns those of them that don't exist.

        `paths` are plain paths relative to `base`; members of the tar bear the same names. Symbolic links stay links.
        Read as the job's user would. An unreadable file raises RoomError.
        """
        ...

    def unpack(self, source: BinaryIO, base: str) -> None:
        """Lays the tar of `source` out at `base` (made if needed) as the job's user, over what is there."""
        ...


class Runtime(Protocol):
    """What gives a job its room. Stateless but for what it found out about this machine; threads may share one."""

    @property
    def name(self) -> str:
        """`sandbox`, `plain`, `docker`, `podman` or `fake`."""
        ...

    def missing(self) -> str | None:
        """Why it can't be used here, in a sentence with what to do; None when it can. Cheap after the first call."""
        ...

    def resolve(self, image: str) -> str:
        """A name for exactly what `image` means here (a digest), pulling it if needed. Raises MachineError."""
        ...

    def stands_in(self, spec: RoomSpec) -> tuple[Finding, ...]:
        """What a room for `spec` would not be as the service's: the stand-ins, in plain sentences. Opens nothing."""
        ...

    def unmet(self, spec: RoomSpec) -> str | None:
        """Why `spec` can't be performed here at all (macOS, a GPU): its job is SKIPPED for it. None: it can."""
        ...

    def provides(self, reference: str) -> bool:
        """Whether its rooms have what the service provides under the name `reference` (`setup_remote_docker`)."""
        ...

    def open(self, spec: RoomSpec) -> AbstractContextManager[Room]:
        """A room for `spec`, entered once for a job. Raises RoomError; what it had made by then is removed."""
        ...

    def sweep(self, scratch: Path) -> tuple[str, ...]:
        """Ends and removes what a room whose program was killed left behind (processes, mounts); says what it did.

        `scratch` is that room's folder, which the caller removes afterwards. Safe when there is nothing to do.
        """
        ...
