"""Invocations: the entries of a workflow's or a group's `jobs`, with their matrices multiplied out."""

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field, replace

from understudy.dialects.circleci.matrix import Cell, cells
from understudy.dialects.circleci.nodes import entries, text_of, without
from understudy.dialects.circleci.notes import CONFIGURATION, did_you_mean
from understudy.dialects.circleci.substitute import Substitution, matrix_scope, parameter_scope
from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.model.pipeline import CellValue
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

RESERVED = frozenset({
    "context",
    "filters",
    "matrix",
    "name",
    "override-with",
    "post-steps",
    "pre-steps",
    "requires",
    "serial-group",
    "type",
})  # fmt: skip
"""Keys of an invocation that are no parameters of its job."""

TYPES = ("build", "approval", "no-op", "release", "lock", "unlock")
_PAGE = CONFIGURATION + "#jobs-in-workflow"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One job of a workflow before its names are settled. `wanted`: the name it asks for; `aliases`: its matrix's.

    `node`: its arguments, with `matrix.*` replaced. `realm`: the job group in whose words its `requires` are.
    `before`: wanted names that it waits for besides those.
    """

    job: str
    wanted: str
    at: Position
    node: Mapping
    aliases: tuple[str, ...] = ()
    cell: Pairs[str, CellValue] = field(default_factory=dict)
    kind: str = "build"
    named: bool = False
    realm: str = ""
    before: tuple[str, ...] = ()

    def requires(self) -> list[tuple[Scalar, Node | None]]:
        """The jobs it requires, each with the statuses it asks for."""
        listed = self.node.get("requires")
        found: list[tuple[Scalar, Node | None]] = []
        items = listed.items if isinstance(listed, Sequence) else (listed,) if isinstance(listed, Scalar) else ()
        for item in items:
            if isinstance(item, Scalar) and item.value:
                found.append((item, None))
            found += entries(item)
        return found


class Entries:
    """Reads the entries of a `jobs` list. `jobs`: the file's jobs by name. In version 2.0 there are no matrices."""

    def __init__(self, jobs: Pairs[str, Mapping], notes: Notes, *, modern: bool) -> None:
        self._jobs = jobs
        self._notes = notes
        self._modern = modern

    def named(self, listed: Node | None) -> list[tuple[Scalar, Mapping]]:
        """Each entry's name and keys, in order."""
        if not isinstance(listed, Sequence):
            if listed is not None:
                self._notes.error("wrong-type", "`jobs` of a workflow is a list", listed.at, rule=_PAGE)
            return []
        return [pair for item in listed.items for pair in self._named(item)]

    def _named(self, item: Node) -> list[tuple[Scalar, Mapping]]:
        if isinstance(item, Scalar):
            return [(item, Mapping((), item.at))] if item.value else []
        if isinstance(item, Sequence) or len(item.pairs) != 1:
            message = "an entry of `jobs` is a job's name, or a map of one name to its keys"
            hint = "indent the keys of a job below its name" if isinstance(item, Mapping) else ""
            self._notes.error("job-entry", message, item.at, hint, _PAGE)
            if isinstance(item, Sequence):
                return []
        found = []
        for key, value in item.pairs[:1]:
            if not isinstance(value, Mapping) and not (isinstance(value, Scalar) and not value.value):
                message = f"the keys of the job `{key.value}` are a map"
                self._notes.error("wrong-type", message, value.at, rule=_PAGE)
            found.append((key, value if isinstance(value, Mapping) else Mapping((), key.at)))
        return found

    def cells(self, key: Scalar, arguments: Mapping) -> list[Invocation]:
        """The invocations that an entry comes to: one, or one for each cell of its matrix."""
        matrix = arguments.get("matrix")
        if matrix is None or not self._modern:
            return [self._invocation(key, arguments, None)]
        alias = matrix.get("alias") if isinstance(matrix, Mapping) else None
        called = alias.value if isinstance(alias, Scalar) else key.value
        found = []
        for cell in cells(matrix, self._notes):
            scope = matrix_scope(cell.values, self._notes)
            filled = Substitution(scope, self._notes).node(without(arguments, "matrix"))
            assert isinstance(filled, Mapping)
            given = tuple((name, value) for name, value in cell.values.items() if name not in filled)
            pairs = (*filled.pairs, *((Scalar(name, value.at), value) for name, value in given))
            one = self._invocation(key, Mapping(pairs, filled.at), cell)
            found.append(replace(one, aliases=(called,)))
        return found

    def _invocation(self, key: Scalar, arguments: Mapping, cell: Cell | None) -> Invocation:
        arguments = self.finished(arguments)
        name = arguments.get("name")
        named = isinstance(name, Scalar) and bool(name.value)
        default = f"{key.value}-{cell.suffix()}" if cell else key.value
        wanted = text_of(name) if isinstance(name, Scalar) and named else default
        kind = self._kind(key, arguments)
        return Invocation(
            key.value, wanted, key.at, arguments, cell=cell.plain() if cell else {}, kind=kind, named=named
        )

    def finished(self, arguments: Mapping) -> Mapping:
        """What is still in `<< >>` now can't be replaced by anything; `requires` is told of where it is resolved."""
        if not self._modern:
            return arguments
        scope = parameter_scope({}, "a workflow", self._notes)
        turn = Substitution(scope, self._notes)
        pairs = ((key, value if key.value == "requires" else turn.node(value)) for key, value in arguments.pairs)
        return Mapping(tuple(pairs), arguments.at)

    def _kind(self, key: Scalar, arguments: Mapping) -> str:
        given = arguments.get("type")
        if given is None:
            job = self._jobs.get(key.value)
            given = job.get("type") if job else None
        if given is None:
            return "build"
        if not isinstance(given, Scalar) or given.value not in TYPES:
            shown = given.value if isinstance(given, Scalar) else ""
            hint = did_you_mean(shown, TYPES)
            message = f"`{shown}` is no type of a job"
            self._notes.error("job-type", message, given.at, hint, CONFIGURATION + "#job-type")
            return "build"
        return given.value
