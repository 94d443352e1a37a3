"""Reads a CircleCI file into pipelines: one for each workflow, compiled for the trigger that the facts tell of."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from understudy.dialects.base import EvaluationError, ReadFile, Reading
from understudy.dialects.circleci.actions import as_text, texts
from understudy.dialects.circleci.compiler import CompiledJob, CompiledWorkflow
from understudy.dialects.circleci.expand import Compiled, compile_file, statement_of
from understudy.dialects.circleci.filters import job_filters, pattern_problem
from understudy.dialects.circleci.jobs import read_job
from understudy.dialects.circleci.logic import evaluate_logic, shortened
from understudy.dialects.circleci.nodes import entries, is_null, written
from understudy.dialects.circleci.notes import CONFIGURATION
from understudy.dialects.circleci.schedule import schedule_findings
from understudy.dialects.circleci.structure import check
from understudy.dialects.notes import Notes
from understudy.findings import Finding, Position, Severity, in_order
from understudy.model.pipeline import Condition, Job, Patterns, Pipeline, Schedule, Text
from understudy.model.results import Facts
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

NAME = "circleci"
FILES = (".circleci/config.yml",)

_OF_SHAPE = frozenset({"wrong-type", "job-entry", "step-keys", "missing-key", "empty-step", "duration", "parallelism"})
"""Codes of what the check of a file's shape sees too, in words of its own."""
_OF_BROKEN_SHAPE = frozenset({"no-image", "no-executor", "step-keys"})
"""Codes of what only follows from a shape that is wrong, and stands elsewhere."""

_BRANCHES_OF_JOBS = "https://circleci.com/docs/guides/orchestrate/workflows/#branch-level-job-execution"
_SETUP = "https://circleci.com/docs/guides/orchestrate/dynamic-config/"
_RERUNS = "https://circleci.com/docs/guides/orchestrate/automatic-reruns/"


def read(path: str, files: ReadFile, facts: Facts) -> Reading:
    """The workflows of the file at `path`, and everything that is wrong with it or can't be reproduced.

    See https://circleci.com/docs/reference/configuration-reference/.
    """
    data = files(path)
    if data is None:
        finding = Finding(Severity.ERROR, "no-file", f"there is no file `{path}`", Position(path))
        return Reading((), (finding,))
    compiled = compile_file(data, path, files, facts)
    notes = Notes()
    pipelines = tuple(_pipeline(one, compiled, notes) for one in compiled.workflows)
    _one_setup_workflow(compiled, notes)
    unparsed = compiled.root is None and any(one.severity is Severity.ERROR for one in compiled.findings)
    shape = () if unparsed else check(compiled.root, path)
    return Reading(pipelines, in_order((*shape, *_beside(shape, (*compiled.findings, *notes.findings)))))


def _one_setup_workflow(compiled: Compiled, notes: Notes) -> None:
    """A setup configuration may start one workflow. See https://circleci.com/docs/guides/orchestrate/dynamic-config/."""
    on_push = [one for one in compiled.workflows if "triggers" not in one.node]
    started = [one.name for one in on_push if _starts(compiled.statements.get(one.name.value, True))]
    if compiled.setup and len(started) > 1:
        listed = ", ".join(f"`{name.value}`" for name in started)
        message = f"a setup configuration may start one workflow, and this one starts {len(started)}: {listed}"
        hint = "keep the others out with `when`"
        notes.error("several-setup-workflows", message, started[1].at, hint, _SETUP)


def _starts(statement: object) -> bool:
    try:
        return evaluate_logic(statement)
    except EvaluationError:
        return False


def _beside(shape: Iterable[Finding], others: Iterable[Finding]) -> Iterator[Finding]:
    """`others` less those of a place whose shape is told of already: one finding is enough there."""
    told = {one.at: one.severity for one in shape if one.at.line}
    broken = Severity.ERROR in told.values()
    for one in others:
        if broken and one.code in _OF_BROKEN_SHAPE:
            continue
        repeats = one.code in _OF_SHAPE or told.get(one.at) is one.severity is Severity.ERROR
        if one.at not in told or not repeats:
            yield one


def _pipeline(workflow: CompiledWorkflow, compiled: Compiled, notes: Notes) -> Pipeline:
    statement = compiled.statements.get(workflow.name.value)
    at = workflow.name.at
    reruns = workflow.node.key("max_auto_reruns")
    if reruns:
        message = f"the workflow `{workflow.name.value}` is not run again by itself here when it fails"
        notes.warning("workflow-reruns", message, reruns.at, "run it again with `understudy resume`", _RERUNS)
    return Pipeline(
        workflow.name.value,
        NAME,
        at,
        when=_condition(workflow, compiled) if statement is not None else Condition(),
        schedules=tuple(_schedules(workflow, notes)),
        jobs=tuple(_job(job, compiled, notes) for job in workflow.jobs),
        prepares=compiled.setup,
    )


def _condition(workflow: CompiledWorkflow, compiled: Compiled) -> Condition:
    """What a workflow starts under, with the words of the file: the statement has its `<< >>` replaced."""
    name = workflow.name.value
    workflows = compiled.root.get("workflows") if isinstance(compiled.root, Mapping) else None
    source = workflows.get(name) if isinstance(workflows, Mapping) else None
    pairs = [(word, source.get(word)) for word in ("when", "unless")] if isinstance(source, Mapping) else []
    words = " and ".join(f"{word}: {written(node)}" for word, node in pairs if node is not None)
    return Condition(expression=_expression(compiled.statements[name], workflow.name.at), written=shortened(words))


def _expression(statement: object, at: Position) -> Text:
    return Text(json.dumps(statement, ensure_ascii=False, default=str), at)


def _job(compiled: CompiledJob, whole: Compiled, notes: Notes) -> Job:
    job = read_job(compiled, notes)
    filters = compiled.invocation.node.get("filters")
    if isinstance(filters, Scalar) and not is_null(filters):
        statement = statement_of(filters, whole.values, notes)
        return replace(job, when=Condition(expression=_expression(statement, filters.at)))
    branches = _patterns(filters.get("branches") if isinstance(filters, Mapping) else None, notes)
    own = compiled.body.node.key("branches") if compiled.body is not None else None
    if compiled.body is not None and own is not None:
        if isinstance(whole.root, Mapping) and "workflows" in whole.root:
            message = "a workflow ignores the `branches` of a job itself"
            hint = "write `filters:` where the workflow starts the job"
            notes.warning("ignored-branches", message, own.at, hint, _BRANCHES_OF_JOBS)
        else:
            branches = _patterns(compiled.body.node.get("branches"), notes)
    tags = _patterns(filters.get("tags") if isinstance(filters, Mapping) else None, notes)
    only, tagged = job_filters(branches, tags)
    return replace(job, when=Condition(branches=only, tags=tagged))


def _patterns(node: Node | None, notes: Notes) -> Patterns | None:
    """`only` and `ignore` of a filter. See https://circleci.com/docs/reference/configuration-reference/#branches."""
    if node is None:
        return None
    only = node.get("only") if isinstance(node, Mapping) else None
    ignore = node.get("ignore") if isinstance(node, Mapping) else None
    found = Patterns(texts(only) if only is not None else None, texts(ignore))
    for pattern in (*(found.only or ()), *found.ignore):
        problem = pattern_problem(pattern.raw)
        if problem:
            notes.error("filter-pattern", problem, pattern.at, rule=CONFIGURATION + "#branches")
    return found


def _schedules(workflow: CompiledWorkflow, notes: Notes) -> Iterator[Schedule]:
    """See https://circleci.com/docs/reference/configuration-reference/#schedule."""
    triggers = workflow.node.get("triggers")
    for item in triggers.items if isinstance(triggers, Sequence) else ():
        for key, value in entries(item):
            cron = as_text(value.get("cron")) if key.value == "schedule" and isinstance(value, Mapping) else None
            if cron is None or not isinstance(value, Mapping):
                notes.error(
                    "trigger", "a trigger is a `schedule` with `cron`", key.at, rule=CONFIGURATION + "#triggers"
                )
                continue
            filters = value.get("filters")
            branches = filters.get("branches") if isinstance(filters, Mapping) else None
            schedule = Schedule(cron, _patterns(branches, notes))
            notes.findings += schedule_findings(schedule)
            yield schedule
