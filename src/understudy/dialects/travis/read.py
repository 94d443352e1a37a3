"""Reads a `.travis.yml` into one pipeline, the build that the event of the facts would start.

https://docs.travis-ci.com/user/customizing-the-build/
"""

from collections.abc import Iterator, Mapping

from understudy.dialects.base import ReadFile, Reading
from understudy.dialects.notes import Notes
from understudy.dialects.travis import document, imports, known_data, matrix, messages, remarks, stages, unjudged
from understudy.dialects.travis.jobs import Placed, read_job
from understudy.dialects.travis.normalise import Normal, normalise
from understudy.findings import Finding, Position, Severity, has_errors, in_order
from understudy.model.pipeline import Condition, Pipeline, Text
from understudy.model.results import Facts

NAME = "travis"
FILES = (".travis.yml",)
BUILD = "build"
"""The name of the one pipeline of a file."""

_MATRIX = "https://docs.travis-ci.com/user/build-matrix/#matrix-expansion"


def read(path: str, files: ReadFile, facts: Facts) -> Reading:
    """The build of the file at `path`, with the jobs that it would have, and all that there is to say of it."""
    data = files(path)
    if data is None:
        return Reading((), (Finding(Severity.ERROR, "no-file", f"there is no file `{path}`", Position(path)),))
    loaded = document.load(data, path)
    if loaded.root is None and has_errors(loaded.findings):
        return Reading((), loaded.findings)
    imported = imports.load(loaded.root, path, files, known_data.data(facts))
    normal = normalise(imported.root, path)
    told = (
        *loaded.findings,
        *imported.findings,
        *messages.findings((*imported.messages, *normal.messages)),
        *unjudged.findings(normal, facts),
    )
    notes = Notes()
    pipelines = tuple(_build(normal, facts, notes))
    return Reading(pipelines, in_order((*told, *notes.findings)))


def _build(normal: Normal, facts: Facts, notes: Notes) -> Iterator[Pipeline]:
    try:
        placed = stages.placed(normal.config, facts)
    except matrix.TooManyJobs as error:
        message = f"{error}, and a build may have {matrix.LIMIT} jobs"
        notes.error("too-many-jobs", message, normal.place(), "list the jobs you need in `jobs.include`", _MATRIX)
        return
    _bounded(placed, normal, notes)
    jobs = tuple(read_job(one, normal, facts) for one in placed)
    remarks.note(placed, normal, notes)
    notes.findings += unjudged.findings(normal, facts)
    at = normal.place()
    when = Condition(expression=Text("build", at), written=_written(normal.config))
    yield Pipeline(BUILD, NAME, at, when=when, jobs=jobs, triggers=normal.config)


def _written(config: Mapping[str, object]) -> str:
    condition = config.get("if")
    return f"if: {condition}" if isinstance(condition, str) else ""


def _bounded(placed: tuple[Placed, ...], normal: Normal, notes: Notes) -> None:
    count = sum(one.starts for one in placed)
    if count > matrix.LIMIT:
        message = f"the build has {count:,} jobs, and Travis starts none with more than {matrix.LIMIT}"
        notes.error("too-many-jobs", message, normal.place("jobs"), rule=_MATRIX)
