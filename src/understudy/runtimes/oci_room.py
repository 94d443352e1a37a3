"""A room in a container of this machine: the agent inside it, reached through a folder that both see."""

import contextlib
import os
import select
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from understudy.errors import MachineError, RoomError
from understudy.runtimes.base import Call, Exit, Reason, Sink
from understudy.runtimes.oci_body import CONTROL, TOOLS
from understudy.runtimes.oci_client import Client, Json
from understudy.runtimes.room import AgentRoom
from understudy.runtimes.wire import Wire, make_pipe

START_S = 60.0
GLANCE_S = 0.5
_BARE = 'exec env -i PATH="$PATH" LC_ALL=C sh "$0/agent.sh" "$0" bare <"$0/in" >"$0/out"'
COMMAND = ("sh", "-c", _BARE, CONTROL)
"""Opens the agent's two pipes. The first is its lifeline: it closes with this program, and the container ends."""

_COUNT = "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null; true"
_KILLED = 137


@dataclass(frozen=True, slots=True)
class Pipes:
    """The two pipes of a container's agent."""

    stdin: IO[bytes]
    stdout: IO[bytes]


def open_pipes(control: Path) -> Pipes:
    """Makes and opens the pipes, waiting for nobody."""
    for name in ("in", "out"):
        make_pipe(control / name, shared=True)
    # For both ways, so that opening doesn't wait for the container; the agent sees the end when this program ends.
    stdin = os.open(control / "in", os.O_RDWR)
    stdout = os.open(control / "out", os.O_RDONLY | os.O_NONBLOCK)
    return Pipes(os.fdopen(stdin, "wb", buffering=0), os.fdopen(stdout, "rb", buffering=0))


def await_agent(wire: Wire, client: Client, container: str, image: str) -> None:
    """Waits for the agent's first word. Raises RoomError when the container ended before, with what there is to say."""
    until = time.monotonic() + START_S
    poll = select.poll()
    poll.register(wire.end, select.POLLIN)
    while not poll.poll(GLANCE_S * 1000):
        state = state_of(client, container)
        if state is None or not state.get("Running", False):
            raise RoomError(f"the room could not be opened: a container of `{image}` ended at once")
        if time.monotonic() > until:
            break
    wire.await_ready(GLANCE_S)


def state_of(client: Client, container: str) -> Json:
    """What the engine says of a container's state; None when there is none any more."""
    with contextlib.suppress(MachineError):
        return client.get(f"/containers/{container}/json").get("State") or {}
    return None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a room's end may be explained by. `limit` is the memory that the job has, in words, `first` the process with
    which its container ends.
    """

    client: Client
    container: str
    began: float
    limit: str
    dead_service: Callable[[], str]
    first: str = "the first process in it"


class OciRoom(AgentRoom):
    """See `Room`. Says of a call that failed what the engine knows about it."""

    def __init__(self, wire: Wire, places: tuple[str, str], env: Mapping[str, str], around: Circumstances) -> None:
        """`places`: the home and the working directory."""
        super().__init__(wire, home=places[0], workdir=places[1], tools=TOOLS, env=env)
        self._around = around
        self._killed_before = 0

    def run(self, call: Call, sink: Sink) -> Exit:
        """See `Room`."""
        ended = super().run(call, sink)
        if ended.reason is Reason.LOST:
            return replace(ended, why=cause_of_end(self._around))
        if ended.reason is Reason.EXITED and ended.code and not ended.why:
            return replace(ended, why=self._cause_of_failure(ended.code))
        return ended

    def _cause_of_failure(self, code: int) -> str:
        killed = self._processes_killed()
        if killed > self._killed_before:
            self._killed_before = killed
            return f"out of memory: the kernel ended a process, for the job may have {self._around.limit}"
        if dead := self._around.dead_service():
            return dead
        return "ended by SIGKILL" if code == _KILLED else ""

    def _processes_killed(self) -> int:
        taken = bytearray()
        with contextlib.suppress(RoomError):
            self._carry(_COUNT, "counting", output=taken.extend)
        lines = (line.split() for line in taken.decode(errors="replace").splitlines())
        return max((int(words[1]) for words in lines if len(words) == 2 and words[0] == "oom_kill"), default=0)


def cause_of_end(around: Circumstances) -> str:
    """Why a container is gone, as far as its engine tells."""
    filters = {"container": [around.container], "event": ["oom", "kill", "die", "stop"]}
    query = {"since": int(around.began) - 1, "until": int(time.time()) + 1, "filters": filters}
    try:
        told = around.client.ask("GET", "/events", query=query, timeout_s=10)
    except MachineError as error:
        return f"the container engine was stopped or restarted ({error.message})"
    rows = told if isinstance(told, tuple) else (told,) if told else ()
    happened = {str(row.get("Action") or row.get("status")) for row in rows if isinstance(row, dict)}
    if "oom" in happened:
        return f"out of memory: the container had {around.limit}"
    if happened & {"kill", "stop"}:
        return "its container was killed from outside"
    if "die" in happened:
        return f"its container ended: {around.first} is gone"
    return "its container is gone: the engine was restarted, or somebody removed it"
