"""Cleans up after runs whose program died: processes, mounts and folders, and the run's open end."""

import os
import shutil
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from understudy.model.events import RunFinished
from understudy.model.results import Outcome
from understudy.runtimes import remains
from understudy.runtimes.base import Runtime
from understudy.runtimes.known import RUNTIMES
from understudy.store.base import RunRow, Runs

SOURCE = "source"
"""The project's files among the rooms in a run's scratch folder."""


def process_started(pid: int) -> int:
    """When process `pid` started, in clock ticks since boot; 0 where that can't be told. Tells a pid from its reuse."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[19])


def is_alive(row: RunRow) -> bool:
    """Whether the program that performs `row` still lives (and is not another one that got its pid)."""
    try:
        os.kill(row.info.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    started = process_started(row.info.pid)
    return started == row.info.pid_started or not started


def sweep_dead(runs: Runs, runtimes: Mapping[str, Callable[[], Runtime]] = RUNTIMES) -> tuple[str, ...]:
    """Closes every run whose program is dead and removes what it left; a sentence for each, and for what stays.

    A run is closed last: whatever is killed when, the next start finds what is left of it. Raises StoreError.
    """
    said = [f"removed `{path}`, which a program that died left behind" for path in remains.sweep_trials()]
    for row in runs.unfinished():
        if is_alive(row):
            continue
        outcome = _ending(runs, row.id)
        what = "was interrupted: its program died" if outcome is None else "had ended when its program died"
        try:
            left = _sweep_rooms(row, runtimes)
        except OSError as error:
            said.append(f"run {row.id} {what}; `{row.info.scratch}` can't be removed: {error.strerror or error}")
            continue
        runs.end(row.id, outcome, time.time())
        removed = f"; removed {', '.join(left)}" if left else ""
        said.append(f"run {row.id} {what}{removed}")
    return tuple(said)


def _ending(runs: Runs, run: str) -> Outcome | None:
    """What the run had come to before its program died; None where it was interrupted."""
    return next((event.outcome for _, event in runs.events(run) if isinstance(event, RunFinished)), None)


def _sweep_rooms(row: RunRow, runtimes: Mapping[str, Callable[[], Runtime]]) -> list[str]:
    scratch = Path(row.info.scratch)
    runtime = runtimes.get(row.info.runtime)
    left: list[str] = []
    if scratch.is_dir():
        for room in sorted(scratch.iterdir()):
            if runtime and room.name != SOURCE and room.is_dir():
                left += runtime().sweep(room)
        remove_tree(scratch)
        left.append("its folder")
    return left


def remove_tree(folder: Path) -> None:
    """Removes `folder` whatever the permissions inside it; what is gone already is fine."""

    def unlock(function: Callable[..., object], path: str, _error: object) -> None:
        parent = Path(path).parent
        for place in (parent, Path(path)):
            if place.is_dir() and not place.is_symlink():
                place.chmod(stat.S_IRWXU)
        if Path(path).is_symlink() or Path(path).exists():
            if function is os.scandir or function is os.open:
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(FileNotFoundError):  # another start may be at it, too
                    function(path)

    if folder.exists():
        shutil.rmtree(folder, onerror=unlock)
