"""What a room may leave behind when its program is killed: who its processes were, and how to end and remove them."""

import contextlib
import os
import shutil
import signal
import stat
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from understudy.runtimes import quick

WAIT_S = 5.0
_AT_ONCE = 4
RECORDS = ("first.pid", "holder.pid")
"""In a room's folder: who its first process is, and who holds it."""
_TRIAL = "understudy-trial-"


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this machine, told apart from a later one of the same number by its start (clock ticks)."""

    number: int
    start: int

    @property
    def alive(self) -> bool:
        """Whether it still runs (one that only waits to be reaped doesn't)."""
        found = _stat(self.number)
        return found is not None and found[0] not in "ZX" and found[2] == self.start

    def kill(self) -> bool:
        """Ends it if it is still the same process; tells whether it was."""
        if not self.alive:
            return False
        try:
            os.kill(self.number, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True


def _stat(number: int) -> tuple[str, int, int] | None:
    """State, parent and start of a process, from proc(5); None when there is none."""
    try:
        fields = Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return fields[0].decode(), int(fields[1]), int(fields[19])


def identify(number: int) -> Process | None:
    """The process that has this number now; None where that can't be told (it ended, no /proc)."""
    found = _stat(number)
    return Process(number, found[2]) if found else None


def record(path: Path, number: int) -> None:
    """Writes to `path` who the process is, for `recorded`."""
    if process := identify(number):
        path.write_text(f"{process.number} {process.start}\n", encoding="ascii")


def recorded(path: Path) -> Process | None:
    """The process that `record`, or the launcher, wrote down."""
    try:
        number, start = path.read_text(encoding="ascii").split()
        return Process(int(number), int(start))
    except (OSError, ValueError):
        return None


def marked(mark: str) -> tuple[Process, ...]:
    """The processes whose environment, working folder or program bears `mark` (a path that is theirs alone)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if _bears(entry, mark) and int(entry.name) != os.getpid() and (process := identify(int(entry.name))):
                found.append(process)
    return tuple(found)


def _bears(entry: Path, mark: str) -> bool:
    if f"{mark}/".encode() in (entry / "environ").read_bytes():
        return True
    return any(f"{(entry / link).readlink()}/".startswith(f"{mark}/") for link in ("cwd", "exe"))


def end(processes: Iterable[Process]) -> tuple[Process, ...]:
    """Kills `processes` and waits until they are gone, a few seconds at most; those that were still there."""
    killed = tuple(process for process in processes if process.kill())
    until = time.monotonic() + WAIT_S
    while any(process.alive for process in killed) and time.monotonic() < until:
        time.sleep(0.005)
    return killed


def erase(folder: Path) -> None:
    """Empties `folder`, and the folder in memory that belongs to it; raises OSError for what stays."""
    quick.forget(folder)
    try:
        entries = tuple(folder.iterdir())
    except FileNotFoundError:
        return
    _remove_together([part for entry in entries for part in _parts(entry)])
    for entry in entries:
        remove(entry)


def _remove_together(paths: list[Path]) -> None:
    """A journal that is being written holds up the removal of each folder for its own sake, but of many together."""
    failures: list[OSError] = []

    def work() -> None:
        while paths:
            try:
                remove(paths.pop())
            except IndexError:  # another thread had the last one
                return
            except OSError as failure:
                failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(_AT_ONCE - 1)]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _parts(entry: Path) -> tuple[Path, ...]:
    """What is in `entry`; nothing where it is no folder, or one that must be opened up before it can be removed."""
    if entry.is_symlink():
        return ()
    try:
        return tuple(entry.iterdir())
    except OSError:
        return ()


def remove(path: Path) -> None:
    """Removes a file or a whole folder, also one with parts that their owner may not write to."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(path)
    except PermissionError:
        _open_up(path)
        shutil.rmtree(path)


def _open_up(folder: Path) -> None:
    folder.chmod(stat.S_IRWXU)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _open_up(Path(entry.path))


def trial_prefix() -> str:
    """How the name of a folder for a trial room begins: it tells whose it is, for `sweep_trials`."""
    own = identify(os.getpid())
    return f"{_TRIAL}{own.number}-{own.start}-" if own else f"{_TRIAL}x-"


def sweep_trials() -> tuple[Path, ...]:
    """Ends and removes the trial rooms of this user's programs that were killed meanwhile; where they were.

    And what any of their rooms had in memory, where nothing leads to it any more.
    """
    swept = list(quick.sweep())
    for folder in Path(tempfile.gettempdir()).glob(f"{_TRIAL}*"):
        with contextlib.suppress(OSError, ValueError):
            number, start, _ = folder.name.removeprefix(_TRIAL).split("-", 2)
            state = folder.lstat()
            owned = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid()
            if owned and not Process(int(number), int(start)).alive:
                end(process for process in map(recorded, (folder / name for name in RECORDS)) if process)
                erase(folder)
                folder.rmdir()
                swept.append(folder)
    return tuple(swept)
