"""Expands a list of steps: commands become their own steps, `when` and `unless` are decided, `steps` is spliced in."""

import json
import re
from collections.abc import Iterable

from understudy.dialects.base import EvaluationError
from understudy.dialects.circleci.executors import bound
from understudy.dialects.circleci.knownorbs import PATH_FILTER
from understudy.dialects.circleci.logic import evaluate_logic, shortened
from understudy.dialects.circleci.nodes import VALUE, entries, mapping, text, text_of, value_of
from understudy.dialects.circleci.notes import CONFIGURATION, REUSING, did_you_mean
from understudy.dialects.circleci.orbs import Found, Library, Shelf
from understudy.dialects.circleci.parameters import Call, Declared, Prepare, bind, declared
from understudy.dialects.circleci.pathfilter import filtered
from understudy.dialects.circleci.substitute import Substitution, parameter_scope
from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

BUILT_IN = frozenset({
    "add_ssh_keys",
    "attach_workspace",
    "checkout",
    "deploy",
    "install_signing_bundle",
    "persist_to_workspace",
    "restore_cache",
    "run",
    "save_cache",
    "setup_remote_docker",
    "store_artifacts",
    "store_test_results",
})  # fmt: skip
"""The steps that the service itself performs.

See https://circleci.com/docs/reference/configuration-reference/#steps.
"""

STRUCTURAL = frozenset({"when", "unless", "steps"})

MAX_STEPS = 10_000
MAX_WORK = 100_000
"""Steps of a job that are looked at, commands and decided conditions included."""
MAX_DEPTH = 60

_NAMES = re.compile(r"\b(pipeline|parameters)\.\w")
_COMPARES = re.compile(r" (==|!=) ")

Stack = tuple[tuple[int, str], ...]
"""The commands that are being expanded, outermost first: a library's number and a name."""


class Expander:
    """Expands steps in the words of a library. `changed`: paths that differ, for path filtering; None: not known."""

    def __init__(self, shelf: Shelf, notes: Notes, changed: tuple[str, ...] | None) -> None:
        self._shelf = shelf
        self._notes = notes
        self._changed = changed
        self._done: dict[int, Node] = {}
        self._declared: dict[int, dict[str, Declared]] = {}
        self._count = 0
        self._work = 0
        self._stopped = False

    def start(self) -> None:
        """Another job begins: it has the whole of 10,000 steps before it."""
        self._count = self._work = 0
        self._stopped = False

    def expand(self, steps: Node | None, library: Library, stack: Stack) -> list[Node]:
        """What a `steps` comes to: nodes of built-in steps, and of steps whose orb is not here.

        Every `<< >>` in it is replaced already. A step that was expanded before, as an argument, stays as it is.
        """
        if isinstance(steps, Scalar) and not steps.value:
            return []
        if not isinstance(steps, Sequence):
            if steps is not None:
                self._notes.error("wrong-type", "`steps` is a list", steps.at, rule=CONFIGURATION + "#steps")
            return []
        found: list[Node] = []
        for item in steps.items:
            self._work += 1
            if self._work > MAX_WORK or self._count >= MAX_STEPS:
                self._stop(item.at)
                break
            found += self._one(item, library, stack)
        return found

    def _stop(self, at: Position) -> None:
        if not self._stopped:
            message = f"a job has more than {MAX_STEPS:,} steps once its commands are expanded"
            self._notes.error("too-many-steps", message, at)
        self._stopped = True

    def _one(self, item: Node, library: Library, stack: Stack) -> Iterable[Node]:
        if id(item) in self._done:
            return self._keep(item)
        if isinstance(item, Sequence):
            return self.expand(item, library, stack)
        named = self._named(item)
        return self._called(item, named, library, stack) if named else ()

    def _called(self, item: Node, named: tuple[Scalar, Node | None], library: Library, stack: Stack) -> Iterable[Node]:
        key, argument = named
        if key.value in {"when", "unless"} and key.value not in library.commands:
            return self._conditional(key, argument, library, stack)
        if key.value == "steps" and "steps" not in library.commands:
            return self.expand(argument, library, stack)
        found = self._shelf.find(library, "commands", key.value)
        if isinstance(found, Found):
            return self._command(found, (key, argument), library, stack)
        if key.value == PATH_FILTER and library.lenient:
            return self._keep(self._path_filter(argument, item.at))
        if found is None and key.value not in BUILT_IN:
            unknown_step(self._shelf, library, key, self._notes)
        return self._keep(item)

    def _named(self, item: Node) -> tuple[Scalar, Node | None] | None:
        if isinstance(item, Scalar):
            if item.value:
                return item, None
            self._notes.error("empty-step", "there is a step without a name here", item.at)
            return None
        assert isinstance(item, Mapping)
        if len(item.pairs) != 1:
            self._odd_step(item)
        return item.pairs[0] if item.pairs else None

    def _odd_step(self, item: Mapping) -> None:
        keys = ", ".join(f"`{key}`" for key in item.keys())  # noqa: SIM118 - no dict
        message = f"a step has one key, here are {len(item.pairs)}: {keys}" if item.pairs else "this step is empty"
        at = item.pairs[1][0].at if len(item.pairs) > 1 else item.at
        hint = "indent the keys of a step below its name" if item.pairs else ""
        self._notes.error("step-keys", message, at, hint, CONFIGURATION + "#steps")

    def _keep(self, item: Node) -> tuple[Node, ...]:
        self._count += 1
        self._done[id(item)] = item
        return (item,)

    def _conditional(self, key: Scalar, argument: Node | None, library: Library, stack: Stack) -> list[Node]:
        """See https://circleci.com/docs/reference/reusing-config/#defining-conditional-steps."""
        condition = argument.get("condition") if isinstance(argument, Mapping) else None
        if not isinstance(argument, Mapping) or condition is None:
            message = f"`{key.value}` needs `condition` and `steps`"
            self._notes.error("condition", message, key.at, rule=REUSING + "#defining-conditional-steps")
            return []
        try:
            self._no_expression(condition)
            # A parameter of type steps counts as true when there are any.
            holds = bool(condition.items) if isinstance(condition, Sequence) else evaluate_logic(value_of(condition))
        except EvaluationError as error:
            self._notes.error("condition", error.message, condition.at, rule=CONFIGURATION + "#logic-statements")
            return []
        return self.expand(argument.get("steps"), library, stack) if holds is (key.value == "when") else []

    def _no_expression(self, condition: Node) -> None:
        """Steps know no expressions: https://circleci.com/docs/reference/configuration-reference/#the-when-step."""
        if isinstance(condition, Scalar) and isinstance(value_of(condition), str):
            pattern = _COMPARES if condition.tag == VALUE else _NAMES
            if pattern.search(condition.value):
                message = f"`{shortened(condition.value)}` is a text here, which always holds, and no expression"
                hint = "write a logic statement: `equal: [main, << pipeline.git.branch >>]`"
                self._notes.warning("text-condition", message, condition.at, hint, CONFIGURATION + "#the-when-step")

    def _command(self, found: Found, step: tuple[Scalar, Node | None], library: Library, stack: Stack) -> list[Node]:
        key, argument = step
        place = (found.library.number, found.name)
        if place in stack or len(stack) >= MAX_DEPTH:
            self._recursive(stack, place, key.at)
            return []
        inner: Stack = (*stack, place)
        call = Call(f"command `{key.value}`", key.at, lenient=found.library.lenient)
        given = {name.value: (name, value) for name, value in entries(argument)}
        if isinstance(argument, Scalar) and argument.value:
            message = f"the command `{key.value}` takes its parameters as a map, not `{argument.value}`"
            self._notes.error("wrong-type", message, argument.at, rule=REUSING + "#invoking-reusable-commands")
        prepare = (self.prepare(library, stack), self.prepare(found.library, inner))
        values = bind(self._parameters(found.node), given, call, self._notes, prepare)
        scope = parameter_scope(values, call.what, self._notes)
        steps = found.node.get("steps")
        if steps is None:
            return []
        return self.expand(Substitution(scope, self._notes).node(steps), found.library, inner)

    def _parameters(self, element: Mapping) -> dict[str, Declared]:
        known = self._declared.get(id(element))
        if known is None:
            known = self._declared[id(element)] = declared(element, self._notes)
        return known

    def _recursive(self, stack: Stack, place: tuple[int, str], at: Position) -> None:
        names = [name for _, name in stack[stack.index(place) :]] if place in stack else [stack[0][1], "..."]
        path = " -> ".join([*names, place[1]])
        if place in stack:
            message = f"commands call one another without end: `{path}`"
            self._notes.error("recursive-command", message, at, "a command can't call itself, nor by way of others")
        else:
            message = f"commands call one another more than {MAX_DEPTH} deep: `{path}`"
            self._notes.error("commands-too-deep", message, at)

    def prepare(self, library: Library, stack: Stack = ()) -> Prepare:
        """What arguments written in `library` are turned into: executors that stay its own, steps that are expanded."""

        def prepared(one: Declared, node: Node) -> Node:
            if one.kind == "executor":
                return bound(node, library)
            if one.kind == "steps":
                return Sequence(tuple(self.expand(node, library, stack)), node.at)
            return node

        return prepared

    def _path_filter(self, argument: Node | None, at: Position) -> Node:
        words = {key.value: text_of(value) for key, value in entries(argument) if isinstance(value, Scalar)}
        if self._changed is None:
            message = "which files changed can't be told, so no path of the mapping counts as changed"
            hint = f"give the revision to compare with (the orb's is `{words.get('base-revision', 'main')}`)"
            self._notes.warning("changed-files-unknown", message, at, hint)
        result = filtered(words.get("mapping", ""), self._changed or (), words.get("config-path", ""), at, self._notes)
        if len(result.configurations) > 1:
            listed = ", ".join(f"`{path}`" for path in result.configurations)
            message = f"the changed files choose several configurations ({listed}), which are not merged here"
            self._notes.unsupported("merged-configuration", message, at)
        environment = mapping(
            (
                ("PARAMETERS", text(json.dumps(result.parameters), at)),
                ("OUTPUT_PATH", text(words.get("output-path", ""), at)),
                ("CONFIGURATION", text(result.configurations[0], at)),
            ),
            at,
        )
        command = 'printf %s "$PARAMETERS" > "$OUTPUT_PATH"\nprintf %s "$CONFIGURATION" > /tmp/filtered-config-list'
        run = (("name", text("Set parameters", at)), ("environment", environment), ("command", text(command, at)))
        return mapping((("run", mapping(run, at)),), at)


def unknown_step(shelf: Shelf, library: Library, key: Scalar, notes: Notes) -> None:
    """A finding for a step that is neither built in nor a command."""
    if "/" in key.value:
        shelf.unknown(library, "commands", key.value, key.at)
        return
    where = f" in the orb `{library.title}`" if library.title else ""
    known = [*shelf.names(library, "commands"), *sorted(BUILT_IN), *sorted(STRUCTURAL)]
    hint = did_you_mean(key.value, known, "declare it under `commands`, or write `run:` before a shell command")
    notes.error("unknown-command", f"there is no step or command `{key.value}`{where}", key.at, hint)
