"""Turns one workflow file into a pipeline of the model."""

from understudy.dialects.base import ReadFile
from understudy.dialects.github.jobs import read_defaults, read_job
from understudy.dialects.github.nodes import as_text, entries
from understudy.dialects.github.notes import Notes
from understudy.dialects.github.triggers import read_triggers
from understudy.model.pipeline import Job, Pipeline, Text
from understudy.text.yaml import Mapping, Node

NAME = "github"


def read_workflow(root: Mapping, path: str, files: ReadFile, notes: Notes) -> Pipeline:
    """The pipeline of the file at `path`, named as the file names itself or by its path.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#name.
    """
    name = as_text(root.get("name"))
    return Pipeline(
        name.raw if name and name.raw.strip() else path,
        NAME,
        root.at,
        jobs=_jobs(root, files, notes),
        concurrency=_concurrency(root.get("concurrency")),
        triggers=read_triggers(root.get("on")),
    )


def _concurrency(node: Node | None) -> Text | None:
    return as_text(node.get("group") if isinstance(node, Mapping) else node)


def _jobs(root: Mapping, files: ReadFile, notes: Notes) -> tuple[Job, ...]:
    defaults = read_defaults(root)
    found: list[Job] = []
    for key, node in entries(root.get("jobs")):
        if isinstance(node, Mapping):
            found.append(read_job(key, node, defaults, notes))
    return tuple(found)
