"""A run as seen through its events: rows of jobs and steps, folded one event at a time; drawn elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from understudy.findings import Finding
from understudy.model import events
from understudy.model.results import JobResult, Outcome, StepResult

_LONGEST_LINE = 4096


class State(Enum):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    ASKING = "asking"
    ENDED = "ended"


@dataclass(slots=True)
class StepRow:
    """A step that has begun: `index` in its job, `attempt` from 1; `result` None while it runs."""

    index: int
    name: str
    started: float
    attempt: int = 1
    result: StepResult | None = None


@dataclass(slots=True)
class JobRow:
    """A job of the run. `after`: the ids it waits for. `total_steps`: how many it has, begun or not.

    `unmet`: it can only be skipped, since this machine is not what it asks for. `depths`: of each step, how many groups
    of steps hold it; empty where none does.
    """

    id: str
    name: str = ""
    after: tuple[str, ...] = ()
    cell: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    total_steps: int = 0
    state: State = State.WAITING
    started: float | None = None
    result: JobResult | None = None
    unmet: bool = False
    steps: dict[int, StepRow] = field(default_factory=dict)
    current: int | None = None
    last_line: str = ""
    asked: str = ""
    tests: list[events.TestsReported] = field(default_factory=list)
    published: list[events.Published] = field(default_factory=list)
    caches: list[events.CacheUsed] = field(default_factory=list)
    annotations: list[events.Annotated] = field(default_factory=list)
    summaries: list[events.Summarized] = field(default_factory=list)
    depths: tuple[int, ...] = ()
    partial: dict[int, str] = field(default_factory=dict)

    @property
    def step(self) -> StepRow | None:
        """The step that runs now; the last one to begin, where several do."""
        return self.steps.get(self.current) if self.current is not None else None

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, None while it hasn't."""
        return self.result.outcome if self.result else None

    @property
    def is_bad(self) -> bool:
        """Whether it ended as it should not have; what may fail may."""
        result = self.result
        return result is not None and result.outcome in (Outcome.FAILED, Outcome.ERRORED) and not result.forgiven

    def elapsed_s(self, now: float) -> float:
        """Seconds from its start to its end, or to `now`; 0 for one that never started."""
        if self.result:
            return self.result.ended - self.result.started
        return now - self.started if self.started is not None else 0.0


@dataclass(slots=True)
class RunView:
    """Everything that the events so far say. `noticed`: findings by the job they are about (None: the run).

    `interrupted`: there will be no more events, since the program died.
    """

    run: str = ""
    start: events.RunStarted | None = None
    ended: float | None = None
    outcome: Outcome | None = None
    now: float = 0.0
    interrupted: bool = False
    jobs: dict[str, JobRow] = field(default_factory=dict)
    noticed: list[tuple[str | None, Finding]] = field(default_factory=list)

    def fold(self, event: events.Event) -> None:
        """Takes the next event. Unknown jobs (of a continued pipeline) get a row when they are first heard of."""
        self.now = max(self.now, event.at)
        match event:
            case events.RunStarted():
                self.run = event.run
                self.start = event
                for job in event.jobs:
                    self._plan(job)
            case events.RunFinished():
                self.ended, self.outcome = event.at, event.outcome
            case events.Noticed():
                self.noticed.append((event.job, event.finding))
            case events.Multiplied():
                self._multiply(event)
            case _:
                _fold_into(self.jobs.setdefault(event.job, JobRow(event.job, event.job)), event)

    def fold_all(self, stream: Iterable[events.Event]) -> "RunView":
        """Takes every event of `stream`; gives itself."""
        for event in stream:
            self.fold(event)
        return self

    @property
    def elapsed_s(self) -> float:
        """Seconds from the run's start to its end, or to the newest event."""
        if self.start is None:
            return 0.0
        return (self.ended if self.ended is not None else self.now) - self.start.at

    def nobody_asked(self) -> bool:
        """Whether no job waits for a person (any more)."""
        return all(row.state is not State.ASKING for row in self.jobs.values())

    def ended_with(self, *outcomes: Outcome) -> tuple[JobRow, ...]:
        """The jobs that ended in one of `outcomes`, in the plan's order."""
        return tuple(row for row in self.jobs.values() if row.outcome in outcomes)

    def _plan(self, job: events.PlannedJob) -> None:
        self.jobs[job.id] = _row(job)

    def _multiply(self, event: events.Multiplied) -> None:
        """The cells of a matrix in the place of their job."""
        cells = {job.id: _row(job) for job in event.jobs}
        rows: dict[str, JobRow] = {}
        for one, row in self.jobs.items():
            rows |= cells if one == event.job else {one: row}
            if event.job in row.after:
                row.after = (*(need for need in row.after if need != event.job), *cells)
        self.jobs = rows | {one: row for one, row in cells.items() if one not in rows}


def _row(job: events.PlannedJob) -> JobRow:
    row = JobRow(job.id, job.name, job.after, job.cell, len(job.steps), unmet=job.unmet is not None)
    row.depths = job.depths
    return row


_OfJob = (
    events.JobStarted
    | events.StepStarted
    | events.StepOutput
    | events.StepFinished
    | events.CacheUsed
    | events.Published
    | events.TestsReported
    | events.Annotated
    | events.Summarized
    | events.ApprovalAsked
    | events.ApprovalGiven
    | events.Continued
    | events.JobFinished
)


def _fold_into(row: JobRow, event: _OfJob) -> None:
    match event:
        case events.StepStarted() | events.StepOutput() | events.StepFinished():
            _fold_step(row, event)
        case events.JobStarted():
            row.state, row.started = State.RUNNING, event.at
        case events.ApprovalAsked():
            row.state, row.asked = State.ASKING, event.prompt
            row.started = row.started if row.started is not None else event.at
        case events.ApprovalGiven():
            row.state = State.RUNNING
        case events.JobFinished():
            row.state, row.result, row.current = State.ENDED, event.result, None
        case events.TestsReported():
            row.tests.append(event)
        case events.Published():
            row.published.append(event)
        case events.CacheUsed():
            row.caches.append(event)
        case events.Annotated():
            row.annotations.append(event)
        case events.Summarized():
            row.summaries.append(event)
        case events.Continued():
            pass


def _fold_step(row: JobRow, event: events.StepStarted | events.StepOutput | events.StepFinished) -> None:
    match event:
        case events.StepStarted():
            row.steps[event.step] = StepRow(event.step, event.name, event.at, event.attempt)
            row.current = event.step
            row.total_steps = max(row.total_steps, event.step + 1)
            row.last_line = ""
        case events.StepOutput():
            # A carriage return starts the line again: of a progress bar the newest state counts.
            text = row.partial.get(event.step, "") + event.text
            lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
            row.last_line = lines[-1][-_LONGEST_LINE:] if lines else row.last_line
            row.partial[event.step] = text[max(text.rfind("\n"), text.rfind("\r")) + 1 :][-_LONGEST_LINE:]
        case events.StepFinished():
            known = row.steps.setdefault(event.step, StepRow(event.step, event.name, event.result.started))
            known.result = event.result
            row.partial.pop(event.step, None)
            if row.current == event.step:
                row.current = max((step.index for step in row.steps.values() if step.result is None), default=None)
