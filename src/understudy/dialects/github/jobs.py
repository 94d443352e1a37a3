"""Turns a job of a workflow file into a job of the model."""

import re
from dataclasses import dataclass

from understudy.dialects.base import ReadFile
from understudy.dialects.github.actions import resolve
from understudy.dialects.github.conditions import read_condition
from understudy.dialects.github.matrix import STRATEGY, read_strategy
from understudy.dialects.github.nodes import as_text, entries, is_null, items, member, table, text_of, texts
from understudy.dialects.github.notes import SYNTAX
from understudy.dialects.github.steps import flag, is_use, minutes, read_steps
from understudy.dialects.notes import Notes
from understudy.model.pipeline import Container, Job, Limits, Need, Platform, Step, Text, Turns
from understudy.model.results import Outcome
from understudy.text.yaml import Mapping, Node, Scalar

DEFAULT_TIMEOUT_S = 360 * 60
"""See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes."""
_WINDOWS = re.compile(r"windows\b", re.IGNORECASE)
_MACOS = re.compile(r"macos\b", re.IGNORECASE)
_RUNS_ON = f"{SYNTAX}#jobsjob_idruns-on"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a workflow gives all of its jobs."""

    env: dict[str, Text]
    shell: Text | None = None
    workdir: Text | None = None


def read_defaults(root: Mapping) -> Defaults:
    """`env` and `defaults` of a workflow."""
    run = member(root.get("defaults"), "run")
    return Defaults(table(root.get("env")), as_text(member(run, "shell")), as_text(member(run, "working-directory")))


def read_job(key: Scalar, node: Mapping, defaults: Defaults, files: ReadFile, notes: Notes) -> Job:
    """The job `key`, which runs steps: its matrix is not multiplied out, its texts are as written.

    What it needs is left to the caller, who knows the ids of the other jobs. `files` is asked for the actions that
    steps use. `env` of the workflow is part of the job's, since a called workflow has one of its own. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobs.
    """
    run = member(node.get("defaults"), "run")
    labels = _labels(node.get("runs-on"))
    seconds, timeout = minutes(node.get("timeout-minutes"))
    cancel_seconds, cancel_timeout = minutes(node.get("cancel-timeout-minutes"))
    forgiven, forgiven_text = flag(node.get("continue-on-error"))
    _tell(node, notes)
    return Job(
        key.value,
        as_text(node.get("name")) or Text(key.value, key.at),
        key.at,
        platform=_platform(labels),
        machine=True,
        container=_container(node.get("container")),
        runs_on=labels,
        services=tuple(_services(node.get("services"))),
        env=defaults.env | table(node.get("env")),
        when=read_condition(node.get("if")),
        matrix=read_strategy(node.get("strategy")),
        steps=_performed(read_steps(node.get("steps")), key.value, files, notes),
        outputs=table(node.get("outputs")),
        limits=Limits(
            timeout_s=DEFAULT_TIMEOUT_S if seconds is None and timeout is None else seconds,
            allow_failure=forgiven,
            timeout=timeout,
            forgiven=forgiven_text,
            cancel_timeout_s=cancel_seconds,
            cancel_timeout=cancel_timeout,
        ),
        shell=as_text(member(run, "shell")) or defaults.shell,
        workdir=as_text(member(run, "working-directory")) or defaults.workdir,
        deployment=_named(node.get("environment"), "name"),
        group=_group(node.get("concurrency")),
        turns=read_turns(node.get("concurrency")),
    )


def _performed(steps: tuple[Step, ...], job: str, files: ReadFile, notes: Notes) -> tuple[Step, ...]:
    """`steps` with what the actions do that they use; what an action prepares goes before all of them."""
    before: list[Step] = []
    found: list[Step] = []
    for step in steps:
        if not is_use(step):
            found.append(step)
            continue
        resolved = resolve(step, files, job)
        notes.findings += resolved.findings
        before += resolved.before
        found.append(resolved.step)
    return (*before, *found)


def read_needs(node: Node | None) -> tuple[Need, ...]:
    """The jobs that go before, however they end: it is the condition of the job that looks at that.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds.
    """
    found = {text.raw.casefold(): Need(text.raw, text.at, frozenset(Outcome)) for text in texts(node)}
    return tuple(found.values())


def _labels(node: Node | None) -> tuple[Text, ...]:
    """The labels that a runner must have, and `group:NAME` for its group. See #choosing-github-hosted-runners."""
    if not isinstance(node, Mapping):
        return texts(node)
    group = as_text(node.get("group"))
    named = (Text(f"group:{group.raw}", group.at),) if group else ()
    return (*texts(node.get("labels")), *named)


def _platform(labels: tuple[Text, ...]) -> Platform:
    """What the labels say without being evaluated: a matrix may say something else later."""
    for label in labels:
        if _WINDOWS.match(label.raw):
            return Platform.WINDOWS
        if _MACOS.match(label.raw):
            return Platform.MACOS
    return Platform.LINUX


def _named(node: Node | None, key: str) -> Text | None:
    return as_text(node.get(key) if isinstance(node, Mapping) else node)


def read_turns(node: Node | None) -> Turns:
    """How those of a concurrency group take turns: one waits, unless `queue` lets more of them.

    See https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency.
    """
    cancels, text = flag(member(node, "cancel-in-progress"))
    queue = as_text(member(node, "queue"))
    return Turns(single=queue is None or queue.raw != "max", cancels=text or cancels, any_case=True)


def _group(node: Node | None) -> str | None:
    group = _named(node, "group")
    return group.raw if group else None


def _container(node: Node | None, alias: str | None = None) -> Container | None:
    """A job's container or a service. See #jobsjob_idcontainer and #jobsjob_idservices of the workflow syntax."""
    image = _named(node, "image")
    if image is None or not image.raw:
        return None
    entrypoint, command = as_text(member(node, "entrypoint")), as_text(member(node, "command"))
    return Container(
        Text(image.raw.removeprefix("docker://"), image.at),
        alias,
        entrypoint=(entrypoint,) if entrypoint else (),
        command=(command,) if command else (),
        env=table(member(node, "env")),
        ports=tuple(text_of(port) for port in items(member(node, "ports")) if isinstance(port, Scalar)),
        options=as_text(member(node, "options")),
        volumes=texts(member(node, "volumes")),
        credentials=table(member(node, "credentials")),
    )


def _services(node: Node | None) -> list[Container]:
    found = (_container(value, key.value) for key, value in entries(node))
    return [one for one in found if one is not None]


def _tell(node: Mapping, notes: Notes) -> None:
    """What of a job is understood and not done here."""
    snapshot = node.key("snapshot")
    if snapshot is not None:
        message = "no image is made of this machine: `snapshot` has its effect on the service alone"
        notes.unsupported("snapshot", message, snapshot.at, "remove it, or run the job on the service", SYNTAX)
    for name in ("strategy", "services"):
        whole = as_text(node.get(name))
        if whole is not None:
            message = f"`{name}` is one expression: what it gives is known on the service alone"
            notes.unsupported("late-structure", message, whole.at, "write out its keys", STRATEGY)
    services = node.get("services")
    for key, value in entries(services):
        if key.value.startswith("${{") or (isinstance(value, Scalar) and is_null(value)):
            message = f"the service `{key.value}` is known when the job starts, not before"
            notes.unsupported("late-structure", message, key.at, rule=_RUNS_ON)
