"""Workflows of several files: each has a name of its own, and may be called by its file's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from understudy.dialects.base import Reading
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Caller, Pipeline
from understudy.plan.planner import Selection


def with_names(pipelines: Iterable[Pipeline]) -> tuple[Pipeline, ...]:
    """`pipelines`, those of one name told apart by their files: `CI (nightly.yml)`."""
    several = tuple(pipelines)
    counts = Counter(one.name for one in several)
    places = {one.name: {other.at.file for other in several if other.name == one.name} for one in several}
    return tuple(
        replace(one, name=_with_file(one))
        if counts[one.name] > 1 and len(places[one.name]) == counts[one.name]
        else one
        for one in several
    )


def may_mean(asked: str | None, pipelines: Iterable[Pipeline]) -> bool:
    """Whether the workflow `asked` for (None: any) may be one of `pipelines`, which `with_names` has not seen yet."""
    return asked is None or any(asked in {one.name, _with_file(one), *_file_names(one.at.file)} for one in pipelines)


def by_file(selection: Selection, pipelines: Sequence[Pipeline]) -> Selection:
    """`selection` with the workflow's name in the place of its file's path, name, or name without ending."""
    asked = selection.workflow
    if asked is None or any(one.name == asked for one in pipelines):
        return selection
    meant = [one.name for one in pipelines if asked in _file_names(one.at.file)]
    return replace(selection, workflow=meant[0]) if len(meant) == 1 else selection


def about(reading: Reading, selection: Selection, files: Sequence[str]) -> tuple[Finding, ...]:
    """The findings of `reading` without those of other files, where one workflow was asked for by name."""
    meant = [one for one in reading.pipelines if one.name == selection.workflow]
    if not meant:
        return reading.findings
    there = {file for one in meant for file in (one.at.file, *_called(one))}
    return tuple(one for one in reading.findings if one.at.file in there or one.at.file not in files)


def about_started(
    findings: Iterable[Finding], started: Sequence[Pipeline], files: Sequence[str]
) -> tuple[Finding, ...]:
    """`findings` without remarks on files that nothing is performed of, while something is of others: errors stay."""
    there = {file for one in started for file in (one.at.file, *_called(one))}
    return tuple(
        one
        for one in findings
        if not there or one.severity is Severity.ERROR or one.at.file in there or one.at.file not in files
    )


def _called(pipeline: Pipeline) -> Iterator[str]:
    """The files of the workflows that `pipeline` calls."""
    for job in pipeline.jobs:
        caller: Caller | None = job.caller
        while caller is not None:
            yield caller.file
            yield job.at.file
            caller = caller.caller


def _with_file(pipeline: Pipeline) -> str:
    return f"{pipeline.name} ({PurePosixPath(pipeline.at.file).name})"


def _file_names(path: str) -> tuple[str, ...]:
    pure = PurePosixPath(path)
    return (path, pure.name, pure.stem)
