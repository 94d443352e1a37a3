"""Starts the stand-alone script that holds a room's processes, tied to this program's life."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


@contextlib.contextmanager
def held(module: str, scratch: Path, control: Path, arguments: tuple[str, ...] = ()) -> Iterator[Wire]:
    """The wire to an agent under the `main` of `module` (called with a lifeline's number and `arguments`).

    `control` is the folder through which it is served; who holds it is written down in `scratch`.

    At the end the script has ended, and has seen to it that no process of the room is left. Raises RoomError.
    """
    lifeline, holding = os.pipe()
    code = f"import sys; sys.path.append({str(HERE.parents[1])!r}); from {module} import main; main()"
    command = (sys.executable, "-I", "-S", "-c", code, str(lifeline), *arguments)
    log = scratch / "holder.log"
    try:
        with log.open("wb") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd="/",
                pass_fds=(lifeline,),
                start_new_session=True,  # the terminal's Ctrl-C is for the program to handle
            )
    except BaseException:
        os.close(holding)
        raise
    finally:
        os.close(lifeline)
    wire = Wire(process, control)
    try:
        remains.record(scratch / HOLDER, process.pid)
        _await(wire, log)
        yield wire
    finally:
        os.close(holding)
        try:
            process.wait(remains.WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        wire.close()


def _await(wire: Wire, log: Path) -> None:
    try:
        wire.await_ready(START_S)
    except RoomError as failure:
        complaints = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if not complaints:
            raise
        raise RoomError(f"{failure.message} ({complaints[-1]})") from failure
