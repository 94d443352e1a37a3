"""The `definitions` of a file: its caches, services, shared pipelines and where further ones are imported from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from understudy.dialects.bitbucket.memory import SERVICE_MIB
from understudy.dialects.bitbucket.nodes import entries, member, text_of, texts, whole
from understudy.dialects.bitbucket.parts import Cache
from understudy.findings import Position
from understudy.model.pipeline import Text
from understudy.text import yaml

DOCKER = "docker"
"""The service that every file has, whether it defines it or not."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service. `docker`: it is an engine for the step, and no program beside it."""

    name: str
    at: Position
    image: yaml.Node | None = None
    variables: Mapping[str, Text] = field(default_factory=dict)
    memory_mib: int = SERVICE_MIB
    docker: bool = False


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the steps of a file can name. `pipelines` are those to be shared; `imports` are sources by alias."""

    caches: Mapping[str, Cache] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    pipelines: Mapping[str, yaml.Node] = field(default_factory=dict)
    imports: Mapping[str, Text] = field(default_factory=dict)


def read_definitions(root: yaml.Node | None) -> Definitions:
    """The definitions of the file `root`. See https://support.atlassian.com/bitbucket-cloud/docs/cache-and-service-container-definitions/."""
    node = member(root, "definitions")
    services = {key.value: _service(key, value) for key, value in entries(member(node, "services"))}
    imports = {key.value: text_of(value) for key, value in entries(member(node, "imports"))}
    return Definitions(
        {key.value: _cache(key, value) for key, value in entries(member(node, "caches"))},
        {DOCKER: Service(DOCKER, Position(), docker=True), **services},
        {key.value: value for key, value in entries(member(node, "pipelines"))},
        {alias: source for alias, source in imports.items() if source is not None},
    )


def _cache(key: yaml.Scalar, node: yaml.Node) -> Cache:
    path = text_of(node) or text_of(member(node, "path"))
    return Cache(Text(key.value, key.at), path or Text("", key.at), texts(member(node, "key", "files")))


def _service(key: yaml.Scalar, node: yaml.Node) -> Service:
    kind = text_of(member(node, "type"))
    memory = whole(member(node, "memory"))
    variables = member(node, "variables") or member(node, "environment")
    return Service(
        key.value,
        key.at,
        member(node, "image"),
        {name.value: text_of(value) or Text("", value.at) for name, value in entries(variables)},
        SERVICE_MIB if memory is None else memory,
        docker=key.value == DOCKER or (kind is not None and kind.raw == DOCKER),
    )
