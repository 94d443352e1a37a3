"""Turns the steps of a job into steps of the model."""

import re
from collections.abc import Iterator
from dataclasses import replace

from understudy.dialects.github.conditions import read_condition
from understudy.dialects.github.nodes import (
    as_text,
    items,
    late,
    member,
    table,
    text_of,
    texts,
    value_of,
)
from understudy.findings import Position
from understudy.model.pipeline import ALWAYS, Action, Cancel, Script, Step, Text, Use, Wait
from understudy.text.yaml import Mapping, Node, Scalar

_CONTROL = {"wait": "Wait", "wait-all": "Wait for all", "cancel": "Cancel"}
"""The keys of steps that wait for others or cancel them, and what these are called without a name."""
_WAIT_PARALLEL = "Wait for the parallel steps"
_WAIT_AT_THE_END = "Wait for all background steps"
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_ID = 100
_LONGEST_S = 35 * 24 * 3600.0
"""Of a run as a whole. See https://docs.github.com/en/actions/reference/limits."""


def read_steps(node: Node | None) -> tuple[Step, ...]:
    """The steps of a job or of a composite action, in order.

    Those of a `parallel` begin in the background where it stands, and are waited for. Where nothing waits for a step in
    the background, or cancels it, the job waits at its end. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idsteps and
    https://github.com/actions/runner/blob/main/src/Runner.Worker/JobExtension.cs.
    """
    every = tuple(_mappings(node))
    nodes = [inner for one in every for inner in ((one, *_mappings(member(one, "parallel"))))]
    ids = _Ids(given for given in (as_text(one.get("id")) for one in nodes) if given)
    found: list[Step] = []
    for one in every:
        if one.key("parallel") is None:
            found.append(_step(one, ids))
            continue
        group = [replace(_step(inner, ids), background=True) for inner in _mappings(member(one, "parallel"))]
        waits = Wait(tuple(step.id for step in group))
        found += [*group, _control_step(ids.make("parallel"), _WAIT_PARALLEL, one.at, waits)]
    left = next((step for step in found if step.background and not _is_covered(step, found)), None)
    if left is not None:
        found.append(_control_step("__implicit_wait_all", _WAIT_AT_THE_END, left.at, Wait()))
    return tuple(found)


def _mappings(node: Node | None) -> Iterator[Mapping]:
    return (one for one in items(node) if isinstance(one, Mapping))


def _is_covered(step: Step, steps: list[Step]) -> bool:
    """Whether a step waits for `step` or cancels it."""
    place = steps.index(step)
    for index, one in enumerate(steps):
        if isinstance(one.action, Wait) and one.action.ids is None:
            if index > place:
                return True
        elif isinstance(one.action, Wait | Cancel) and step.id in (one.action.ids or ()):
            return True
    return False


class _Ids:
    """Ids of the steps of one job: those that are given, and `__run_2` and the like for the others."""

    def __init__(self, given: Iterator[Text]) -> None:
        self._taken = {one.raw.lower() for one in given}

    def make(self, words: str) -> str:
        """See GITHUB_ACTION in https://docs.github.com/en/actions/reference/workflows-and-actions/variables."""
        base = f"__{_NOT_OF_AN_ID.sub('_', words)}"
        number = 1
        while True:
            suffix = "" if number == 1 else f"_{number}"
            one = base[: _LONGEST_ID - len(suffix)] + suffix
            if one.lower() not in self._taken:
                self._taken.add(one.lower())
                return one
            number += 1


def _step(node: Mapping, ids: _Ids) -> Step:
    action = _action(node)
    given = as_text(node.get("id"))
    if isinstance(action, Wait | Cancel):
        key, default = next((key, name) for key, name in _CONTROL.items() if node.key(key) is not None)
        return _control_step(given.raw if given else ids.make(key), default, node.at, action, as_text(node.get("name")))
    seconds, timeout = minutes(node.get("timeout-minutes"))
    forgiven, forgiven_text = flag(node.get("continue-on-error"))
    return Step(
        given.raw if given else ids.make(_default_id(action)),
        as_text(node.get("name")) or Text(_default_name(action), node.at),
        node.at,
        action,
        env=table(node.get("env")),
        when=read_condition(node.get("if")),
        workdir=as_text(node.get("working-directory")),
        timeout_s=seconds,
        continue_on_error=forgiven,
        background=value_of(node.get("background")) is True,
        timeout=timeout,
        forgiven=forgiven_text,
    )


def _control_step(id_: str, default: str, at: Position, action: Wait | Cancel, name: Text | None = None) -> Step:
    """A step that waits or cancels is performed in any case, and `continue-on-error` changes nothing for it."""
    return Step(id_, name or Text(default, at), at, action, when=ALWAYS)


def _action(node: Mapping) -> Action:
    body, uses = node.get("run"), as_text(node.get("uses"))
    if isinstance(body, Scalar):
        return Script(Text(text_of(body), body.at), as_text(node.get("shell")))
    if uses is not None:
        return Use(uses, table(node.get("with")))
    if node.key("wait") is not None:
        return Wait(tuple(one.raw for one in texts(node.get("wait"))))
    if node.key("wait-all") is not None:
        return Wait()
    cancelled = as_text(node.get("cancel"))
    return Cancel((cancelled.raw,)) if cancelled else Use(Text("", node.at))


def is_use(step: Step) -> bool:
    """Whether `step` uses an action."""
    return isinstance(step.action, Use) and step.action.ref.raw != ""


def _default_id(action: Action) -> str:
    if not isinstance(action, Use):
        return "run"
    ref = action.ref.raw
    if ref.startswith("docker://"):
        return ref.removeprefix("docker://")
    if ref.startswith(("./", ".\\")):
        return "self"
    parts = re.split(r"[/\\]", ref.partition("@")[0])
    return "/".join(parts[:2]) if len(parts) > 1 else "run"


def _default_name(action: Action) -> str:
    """What the service's log calls a step without a name: `Run` and what it runs."""
    match action:
        case Script(body=body):
            lines = body.raw.strip().splitlines()
            return f"Run {lines[0].strip()}" if lines else "Run"
        case Use(ref=ref):
            return f"Run {ref.raw}"
        case _:
            return "Run"


def minutes(node: Node | None) -> tuple[float | None, Text | None]:
    """A number of minutes in seconds, or the expression that gives it in minutes."""
    if (text := late(node)) is not None:
        return None, text
    value = value_of(node)
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:  # noqa: PLR0124 - NaN
        return None, None
    return max(0.0, min(float(value) * 60, _LONGEST_S)), None


def flag(node: Node | None) -> tuple[bool, Text | None]:
    """True or false, or the expression that gives it."""
    return value_of(node) is True, late(node)
