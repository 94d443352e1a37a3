"""What a job becomes once its matrix is known: one job for each cell, with what belongs to it filled in."""

import re
from collections.abc import Mapping
from dataclasses import replace

from understudy.dialects.base import EvaluationError, Scope
from understudy.dialects.github.actions.resolved import SH
from understudy.dialects.github.contexts import contexts
from understudy.dialects.github.expression import template
from understudy.dialects.github.expression.contexts import Contexts
from understudy.dialects.github.expression.nodes import Name, walk
from understudy.dialects.github.expression.values import Array, Object, Value, to_text
from understudy.dialects.github.rows import Row
from understudy.dialects.github.strategy import rows_of
from understudy.model.pipeline import Container, Job, Platform, Script, Step, Text, Tree
from understudy.model.results import Facts

LONGEST_NAME = 100
"""Letters of a job's name, before the service shortens it."""

_PLATFORMS = (
    (re.compile(r"(windows|win)\b", re.IGNORECASE), Platform.WINDOWS),
    (re.compile(r"(macos|osx|mac)\b", re.IGNORECASE), Platform.MACOS),
)


def cells(job: Job, scope: Scope) -> tuple[Job, ...] | None:
    """See `dialects.base.Dialect.cells`.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
    """
    waits = not _known_needs(job, scope)
    if job.matrix is None:
        return (_filled(job, replace(scope, job=job, cell=job.cell), waits=waits),)
    if waits and _mentions(job.matrix.written, "needs"):
        return None
    found = rows_of(job, replace(scope, job=job), contexts)
    if not found:
        raise EvaluationError(f"the matrix of `{job.id}` has no cells: everything is excluded")
    ids = _ids(job, found)
    return tuple(_cell(job, row, one, scope, waits=waits) for row, one in zip(found, ids, strict=True))


def _known_needs(job: Job, scope: Scope) -> bool:
    return all(need.job in scope.jobs for need in job.needs)


def _ids(job: Job, found: tuple[Row, ...]) -> list[str]:
    """`test (3.11, ubuntu-latest)`; with a number behind those that would be the same."""
    taken: set[str] = set()
    ids: list[str] = []
    for index, row in enumerate(found):
        words = ", ".join(row.words()) or str(index + 1)
        one, number = f"{job.id} ({words})", 1
        while one in taken:
            number += 1
            one = f"{job.id} ({words}) #{number}"
        taken.add(one)
        ids.append(one)
    return ids


def _cell(job: Job, row: Row, identity: str, scope: Scope, *, waits: bool) -> Job:
    names = tuple(dict.fromkeys((*job.names, job.id)))
    one = replace(job, id=identity, names=names, cell=row.cell(), matrix=None)
    filled = _filled(one, replace(scope, job=one, cell=one.cell), waits=waits)
    if template.OPEN in job.name.raw:
        return filled
    return replace(filled, name=Text(named(job.name.raw, row), job.name.at))


def named(name: str, row: Row) -> str:
    """The name of a cell of the job `name`, when that has no expression of its own: `test (3.11, ubuntu-latest)`."""
    words = row.words()
    whole = f"{name} ({', '.join(words)})" if words else name
    return whole if len(whole) <= LONGEST_NAME else f"{whole[: LONGEST_NAME - 3]}..."


def _filled(job: Job, scope: Scope, *, waits: bool) -> Job:
    """`job` with its name, labels, platform and containers evaluated, as far as they don't wait for other jobs."""
    seen = contexts(scope)
    labels = tuple(label for text in job.runs_on for label in _labels(text, seen, waits=waits))
    services = (_container(service, seen, waits=waits) for service in job.services)
    return replace(
        _placed(job, scope.facts),
        name=job.name if _late(job.name, waits=waits) else Text(_text(job.name, seen), job.name.at),
        runs_on=labels,
        platform=platform(labels) if labels else job.platform,
        container=_container(job.container, seen, waits=waits),
        services=tuple(service for service in services if service is not None),
    )


def _placed(job: Job, facts: Facts) -> Job:
    """`job` in the workspace, where actions work; `defaults.run.working-directory` is for its own scripts alone.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_iddefaultsrunworking-directory
    and GITHUB_WORKSPACE in https://docs.github.com/actions/reference/workflows-and-actions/variables.
    """
    if not job.steps:
        return job
    name = facts.repository or "project"
    workspace = Text(f"~/work/{name}/{name}", job.at)
    if job.workdir == workspace:
        return job
    steps = job.steps if job.workdir is None else tuple(_in(step, job.workdir) for step in job.steps)
    return replace(job, workdir=workspace, steps=steps)


def _in(step: Step, folder: Text) -> Step:
    own = isinstance(step.action, Script) and step.action.shell != SH and step.workdir is None
    return replace(step, workdir=folder) if own else step


def _text(text: Text, seen: Contexts) -> str:
    return template.text(text.raw, seen) if template.OPEN in text.raw else text.raw


def _late(text: Text, *, waits: bool) -> bool:
    return waits and _mentions(text, "needs")


def _mentions(tree: Tree, name: str) -> bool:
    """Whether any expression in `tree` names the context `name`. Raises EvaluationError for what is no expression."""
    if isinstance(tree, Text):
        parts = [one for one in template.known(tree.raw) if isinstance(one, template.Part)]
        nodes = (node for part in parts for node in walk(part.tree.root))
        return any(isinstance(node, Name) and node.name.lower() == name for node in nodes)
    if isinstance(tree, Mapping):
        keys = (Text(key) for key in tree if template.OPEN in key and "insert" not in key)
        return any(_mentions(one, name) for one in (*keys, *tree.values()))
    return isinstance(tree, tuple) and any(_mentions(one, name) for one in tree)


def _labels(text: Text, seen: Contexts, *, waits: bool) -> list[Text]:
    """One label, or as many as its expression gives: a list, or a map with `labels` and `group`.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idruns-on.
    """
    if template.OPEN not in text.raw or _late(text, waits=waits):
        return [text]
    return [Text(label, text.at) for label in _words(template.value(text.raw, seen))]


def _words(value: Value) -> list[str]:
    match value:
        case Array(items=items):
            return [word for item in items for word in _words(item)]
        case Object():
            group = to_text(value.get("group"))
            return [*_words(value.get("labels")), *([f"group:{group}"] if group else [])]
        case _:
            text = to_text(value)
            return [text] if text else []


def platform(labels: tuple[Text, ...]) -> Platform:
    """The system that runners with these labels have; Linux for labels that don't say.

    See https://docs.github.com/actions/reference/runners/github-hosted-runners#supported-runners-and-hardware-resources.
    """
    for label in labels:
        for pattern, found in _PLATFORMS:
            if pattern.match(label.raw):
                return found
    return Platform.LINUX


def _container(container: Container | None, seen: Contexts, *, waits: bool) -> Container | None:
    """`container` with its image known, None where that is empty: the job then runs without, the service not at all.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idcontainer.
    """
    if container is None or template.OPEN not in container.image.raw or _late(container.image, waits=waits):
        return container
    at = container.image.at
    value = template.value(container.image.raw, seen)
    image = to_text(value.get("image") if isinstance(value, Object) else value).removeprefix("docker://")
    if not image:
        return None
    filled = replace(container, image=Text(image, at))
    return _written_out(filled, value) if isinstance(value, Object) else filled


def _written_out(container: Container, value: Object) -> Container:
    """A container that is one expression as a whole: `container: ${{ matrix.container }}`."""
    at = container.image.at

    def texts(name: str) -> dict[str, Text]:
        found = value.get(name)
        entries = found.entries if isinstance(found, Object) else {}
        return {key: Text(to_text(one), at) for key, one in entries.items()}

    options = to_text(value.get("options"))
    return replace(
        container,
        env={**container.env, **texts("env")},
        credentials={**container.credentials, **texts("credentials")},
        options=Text(options, at) if options else container.options,
        ports=(*container.ports, *_words(value.get("ports"))),
        volumes=(*container.volumes, *(Text(one, at) for one in _words(value.get("volumes")))),
    )
