"""`understudy logs`: what the steps of a run printed, whole, or as they print it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from understudy.app.stores import Stores, opened
from understudy.cli import render
from understudy.cli.asked import Request
from understudy.cli.past import chosen, died, is_meant, named
from understudy.cli.retype import typed
from understudy.cli.view import JobRow, RunView
from understudy.errors import ExitCode, InputError
from understudy.store.base import RunRow

_PIECE_BYTES = 1024 * 1024
_LOOK_S = 0.2


def logs(request: Request, _arguments: tuple[str, ...]) -> int:
    """Prints what steps printed."""
    options = request.options
    with opened(request.settings_anywhere) as stores:
        row, wanted = _asked(stores, request)
        if options.follow:
            _Follower(request, stores, row, wanted).follow()
            return int(ExitCode.PASSED)
        view = RunView().fold_all(event for _, event in stores.runs.events(row.id))
        parts = [(job, step) for job in _jobs(view, row, wanted) for step in sorted(job.steps)]
        parts = [(job, step) for job, step in parts if options.step in (None, step + 1)]
        if not parts and options.step is not None:
            raise InputError(f"there is no step {options.step}", hint=f"`{typed(options, 'show', row.id)}` counts them")
        for job, step in parts:
            path = stores.runs.log(row.id, job.id, step)
            if options.json:
                text = b"".join(_pieces(path)).decode("utf-8", "replace")
                request.console.json({"job": job.id, "step": step + 1, "name": job.steps[step].name, "text": text})
            else:
                _head(request, job, step)
                render.copy_raw(request.console, _whole_lines(_pieces(path)))
        for job in _jobs(view, row, wanted) if options.step is None and not options.json else ():
            _print_services(request, job, stores.runs.log(row.id, job.id, 0).parent)
    if not options.json:
        request.console.say("", f"the run's jobs and steps: {typed(options, 'show', row.id)}")
    return int(ExitCode.PASSED)


def _asked(stores: Stores, request: Request) -> tuple[RunRow, str | None]:
    """The run, and the job of it that is meant. A job alone means that of the newest run."""
    options = request.options
    if options.run is not None and options.job is None and not stores.runs.find(options.run):
        newest = stores.runs.recent(1, project=str(request.root))
        planned = RunView().fold_all(event for _, event in stores.runs.events(newest[0].id)) if newest else RunView()
        if any(is_meant(job, options.run) for job in planned.jobs.values()):
            return newest[0], options.run
    return chosen(stores, request), options.job


def _jobs(view: RunView, row: RunRow, wanted: str | None) -> list[JobRow]:
    jobs = [job for job in view.jobs.values() if is_meant(job, wanted)]
    if not jobs:
        raise InputError(f"run {row.id} has no job `{wanted}`", hint=f"it has {named(view)}")
    return jobs


def _head(request: Request, job: JobRow, step: int) -> None:
    name = request.console.paint.clean(f"{job.id}, step {step + 1}: {job.steps[step].name}")
    request.console.say(request.console.paint.styled(f"== {name}", "bold"))


def _print_services(request: Request, job: JobRow, folder: Path) -> None:
    """What the job's services printed, kept beside the logs of its steps."""
    for path in sorted(folder.glob("service-*.log")):
        name = request.console.paint.clean(f"{job.id}, service {path.stem.removeprefix('service-')}")
        request.console.say(request.console.paint.styled(f"== {name}", "bold"))
        render.copy_raw(request.console, _whole_lines(_pieces(path)))


def _pieces(path: Path, start: int = 0) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            while piece := stream.read(_PIECE_BYTES):
                yield piece
    except FileNotFoundError:
        return


def _whole_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, with an end to its last line."""
    last = b"\n"
    for piece in pieces:
        last = piece[-1:]
        yield piece
    if last != b"\n":
        yield b"\n"


@dataclass(slots=True)
class _Follower:
    """Prints what is new in the logs of a run until it ends.

    `seen`: bytes shown, by job and step; `told`: whose they were last; `last`: the last of them.
    """

    request: Request
    stores: Stores
    row: RunRow
    wanted: str | None
    view: RunView = field(default_factory=RunView)
    seen: dict[tuple[str, int], int] = field(default_factory=dict)
    told: tuple[str, int] | None = None
    last: bytes = b"\n"

    def follow(self) -> None:
        """Returns when the run has ended, however it did."""
        after = 0
        while True:
            over = self._is_over()
            for after, event in self.stores.runs.events(self.row.id, after):  # noqa: B007, B020 - goes on from there
                self.view.fold(event)
            for job in _jobs(self.view, self.row, self.wanted) if self.view.jobs else ():
                for step in sorted(job.steps):
                    if self.request.options.step in (None, step + 1):
                        self._print(job, step)
            if over:
                self._end_line()
                self.request.console.say("", f"the run has ended: {typed(self.request.options, 'show', self.row.id)}")
                return
            time.sleep(_LOOK_S)

    def _is_over(self) -> bool:
        """Asked before the logs are looked at, so that nothing is missed that came last."""
        row = next((one for one in self.stores.runs.find(self.row.id) if one.id == self.row.id), self.row)
        return row.outcome is not None or died(row)

    def _print(self, job: JobRow, step: int) -> None:
        place = (job.id, step)
        path = self.stores.runs.log(self.row.id, job.id, step)
        start = self.seen.get(place, 0)
        size = path.stat().st_size if path.exists() else 0
        if size <= start:
            return
        if self.told != place:
            self._end_line()
            _head(self.request, job, step)
            self.told = place
        pieces = list(_pieces(path, start))
        self.seen[place] = start + sum(map(len, pieces))
        render.copy_raw(self.request.console, pieces)
        self.last = pieces[-1][-1:]

    def _end_line(self) -> None:
        if self.last != b"\n":
            render.copy_raw(self.request.console, [b"\n"])
            self.last = b"\n"
