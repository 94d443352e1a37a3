"""Looks over the elements that no workflow uses: what they declare and call must make sense too."""

from collections.abc import Iterator

from understudy.dialects.circleci.knownorbs import PATH_FILTER
from understudy.dialects.circleci.nodes import entries
from understudy.dialects.circleci.orbs import Found, Library, Shelf
from understudy.dialects.circleci.parameters import declared
from understudy.dialects.circleci.steps import BUILT_IN, STRUCTURAL, unknown_step
from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

Place = tuple[int, str]


def survey(shelf: Shelf, notes: Notes) -> None:
    """Findings for wrong declarations, unknown steps and commands without end, in all that a file writes itself."""
    root = shelf.libraries[0]
    _open_inline(shelf, root, 0)
    own = [library for library in shelf.libraries if not library.lenient]
    calls: dict[Place, list[tuple[Place, Position]]] = {}
    for library in own:
        for kind in ("commands", "jobs", "executors"):
            for name, node in library.elements(kind).items():
                declared(node, notes)
                steps = _names(node.get("steps"), 0)
                found = [_callee(shelf, library, key, notes) for key in steps]
                if kind == "commands":
                    calls[library.number, name] = [one for one in found if one is not None]
    if not any(one.code == "recursive-command" for one in notes.findings):
        _endless(calls, notes)


def _open_inline(shelf: Shelf, library: Library, depth: int) -> None:
    for alias, node in library.orbs.items():
        inner = shelf.orb(library, alias) if isinstance(node, Mapping) and depth < 20 else None
        if isinstance(inner, Library):
            _open_inline(shelf, inner, depth + 1)


def _names(steps: Node | None, depth: int) -> Iterator[Scalar]:
    """The names of all steps, those under conditions too, except names that are still to be put together."""
    for item in steps.items if isinstance(steps, Sequence) and depth < 100 else ():
        if isinstance(item, Scalar):
            if item.value and "<<" not in item.value:
                yield item
            continue
        for key, value in entries(item):
            if key.value in STRUCTURAL:
                yield from _names(value.get("steps") if isinstance(value, Mapping) else value, depth + 1)
            elif "<<" not in key.value:
                yield key
            break


def _callee(shelf: Shelf, library: Library, key: Scalar, notes: Notes) -> tuple[Place, Position] | None:
    alias, slash, _ = key.value.partition("/")
    if slash and not isinstance(library.orbs.get(alias), Mapping) and alias in library.orbs:
        return None
    found = shelf.find(library, "commands", key.value)
    if isinstance(found, Found):
        return (found.library.number, found.name), key.at
    if found is None and key.value not in BUILT_IN and key.value != PATH_FILTER:
        unknown_step(shelf, library, key, notes)
    return None


def _endless(calls: dict[Place, list[tuple[Place, Position]]], notes: Notes) -> None:
    state: dict[Place, int] = {}
    for first, called in calls.items():
        if first in state:
            continue
        path = [(first, iter(called))]
        state[first] = 1
        while path:
            place, rest = path[-1]
            call = next(rest, None)
            if call is None:
                state[place] = 2
                path.pop()
            elif state.get(call[0]) == 1:
                places = [one for one, _ in path]
                circle = " -> ".join(name for _, name in [*places[places.index(call[0]) :], call[0]])
                hint = "a command can't call itself, nor by way of others"
                message = f"commands call one another without end: `{circle}`"
                notes.error("recursive-command", message, call[1], hint)
            elif call[0] in calls and call[0] not in state:
                state[call[0]] = 1
                path.append((call[0], iter(calls[call[0]])))
