"""Turns a workflow file, and those that it calls, into one pipeline of the model."""

from collections.abc import Iterator
from dataclasses import replace

from understudy.dialects.base import ReadFile
from understudy.dialects.github.conditions import read_condition
from understudy.dialects.github.jobs import read_defaults, read_job, read_needs
from understudy.dialects.github.nodes import as_text, entries, is_null, member, table, tree
from understudy.dialects.github.notes import REUSING, Notes
from understudy.dialects.github.reusable import Level, Workflow, allowed_inside, resolve
from understudy.dialects.github.triggers import read_triggers
from understudy.model.pipeline import ALWAYS, Caller, Job, Need, Pipeline, Step, Text, Tree, Use
from understudy.text.yaml import Mapping, Node, Scalar

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
        jobs=tuple(_jobs(Level(files, notes, chain=(Workflow(root, path),)))),
        concurrency=_concurrency(root.get("concurrency")),
        triggers=read_triggers(root.get("on")),
    )


def _concurrency(node: Node | None) -> Text | None:
    return as_text(node.get("group") if isinstance(node, Mapping) else node)


def _jobs(level: Level) -> Iterator[Job]:
    """The jobs of the workflow at `level`, with those of the workflows that they call in front of each call."""
    root = level.chain[-1].root
    defaults = read_defaults(root)
    bodies = [(key, node) for key, node in entries(root.get("jobs")) if isinstance(node, Mapping)]
    ids = {key.value.casefold(): level.prefix + key.value for key, _ in bodies}
    for key, node in bodies:
        needs = tuple(
            replace(need, job=ids.get(need.job.casefold(), need.job)) for need in read_needs(node.get("needs"))
        )
        if "uses" in node:
            yield from _call(key, node, needs, level)
        else:
            job = read_job(key, node, defaults, level.files, level.notes)
            yield replace(job, id=ids[key.value.casefold()], needs=needs, caller=level.caller)


def _call(key: Scalar, node: Mapping, needs: tuple[Need, ...], level: Level) -> Iterator[Job]:
    """The jobs of the called workflow, and one that stands for the call: it runs nothing and has the call's outputs.

    See https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows.
    """
    id_ = level.prefix + key.value
    name = as_text(node.get("name")) or Text(key.value, key.at)
    uses = node.get("uses")
    called = resolve(uses, level) if isinstance(uses, Scalar) and not is_null(uses) else None
    strategy = node.key("strategy")
    if strategy is not None and called is not None:
        message = "a workflow that is called by a matrix is performed once here, without the values of the matrix"
        level.notes.unsupported("matrix-of-calls", message, strategy.at, "call it by a job for each value", REUSING)
    if called is None:
        ref = as_text(uses) or Text("", node.at)
        step = Step("__call", name, node.at, Use(ref, table(node.get("with"))))
        when = read_condition(node.get("if"))
        yield Job(id_, name, key.at, needs=needs, when=when, steps=(step,), caller=level.caller)
        return
    allowed = allowed_inside(key, node, called, level)
    inner = tuple(_jobs(level.inside(called, _caller(id_, node, called, needs, level), allowed, f"{id_}/")))
    level.notes.findings[:] = dict.fromkeys(level.notes.findings)
    outputs = entries(member(member(called.root.get("on"), "workflow_call"), "outputs"))
    yield from inner
    yield Job(
        id_,
        name,
        key.at,
        needs=tuple(Need(job.id, key.at, ALWAYS.after) for job in inner) or needs,
        when=ALWAYS,
        outputs={one.value: text for one, body in outputs if (text := as_text(member(body, "value")))},
        caller=level.caller,
    )


def _caller(id_: str, node: Mapping, called: Workflow, needs: tuple[Need, ...], level: Level) -> Caller:
    secrets = node.get("secrets")
    inherits = isinstance(secrets, Scalar) and secrets.value == "inherit"
    declared = member(member(called.root.get("on"), "workflow_call"), "inputs")
    return Caller(
        id_,
        called.name,
        inputs=_table(node.get("with")),
        declared=_table(declared),
        secrets=None if inherits else table(secrets),
        needs=needs,
        when=read_condition(node.get("if")),
        caller=level.caller,
    )


def _table(node: Node | None) -> dict[str, Tree]:
    return {key.value: tree(value) for key, value in entries(node)}
