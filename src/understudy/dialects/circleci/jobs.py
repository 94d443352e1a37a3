"""Turns a compiled job into a job of the model: its environment, its size, its steps."""

import shlex
from collections.abc import Mapping as Pairs

from understudy.dialects.circleci.actions import Steps, as_text, environment
from understudy.dialects.circleci.compiler import CompiledJob
from understudy.dialects.circleci.executors import KINDS
from understudy.dialects.circleci.nodes import entries, is_null, strings, text_of, value_of
from understudy.dialects.circleci.notes import CONFIGURATION
from understudy.dialects.circleci.resources import is_self_hosted, platform_of, resources_of
from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.model.pipeline import (
    Approve,
    Container,
    Job,
    Limits,
    Need,
    Platform,
    Resources,
    Step,
    Text,
    Use,
)
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

WORKING_DIRECTORY = "~/project"
"""Where a job's steps run when it doesn't say. See https://circleci.com/docs/reference/configuration-reference/#jobs."""

_AUTHENTICATION = ("auth", "aws_auth", "gcp_auth")
_DEPLOY = "https://circleci.com/docs/guides/orchestrate/migrate-from-deploy-to-run/"
_IP_RANGES = "https://circleci.com/docs/guides/security/ip-ranges/"


def read_job(compiled: CompiledJob, notes: Notes) -> Job:
    """The model's job; its condition is added by who reads the workflow."""
    one = compiled.invocation
    needs = tuple(Need(wanted.job, wanted.at, wanted.outcomes) for wanted in compiled.needs)
    names = tuple(dict.fromkeys(name for name in (one.job, one.wanted, *one.aliases) if name != compiled.name))
    serial = as_text(one.node.get("serial-group"))
    contexts = tuple(Text(text_of(name), name.at) for name in strings(one.node.get("context")))
    body = compiled.body
    if one.kind != "build" or body is None:
        steps = _without_room(one.kind, compiled, notes)
        return Job(
            compiled.name, Text(compiled.name, one.at), one.at, names,
            needs=needs, cell=one.cell, steps=steps, contexts=contexts, group=serial.raw if serial else None,
        )  # fmt: skip
    room = _Room(body.node, body.executor, one.at, notes)
    parallelism = _parallelism(body.node, notes)
    if parallelism > 1:
        _tell_of_deploy(body.node.get("steps"), notes)
    return Job(
        compiled.name,
        Text(compiled.name, one.at),
        one.at,
        names,
        executor=body.executor,
        platform=room.platform,
        machine=room.kind in {"machine", "macos", "windows"},
        container=room.containers[0] if room.containers else None,
        runs_on=room.labels,
        resources=room.resources,
        services=room.containers[1:],
        env=environment(body.node.get("environment")),
        needs=needs,
        cell=one.cell,
        steps=Steps(notes).read(body.node.get("steps")),
        limits=Limits(parallelism=parallelism),
        shell=as_text(body.node.get("shell")) or room.shell,
        workdir=as_text(body.node.get("working_directory")) or Text(WORKING_DIRECTORY, one.at),
        contexts=contexts,
        group=serial.raw if serial else None,
    )


def _without_room(kind: str, compiled: CompiledJob, notes: Notes) -> tuple[Step, ...]:
    """The steps of a job that runs nothing. See https://circleci.com/docs/reference/configuration-reference/#job-type."""
    at = compiled.invocation.at
    name = Text(compiled.name, at)
    if kind == "approval":
        return (Step("0", name, at, Approve(name)),)
    if kind == "no-op":
        return ()
    message = f"a job of type `{kind}` has its effect on the service alone"
    notes.unsupported("service-job", message, at, rule=CONFIGURATION + "#job-type")
    inputs = {
        key.value: Text(text_of(value), value.at)
        for key, value in entries(compiled.body.node if compiled.body else None)
        if isinstance(value, Scalar) and key.value != "type"
    }
    return (Step("0", name, at, Use(Text(kind, at), inputs)),)


def _parallelism(body: Mapping, notes: Notes) -> int:
    """See https://circleci.com/docs/reference/configuration-reference/#parallelism."""
    node = body.get("parallelism")
    if node is None or is_null(node):
        return 1
    value = value_of(node)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        message = "`parallelism` is a whole number from 1 on"
        notes.error("parallelism", message, node.at, rule=CONFIGURATION + "#parallelism")
        return 1
    return value


def _tell_of_deploy(steps: Node | None, notes: Notes) -> None:
    """See https://circleci.com/docs/guides/orchestrate/migrate-from-deploy-to-run/."""
    for item in steps.items if isinstance(steps, Sequence) else ():
        for key, _ in entries(item):
            if key.value == "deploy":
                message = "on the service `deploy` runs once, after all parts of the job; here it runs in each of them"
                hint = "put it into a job of its own that requires this one, as a `run` step"
                notes.unsupported("deploy-in-parallel", message, key.at, hint, _DEPLOY)


class _Room:
    """The environment that a job's body asks for. Each member is plain data once it is made."""

    def __init__(self, body: Mapping, executor: str | None, at: Position, notes: Notes) -> None:
        self._notes = notes
        self.kind = next((kind for kind in KINDS if _is_asked(body.get(kind))), "")
        thing = body.get(self.kind) if self.kind else None
        self.containers = tuple(_containers(thing)) if self.kind == "docker" else ()
        self.labels = _labels(thing, self.kind)
        inner: Pairs[str, Node] = {key.value: value for key, value in entries(thing)} if self.kind != "docker" else {}
        self.shell = as_text(inner.get("shell"))
        label = as_text(body.get("resource_class")) or as_text(inner.get("resource_class"))
        self.platform = self._platform(label)
        self.resources = self._resources(label)
        self._tell(body, inner, executor, at)

    def _platform(self, label: Text | None) -> Platform:
        """Windows is asked for by an image of it, or by its resource class."""
        if any(one.raw.startswith("windows") for one in self.labels):
            return Platform.WINDOWS
        return platform_of(label.raw if label else "", self.kind or "docker")

    def _resources(self, label: Text | None) -> Resources:
        kind = {Platform.WINDOWS: "windows", Platform.MACOS: "macos"}.get(self.platform, self.kind or "docker")
        return resources_of(label, kind)

    def _tell(self, body: Mapping, inner: Pairs[str, Node], executor: str | None, at: Position) -> None:
        if not self.kind and executor is None:
            message = "the job says nowhere where it runs"
            hint = "give it `docker`, `machine`, `macos` or `executor`"
            self._notes.error("no-executor", message, at, hint, CONFIGURATION + "#executor-job")
        if self.kind == "docker" and not self.containers:
            self._notes.error("no-image", "`docker` names no image", at, rule=CONFIGURATION + "#docker")
        label = body.get("resource_class") or inner.get("resource_class")
        if isinstance(label, Scalar) and is_self_hosted(label.value):
            message = f"`{label.value}` is a self-hosted runner; this machine stands in for it"
            self._notes.warning("self-hosted-runner", message, label.at, rule=CONFIGURATION + "#self-hosted-runner")
        ranges = body.key("circleci_ip_ranges")
        if ranges and value_of(body.get("circleci_ip_ranges")) is True:
            message = "the job asks for CircleCI's own IP addresses; here it has this machine's"
            self._notes.warning("ip-ranges", message, ranges.at, rule=_IP_RANGES)


def _is_asked(node: Node | None) -> bool:
    return node is not None and not is_null(node) and value_of(node) is not False


def _containers(node: Node | None) -> list[Container]:
    """The images of `docker`: the first is the job's, the rest are services."""
    found = []
    for item in node.items if isinstance(node, Sequence) else ():
        image = as_text(item.get("image")) if isinstance(item, Mapping) else None
        if image and isinstance(item, Mapping):
            found.append(_container(item, image))
    return found


def _container(item: Mapping, image: Text) -> Container:
    alias = as_text(item.get("name"))
    return Container(
        image,
        alias.raw if alias else None,
        entrypoint=_words(item.get("entrypoint")),
        command=_words(item.get("command")),
        env=environment(item.get("environment")),
        user=as_text(item.get("user")),
        credentials={
            key.value: Text(text_of(value), value.at)
            for way in _AUTHENTICATION
            for key, value in entries(item.get(way))
            if isinstance(value, Scalar)
        },
    )


def _words(node: Node | None) -> tuple[Text, ...]:
    """A command as a list of words; one that is a text is split as a shell would.

    See https://circleci.com/docs/reference/configuration-reference/#docker.
    """
    if isinstance(node, Scalar) and not is_null(node):
        try:
            words = shlex.split(node.value)
        except ValueError:
            words = [node.value]
        return tuple(Text(word, node.at) for word in words)
    return tuple(Text(text_of(item), item.at) for item in strings(node))


def _labels(node: Node | None, kind: str) -> tuple[Text, ...]:
    """What a machine is asked for by: its image, or its version of Xcode."""
    if kind not in {"machine", "macos", "windows"}:
        return ()
    if isinstance(node, Mapping):
        image = as_text(node.get("image"))
        xcode = as_text(node.get("xcode"))
        return (image,) if image else (Text(f"xcode:{xcode.raw}", xcode.at),) if xcode else ()
    if isinstance(node, Scalar) and isinstance(value_of(node), str):
        return (Text(node.value, node.at),)
    return ()
