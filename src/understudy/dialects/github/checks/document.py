"""A lenient view of a workflow file: what is of the expected kind is there, anything else is passed over.

What is of the wrong kind is told by whoever checks the shape of the file, so that it is told once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from understudy.findings import Position
from understudy.text import yaml
from understudy.text.shape import is_null

Pair = tuple[yaml.Scalar, yaml.Node]


def child(node: yaml.Node | None, *keys: str) -> yaml.Node | None:
    """What stands under `keys`, one below the other."""
    for key in keys:
        node = node.get(key) if isinstance(node, yaml.Mapping) else None
    return node


def scalar(node: yaml.Node | None, *keys: str) -> yaml.Scalar | None:
    """The text under `keys`, if there is one that isn't empty."""
    found = child(node, *keys)
    return found if isinstance(found, yaml.Scalar) and not is_null(found) and found.tag != yaml.MISSING else None


def pairs(node: yaml.Node | None, *keys: str) -> tuple[Pair, ...]:
    """The pairs of the map under `keys`."""
    found = child(node, *keys)
    return found.pairs if isinstance(found, yaml.Mapping) else ()


def items(node: yaml.Node | None, *keys: str) -> tuple[yaml.Node, ...]:
    """The items of the list under `keys`."""
    found = child(node, *keys)
    return found.items if isinstance(found, yaml.Sequence) else ()


def texts(node: yaml.Node | None, *keys: str) -> tuple[yaml.Scalar, ...]:
    """The text, or the texts of the list, under `keys`."""
    found = child(node, *keys)
    listed = found.items if isinstance(found, yaml.Sequence) else (found,)
    return tuple(one for one in listed if isinstance(one, yaml.Scalar) and not is_null(one) and one.tag != yaml.MISSING)


def has_expression(text: str) -> bool:
    """Whether a part of `text` is an expression."""
    return "${{" in text


def is_expression(text: str) -> bool:
    """Whether `text` is one expression and nothing else, so that its value keeps its type."""
    bare = text.strip()
    return bare.startswith("${{") and bare.endswith("}}") and bare.count("${{") == 1


@dataclass(frozen=True, slots=True)
class Event:
    """One of the events under `on`, with its filters if it has any."""

    name: yaml.Scalar
    settings: yaml.Node | None = None


@dataclass(frozen=True)
class Step:
    """One step of a job."""

    node: yaml.Mapping

    @property
    def id(self) -> yaml.Scalar | None:
        """Its id, if it has one."""
        return scalar(self.node, "id")

    @property
    def uses(self) -> yaml.Scalar | None:
        """The action that it uses."""
        return scalar(self.node, "uses")

    @property
    def run(self) -> yaml.Scalar | None:
        """Its script."""
        return scalar(self.node, "run")


@dataclass(frozen=True)
class Job:
    """One job, under the id that it has in the file."""

    id: yaml.Scalar
    node: yaml.Node

    @property
    def key(self) -> str:
        """The id as GitHub compares it: case counts for nothing."""
        return self.id.value.lower()

    @property
    def needs(self) -> tuple[yaml.Scalar, ...]:
        """The jobs that must have ended before it."""
        return texts(self.node, "needs")

    @property
    def uses(self) -> yaml.Scalar | None:
        """The reusable workflow that is called."""
        return scalar(self.node, "uses")

    @property
    def matrix(self) -> yaml.Node | None:
        """Its matrix, whatever it is written as."""
        return child(self.node, "strategy", "matrix")

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its steps, with those that run side by side."""
        found = []
        for node in items(self.node, "steps"):
            if isinstance(node, yaml.Mapping):
                found.append(Step(node))
                inner = items(node, "parallel")
                found += [Step(one) for one in inner if isinstance(one, yaml.Mapping)]
        return tuple(found)

    @cached_property
    def labels(self) -> tuple[yaml.Scalar, ...]:
        """The labels of the runner that is asked for."""
        node = child(self.node, "runs-on")
        return texts(node, "labels") if isinstance(node, yaml.Mapping) else texts(node)

    @cached_property
    def containers(self) -> tuple[tuple[str, yaml.Mapping], ...]:
        """The job's container and its services, each with what messages call it."""
        found = [("the container", child(self.node, "container"))]
        found += [(f"the service `{name.value}`", node) for name, node in pairs(self.node, "services")]
        return tuple((name, node) for name, node in found if isinstance(node, yaml.Mapping))


@dataclass(frozen=True)
class Document:
    """A workflow file."""

    root: yaml.Node
    path: str

    @property
    def at(self) -> Position:
        """Where the file begins."""
        return self.root.at

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What starts it."""
        node = child(self.root, "on")
        if isinstance(node, yaml.Mapping):
            return tuple(Event(name, settings) for name, settings in node.pairs)
        return tuple(Event(name) for name in texts(node))

    def event(self, name: str) -> Event | None:
        """The event called `name`."""
        return next((one for one in self.events if one.name.value == name), None)

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Its jobs."""
        return tuple(Job(key, node) for key, node in pairs(self.root, "jobs") if isinstance(node, yaml.Mapping))

    @cached_property
    def by_key(self) -> dict[str, Job]:
        """The jobs by id in lower case; of equals the first."""
        found: dict[str, Job] = {}
        for job in self.jobs:
            found.setdefault(job.key, job)
        return found

    @cached_property
    def environments(self) -> tuple[yaml.Node, ...]:
        """Everything under `env`, wherever it stands."""
        return tuple(self._environments())

    def _environments(self) -> Iterator[yaml.Node]:
        nodes: list[yaml.Node] = [self.root]
        for job in self.jobs:
            nodes += [job.node, *(one for _, one in job.containers), *(step.node for step in job.steps)]
        for node in nodes:
            found = child(node, "env")
            if found is not None:
                yield found
