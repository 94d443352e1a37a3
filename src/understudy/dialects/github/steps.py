"""Turns the steps of a job into steps of the model."""

import re
from collections.abc import Iterator

from understudy.dialects.github.conditions import read_condition
from understudy.dialects.github.nodes import as_text, holds_expression, is_null, items, member, table, text_of, value_of
from understudy.dialects.github.notes import SYNTAX, Notes
from understudy.model.pipeline import Action, Script, Step, Text, Use
from understudy.text.yaml import Mapping, Node, Scalar

_STEPS = f"{SYNTAX}#jobsjob_idsteps"
_CONTROL = ("wait", "wait-all", "cancel")
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_ID = 100
_LONGEST_S = 35 * 24 * 3600.0
"""Of a run as a whole. See https://docs.github.com/en/actions/reference/limits."""


def read_steps(node: Node | None, notes: Notes) -> tuple[Step, ...]:
    """The steps of a job or of a composite action, in order; those of a `parallel` stand where it stands.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idsteps.
    """
    found = [one for one in _flat(node, notes) if isinstance(one, Mapping)]
    ids = _Ids(given for given in (as_text(one.get("id")) for one in found) if given)
    return tuple(_step(one, ids, notes) for one in found)


def _flat(node: Node | None, notes: Notes) -> Iterator[Node]:
    for item in items(node):
        inner = item.key("parallel") if isinstance(item, Mapping) else None
        if inner is None:
            yield item
            continue
        message = "the steps of `parallel` run at the same time on the service; here they don't"
        notes.unsupported("parallel-steps", message, inner.at, "put them one after the other", _STEPS)
        yield from _flat(member(item, "parallel"), notes)


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


def _step(node: Mapping, ids: _Ids, notes: Notes) -> Step:
    action = _action(node, notes)
    given = as_text(node.get("id"))
    _tell(node, notes)
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


def _action(node: Mapping, notes: Notes) -> Action:
    body, uses = node.get("run"), as_text(node.get("uses"))
    if isinstance(body, Scalar):
        return Script(Text(text_of(body), body.at), as_text(node.get("shell")))
    if uses is not None:
        return Use(uses, table(node.get("with")))
    control = next((key for key, _ in node if key.value in _CONTROL), None)
    if control is None:
        return Use(Text("", node.at))
    message = f"`{control.value}` steps are not reproduced: nothing runs in the background here"
    notes.unsupported("background-steps", message, control.at, "run the steps one after the other", _STEPS)
    return Use(Text(control.value, control.at))


def is_use(step: Step) -> bool:
    """Whether `step` uses an action, as against one that waits for others or cancels them."""
    return isinstance(step.action, Use) and step.action.ref.raw not in ("", *_CONTROL)


def _tell(node: Mapping, notes: Notes) -> None:
    key = node.key("background")
    if key is not None and value_of(node.get("background")) is True:
        message = "a step in the `background` ends with the job here: nothing waits for it, nothing cancels it"
        notes.unsupported("background-steps", message, key.at, "run it as an ordinary step", _STEPS)


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
    value = value_of(node)
    if isinstance(node, Scalar) and isinstance(value, str) and holds_expression(value):
        return None, Text(value, node.at)
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:  # noqa: PLR0124 - NaN
        return None, None
    return max(0.0, min(float(value) * 60, _LONGEST_S)), None


def flag(node: Node | None) -> tuple[bool, Text | None]:
    """True or false, or the expression that gives it."""
    value = value_of(node)
    if isinstance(node, Scalar) and isinstance(value, str) and holds_expression(value):
        return False, Text(value, node.at)
    return (value is True and not is_null(node)), None
