"""Which jobs want a Node.js, and in which version: JavaScript actions any, `actions/setup-node` what it says."""

import re
from collections.abc import Callable, Iterator, Mapping

from understudy.dialects.github.actions.javascript import is_performed_by
from understudy.model.pipeline import Group, Job, Step, Text

LAID = "~/.understudy/node"
"""Where a room finds those that this machine keeps, a folder for each version."""

Value = Callable[[Text], str]
"""What a text says before the job begins; empty where nobody can tell."""

_NUMBERS = re.compile(r"v?(\d+(?:\.\d+){0,2})(?:\.[xX*])*")


def wanted(job: Job, value: Value) -> tuple[str, ...]:
    """The versions that the steps of `job` ask for, by their first numbers; an empty one is any version at all."""
    return tuple(dict.fromkeys(_of_steps(job.steps, value, {})))


def _of_steps(steps: tuple[Step, ...], value: Value, inputs: Mapping[str, Text]) -> Iterator[str]:
    for step in steps:
        if isinstance(step.action, Group):
            yield from _of_steps(step.action.steps, value, step.action.inputs)
        elif "INPUT_NODE_VERSION" in step.env:
            text = inputs.get("node-version", step.env["INPUT_NODE_VERSION"])
            numbers = _NUMBERS.fullmatch(value(text).strip())
            yield numbers[1] if numbers else ""
        elif is_performed_by(step):
            yield ""
