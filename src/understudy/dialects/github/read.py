"""Reads a GitHub workflow file: one pipeline, and everything that is wrong with the file or not reproduced."""

from understudy.dialects.base import ReadFile, Reading
from understudy.dialects.github.faults import faults
from understudy.dialects.github.structure_document import load
from understudy.dialects.github.workflow import NAME, read_workflow
from understudy.dialects.notes import Notes
from understudy.findings import Finding, Position, Severity, in_order
from understudy.model.results import Facts
from understudy.text.yaml import Mapping

__all__ = ["FILES", "NAME", "read"]

FILES = (".github/workflows/*.yml", ".github/workflows/*.yaml")


def read(path: str, files: ReadFile, _facts: Facts) -> Reading:
    """The workflow of the file at `path`, and everything that is wrong with it or can't be reproduced.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax.
    """
    data = files(path)
    if data is None:
        finding = Finding(Severity.ERROR, "no-file", f"there is no file `{path}`", Position(path))
        return Reading((), (finding,))
    loaded = load(data, path)
    notes = Notes()
    root = loaded.root
    pipelines = (read_workflow(root, path, files, notes),) if isinstance(root, Mapping) else ()
    told = faults(loaded, path, files)
    errors = {one.at for one in told if one.severity is Severity.ERROR}
    beside = (one for one in notes.findings if one.severity is not Severity.ERROR or one.at not in errors)
    return Reading(pipelines, in_order((*told, *beside)))
