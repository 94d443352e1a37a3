"""From the text of a file to its compiled workflows and their conditions, for one trigger.

The stages are those of https://circleci.com/docs/guides/orchestrate/pipeline-variables/#configuration-processing-stages.
"""

import re
from collections.abc import Mapping as Pairs
from dataclasses import dataclass

from understudy.dialects.base import EvaluationError, ReadFile
from understudy.dialects.circleci.compiler import CompiledWorkflow, Elements, compile_workflows
from understudy.dialects.circleci.logic import evaluate_logic, expression_statement
from understudy.dialects.circleci.nodes import VALUE, entries, value_of, without
from understudy.dialects.circleci.notes import CONFIGURATION, did_you_mean
from understudy.dialects.circleci.orbs import Needed, Shelf, needed
from understudy.dialects.circleci.parameters import PIPELINE_KINDS, Declared, declared, misfit, normal
from understudy.dialects.circleci.substitute import Substitution, check_closed, pipeline_scope
from understudy.dialects.circleci.survey import survey
from understudy.dialects.circleci.values import pipeline_values
from understudy.dialects.notes import Notes
from understudy.findings import Finding, Position, in_order
from understudy.model.results import Facts
from understudy.text.yaml import Mapping, Node, Scalar, load

_OPERATOR = re.compile(r" (==|!=|and|or|starts-with|matches) ")
_PARAMETERS = "https://circleci.com/docs/guides/orchestrate/pipeline-variables/#pipeline-parameters-in-configuration"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A file, compiled for one trigger. `root` is the document as written; `needed`: the orbs it wants from elsewhere.

    `statements`: for each workflow with `when` or `unless` its logic statement, as `logic.evaluate_logic` takes it.
    `values`: the pipeline values, by dotted name.
    """

    root: Node | None
    workflows: tuple[CompiledWorkflow, ...]
    statements: Pairs[str, object]
    values: Pairs[str, object]
    needed: tuple[Needed, ...]
    findings: tuple[Finding, ...]
    setup: bool = False
    modern: bool = True


def compile_file(data: bytes | str, path: str, files: ReadFile, facts: Facts) -> Compiled:
    """Compiles `data`, the text of the file at `path`, for the trigger that `facts` tell of."""
    loaded = load(data, path)
    notes = Notes()
    notes.findings += loaded.findings
    root = loaded.root
    if not isinstance(root, Mapping):
        return Compiled(root, (), {}, {}, (), in_order(notes.findings))
    modern = is_modern(root)
    setup = value_of(root.get("setup")) is True
    values: dict[str, object] = {}
    filled: Node = root
    if modern:
        values = _values(root, path, facts, notes, setup=setup)
        filled = _filled(root, values, notes)
    assert isinstance(filled, Mapping)
    outside = {name: value for name, value in values.items() if not name.startswith("pipeline.parameters.")}
    shelf = Shelf(files, outside, notes)
    library = shelf.add("", filled if modern else _only(filled, "jobs"))
    groups = {key.value: node for key, node in entries(filled.get("job-groups")) if isinstance(node, Mapping)}
    elements = Elements(filled, library, groups if modern else {}, modern)
    workflows = compile_workflows(elements, shelf, facts.changed_files, notes)
    survey(shelf, notes)
    statements = {one.name.value: _statement(one.node, values, notes) for one in workflows}
    found = {name: statement for name, statement in statements.items() if statement is not None}
    return Compiled(root, workflows, found, values, needed(filled), in_order(notes.findings), setup, modern)


def is_modern(root: Mapping) -> bool:
    """Whether the file is of version 2.1, which has parameters, commands, executors and orbs."""
    version = root.get("version")
    return not isinstance(version, Scalar) or version.value not in {"2", "2.0"}


def _only(root: Mapping, *keys: str) -> Mapping:
    return Mapping(tuple(pair for pair in root.pairs if pair[0].value in keys), root.at)


def _filled(root: Mapping, values: dict[str, object], notes: Notes) -> Mapping:
    """`root` with pipeline values in place everywhere but in inline orbs, which are filled when they are opened."""
    check_closed(without(root, "orbs"), notes)
    turn = Substitution(pipeline_scope(values, notes), notes)
    pairs: list[tuple[Scalar, Node]] = []
    for key, value in root.pairs:
        if key.value == "parameters":
            pairs.append((key, value))
        elif key.value == "orbs" and isinstance(value, Mapping):
            orbs = ((name, turn.node(orb) if isinstance(orb, Scalar) else orb) for name, orb in value.pairs)
            pairs.append((key, Mapping(tuple(orbs), value.at)))
        else:
            pairs.append((key, turn.node(value)))
    return Mapping(tuple(pairs), root.at)


def _values(root: Mapping, path: str, facts: Facts, notes: Notes, *, setup: bool) -> dict[str, object]:
    parameters = declared(root, notes, PIPELINE_KINDS)
    for name in facts.parameters:
        if name not in parameters:
            message = f"the pipeline parameter `{name}` is given, and the file declares none of that name"
            hint = did_you_mean(name, parameters, "declare it under `parameters` at the top of the file")
            notes.error("unknown-parameter", message, Position(path), hint, _PARAMETERS)
    known = {name: _parameter(one, facts.parameters.get(name), notes) for name, one in parameters.items()}
    return pipeline_values(facts, known, in_setup=setup, path=path)


def _parameter(one: Declared, given: str | None, notes: Notes) -> object:
    """A pipeline parameter's value: as given on the command line, read by its declared type, else its default."""
    if given is not None:
        node = Scalar(given, one.at, plain=one.kind in {"boolean", "integer"})
        problem = misfit(one, node)
        if problem is None:
            return value_of(normal(one, node))
        message = f"the pipeline parameter `{one.name}` {problem}"
        notes.error("parameter-value", message, one.at, "give another value with `--param`", _PARAMETERS)
    if one.default is not None:
        return value_of(normal(one, one.default))
    if given is None:
        message = f"the pipeline parameter `{one.name}` has no `default`, and no value is given"
        hint = f"give it a `default`, or a value with `--param {one.name}=...`"
        notes.error("missing-parameter", message, one.at, hint, _PARAMETERS)
    return {"boolean": False, "integer": 0}.get(one.kind, "")


def _statement(workflow: Mapping, values: dict[str, object], notes: Notes) -> object:
    """The condition of a workflow as one logic statement; None when it has none.

    See https://circleci.com/docs/reference/configuration-reference/#using-when-in-workflows.
    """
    parts = []
    for word in ("when", "unless"):
        node = workflow.get(word)
        if node is None:
            continue
        statement = statement_of(node, values, notes)
        parts.append(statement if word == "when" else {"not": statement})
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"and": parts}


def statement_of(node: Node, values: Pairs[str, object], notes: Notes) -> object:
    """A `when`, or an expression of `filters`, as `logic.evaluate_logic` takes it, with a finding for what it can't."""
    tree: object = value_of(node)
    if isinstance(node, Scalar) and node.tag == VALUE and isinstance(tree, str) and _OPERATOR.search(tree):
        message = f"`{tree}` is a text here, which always holds, and no expression"
        hint = 'write the names without `<< >>`: `pipeline.git.branch == "main"`'
        notes.warning(
            "text-condition", message, node.at, hint, CONFIGURATION + "#using-expressions-in-your-configuration"
        )
    if isinstance(node, Scalar) and node.tag != VALUE and isinstance(tree, str) and "pipeline." in tree:
        try:
            tree = expression_statement(tree, values)
        except EvaluationError as error:
            rule = CONFIGURATION + "#using-expressions-in-your-configuration"
            notes.error("condition", error.message, node.at, rule=rule)
            return False
    try:
        evaluate_logic(tree)
    except EvaluationError as error:
        notes.error("condition", error.message, node.at, rule=CONFIGURATION + "#logic-statements")
        return False
    return tree
