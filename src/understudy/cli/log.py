"""A run as a log for pipes: a line for each event of interest, led by its job, in the order of the events."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.cli.findings import short_finding
from understudy.cli.paint import Paint, counted, duration, size
from understudy.cli.remarks import annotation
from understudy.insight.excerpt import plain
from understudy.model import events
from understudy.model.pipeline import Kind
from understudy.model.results import JobResult, Outcome, StepResult

_KINDS = {Kind.ARTIFACT.value: "artifact", Kind.WORKSPACE.value: "workspace", Kind.TEST_RESULTS.value: "test results"}


@dataclass(slots=True)
class Log:
    """Turns events into lines. `output`: what steps print is told too, each line once it is whole."""

    paint: Paint
    output: bool = False
    _steps: dict[str, int] = field(default_factory=dict)
    _open: dict[tuple[str, int], str] = field(default_factory=dict)
    _noticed: set[tuple[str, str]] = field(default_factory=set)
    _skipped: dict[str, list[events.StepFinished]] = field(default_factory=dict)

    def lines(self, event: events.Event) -> list[str]:
        """The lines to print for the next event; most often one, none for what is of no interest.

        Steps that are skipped one after the other for the same reason are told together, when it goes on after them.
        """
        if isinstance(event, events.RunStarted | events.Multiplied):
            self._steps |= {job.id: len(job.steps) for job in event.jobs}
        if not isinstance(event, events.StepFinished) or event.result.outcome is not Outcome.SKIPPED:
            return [*self._left_out(getattr(event, "job", None)), *self._lines(event)]
        before = self._skipped.get(event.job, [])
        told = self._left_out(event.job) if before and before[-1].result.reason != event.result.reason else []
        self._skipped.setdefault(event.job, []).append(event)
        return told

    def _left_out(self, job: str | None) -> list[str]:
        skipped = self._skipped.pop(job, []) if job else []
        if not job or not skipped:
            return []
        numbers = _ranges([one.step for one in skipped])
        what = f"steps {numbers}" if len(skipped) > 1 else f"step {numbers} {self.paint.clean(skipped[0].name)}"
        return [f"{self._lead(job)} {what} {step_ending(skipped[0].result, self.paint)}"]

    def _lines(self, event: events.Event) -> list[str]:
        match event:
            case events.RunStarted():
                return [_opening(event, self.paint)]
            case events.RunFinished():
                return []
            case events.Noticed():
                return self._told_once(event)
            case events.StepOutput():
                return self._printed(event)
            case events.StepFinished():
                rest = self._open.pop((event.job, event.step), "")
                return [*self._led(event.job, "| ", [rest] if rest else []), *self._told(event)]
            case _:
                return self._told(event)

    def _told_once(self, event: events.Noticed) -> list[str]:
        """A finding is told when it first comes up; the summary counts the jobs that it is about."""
        what = (event.finding.message, event.finding.hint)
        if what in self._noticed:
            return []
        self._noticed.add(what)
        return [short_finding(event.finding, self.paint)] if event.job is None else self._told(event)

    def _told(self, event: "_Told") -> list[str]:
        assert event.job is not None
        steps = self._steps.get(event.job, 0)
        return [f"{self._lead(event.job)} {line}" for line in _told(event, steps, self.paint)]

    def _lead(self, job: str) -> str:
        return self.paint.styled(f"[{self.paint.clean(job)}]", "bold")

    def _printed(self, event: events.StepOutput) -> list[str]:
        if not self.output:
            return []
        key = (event.job, event.step)
        *whole, rest = (self._open.get(key, "") + event.text).split("\n")
        self._open[key] = rest
        return self._led(event.job, "| ", whole)

    def _led(self, job: str, mark: str, raw: list[str]) -> list[str]:
        return (
            [f"[{self.paint.clean(job)}] {mark}{self.paint.clean(plain(line))}" for line in raw] if self.output else []
        )


_Told = (
    events.Noticed
    | events.JobStarted
    | events.StepStarted
    | events.StepFinished
    | events.CacheUsed
    | events.Published
    | events.TestsReported
    | events.Annotated
    | events.Summarized
    | events.Multiplied
    | events.ApprovalAsked
    | events.ApprovalGiven
    | events.Continued
    | events.JobFinished
)


def _ranges(steps: list[int]) -> str:
    """`3, 5 to 9`, numbered from 1, of indices that rise."""
    parts: list[tuple[int, int]] = []
    for number in (step + 1 for step in steps):
        if parts and parts[-1][1] == number - 1:
            parts[-1] = (parts[-1][0], number)
        else:
            parts.append((number, number))
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in parts)


def _told(event: _Told, steps: int, paint: Paint) -> Iterator[str]:
    match event:
        case events.JobStarted():
            yield "started"
        case events.StepStarted():
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            of = f"/{steps}" if steps else ""
            yield f"step {event.step + 1}{of} {paint.clean(event.name)}{again}"
        case events.StepFinished():
            yield f"step {event.step + 1} {step_ending(event.result, paint)}"
        case events.JobFinished():
            yield job_ending(event.result, paint)
        case events.Noticed():
            yield short_finding(event.finding, paint)
        case events.Annotated():
            yield f"{paint.clean(event.level)}: {paint.clean(annotation(event))}"
        case events.Summarized():
            yield f"wrote a summary, {counted(len(event.text.splitlines()), 'line')}"
        case events.Multiplied():
            yield f"its matrix is known: {paint.clean(', '.join(job.id for job in event.jobs))}"
        case _:
            yield _aside(event, paint)


_Aside = (
    events.CacheUsed
    | events.Published
    | events.TestsReported
    | events.ApprovalAsked
    | events.ApprovalGiven
    | events.Continued
)


def _aside(event: _Aside, paint: Paint) -> str:
    match event:
        case events.CacheUsed():
            return _cache(event, paint)
        case events.Published():
            kind = _KINDS.get(event.kind, event.kind)
            return f"kept {kind} {paint.clean(event.path)}, {size(event.size_bytes)}"
        case events.TestsReported():
            return f"tests: {tests(event, paint)}"
        case events.ApprovalAsked():
            return f"waits for approval: {paint.clean(event.prompt)}"
        case events.ApprovalGiven():
            return f"{'approved' if event.approved else 'refused'} by {paint.clean(event.by)}"
        case events.Continued():
            return "handed over the configuration to go on with"


def _cache(event: events.CacheUsed, paint: Paint) -> str:
    restoring = event.action == "restore"
    if event.found is None:
        missed = "no cache for" if restoring else "no cache was saved for"
        return f"{missed} {paint.clean(event.key)}"
    return f"cache {'restored' if restoring else 'saved'}: {paint.clean(event.found)}, {size(event.size_bytes)}"


def _opening(event: events.RunStarted, paint: Paint) -> str:
    place = f"tag {event.tag}" if event.tag else f"branch {event.branch}" if event.branch else event.sha[:7]
    parts = (event.pipeline, f"{event.event} on {place}", event.runtime, counted(len(event.jobs), "job"))
    return f"run {paint.clean(event.run)}: {paint.clean(', '.join(parts))}"


def step_ending(result: StepResult, paint: Paint) -> str:
    """`passed in 3.2s`, `FAILED, exit 1 after 58s`, `failed, exit 1 after 58s, which this step may`, `skipped: why`."""
    word = outcome_word(result.outcome, paint)
    time = duration(result.ended - result.started)
    if result.outcome is Outcome.PASSED:
        attempts = f", attempt {result.attempts}" if result.attempts > 1 else ""
        return f"{word} in {time}{attempts}"
    if result.outcome is Outcome.SKIPPED:
        return word + (f": {paint.clean(result.reason)}" if result.reason else "")
    code = f", exit {result.exit_code}" if result.exit_code is not None else ""
    allowed = ", which it may" if result.conclusion is Outcome.PASSED else ""
    return f"{word}{code} after {time}{allowed}" + (f": {paint.clean(result.reason)}" if result.reason else "")


def job_ending(result: JobResult, paint: Paint) -> str:
    """`passed in 3m 41s`, `FAILED after 58s: reason`, `skipped: reason`."""
    word = outcome_word(result.outcome, paint)
    reason = f": {paint.clean(result.reason)}" if result.reason else ""
    never_started = result.outcome is Outcome.CANCELLED and result.ended == result.started
    if result.outcome is Outcome.SKIPPED or never_started:
        return word + reason
    joint = "in" if result.outcome is Outcome.PASSED else "after"
    reason = f", which it may{reason}" if result.forgiven else reason
    return f"{word} {joint} {duration(result.ended - result.started)}{reason}"


def outcome_word(outcome: Outcome, paint: Paint) -> str:
    """The outcome as a word, bad ones in capitals: it says everything without its colour."""
    word = outcome.value.upper() if outcome in {Outcome.FAILED, Outcome.ERRORED} else outcome.value
    return paint.styled(word, outcome.value)


def tests(report: events.TestsReported, paint: Paint) -> str:
    """`3 failed, 212 passed, 1 skipped`."""
    failed = [paint.styled(f"{report.failed} failed", "failed")] if report.failed else []
    skipped = [f"{report.skipped} skipped"] if report.skipped else []
    return ", ".join([*failed, f"{report.passed} passed", *skipped])
