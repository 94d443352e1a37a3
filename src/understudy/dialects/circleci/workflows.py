"""Settles the names of all jobs of all workflows, and what each of them requires."""

import re
from collections import Counter
from collections.abc import Hashable
from collections.abc import Mapping as Pairs
from dataclasses import dataclass

from understudy.dialects.circleci.groups import Groups, nameless_twice
from understudy.dialects.circleci.invocations import Entries, Invocation
from understudy.dialects.circleci.nodes import strings
from understudy.dialects.circleci.notes import CONFIGURATION, did_you_mean
from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.model.results import Outcome
from understudy.text.yaml import Mapping, Scalar

STATUSES: Pairs[str, frozenset[Outcome]] = {
    "success": frozenset({Outcome.PASSED}),
    "failed": frozenset({Outcome.FAILED, Outcome.ERRORED}),
    "canceled": frozenset({Outcome.CANCELLED}),
    "unauthorized": frozenset(),
    "not_run": frozenset({Outcome.SKIPPED}),
    "terminal": frozenset(Outcome),
}
"""What a required status stands for; nothing is unauthorized here.

See https://circleci.com/docs/reference/configuration-reference/#requires.
"""

_REQUIRES = CONFIGURATION + "#requires"
_NAMES = "https://circleci.com/docs/reference/reusing-config/#invoking-the-same-job-multiple-times"
_MATRIX_TAG = re.compile(r"<<\s*matrix\.[^<>]*>>")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A requirement with its names settled: `job` is a final name of the same workflow."""

    job: str
    outcomes: frozenset[Outcome]
    at: Position


def invocations(
    workflow: Mapping, groups: Pairs[str, Mapping], jobs: Pairs[str, Mapping], notes: Notes, *, modern: bool
) -> list[Invocation]:
    """All invocations of one workflow, in order, its groups opened and its matrices multiplied out."""
    entries = Entries(jobs, notes, modern=modern)
    opener = Groups(groups, entries, notes)
    named = entries.named(workflow.get("jobs"))
    nameless_twice([pair for pair in named if pair[0].value in groups], notes)
    found: list[Invocation] = []
    for key, arguments in named:
        found += opener.opened(key, arguments) if key.value in groups else entries.cells(key, arguments)
    return found


def final_names(workflows: list[list[tuple[Invocation, Hashable]]], notes: Notes) -> list[list[str]]:
    """The name of each invocation of each workflow; what it comes to is given as a value to compare.

    A name that several different jobs ask for, or that is asked for twice in one workflow, is numbered: `test-1`,
    `test-2`. See https://circleci.com/docs/reference/reusing-config/#invoking-the-same-job-multiple-times.
    """
    numbered = _contested(workflows)
    taken = {one.wanted for workflow in workflows for one, _ in workflow}
    given: dict[tuple[str, Hashable], str] = {}
    counters: dict[str, int] = {}
    names: list[list[str]] = []
    for workflow in workflows:
        here: Counter[str] = Counter()
        alike = Counter((one.wanted, body) for one, body in workflow if one.wanted in numbered)
        row = []
        for one, body in workflow:
            if one.wanted not in numbered:
                row.append(one.wanted)
                continue
            here[one.wanted] += 1
            if one.named and here[one.wanted] == 2:
                message = f"the name `{one.wanted}` is given to several jobs of this workflow, so they are numbered"
                notes.warning("duplicate-job-name", message, one.at, "give each its own `name`", _NAMES)
            place = (one.wanted, body)
            if alike[place] > 1 or place not in given:
                given[place] = _next(one.wanted, counters, taken)
            row.append(given[place])
        names.append(row)
    return names


def _next(wanted: str, counters: dict[str, int], taken: set[str]) -> str:
    while True:
        counters[wanted] = counters.get(wanted, 0) + 1
        name = f"{wanted}-{counters[wanted]}"
        if name not in taken:
            return name


def _contested(workflows: list[list[tuple[Invocation, Hashable]]]) -> set[str]:
    """Names that stand twice in one workflow, or for different jobs in several."""
    bodies: dict[str, Hashable] = {}
    found: set[str] = set()
    for workflow in workflows:
        seen: set[str] = set()
        for one, body in workflow:
            if one.wanted in seen or (one.kind != "approval" and bodies.get(one.wanted, body) != body):
                found.add(one.wanted)
            seen.add(one.wanted)
            if one.kind != "approval":
                bodies.setdefault(one.wanted, body)
    return found


class Requirements:
    """Resolves the `requires` of one workflow's invocations, whose final names are given in the same order."""

    def __init__(self, found: list[Invocation], names: list[str], notes: Notes) -> None:
        self._notes = notes
        self._found = list(zip(found, names, strict=True))
        self._wanted: dict[tuple[str, str], list[str]] = {}
        self._aliases: dict[tuple[str, str], list[str]] = {}
        self._start: dict[str, str] = {}
        for one, name in self._found:
            self._wanted.setdefault((one.realm, one.wanted), []).append(name)
            self._start[one.wanted] = name
            for alias in one.aliases:
                self._aliases.setdefault((one.realm, alias), []).append(name)

    def of(self, one: Invocation) -> tuple[Wanted, ...]:
        """What `one` requires; a name that stands for nothing is a finding and left out."""
        success = STATUSES["success"]
        wanted = [Wanted(self._start[name], success, one.at) for name in one.before if name in self._start]
        for name, statuses in one.requires():
            outcomes = success if statuses is None else self._outcomes(strings(statuses), name)
            wanted += [Wanted(job, outcomes, name.at) for job in self._jobs(one, name)]
        return tuple(dict.fromkeys(wanted))

    def _outcomes(self, statuses: tuple[Scalar, ...], name: Scalar) -> frozenset[Outcome]:
        outcomes: frozenset[Outcome] = frozenset()
        for status in statuses:
            if status.value not in STATUSES:
                message = f"`{status.value}` is no status that a job can end with"
                hint = did_you_mean(status.value, STATUSES)
                self._notes.warning("unknown-status", message, status.at, hint, _REQUIRES)
            outcomes |= STATUSES.get(status.value, frozenset())
        if not statuses:
            message = f"the status that `{name.value}` must end with is missing"
            self._notes.error("unknown-status", message, name.at, did_you_mean("", STATUSES), _REQUIRES)
        return outcomes

    def _jobs(self, one: Invocation, name: Scalar) -> list[str]:
        exact = self._wanted.get((one.realm, name.value), [])
        found = exact if len(exact) == 1 else self._aliases.get((one.realm, name.value), exact)
        if len(exact) > 1 and found is exact:
            listed = ", ".join(f"`{other}`" for other in exact)
            message = f"`{one.wanted}` requires `{name.value}`, which is the name of {len(exact)} jobs: {listed}"
            self._notes.error("ambiguous-requires", message, name.at, "give each of them its own `name`", _NAMES)
        if not found and "<<" in name.value:
            found = self._like(name, one.realm)
        if not found:
            known = [other for realm, other in {**self._wanted, **self._aliases} if realm == one.realm]
            message = f"`{one.wanted}` requires `{name.value}`, and no job of this workflow is called so"
            hint = did_you_mean(name.value, known, "name a job of the same workflow")
            self._notes.error("unknown-job", message, name.at, hint, _REQUIRES)
        return found

    def _like(self, name: Scalar, realm: str) -> list[str]:
        """The jobs whose names fit one with `<< matrix.* >>` in it, outside of a matrix."""
        parts = [re.escape(part) for part in _MATRIX_TAG.split(name.value)]
        pattern = re.compile("[^/]*".join(parts)) if len(parts) > 1 else None
        found = [
            final for one, final in self._found if one.realm == realm and pattern and pattern.fullmatch(one.wanted)
        ]
        if found:
            message = f"`{name.value}` stands outside of a matrix: it is taken for all of {len(found)} jobs"
            self._notes.warning("matrix-outside", message, name.at, "require the matrix by its alias", _REQUIRES)
        return found


def cycles(wanted: Pairs[str, tuple[Wanted, ...]], notes: Notes) -> dict[str, tuple[Wanted, ...]]:
    """`wanted` without the edges that close a circle; each of those is a finding with the path."""
    kept: dict[str, list[Wanted]] = {name: [] for name in wanted}
    state: dict[str, int] = {}
    for first in wanted:
        if first in state:
            continue
        path = [(first, iter(wanted[first]))]
        state[first] = 1
        while path:
            name, rest = path[-1]
            edge = next(rest, None)
            if edge is None:
                state[name] = 2
                path.pop()
            elif state.get(edge.job) == 1:
                names = [one for one, _ in path]
                circle = [*names[names.index(edge.job) :], edge.job]
                message = f"jobs wait for one another, so none of them can start: `{' -> '.join(circle)}`"
                notes.error("requires-cycle", message, edge.at, "take one of these requirements out", _REQUIRES)
            else:
                kept[name].append(edge)
                if edge.job in wanted and edge.job not in state:
                    state[edge.job] = 1
                    path.append((edge.job, iter(wanted[edge.job])))
    return {name: tuple(edges) for name, edges in kept.items()}
