"""What a `uses` step becomes, and the order in which that is found out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from understudy.findings import Finding
from understudy.model.pipeline import Condition, Step, Text, Use
from understudy.model.results import Outcome

SH = Text("sh")
"""The shell of our own scripts: they are written for any POSIX one."""

ANYTIME = frozenset(Outcome)


@dataclass(frozen=True, slots=True)
class Resolved:
    """`step` in place of the one that used an action; `before`: what goes before the first step of the job."""

    step: Step
    before: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that uses an action, and the action's inputs by their names in small letters, as far as given."""

    step: Step
    use: Use
    given: Mapping[str, Text] = field(default_factory=dict)

    def text(self, name: str, otherwise: str = "") -> Text:
        """The input, or `otherwise` at the place of the step."""
        return self.given.get(name) or Text(otherwise, self.use.ref.at)

    def raw(self, name: str, otherwise: str = "") -> str:
        """The input as it is written, without spaces around."""
        return self.text(name, otherwise).raw.strip()

    def lines(self, name: str) -> tuple[Text, ...]:
        """The lines of an input that is a list, without empty ones; an expression may give several of its own."""
        text = self.text(name)
        return tuple(Text(line.strip(), text.at) for line in text.raw.splitlines() if line.strip())

    def on(self, name: str, *, otherwise: bool = False) -> bool:
        """A switch that is written out; one that an expression decides counts as off."""
        return self.raw(name, "true" if otherwise else "false").lower() == "true"


def asked(step: Step, use: Use) -> Asked:
    """`step` with its inputs easy to look up: capitals don't matter in their names."""
    return Asked(step, use, {name.lower(): text for name, text in use.inputs.items()})


def when(action_if: Text | None) -> Condition:
    """When a `pre` or `post` is performed: always, or as `pre-if` and `post-if` say, and as they stand.

    See https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runspost-if.
    """
    if action_if is None:
        return Condition(after=ANYTIME)
    return Condition(after=ANYTIME, expression=action_if, written=action_if.raw)


def bare(step: Step) -> Step:
    """A part of a step that has its own condition, and is neither forgiven nor timed as the step is."""
    return replace(step, timeout_s=None, timeout=None, continue_on_error=False, forgiven=None, background=False)


def named(step: Step, words: str) -> Text:
    """The name of a part of `step`, as the service's log has it: `Post Run actions/cache@v4`."""
    return replace(step.name, raw=f"{words} {step.name.raw}")
