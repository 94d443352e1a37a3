"""How long a run will still take, from how long its jobs took before."""

import heapq
from collections.abc import Mapping

from understudy.cli.view import RunView, State

_MOST_JOBS = 1000  # a larger run is estimated too slowly to do so while it goes


def remaining_s(view: RunView, past: Mapping[str, float], slots: int, now: float) -> float | None:
    """Seconds until the end of the run, if its jobs take as long as they did; None where that can't be told.

    `past`: seconds by job id. `slots`: how many jobs run at once. A person who is asked is taken to answer at once.
    """
    rows = view.jobs
    open_jobs = [row for row in rows.values() if row.state is not State.ENDED]
    if len(open_jobs) > _MOST_JOBS or any(row.id not in past and row.state is not State.ASKING for row in open_jobs):
        return None
    ends = [
        (now + max(0.0, past[row.id] - row.elapsed_s(now)) if row.state is State.RUNNING else now, row.id)
        for row in open_jobs
        if row.state is not State.WAITING
    ]
    heapq.heapify(ends)
    missing = {
        row.id: {need for need in row.after if need in rows and rows[need].state is not State.ENDED}
        for row in open_jobs
        if row.state is State.WAITING
    }
    clock = now
    while ends or missing:
        for job in [job for job, needs in missing.items() if not needs][: max(0, slots - len(ends))]:
            del missing[job]
            heapq.heappush(ends, (clock + past[job], job))
        if not ends:
            return None
        clock, ended = heapq.heappop(ends)
        for needs in missing.values():
            needs.discard(ended)
    return clock - now


def left(seconds: float) -> str:
    """`about 3m left`, `about 20s left`, `a few seconds left`: no more exact than it can be."""
    if seconds < 7.5:
        return "a few seconds left"
    if seconds < 57.5:
        return f"about {round(seconds / 5) * 5}s left"
    minutes = max(1, round(seconds / 60))
    return f"about {minutes}m left" if minutes < 60 else f"about {minutes // 60}h {minutes % 60:02}m left"
