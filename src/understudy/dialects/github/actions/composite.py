"""Composite actions: their steps become a group, which has contexts of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from understudy.dialects.github.actions.laid import origin
from understudy.dialects.github.actions.metadata import PAGE, Composite, Metadata
from understudy.dialects.github.actions.reference import Local, Remote
from understudy.dialects.github.actions.resolved import Resolved
from understudy.dialects.github.steps import read_steps
from understudy.dialects.notes import Notes
from understudy.findings import Finding
from understudy.model.pipeline import Group, Script, Step, Text, Use

Resolve = Callable[[Step], Resolved]
"""What a step inside becomes, one level deeper."""


@dataclass(frozen=True, slots=True)
class Used:
    """A use of a composite action: its step, what the action says, where it lies, its inputs with their defaults."""

    step: Step
    metadata: Metadata
    place: Local | Remote
    inputs: Mapping[str, Text]


def grouped(used: Used, runs: Composite, resolve: Resolve) -> Resolved:
    """The step with a Group in place of the action.

    See https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs-for-composite-actions.
    """
    notes = Notes()
    steps: list[Step] = []
    before: list[Step] = []
    findings: list[Finding] = []
    for inner in read_steps(runs.steps):
        if isinstance(inner.action, Script) and inner.action.shell is None:
            hint = "write `shell: bash`: a composite action has no default"
            rule = f"{PAGE}#runsstepsshell"
            notes.error("shell-required", "a `run` of a composite action needs `shell`", inner.at, hint, rule)
        found = resolve(inner) if isinstance(inner.action, Use) and inner.action.ref.raw else Resolved(inner)
        steps.append(found.step)
        before += found.before
        findings += found.findings
    path = Text(used.place.folder, used.step.at)
    group = Group(tuple(steps), used.inputs, used.metadata.outputs, path)
    env = {**used.step.env, **origin(used.place, used.step.at)}
    return Resolved(replace(used.step, action=group, env=env), tuple(before), (*notes.findings, *findings))
