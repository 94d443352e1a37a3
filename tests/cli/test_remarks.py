"""Annotations in the summary of a run.

See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message.
"""

from understudy.cli.paint import Paint
from understudy.cli.remarks import annotation_lines
from understudy.cli.view import RunView
from understudy.model.events import Annotated, PlannedJob, RunStarted

JOBS = tuple(PlannedJob(name, name, (), ("Run",)) for name in ("a", "b"))
START = RunStarted(0.0, "7f3a", "ci", "github", "push", "main", None, "abcdef0", "sandbox", JOBS)


def test_each_annotation_once_with_its_place_and_its_jobs() -> None:
    happened = (
        START,
        Annotated(1.0, "a", 0, "error", "no such\nfile", "src/a.py", 3, None, 7, "Lint"),
        Annotated(1.0, "a", 0, "warning", "old"),
        Annotated(1.0, "b", 0, "warning", "old"),
        Annotated(1.0, "b", 0, "debug", "inner"),
    )
    assert annotation_lines(RunView().fold_all(happened), Paint()) == [
        "annotations:",
        "  - error: src/a.py:3:7: Lint: no such file (in a)",
        "  - warning: old (in 2 jobs)",
    ]


def test_without_any_there_is_no_heading() -> None:
    assert annotation_lines(RunView().fold_all((START,)), Paint()) == []
