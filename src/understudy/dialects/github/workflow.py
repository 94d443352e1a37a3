"""Turns a workflow file, and those that it calls, into one pipeline of the model."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import replace

from understudy.dialects.base import ReadFile
from understudy.dialects.github.conditions import read_condition
from understudy.dialects.github.jobs import read_defaults, read_job, read_needs, read_turns
from understudy.dialects.github.matrix import read_strategy
from understudy.dialects.github.nodes import as_text, entries, is_null, member, table, tree
from understudy.dialects.github.notes import REUSING
from understudy.dialects.github.reusable import MAX_CALLS, Level, Workflow, allowed_inside, resolve
from understudy.dialects.github.reusable_matrix import called_by_cell, cells, labels_of, outputs_of_all, with_values
from understudy.dialects.github.rows import Row
from understudy.dialects.github.triggers import read_triggers
from understudy.dialects.notes import Notes
from understudy.model.pipeline import ALWAYS, Caller, Job, Matrix, Need, Pipeline, Step, Text, Tree, Use
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
        turns=read_turns(root.get("concurrency")),
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
            yield replace(job, id=level.prefix + key.value, needs=needs, caller=level.caller)


def _call(key: Scalar, node: Mapping, needs: tuple[Need, ...], level: Level) -> Iterator[Job]:
    """The jobs of the called workflow, and one that stands for the call: it runs nothing and has the call's outputs.

    See https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows.
    """
    id_ = level.prefix + key.value
    name = as_text(node.get("name")) or Text(key.value, key.at)
    uses = node.get("uses")
    called = resolve(uses, level) if isinstance(uses, Scalar) and not is_null(uses) else None
    if called is None:
        ref = as_text(uses) or Text("", node.at)
        step = Step("__call", name, node.at, Use(ref, table(node.get("with"))))
        when = read_condition(node.get("if"))
        yield Job(id_, name, key.at, needs=needs, when=when, steps=(step,), caller=level.caller)
        return
    for held in (node.key("concurrency"), called.root.key("concurrency")):
        if held is not None:
            message = "the `concurrency` of a call holds nothing back here: one run is performed at a time"
            level.notes.warning("concurrency-of-calls", message, held.at, "give it to jobs", REUSING)
    allowed = allowed_inside(key, node, called, level)
    caller = _caller(id_, node, called, needs, level)
    outputs = _outputs(called)
    matrix = read_strategy(node.get("strategy"))
    rows = _rows(node, matrix, level)
    if rows is None:
        inner = list(_jobs(level.inside(called, caller, allowed, f"{id_}/")))
    else:
        labels = labels_of(rows)
        inner = []
        for row, one in zip(rows, labels, strict=True):
            of_cell = called_by_cell(caller, row, f"{id_}/{one}", matrix)
            inside = tuple(_jobs(level.inside(called, of_cell, allowed, f"{id_}/{one}/")))
            closing = replace(name, raw=f"{with_values(name, row).raw} {one}")
            whole = _closing(of_cell.id, closing, key, inside, outputs, of_cell.caller)
            inner += [*inside, replace(whole, names=(id_,), cell=of_cell.cell)]
        outputs = outputs_of_all(outputs, labels)
    level.notes.findings[:] = dict.fromkeys(level.notes.findings)
    yield from inner
    waited = [job for job in inner if job.caller is not None and job.caller.id == id_]
    yield _closing(id_, name, key, waited, outputs, level.caller)


def _closing(
    id_: str, name: Text, key: Scalar, inside: Iterable[Job], outputs: Table[str, Text], caller: Caller | None
) -> Job:
    """The job that stands for a call: what it comes to is the roll-up of those inside."""
    needs = tuple(Need(job.id, key.at, ALWAYS.after) for job in inside)
    return Job(id_, name, key.at, needs=needs, when=ALWAYS, outputs=outputs, caller=caller)


def _outputs(called: Workflow) -> dict[str, Text]:
    declared = entries(member(member(called.root.get("on"), "workflow_call"), "outputs"))
    return {key.value: text for key, body in declared if (text := as_text(member(body, "value")))}


def _rows(node: Mapping, matrix: Matrix | None, level: Level) -> tuple[Row, ...] | None:
    """The cells of a matrix of calls; None where there is no matrix, or none that is known by now."""
    found = cells(matrix) if matrix else None
    strategy = node.key("strategy")
    if found is None and strategy is not None and (matrix or as_text(node.get("strategy"))):
        message = "a matrix of calls must be known when the file is read; here one call is made, without its values"
        hint = "write the values of the matrix out, without expressions"
        level.notes.unsupported("matrix-of-calls", message, strategy.at, hint, REUSING)
    for _ in (found or ())[1:]:
        level.calls.append("")
    if len(level.calls) > MAX_CALLS and strategy is not None:
        message = f"workflows are called more than {MAX_CALLS:,} times"
        level.notes.error("too-many-calls", message, strategy.at, rule=REUSING)
        return None
    return found


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
