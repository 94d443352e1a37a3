"""Lists, maps and texts that are there and say nothing."""

from collections.abc import Iterator
from typing import TypeGuard

from understudy.dialects.github.checks.document import Document, child, items, pairs
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.notes import EVENTS, SYNTAX
from understudy.text import yaml

_Path = tuple[str, ...]
_FILTERS = (
    *("types", "branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore", "names", "versions"),
    "workflows",
)
_DEFAULTS: tuple[_Path, ...] = (("defaults",), ("defaults", "run"))
_MATRIX = ("strategy", "matrix")
_LISTS: tuple[_Path, ...] = (
    *(("needs",), ("runs-on",), ("runs-on", "labels")),
    *((*_MATRIX, "include"), (*_MATRIX, "exclude")),
)
_MAPS: tuple[_Path, ...] = (
    *(("env",), *_DEFAULTS, ("runs-on",), ("strategy",), _MATRIX, ("outputs",), ("services",)),
    *(("with",), ("secrets",)),
)
_TEXTS: tuple[_Path, ...] = (
    *(("if",), ("container",), ("environment",), ("environment", "name"), ("environment", "url"), ("snapshot", "if")),
)


def check(document: Document, report: Report) -> None:
    """What is there says something: where nothing is meant, the key is left out.

    The service starts no workflow without events or jobs; of the rest it makes what it makes of a key that isn't there.
    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax.
    """
    _nothing_to_do(document, report)
    for node in _lists(document):
        if isinstance(node, yaml.Sequence) and _is_empty(node):
            report.add("nothing-listed", "this list is empty", node.at, hint=_HINT, rule=SYNTAX)
    for node in _maps(document):
        if isinstance(node, yaml.Mapping) and _is_empty(node):
            report.add("nothing-said", "this map is empty", node.at, hint=_HINT, rule=SYNTAX)
    for key, node in _texts(document):
        if isinstance(node, yaml.Scalar) and not node.value and node.tag != yaml.MISSING:
            report.add("nothing-said", f"`{key}` is empty", node.at, hint=_HINT, rule=SYNTAX)


_HINT = "remove it, or say something"


def _nothing_to_do(document: Document, report: Report) -> None:
    for name, what, rule in (("on", "event", EVENTS), ("jobs", "job", f"{SYNTAX}#jobs")):
        node = child(document.root, name)
        if _is_empty(node):
            report.add(f"no-{what}s", f"`{name}` names no {what}", node.at, hint=f"name one {what} at least", rule=rule)


def _is_empty(node: yaml.Node | None) -> TypeGuard[yaml.Mapping | yaml.Sequence]:
    return (isinstance(node, yaml.Mapping) and not node.pairs) or (isinstance(node, yaml.Sequence) and not node.items)


def _lists(document: Document) -> Iterator[yaml.Node | None]:
    for event in document.events:
        yield from (child(event.settings, key) for key in _FILTERS)
        yield from (child(node, "options") for _, node in pairs(event.settings, "inputs"))
    for job in document.jobs:
        yield from (child(job.node, *path) for path in _LISTS)


def _maps(document: Document) -> Iterator[yaml.Node | None]:
    yield from document.environments
    yield from (child(document.root, *path) for path in _DEFAULTS)
    for job in document.jobs:
        yield from (child(job.node, *path) for path in _MAPS)
        yield from (child(step.node, "with") for step in job.steps)
        for key in ("include", "exclude"):
            yield from items(job.matrix, key)


def _texts(document: Document) -> Iterator[tuple[str, yaml.Node | None]]:
    event = document.event("workflow_call")
    outputs = pairs(event.settings, "outputs") if event else ()
    yield from (("value", child(node, "value")) for _, node in outputs)
    yield from ((key, child(document.root, key)) for key in ("run-name", "concurrency"))
    for job in document.jobs:
        yield from ((path[-1], child(job.node, *path)) for path in _TEXTS)
        for step in job.steps:
            yield from ((key, child(step.node, key)) for key in ("if", "run", "working-directory"))
