# As in `launcher.py`, pathlib would cost more time than all else.
# ruff: noqa: PTH123, PTH208, S606
"""Keeps the processes of a room without walls together, and ends them all: a stand-alone script.

    python -I -S -c "...; from understudy.runtimes.warden import main; main()" LIFELINE FOLDER AGENT

On Linux it is the reaper of everything below it, so that no process can leave it by losing its parent. It ends them,
and itself, once the agent has ended, or the pipe LIFELINE closes, which is what the kernel does when the program is
killed. Elsewhere (macOS) it ends what is below it and the process groups that the agent wrote to FOLDER/groups.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from types import FrameType
from typing import NoReturn

LINUX = sys.platform == "linux"
PDEATHSIG, CHILD_SUBREAPER = 1, 36
ATTEMPTS, PAUSE_S = 500, 0.01


def adopt() -> None:
    """Makes this process the new parent of every orphan below it (prctl(2))."""
    if LINUX:
        import ctypes  # noqa: PLC0415 - not needed elsewhere

        ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Has the kernel end this process with its parent, where it offers that."""
    if LINUX:
        import ctypes  # noqa: PLC0415 - as above

        ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def become_agent(folder: str, agent: str, environment: Mapping[str, str]) -> NoReturn:
    """The child: clears what Python and its parents changed, and becomes the agent."""
    die_with_parent()
    for number in signal.valid_signals():
        with contextlib.suppress(OSError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.execve("/bin/sh", ("sh", agent, folder, "bare"), environment)


def parents() -> dict[int, int]:
    """The parent of every process."""
    found = {}
    if LINUX:
        for name in os.listdir("/proc"):
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{int(name)}/stat", "rb") as stat:
                found[int(name)] = int(stat.read().rpartition(b")")[2].split()[1])
        return found
    listing = subprocess.run(("/bin/ps", "-A", "-o", "pid=,ppid="), capture_output=True, check=False).stdout
    for line in listing.splitlines():
        number, parent = map(int, line.split())
        found[number] = parent
    return found


def below(root: int) -> tuple[int, ...]:
    """The processes below `root`, at whatever depth: each before those that it started."""
    children: dict[int, list[int]] = {}
    for number, parent in parents().items():
        children.setdefault(parent, []).append(number)
    found = dict.fromkeys([root])
    for number in (queue := [root]):
        fresh = [child for child in children.get(number, ()) if child not in found]
        found.update(dict.fromkeys(fresh))
        queue.extend(fresh)
    return tuple(found)[1:]


def end_all(folder: str) -> None:
    """Ends everything below this process, until nothing is left: what is killed may have forked just before."""
    if not LINUX:
        with contextlib.suppress(OSError), open(f"{folder}/groups", encoding="ascii") as groups:
            for line in groups:
                with contextlib.suppress(OSError):
                    os.killpg(int(line), signal.SIGKILL)
    for _ in range(ATTEMPTS):
        left = below(os.getpid())
        for number in left:  # a worker before its call, which it would say had ended by itself
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not left:
            return
        time.sleep(PAUSE_S)


def wait(agent: int, lifeline: int) -> None:
    """Returns when the agent has ended, or the lifeline has closed; reaps the orphans meanwhile."""
    told, tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if LINUX else os.pipe()
    os.set_blocking(told, False)
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, note)
    watched = select.poll()
    for stream in (told, lifeline):
        watched.register(stream, select.POLLIN)
    while True:
        with contextlib.suppress(ChildProcessError):
            while ended := os.waitpid(-1, os.WNOHANG)[0]:
                if ended == agent:
                    return
        if lifeline in (ready for ready, _ in watched.poll()):
            return
        with contextlib.suppress(BlockingIOError):
            os.read(told, 4096)


def note(number: int, frame: FrameType | None) -> None:
    """Has the signal wake the wait up."""
    del number, frame


def main() -> NoReturn:
    """Starts the agent and ends with it."""
    lifeline, folder, agent = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"}
    adopt()
    child = os.fork()
    if child == 0:
        os.close(lifeline)
        become_agent(folder, agent, environment)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):  # the agent's, whose end the program waits for
        os.dup2(nowhere, number)
    wait(child, lifeline)
    end_all(folder)
    os._exit(0)
