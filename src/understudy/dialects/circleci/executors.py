"""Executors: finds the one that a job names, gives it its parameters, and merges it under the job's own keys.

See https://circleci.com/docs/reference/reusing-config/#invoking-reusable-executors.
"""

from dataclasses import dataclass

from understudy.dialects.circleci.nodes import entries, with_pair, without
from understudy.dialects.circleci.orbs import Absent, Library, Shelf
from understudy.dialects.circleci.parameters import Call, bind, declared
from understudy.dialects.circleci.substitute import Substitution, parameter_scope
from understudy.dialects.notes import Notes
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

KINDS = ("docker", "machine", "macos", "windows")
_BOUND = "!library:"


@dataclass(frozen=True, slots=True)
class Placed:
    """A job's body with its environment in place; `executor` is the name that it was taken from."""

    body: Mapping
    executor: str | None = None


def bound(node: Node, library: Library) -> Node:
    """An executor's name (or map) that goes on meaning what it means in `library`, wherever it is passed."""
    if isinstance(node, Scalar):
        if node.tag and node.tag.startswith(_BOUND):
            return node
        return Scalar(node.value, node.at, plain=False, tag=f"{_BOUND}{library.number}")
    if isinstance(node, Mapping):
        name = node.get("name")
        return with_pair(node, "name", bound(name, library)) if name is not None else node
    return node


class Executors:
    """Puts a job into the environment that it names."""

    def __init__(self, shelf: Shelf, notes: Notes) -> None:
        self._shelf = shelf
        self._notes = notes

    def place(self, body: Mapping, library: Library) -> Placed:
        """`body` of a job of `library`, without `executor`, with what that executor declares below its own keys."""
        reference = body.get("executor")
        if reference is None:
            return Placed(body)
        name = reference.get("name") if isinstance(reference, Mapping) else reference
        if not isinstance(name, Scalar) or not name.value:
            message = "`executor` names an executor, or is a map with `name`"
            self._notes.error("executor-name", message, reference.at)
            return Placed(without(body, "executor"))
        if name.tag and name.tag.startswith(_BOUND):
            library = self._shelf.libraries[int(name.tag.removeprefix(_BOUND))]
        found = self._shelf.find(library, "executors", name.value)
        own = without(body, "executor")
        if isinstance(found, Absent):
            return Placed(own, name.value)
        if found is None:
            self._shelf.unknown(library, "executors", name.value, name.at)
            return Placed(own, name.value)
        call = Call(f"executor `{name.value}`", reference.at, lenient=found.library.lenient)
        environment = self._filled(found.node, reference, call)
        return Placed(merged(own, environment), name.value)

    def _filled(self, executor: Mapping, reference: Node, call: Call) -> Mapping:
        given = {key.value: (key, value) for key, value in entries(reference) if key.value != "name"}
        parameters = declared(executor, self._notes)
        values = bind(parameters, given, call, self._notes, (lambda _, node: node, lambda _, node: node))
        scope = parameter_scope(values, call.what, self._notes)
        filled = Substitution(scope, self._notes).node(without(executor, "parameters", "description"))
        assert isinstance(filled, Mapping)
        return filled


def merged(job: Mapping, executor: Mapping) -> Mapping:
    """The job's keys over the executor's; the maps of `environment` are added up, the job's values first.

    A job that says `docker`, `machine` or `macos` itself takes nothing of that from its executor.
    See https://circleci.com/docs/reference/reusing-config/#overriding-keys-when-invoking-an-executor.
    """
    placed = any(kind in job for kind in KINDS)
    pairs = {key.value: (key, value) for key, value in executor.pairs if not (placed and key.value in KINDS)}
    for key, value in job.pairs:
        below = pairs.get(key.value)
        if key.value == "environment" and below is not None:
            value = environment_over(value, below[1])  # noqa: PLW2901 - the pair goes on as it is otherwise
        pairs[key.value] = (key, value)
    return Mapping(tuple(pairs.values()), job.at)


def environment_over(above: Node, below: Node) -> Node:
    """Two `environment` values in one map; a list counts as the map of its pairs."""
    pairs = {key.value: (key, value) for key, value in [*variables(below), *variables(above)]}
    return Mapping(tuple(pairs.values()), above.at)


def variables(node: Node | None) -> list[tuple[Scalar, Node]]:
    """The names and values of an `environment`, written as a map, a list of maps, or a list of `NAME=value`."""
    if isinstance(node, Mapping):
        return list(node.pairs)
    found: list[tuple[Scalar, Node]] = []
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Mapping):
            found += item.pairs
        elif isinstance(item, Scalar) and "=" in item.value:
            name, _, value = item.value.partition("=")
            found.append((Scalar(name, item.at), Scalar(value, item.at, plain=False)))
    return found
