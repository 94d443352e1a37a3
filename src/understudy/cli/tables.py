"""Tables: past runs, one run's jobs and steps, caches and artifacts; plain columns that paste and grep well."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import PurePath

from understudy.cli.log import outcome_word, step_ending
from understudy.cli.paint import Paint, duration, size, width_of
from understudy.cli.remarks import annotation_lines, written_lines
from understudy.cli.summary import job_line, name_column
from understudy.cli.view import JobRow, RunView
from understudy.model.pipeline import Kind
from understudy.store.base import CacheRow, RunRow

_GAP = "  "


def table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], paint: Paint, *, right: Sequence[int] = ()
) -> list[str]:
    """Columns as wide as their widest cell; the widest column gives way where the terminal is too narrow.

    `rows` need not be clean. `right`: the indexes of columns that are aligned to the right. No rows: no lines.
    """
    cells = [[paint.clean(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(map(width_of, column)) for column in zip(headers, *cells, strict=True)]
    widest = widths.index(max(widths))
    spare = paint.width - sum(widths) - len(_GAP) * (len(widths) - 1)
    widths[widest] = max(min(widths[widest], 8), widths[widest] + min(0, spare))
    lines = [_line(headers, widths, paint, right)]
    return [paint.styled(lines[0], "bold"), *(_line(row, widths, paint, right) for row in cells)]


def runs_table(rows: Iterable[RunRow], paint: Paint, *, zone: tzinfo = UTC, projects: bool = False) -> list[str]:
    """Past runs, as given. `projects`: with the repository of each."""
    headers = ["run", "workflow", "outcome", "started", "took", *(["repository"] if projects else [])]
    cells = [
        [
            row.id,
            row.info.pipeline,
            _run_outcome(row),
            moment(row.info.started, zone),
            duration(row.ended - row.info.started) if row.ended is not None else "",
            *([PurePath(row.info.project).name] if projects else []),
        ]
        for row in rows
    ]
    return table(headers, cells, paint, right=(4,))


def cache_table(rows: Iterable[CacheRow], paint: Paint, *, zone: tzinfo = UTC, projects: bool = False) -> list[str]:
    """Saved caches, as given, and their sum."""
    kept = list(rows)
    headers = ["key", "size", "saved", "last used", *(["repository"] if projects else [])]
    cells = [
        [
            row.key,
            size(row.size_bytes),
            moment(row.at, zone),
            moment(row.used, zone),
            *([PurePath(row.project).name] if projects else []),
        ]
        for row in kept
    ]
    lines = table(headers, cells, paint, right=(1,))
    return [*lines, f"{len(kept)} in all, {size(sum(row.size_bytes for row in kept))}"] if lines else []


def artifact_table(view: RunView, paint: Paint) -> list[str]:
    """The artifacts of a run, by job."""
    kept = [one for row in view.jobs.values() for one in row.published if one.kind == Kind.ARTIFACT.value]
    return table(
        ["job", "artifact", "size"], [[one.job, one.path, size(one.size_bytes)] for one in kept], paint, right=(2,)
    )


def show_lines(view: RunView, paint: Paint) -> list[str]:
    """One run: what it was, each job, and below it each step with its outcome and time."""
    lines = [_title(view, paint)]
    column = name_column(view.jobs, paint)
    unfinished = "interrupted here" if view.interrupted else "not finished"
    for row in view.jobs.values():
        lines += [*job_line(row, paint, column), *_steps(row, paint, unfinished)]
    remarks = annotation_lines(view, paint)
    return [*lines, *(["", *remarks] if remarks else []), *written_lines(view, paint)]


def moment(at: float, zone: tzinfo) -> str:
    """`2026-11-20 14:05`, in `zone`; `at` in seconds since the epoch."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")


def _steps(row: JobRow, paint: Paint, unfinished: str) -> Iterator[str]:
    for index in sorted(row.steps):
        step = row.steps[index]
        ending = step_ending(step.result, paint) if step.result else unfinished
        inset = "  " * row.depths[index] if index < len(row.depths) else ""
        yield f"    {index + 1:>2}  {inset}{paint.clean(step.name)}: {ending}"


def _title(view: RunView, paint: Paint) -> str:
    start = view.start
    unfinished = "interrupted" if view.interrupted else "not finished"
    outcome = outcome_word(view.outcome, paint) if view.outcome else unfinished
    if start is None:
        return f"run {paint.clean(view.run)}: {outcome}"
    place = f"tag {start.tag}" if start.tag else f"branch {start.branch}" if start.branch else "a detached commit"
    what = f"{start.pipeline}, {start.event} on {place} at {start.sha[:7]}, {start.runtime}"
    return f"run {paint.clean(view.run)}: {paint.clean(what)}, {outcome} in {duration(view.elapsed_s)}"


def _run_outcome(row: RunRow) -> str:
    if row.interrupted:
        return "interrupted"
    return row.outcome.value if row.outcome else "running"


def _line(cells: Sequence[str], widths: Sequence[int], paint: Paint, right: Sequence[int]) -> str:
    shown: list[str] = []
    for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        fitted = paint.fit(cell, width)
        padding = paint.pad(fitted, width)[len(fitted) :]
        shown.append(padding + fitted if index in right else fitted + padding)
    return _GAP.join(shown).rstrip()
