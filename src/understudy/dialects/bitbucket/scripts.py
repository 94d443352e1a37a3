"""The steps that a script and an after-script become: shells, and pipes between them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from understudy.dialects.base import Scope
from understudy.dialects.bitbucket import pipes
from understudy.dialects.bitbucket.parts import Pipe
from understudy.findings import Finding, Position
from understudy.model.pipeline import Condition, Job, Script, Step, Text
from understudy.model.results import Outcome

SCRIPT = "script"
AFTER_SCRIPT = "after-script"
_NAMES = {SCRIPT: "Script", AFTER_SCRIPT: "After-script"}

EITHER_WAY = frozenset({Outcome.PASSED, Outcome.FAILED})
_GOES_ON = "\0goes-on:"
_PART = re.compile(rf"({SCRIPT}|{AFTER_SCRIPT})(?:-(\d+))?")


def made(items: Sequence[Text | Pipe], part: str, at: Position) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
    """The steps of the script `part` of `items`, lines and pipes, and what is to be known of them.

    An after-script runs however the script came out, and nothing that happens in it counts. See
    https://support.atlassian.com/bitbucket-cloud/docs/step-options/#After-script-property.
    """
    steps: list[Step] = []
    findings: list[Finding] = []
    for item in _gathered(items):
        step, noticed = _made(item, part, len(steps) + 1, at)
        steps.append(_after(step, steps[-1]) if steps else step)
        findings += noticed
    if part == AFTER_SCRIPT:
        steps = [_forgiven(step) for step in steps]
    return tuple(steps), tuple(findings)


def _gathered(items: Sequence[Text | Pipe]) -> Iterator[Pipe | tuple[Text, ...]]:
    """Pipes one by one, and the lines between them together."""
    lines: list[Text] = []
    for item in items:
        if isinstance(item, Text):
            lines.append(item)
            continue
        if lines:
            yield tuple(lines)
        yield item
        lines = []
    if lines:
        yield tuple(lines)


def _made(item: Pipe | tuple[Text, ...], part: str, number: int, at: Position) -> tuple[Step, tuple[Finding, ...]]:
    identity = part if number == 1 else f"{part}-{number}"
    if isinstance(item, Pipe):
        return pipes.step(item, identity)
    lines = item
    place = lines[0].at if lines else at
    body = Text("\n".join(line.raw for line in lines), place)
    return Step(identity, Text(_NAMES[part], place), place, Script(body, lines=lines)), ()


def _after(step: Step, before: Step) -> Step:
    """`step` only where the part of the script before it went on to its end: `exit 0` ends the whole."""
    return replace(step, when=Condition(expression=Text(f"{_GOES_ON}{before.id}", step.at)))


def _forgiven(step: Step) -> Step:
    return replace(step, when=replace(step.when, after=EITHER_WAY), continue_on_error=True)


def goes_on(expression: str, scope: Scope) -> tuple[bool, str] | None:
    """Whether the part of a script before this one came to its end; None for another condition."""
    if not expression.startswith(_GOES_ON):
        return None
    before = expression.removeprefix(_GOES_ON)
    state = scope.steps.get(before)
    if state is None or state.outcome is not Outcome.PASSED:
        return False, "what comes before it in its script did not pass"
    reached = not is_script(before, scope.job) or state.outputs.get("reached") == "true"
    return reached, "" if reached else "the script ended before it"


def is_script(identity: str, job: Job | None) -> bool:
    """Whether the step of that id is a shell, and no pipe."""
    return any(step.id == identity and isinstance(step.action, Script) for step in (job.steps if job else ()))


def part_of(step: Step) -> str | None:
    """The script that `step` is a part of; None for other steps."""
    found = _PART.fullmatch(step.id)
    return found[1] if found else None


def parts(job: Job, part: str) -> tuple[Step, ...]:
    """All steps of one script of `job`, in order."""
    return tuple(step for step in job.steps if part_of(step) == part)


def shells(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Those of `steps` that are shells."""
    return tuple(step for step in steps if isinstance(step.action, Script))


def exit_code(scope: Scope) -> int:
    """What the script came to: 0, or the status of what failed in it.

    See https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/, BITBUCKET_EXIT_CODE.
    """
    for step in parts(scope.job, SCRIPT) if scope.job else ():
        state = scope.steps.get(step.id)
        if state is not None and state.outcome not in {Outcome.PASSED, Outcome.SKIPPED}:
            return state.exit_code or 1
    return 0
