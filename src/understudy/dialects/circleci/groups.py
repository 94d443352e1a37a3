"""Job groups: the jobs of one invocation of a group, between a job that starts it and one that ends it.

See https://circleci.com/docs/guides/orchestrate/controlling-serial-execution-across-your-organization/#job-groups.
"""

from collections.abc import Mapping as Pairs
from dataclasses import replace

from understudy.dialects.circleci.invocations import Entries, Invocation
from understudy.dialects.circleci.nodes import text_of
from understudy.dialects.circleci.notes import did_you_mean
from understudy.dialects.notes import Notes
from understudy.text.yaml import Mapping, Scalar

START, END = "group-start", "group-end"

_GROUPS = (
    "https://circleci.com/docs/guides/orchestrate/controlling-serial-execution-across-your-organization/#job-groups"
)
_OF_GROUPS = frozenset({"name", "requires", "filters", "serial-group"})


class Groups:
    """Opens the job groups of a file in one workflow."""

    def __init__(self, groups: Pairs[str, Mapping], entries: Entries, notes: Notes) -> None:
        self._groups = groups
        self._entries = entries
        self._notes = notes
        self._opened: set[str] = set()

    def opened(self, key: Scalar, arguments: Mapping) -> list[Invocation]:
        """The jobs of a group between a job that starts it and one that ends it.

        See https://circleci.com/docs/guides/orchestrate/controlling-serial-execution-across-your-organization/.
        """
        group = self._groups[key.value]
        name = arguments.get("name")
        called = text_of(name) if isinstance(name, Scalar) and name.value else key.value
        self._check_group(key, group, arguments)
        if called in self._opened:
            message = f"the job group `{called}` stands twice in this workflow"
            self._notes.error("group-twice", message, key.at, "give each invocation its own `name`", _GROUPS)
            return []
        self._opened.add(called)
        start = self._boundary(key, arguments, f"{called}/{START}")
        members = [self._member(one, called) for one in self._members(group)]
        inside = {name for one in members for name in (one.job, one.wanted, *one.aliases)}
        self._outside(members, inside, key)
        entered = [one if _required(one) else replace(one, before=(start.wanted,)) for one in members]
        waited = {name for one in members for name in _required(one)}
        leaves = [one for one in members if waited.isdisjoint((one.job, one.wanted, *one.aliases))]
        ending = tuple(one.wanted for one in leaves) or (start.wanted,)
        end = Invocation(END, f"{called}/{END}", key.at, Mapping((), key.at), (called,), kind="no-op", before=ending)
        return [start, *entered, end]

    def _boundary(self, key: Scalar, arguments: Mapping, wanted: str) -> Invocation:
        kept = tuple(
            pair for pair in self._entries.finished(arguments).pairs if pair[0].value in {"requires", "filters"}
        )
        return Invocation(START, wanted, key.at, Mapping(kept, arguments.at), kind="no-op")

    def _member(self, one: Invocation, called: str) -> Invocation:
        return replace(one, wanted=f"{called}/{one.wanted}", realm=called, aliases=(*one.aliases, one.wanted))

    def _members(self, group: Mapping) -> list[Invocation]:
        found: list[Invocation] = []
        for key, arguments in self._entries.named(group.get("jobs")):
            if key.value in self._groups:
                message = f"`{key.value}` is a job group, which can't stand inside another"
                self._notes.error("group-in-group", message, key.at, rule=_GROUPS)
                continue
            serial = arguments.key("serial-group")
            if serial:
                message = "`serial-group` belongs to the invocation of a job group, not into it"
                self._notes.error("group-key", message, serial.at, rule=_GROUPS)
            found += self._entries.cells(key, arguments)
        return found

    def _check_group(self, key: Scalar, group: Mapping, arguments: Mapping) -> None:
        parameters = group.key("parameters")
        if parameters:
            self._notes.error("group-key", "a job group has no `parameters`", parameters.at, rule=_GROUPS)
        for name, _ in arguments.pairs:
            if name.value not in _OF_GROUPS:
                message = f"`{name.value}` can't be given to the job group `{key.value}`"
                hint = "a group takes `name`, `requires`, `filters` and `serial-group`"
                self._notes.error("group-key", message, name.at, hint, _GROUPS)
        serial = arguments.key("serial-group")
        if serial:
            message = f"here nothing keeps another run from entering the serial group of `{key.value}`"
            self._notes.warning("serial-group-of-jobs", message, serial.at, rule=_GROUPS)

    def _outside(self, members: list[Invocation], inner: set[str], key: Scalar) -> None:
        for one in members:
            for name in _required(one):
                if name not in inner:
                    message = f"`{one.job}` of the job group `{key.value}` requires `{name}`, which is not in the group"
                    hint = did_you_mean(name, {member.job for member in members}, "let the group require it")
                    self._notes.error("group-requires", message, one.at, hint, _GROUPS)


def _required(one: Invocation) -> tuple[str, ...]:
    return tuple(name.value for name, _ in one.requires())


def nameless_twice(invoked: list[tuple[Scalar, Mapping]], notes: Notes) -> None:
    """A finding for each invocation without `name` of a group that stands several times in a workflow."""
    times = [key.value for key, _ in invoked]
    for key, arguments in invoked:
        if times.count(key.value) > 1 and "name" not in arguments:
            message = f"the job group `{key.value}` stands several times in this workflow, here without a `name`"
            notes.error("group-twice", message, key.at, "give each invocation its own `name`", _GROUPS)
