"""The 2.1 compiler over nodes: from a file to the jobs that its workflows come to, every `<< >>` replaced.

See https://circleci.com/docs/guides/orchestrate/pipeline-variables/#configuration-processing-stages.
"""

from collections.abc import Hashable
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field

from understudy.dialects.circleci.executors import Executors
from understudy.dialects.circleci.invocations import RESERVED, Invocation
from understudy.dialects.circleci.nodes import fingerprint, mapping, text, with_pair, without
from understudy.dialects.circleci.notes import CONFIGURATION
from understudy.dialects.circleci.orbs import Absent, Found, Library, Shelf
from understudy.dialects.circleci.parameters import Call, bind, declared
from understudy.dialects.circleci.steps import Expander
from understudy.dialects.circleci.substitute import Substitution, parameter_scope, unescaped
from understudy.dialects.circleci.workflows import Requirements, Wanted, cycles, final_names, invocations
from understudy.dialects.notes import Notes
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

EMPTY_KINDS = frozenset({"approval", "no-op", "release", "lock", "unlock"})
"""Types of jobs that have no steps and no environment."""


@dataclass(frozen=True, slots=True)
class Body:
    """What an invocation comes to: a job without parameters, executors and commands."""

    node: Mapping
    executor: str | None
    key: Hashable


@dataclass(frozen=True, slots=True)
class CompiledJob:
    """A job of a compiled workflow: `name` is final, `body` None for one that only a workflow knows of (approval)."""

    name: str
    invocation: Invocation
    body: Body | None
    needs: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class CompiledWorkflow:
    """A workflow: `node` is its map as written, with pipeline values in place."""

    name: Scalar
    node: Mapping
    jobs: tuple[CompiledJob, ...] = ()


@dataclass(frozen=True, slots=True)
class Elements:
    """What a file declares, with pipeline values in place. `modern`: version 2.1."""

    root: Mapping
    library: Library
    groups: Pairs[str, Mapping] = field(default_factory=dict)
    modern: bool = True


class JobCompiler:
    """Compiles the jobs that workflows invoke; what is asked for twice is made once."""

    def __init__(self, elements: Elements, shelf: Shelf, changed: tuple[str, ...] | None, notes: Notes) -> None:
        self._elements = elements
        self._shelf = shelf
        self._notes = notes
        self._expander = Expander(shelf, notes, changed)
        self._executors = Executors(shelf, notes)
        self._made: dict[Hashable, Body | None] = {}

    def body(self, one: Invocation) -> Body | None:
        """The job that `one` invokes; None for one that has no body, or that there isn't."""
        library = self._elements.library
        if one.kind in EMPTY_KINDS and one.job not in library.jobs:
            return None
        place = (one.job, fingerprint(without(one.node, "name", "requires", "context", "filters", "serial-group")))
        if place not in self._made:
            self._made[place] = self._compile(one, library)
        return self._made[place]

    def _compile(self, one: Invocation, library: Library) -> Body | None:
        self._expander.start()
        found = self._found(one, library)
        if found is None:
            return None
        if isinstance(found, Absent):
            given = tuple(pair for pair in one.node.pairs if pair[0].value not in RESERVED)
            step = mapping(((one.job, Mapping(given, one.at)),), one.at)
            node = mapping((("steps", Sequence((step,), one.at)),), one.at)
            return Body(node, one.job, fingerprint(node))
        node = self._filled(found, one) if self._elements.modern else found.node
        placed = self._executors.place(node, found.library)
        steps = self._steps(placed.body, found.library, one)
        body = with_pair(placed.body, "steps", steps) if steps is not None else placed.body
        final = unescaped(body) if self._elements.modern else body
        assert isinstance(final, Mapping)
        return Body(final, placed.executor, fingerprint(final))

    def _found(self, one: Invocation, library: Library) -> Found | Absent | None:
        override = one.node.get("override-with")
        if isinstance(override, Scalar) and override.value:
            instead = self._override(override, library)
            if instead is not None:
                return instead
        found = self._shelf.find(library, "jobs", one.job)
        if found is None:
            self._shelf.unknown(library, "jobs", one.job, one.at)
        return found

    def _override(self, override: Scalar, library: Library) -> Found | None:
        """The job that takes the other's place, if there is one.

        See https://circleci.com/docs/guides/orchestrate/how-to-override-config/.
        """
        found = self._shelf.find(library, "jobs", override.value)
        if isinstance(found, Absent):
            message = f"the orb of `{override.value}` is not here: the file's own job stands in for it"
            self._notes.unsupported("override-not-here", message, override.at, rule=CONFIGURATION + "#override-with")
        return found if isinstance(found, Found) else None

    def _filled(self, found: Found, one: Invocation) -> Mapping:
        """The job's map with its parameters in place."""
        call = Call(f"job `{one.job}`", one.at, lenient=found.library.lenient)
        given = {key.value: (key, value) for key, value in one.node.pairs if key.value not in RESERVED}
        prepare = (self._expander.prepare(self._elements.library), self._expander.prepare(found.library))
        values = bind(declared(found.node, self._notes), given, call, self._notes, prepare)
        scope = parameter_scope(values, call.what, self._notes)
        filled = Substitution(scope, self._notes).node(without(found.node, "parameters", "description"))
        assert isinstance(filled, Mapping)
        return filled

    def _steps(self, body: Mapping, library: Library, one: Invocation) -> Node | None:
        """The job's steps between those that the workflow puts around them.

        See https://circleci.com/docs/reference/reusing-config/#using-pre-and-post-steps.
        """
        own = body.get("steps")
        around = [one.node.get("pre-steps"), one.node.get("post-steps")]
        if own is None and around == [None, None]:
            return None
        before, after = (self._expander.expand(steps, self._elements.library, ()) for steps in around)
        middle = self._expander.expand(own, library, ())
        return Sequence((*before, *middle, *after), own.at if own else one.at)


def compile_workflows(
    elements: Elements, shelf: Shelf, changed: tuple[str, ...] | None, notes: Notes
) -> tuple[CompiledWorkflow, ...]:
    """Every workflow of a file, its jobs compiled and named, whether or not it would run now."""
    compiler = JobCompiler(elements, shelf, changed, notes)
    written = workflows_of(elements, notes)
    listed = [
        invocations(node, elements.groups, elements.library.jobs, notes, modern=elements.modern) for _, node in written
    ]
    bodies = [[(one, compiler.body(one)) for one in found] for found in listed]
    keyed = [[(one, body.key if body else None) for one, body in row] for row in bodies]
    names = final_names(keyed, notes)
    workflows = []
    for (name, node), row, called in zip(written, bodies, names, strict=True):
        requirements = Requirements([one for one, _ in row], called, notes)
        wanted = {final: requirements.of(one) for (one, _), final in zip(row, called, strict=True)}
        kept = cycles(wanted, notes)
        there = [
            (final, one, body)
            for (one, body), final in zip(row, called, strict=True)
            if body is not None or one.kind in EMPTY_KINDS
        ]
        ids = {final for final, _, _ in there}
        jobs = (
            CompiledJob(final, one, body, tuple(need for need in kept[final] if need.job in ids))
            for final, one, body in there
        )
        workflows.append(CompiledWorkflow(name, node, tuple(jobs)))
    return tuple(workflows)


def workflows_of(elements: Elements, notes: Notes) -> list[tuple[Scalar, Mapping]]:
    """The workflows of a file; one of the job `build` where it has none, as the service makes it."""
    node = elements.root.get("workflows")
    if node is None or not isinstance(node, Mapping):
        return _only_build(elements)
    found = []
    for key, value in node.pairs:
        if key.value == "version":
            continue
        if isinstance(value, Mapping):
            found.append((key, value))
        else:
            message = f"the workflow `{key.value}` is a map with `jobs`"
            notes.error("wrong-type", message, value.at, rule=CONFIGURATION + "#workflowname")
    return found


def _only_build(elements: Elements) -> list[tuple[Scalar, Mapping]]:
    build = elements.library.jobs.get("build")
    if build is None:
        return []
    jobs = elements.root.get("jobs")
    key = jobs.key("build") if isinstance(jobs, Mapping) else None
    at = key.at if key else build.at
    entry = Scalar("build", at)
    return [(text("workflow", at), mapping((("jobs", Sequence((entry,), at)),), at))]
