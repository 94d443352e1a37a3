"""The types of contexts, as far as the file says them: of inputs, secrets, matrices, needs and steps."""

from collections.abc import Callable, Iterable

from understudy.dialects.github.checks.contexttypes import github
from understudy.dialects.github.checks.document import (
    Document,
    Event,
    Job,
    Step,
    has_expression,
    is_expression,
    items,
    pairs,
    scalar,
)
from understudy.dialects.github.checks.metadata import Library
from understudy.dialects.github.checks.types import (
    ANY,
    BOOLEAN,
    EMPTY,
    LOOSE,
    NUMBER,
    TEXT,
    TEXTS,
    Array,
    Object,
    Type,
    merge,
    merged,
    of_value,
    strict,
)
from understudy.text import yaml

Evaluate = Callable[[yaml.Scalar], Type]
"""The type of a text with expressions in it."""

_KINDS: dict[str, Type] = {
    "string": TEXT,
    "choice": TEXT,
    "environment": TEXT,
    "boolean": BOOLEAN,
    "number": NUMBER,
}
_GIVEN_SECRETS = ("GITHUB_TOKEN", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG")


def input_type(node: yaml.Node, otherwise: Type = ANY) -> Type:
    """The type that an input is declared with."""
    kind = scalar(node, "type")
    return _KINDS.get(kind.value, ANY) if kind else otherwise


def inputs(document: Document) -> Type:
    """The `inputs` context. See https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#inputs-context."""
    found: Type = EMPTY
    for name in ("workflow_call", "workflow_dispatch"):
        event = document.event(name)
        if event is not None:
            found = merge(found, _inputs_of(event))
    return found


def _inputs_of(event: Event) -> Object:
    untyped = TEXT if event.name.value == "workflow_dispatch" else ANY
    return strict((name.value, input_type(node, untyped)) for name, node in pairs(event.settings, "inputs"))


def github_context(document: Document) -> Type:
    """The `github` context: of a start by hand, `github.event.inputs` holds the inputs as texts.

    A workflow that is called sees the event of its caller, whose inputs are not known here.
    """
    event = document.event("workflow_dispatch")
    if event is None or document.event("workflow_call") is not None:
        return github()
    return github(strict((name.value, TEXT) for name, _ in pairs(event.settings, "inputs")))


def secrets(document: Document) -> Type:
    """The `secrets` context: what a workflow that is only ever called declares, anything for others.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_callsecrets.
    """
    event = document.event("workflow_call")
    declared = pairs(event.settings, "secrets") if event else ()
    if not declared or len(document.events) > 1:
        return TEXTS
    return strict((name, TEXT) for name in (*_GIVEN_SECRETS, *(name.value for name, _ in declared)))


def needs(job: Job, document: Document, library: Library) -> Type:
    """The `needs` context of `job`: the jobs it names itself."""
    found = [document.by_key[need.value.lower()] for need in job.needs if need.value.lower() in document.by_key]
    if any(has_expression(need.value) for need in job.needs):
        return LOOSE
    return strict((one.key, strict([("result", TEXT), ("outputs", _outputs(one, library))])) for one in found)


def jobs(document: Document, library: Library) -> Type:
    """The `jobs` context, which the outputs of a reusable workflow are made of."""
    known = ((job.key, strict([("result", TEXT), ("outputs", _outputs(job, library))])) for job in document.jobs)
    return strict(known)


def _outputs(job: Job, library: Library) -> Type:
    if job.uses is not None:
        interface = library.workflow(job.uses.value)
        return _texts(interface.outputs if interface else None)
    return strict((name.value, TEXT) for name, _ in pairs(job.node, "outputs"))


def _texts(names: Iterable[str] | None) -> Type:
    return TEXTS if names is None else strict((name, TEXT) for name in names)


def step(one: Step, library: Library) -> Type:
    """What `steps.<id>` holds of a step."""
    interface = library.action(one.uses.value) if one.uses and not has_expression(one.uses.value) else None
    outputs = _texts(interface.outputs) if interface else TEXTS
    return strict([("outputs", outputs), ("outcome", TEXT), ("conclusion", TEXT)])


def matrix(job: Job, evaluate: Evaluate) -> Type:
    """The `matrix` context of `job`.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#matrix-context.
    """
    node = job.matrix
    if node is None:
        return LOOSE if scalar(job.node, "strategy") else EMPTY
    if isinstance(node, yaml.Scalar):
        return _of_expression(evaluate(node)) if has_expression(node.value) else LOOSE
    found: Type = strict((name.value, _row(row, evaluate)) for name, row in pairs(node) if name.value not in _SPECIAL)
    if any(has_expression(name.value) for name, _ in pairs(node)):
        found = LOOSE
    for name, row in pairs(node):
        if name.value == "exclude":
            value(row, evaluate)  # for what is wrong in it
        elif name.value == "include":
            found = _including(found, row, evaluate)
    return found


_SPECIAL = ("include", "exclude")


def _including(found: Type, row: yaml.Node, evaluate: Evaluate) -> Type:
    """The matrix `found` with what stands under `include`; what can't be an entry is told elsewhere."""
    if isinstance(row, yaml.Scalar) and has_expression(row.value):
        given = value(row, evaluate)
        return _with_entry(found, given.element if isinstance(given, Array) else ANY)
    for entry in items(row):
        if isinstance(entry, yaml.Mapping) or (isinstance(entry, yaml.Scalar) and has_expression(entry.value)):
            found = _with_entry(found, value(entry, evaluate))
    return found


def _with_entry(found: Type, entry: Type) -> Type:
    """The matrix `found` with an entry of `include`: some of its cells have these values, too."""
    return merge(found, entry) if isinstance(entry, Object) and isinstance(found, Object) else LOOSE


def _of_expression(found: Type) -> Type:
    """The matrix that an expression of the type `found` gives."""
    if not isinstance(found, Object) or found.others is not None:
        return LOOSE
    rows = {name: type_ for name, type_ in found.properties.items() if name not in _SPECIAL}
    matrix_type: Type = strict(
        (name, type_.element if isinstance(type_, Array) else ANY) for name, type_ in rows.items()
    )
    given = found.properties.get("include")
    if given is not None:
        matrix_type = _with_entry(matrix_type, given.element if isinstance(given, Array) else ANY)
    return matrix_type


def _row(row: yaml.Node, evaluate: Evaluate) -> Type:
    if isinstance(row, yaml.Sequence):
        return merged(value(item, evaluate) for item in row.items)
    given = value(row, evaluate)
    return given.element if isinstance(given, Array) else ANY


def value(node: yaml.Node, evaluate: Evaluate) -> Type:
    """The type of a value that is written out."""
    match node:
        case yaml.Sequence():
            return Array(merged([value(item, evaluate) for item in node.items]))
        case yaml.Mapping():
            known = [(name.value, value(one, evaluate)) for name, one in node.pairs]
            return LOOSE if any(has_expression(name) for name, _ in known) else strict(known)
        case yaml.Scalar():
            if has_expression(node.value):
                found = evaluate(node)
                return found if is_expression(node.value) else TEXT
            return of_scalar(node)


def of_scalar(node: yaml.Scalar) -> Type:
    """The type of a text without expressions: a number or boolean where it looks like one and has no quotes."""
    return of_value(yaml.scalar_value(node, yaml.Schema.YAML_1_2))
