"""The pipelines of a file: one for each entry of a section, whichever way it is started."""

from collections.abc import Iterator
from dataclasses import dataclass

from understudy.dialects.bitbucket.nodes import entries, items, member, text_of, texts
from understudy.dialects.bitbucket.parts import Variable
from understudy.dialects.bitbucket.select import Entry
from understudy.findings import Position
from understudy.model.pipeline import Text
from understudy.text import yaml

BY_NAME = ("branches", "tags", "bookmarks", "pull-requests", "custom")
"""Sections whose entries have a name: a glob, or what people call it by."""


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of a section. `pattern`: its glob or name, None for `default`. `destination`: where a pull request goes.

    `node`: the list of its steps, or what imports one.
    """

    kind: str
    at: Position
    node: yaml.Node
    pattern: Text | None = None
    destination: Text | None = None

    @property
    def name(self) -> str:
        """What people call the pipeline by."""
        parts = (self.kind, *(one.raw for one in (self.pattern, self.destination) if one is not None))
        return ".".join(parts)

    @property
    def entry(self) -> Entry:
        """What decides whether it is started."""
        destination = self.destination.raw if self.destination else None
        return Entry(self.kind, self.pattern.raw if self.pattern else "", destination)


def read_sections(root: yaml.Node | None) -> tuple[Section, ...]:
    """The entries in the order of the file. See https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/."""
    return tuple(_sections(member(root, "pipelines")))


def _sections(node: yaml.Node | None) -> Iterator[Section]:
    for key, value in entries(node):
        if key.value == "default":
            yield Section(key.value, key.at, value)
        elif key.value in BY_NAME:
            for pattern, pipeline in entries(value):
                yield from _entry(key.value, pattern, pipeline)


def _entry(kind: str, key: yaml.Scalar, node: yaml.Node) -> Iterator[Section]:
    pattern = Text(key.value, key.at)
    destinations = member(node, "destinations") if kind == "pull-requests" else None
    if destinations is None:
        yield Section(kind, key.at, node, pattern)
    for destination, pipeline in entries(destinations):
        yield Section(kind, destination.at, pipeline, pattern, Text(destination.value, destination.at))


def read_variables(node: yaml.Node | None) -> tuple[Variable, ...]:
    """The variables that a custom pipeline asks for.

    See https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/#Custom.
    """
    found = []
    for item in items(node):
        for one in items(member(item, "variables")):
            name = text_of(member(one, "name"))
            if name is not None:
                found.append(Variable(name, text_of(member(one, "default")), texts(member(one, "allowed-values"))))
    return tuple(found)
