"""What holds a room's processes is started, and tied to this program's life."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from understudy.errors import RoomError
from understudy.runtimes import remains
from understudy.runtimes.wire import Wire

HERE = Path(__file__).parent
HOLDER = "holder.pid"
START_S = 30.0


def control_folder(folder: Path) -> Path:
    """A new folder in `folder` through which the agent is served, with the agent's own script in it."""
    control = folder / "control"
    control.mkdir()
    shutil.copyfile(HERE / "agent.sh", control / "agent.sh")
    return control


class Held(Protocol):
    """What stands between the program and the agent, and is to end with the room."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """See `wire.Ends`."""
        ...

    @property
    def stdout(self) -> IO[bytes] | None:
        """See `wire.Ends`."""
        ...

    def end(self) -> None:
        """Waits until it has ended; its lifeline is closed already."""
        ...


@contextlib.contextmanager
def held(start: Callable[[BinaryIO, int], Held], scratch: Path, control: Path) -> Iterator[Wire]:
    """The wire to an agent that is served through the folder `control`.

    `start` starts what holds it, given a file for complaints and a pipe, the lifeline, which closes with this program.
    At the end that has ended, and has seen to it that no process of the room is left. Raises RoomError.
    """
    lifeline, holding = os.pipe()
    log = scratch / "holder.log"
    try:
        with log.open("wb") as errors:
            holder = start(errors, lifeline)
    except BaseException:
        os.close(holding)
        raise
    finally:
        os.close(lifeline)
    wire = Wire(holder, control)
    try:
        _await(wire, log)
        yield wire
    finally:
        os.close(holding)
        holder.end()
        wire.close()


class Script:
    """A stand-alone script of this package that holds a room without walls: a child of this program."""

    def __init__(self, module: str, scratch: Path, arguments: tuple[str, ...], errors: BinaryIO, lifeline: int) -> None:
        """Runs `main` of `module`, called with the lifeline's number and `arguments`."""
        code = f"import sys; sys.path.append({str(HERE.parents[1])!r}); from {module} import main; main()"
        self._process = subprocess.Popen(
            (sys.executable, "-I", "-S", "-c", code, str(lifeline), *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
            pass_fds=(lifeline,),
            start_new_session=True,  # the terminal's Ctrl-C is for the program to handle
        )
        remains.record(scratch / HOLDER, self._process.pid)

    @property
    def stdin(self) -> IO[bytes] | None:
        """See `Held`."""
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes] | None:
        """See `Held`."""
        return self._process.stdout

    def end(self) -> None:
        """See `Held`."""
        try:
            self._process.wait(remains.WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _await(wire: Wire, log: Path) -> None:
    try:
        wire.await_ready(START_S)
    except RoomError as failure:
        complaints = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if not complaints:
            raise
        raise RoomError(f"{failure.message} ({complaints[-1]})") from failure
