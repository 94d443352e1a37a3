"""How a run ended: each job, what failed and its last lines, what to type next, what was not as the service does it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from understudy.cli.log import job_ending, outcome_word, tests
from understudy.cli.paint import Paint, counted, duration, size, width_of
from understudy.cli.remarks import annotation_lines
from understudy.cli.view import JobRow, RunView
from understudy.insight.excerpt import relevant
from understudy.model.pipeline import Kind
from understudy.model.results import Outcome, StepResult

_SIGNS = {
    Outcome.PASSED: "✔",
    Outcome.FAILED: "✖",
    Outcome.ERRORED: "‼",
    Outcome.CANCELLED: "■",
    Outcome.SKIPPED: "○",
}
_FAILING_TESTS = 10


@dataclass(frozen=True, slots=True)
class Ending:
    """What the summary asks of others, each by job id and step index.

    `log_path`: where the step's whole log is, as the user would type it. `log_tail`: the log's last lines, as many as
    are at hand. `again`: the command that performs just this job again. `look`: the command that prints its log.
    `approved`: the command for the same run with the approval of this job; `whole`: for just the same run. `more`:
    commands for afterwards, whatever came of it, each with what it does.
    """

    log_path: Callable[[str, int], str]
    log_tail: Callable[[str, int], Sequence[str]]
    again: Callable[[str], str]
    look: Callable[[str], str]
    approved: Callable[[str], str]
    whole: str
    more: Sequence[tuple[str, str]] = ()


def summary_lines(view: RunView, ending: Ending, paint: Paint, *, jobs: bool = True) -> list[str]:
    """The whole summary of a run that has ended. `jobs`: with a line for each, where they don't stand there already."""
    column = name_column(view.jobs, paint)
    parts = [[line for row in view.jobs.values() for line in job_line(row, paint, column)] if jobs else []]
    parts += [
        annotation_lines(view, paint),
        difference_lines(view, paint),
        [_last_line(view, paint), *_next(view, ending, paint)],
    ]
    parts += [list(_failure(row, ending, paint)) for row in view.jobs.values() if row.is_bad]
    filled = [part for part in parts if part]
    return [line for index, part in enumerate(filled) for line in (["", *part] if index else part)]


def job_line(row: JobRow, paint: Paint, column: int) -> list[str]:
    """One job: sign, name in a column of that width, outcome and time, what it handed over or why it didn't run.

    Most often one line. A longer name than the column is not cut: what tells two cells of a matrix apart is often at
    its end. Where names leave less than half of the terminal, further lines begin at its left.
    """
    sign = paint.sign(_SIGNS[row.outcome]) if row.outcome else paint.sign("·")
    sign = paint.styled(sign, row.outcome.value) if row.outcome else sign
    ending = job_ending(row.result, paint) if row.result else row.state.value
    notes = "".join(f", {note}" for note in _notes(row))
    name = paint.pad(paint.clean(row.id), column)
    margin = width_of(name) + 4
    indent = " " * (margin if margin <= paint.width // 2 else 4)
    return paint.wrap(f"{ending}{notes}", first=f"{sign} {name}  ", indent=indent)


def name_column(names: Iterable[str], paint: Paint) -> int:
    """The width of the column of names: fits them all, within reason."""
    return min(max((width_of(paint.clean(name)) for name in names), default=0), max(20, paint.width // 2))


def difference_lines(view: RunView, paint: Paint) -> list[str]:
    """What was not performed as the service does, jobs that can't be performed here first: each finding once."""
    about: dict[tuple[str, str], dict[str, None]] = {}
    for job, finding in view.noticed:
        about.setdefault((finding.message, finding.hint), {}).update({job: None} if job else {})
    unmet: dict[str, list[str]] = {}
    for row in view.ended_with(Outcome.SKIPPED):
        if row.unmet and row.result is not None:
            unmet.setdefault(row.result.reason, []).append(row.id)
    lines = ["not as the service does:"] if about or unmet else []
    for reason, skipped in unmet.items():
        which = f"`{skipped[0]}` was" if len(skipped) == 1 else f"{len(skipped)} jobs were"
        lines += paint.wrap(paint.clean(f"{which} not performed: {reason}"), first="  - ", indent="    ")
    for (message, hint), owners in about.items():
        jobs = counted(len(owners), "job") if len(owners) > 1 else "".join(owners)
        text = f"{message} (in {jobs})" if jobs else message
        lines += paint.wrap(paint.clean(text), first="  - ", indent="    ")
        lines += paint.wrap(paint.clean(hint), first="    hint: ", indent="          ") if hint else []
    return lines


def _failure(row: JobRow, ending: Ending, paint: Paint) -> Iterator[str]:
    """What failed, as much of its log as tells why, and what to type."""
    result = row.result
    assert result is not None
    head = f"{outcome_word(result.outcome, paint)}  {paint.styled(paint.clean(row.id), 'bold')}"
    step = row.steps.get(result.failed_step) if result.failed_step is not None else None
    dot = paint.sign("·")
    if step is None or result.failed_step is None:
        head += f" {dot} {paint.clean(result.reason)}" if result.reason else ""
        yield from paint.wrap(head, first="", indent="  ")
    else:
        how = f" {dot} {_how(step.result, paint)}" if step.result else ""
        head += f' {dot} step {step.index + 1} "{paint.clean(step.name)}"{how}'
        yield from paint.wrap(head, first="", indent="  ")
        yield from _tests(row, paint)
        tail = relevant(ending.log_tail(row.id, step.index))
        yield from (f"  | {paint.clean(line)}" for line in tail)
        yield f"  log      {paint.clean(ending.log_path(row.id, step.index))}"
    yield f"  look     {paint.clean(ending.look(row.id))}"
    yield f"  again    {paint.clean(ending.again(row.id))}"


def _how(result: StepResult, paint: Paint) -> str:
    """`exit 1 after 58s`, `no output for 10m after 12m 03s`."""
    code = f"exit {result.exit_code}" if result.exit_code is not None else ""
    what = paint.clean(result.reason) or code or result.outcome.value
    return f"{what} after {duration(result.ended - result.started)}"


def _tests(row: JobRow, paint: Paint) -> Iterator[str]:
    failing = [name for report in row.tests for name in report.failing]
    for report in row.tests:
        yield f"  tests    {tests(report, paint)}"
    for name in failing[:_FAILING_TESTS]:
        yield f"           {paint.clean(name)}"
    if len(failing) > _FAILING_TESTS:
        yield f"           and {len(failing) - _FAILING_TESTS} more"


def _notes(row: JobRow) -> Iterator[str]:
    artifacts = [one for one in row.published if one.kind == Kind.ARTIFACT.value]
    if artifacts:
        yield f"{counted(len(artifacts), 'artifact')}, {size(sum(one.size_bytes for one in artifacts))}"
    reused = [one for one in row.caches if one.action == "restore" and one.found]
    if reused:
        yield f"{counted(len(reused), 'cache')} reused"
    if row.tests and not any(report.failed for report in row.tests):
        yield f"{counted(sum(report.passed for report in row.tests), 'test')} passed"


def _next(view: RunView, ending: Ending, paint: Paint) -> Iterator[str]:
    """What to type next; a failed job has said so already, above."""
    if any(row.is_bad for row in view.jobs.values()):
        return
    asked = [row for row in view.ended_with(Outcome.CANCELLED) if row.asked]
    again = [(ending.approved(row.id), "with that approval") for row in asked]
    if view.outcome is Outcome.CANCELLED and not asked:
        again = [(ending.whole, "once more")]
    lines = [*again, *ending.more]
    column = max((width_of(command) for command, _ in lines), default=0)
    for command, what in lines:
        yield f"  {paint.pad(paint.clean(command), column)}  {paint.styled(what, 'dim')}"


def _last_line(view: RunView, paint: Paint) -> str:
    counts = Counter(row.outcome for row in view.jobs.values() if row.outcome)
    order = (Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELLED, Outcome.SKIPPED, Outcome.PASSED)
    parts = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in order if counts[outcome])
    word = outcome_word(view.outcome, paint) if view.outcome else "interrupted"
    return f"run {paint.clean(view.run)} {word} in {duration(view.elapsed_s)}" + (f": {parts}" if parts else "")
