"""A run in a terminal while it goes: ended jobs scroll by above, running ones are drawn below with their last line."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from understudy.cli.canvas import Canvas, size_of
from understudy.cli.estimate import left, remaining_s
from understudy.cli.log import Log
from understudy.cli.paint import Paint, counted, duration, width_of
from understudy.cli.render import Console
from understudy.cli.screens import answer
from understudy.cli.summary import job_line, name_column
from understudy.cli.view import JobRow, RunView, State
from understudy.insight.excerpt import plain
from understudy.model import events

_FRAMES_A_SECOND = 8
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PLAIN_SPINNER = "|/-\\"
_LINES_SPARED = 4


@dataclass(frozen=True, slots=True)
class Past:
    """What past runs tell: seconds by job id, and how many jobs run at once now."""

    seconds: Mapping[str, float]
    slots: int


class LiveScreen:
    """A live display on standard error. Events come from one thread at a time, drawing happens in another."""

    leaves_jobs = True

    def __init__(self, console: Console, past: Past, *, interactive: bool) -> None:
        self._console = console
        self._past = past
        self._interactive = interactive
        self._lock = threading.Lock()
        self._log = Log(console.paint)
        self._above: deque[str] = deque()
        self._canvas = Canvas(console.error, lambda: size_of(console.error))
        self._over = threading.Event()
        self._asking = threading.Event()
        self._estimated: tuple[int, str] = (-1, "")
        self._measured: tuple[tuple[int, int], int] = ((0, 0), 0)
        self.view = RunView()
        self._drawer = threading.Thread(target=self._draw_until_over, name="understudy-display", daemon=True)
        self._drawer.start()

    def __call__(self, event: events.Event) -> None:
        """Takes the next event."""
        with self._lock:
            self.view.fold(event)
            self._above.extend(self._worth_keeping(event))

    def say(self, line: str) -> None:
        """A line that stays, above the display; takes no lock, so that a signal handler may call it."""
        self._above.append(line)

    def ask(self, prompt: str) -> bool | None:
        """Asks in place of the display, which comes back afterwards."""
        if not self._interactive:
            return None
        self._asking.set()
        try:
            with self._lock:
                self._canvas.clear(self._taken())
            return answer(self._console, prompt, self._is_over)
        finally:
            self._asking.clear()

    def close(self) -> None:
        """Ends the display; what was to stay, stays."""
        self._over.set()
        self._drawer.join()
        with self._lock:
            self._canvas.clear(self._taken())

    def _draw_until_over(self) -> None:
        while not self._over.wait(1 / _FRAMES_A_SECOND):
            with self._lock:
                if not self._asking.is_set():
                    self._canvas.draw(self._block(), self._taken())

    def _is_over(self) -> bool:
        """Whether nobody waits for an answer any more: the run was interrupted."""
        with self._lock:
            return self._over.is_set() or self.view.nobody_asked()

    def _taken(self) -> list[str]:
        return [self._above.popleft() for _ in range(len(self._above))]

    def _worth_keeping(self, event: events.Event) -> list[str]:
        """What stays on the screen: the run's opening, and the end of each job."""
        match event:
            case events.RunStarted():
                (line,) = self._log.lines(event)
                return self._paint().wrap(line, first="", indent="  ")
            case events.JobFinished():
                paint = self._paint()
                return job_line(self.view.jobs[event.job], paint, self._column(paint))
            case _:
                return []

    def _column(self, paint: Paint) -> int:
        """The width of the column of names, worked out anew only when the terminal or the jobs have changed."""
        fits = (paint.width, len(self.view.jobs))
        if self._measured[0] != fits:
            self._measured = (fits, name_column(self.view.jobs, paint))
        return self._measured[1]

    def _block(self) -> list[str]:
        paint = self._paint()
        now = time.time()
        lines = list(block_lines(self.view, paint, now, self._left(now)))
        most = max(3, size_of(self._console.error).lines - _LINES_SPARED)
        if len(lines) > most:
            lines = [*lines[: most - 2], paint.fit(f"  and {len(lines) - most + 1} more lines", paint.width), lines[-1]]
        return lines

    def _paint(self) -> Paint:
        """The terminal as wide as it is now, less the last column, where some break the line already."""
        return replace(self._console.paint, width=max(20, size_of(self._console.error).columns - 1))

    def _left(self, now: float) -> str:
        """The estimate, worked out anew once a second."""
        if self._estimated[0] != int(now):
            seconds = remaining_s(self.view, self._past.seconds, self._past.slots, now)
            self._estimated = (int(now), left(seconds) if seconds is not None else "")
        return self._estimated[1]


def block_lines(view: RunView, paint: Paint, now: float, estimate: str = "") -> Iterator[str]:
    """Two lines a running job: what it does and for how long; the last thing it printed. Then how much is still to do.

    No line is wider than `paint.width`.
    """
    signs = _SPINNER if paint.unicode else _PLAIN_SPINNER
    sign = signs[int(now * _FRAMES_A_SECOND) % len(signs)]
    counts = dict.fromkeys(State, 0)
    for row in view.jobs.values():
        counts[row.state] += 1
        if row.state is State.RUNNING:
            yield from _running(row, paint, sign, now)
        elif row.state is State.ASKING:
            asked = f"{paint.sign('?')} {paint.clean(row.id)}  waits for an answer: {paint.clean(row.asked)}"
            yield paint.fit(asked, paint.width)
    if view.start is not None and view.outcome is None:
        waiting = [f"{counted(counts[State.WAITING], 'job')} waiting"] if counts[State.WAITING] else []
        parts = [*waiting, f"{duration(now - view.start.at)} so far", *([estimate] if estimate else [])]
        joint = f" {paint.sign('·')} "
        yield paint.styled(paint.fit(f"  {joint.join(parts)}", paint.width), "dim")


def _running(row: JobRow, paint: Paint, sign: str, now: float) -> Iterator[str]:
    line = f"{sign} {paint.clean(row.id)}  {duration(row.elapsed_s(now))}  {paint.clean(_doing(row))}"
    yield paint.fit(line, paint.width)
    if row.last_line and row.step:
        bar = f"  {paint.sign('│')} "
        yield paint.styled(bar + paint.fit(paint.clean(plain(row.last_line)), paint.width - width_of(bar)), "dim")


def _doing(row: JobRow) -> str:
    """The step that runs; what goes on before the first one and after the last."""
    if row.step:
        return f"step {row.step.index + 1} of {row.total_steps}: {row.step.name}"
    return "opening its room" if len(row.steps) < row.total_steps else "closing its room"
