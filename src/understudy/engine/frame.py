"""What steps that are performed together share: those of the job itself, and those of each group."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from understudy.dialects.base import StepState
from understudy.model.pipeline import Group
from understudy.model.results import Outcome, StepResult

FOREVER = float("inf")


@dataclass(slots=True)
class Frame:
    """The steps of a job (`group` None) or of a group, on their way. For one thread.

    `inputs` and `env`: those that the group brings. `outer`: what holds it. `deadline`: when its time is up, in
    seconds of the monotonic clock, and `out_of_time` what to say then. `owner`: the step whose `after_job` these are.
    `over`: why no further step is performed; `verdict`: what the job comes to, whatever its steps came to. `states`: of
    the steps that have ended, and `kept` what they keep for later, by id.
    """

    group: Group | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    outer: "Frame | None" = None
    deadline: float = FOREVER
    out_of_time: str = ""
    owner: str | None = None
    over: str = ""
    verdict: Outcome | None = None
    status: Outcome = Outcome.PASSED
    reason: str = ""
    failed_step: int | None = None
    states: dict[str, StepState] = field(default_factory=dict)
    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def chain(self) -> Iterator["Frame"]:
        """This one, and those around it."""
        one: Frame | None = self
        while one is not None:
            yield one
            one = one.outer

    def ended(self) -> str:
        """Why no further step is performed here; empty while they are."""
        return next((one.over for one in self.chain() if one.over), "")

    def expire(self, now: float) -> None:
        """Ends every frame around here whose time is up at `now`."""
        for one in self.chain():
            if now >= one.deadline and not one.over:
                one.over = one.out_of_time
                one.settle(Outcome.FAILED, one.over)

    def end(self, verdict: Outcome) -> None:
        """The job ends here, and comes to `verdict`; the first one stays."""
        self.over = self.over or "the job ended before it"
        self.verdict = self.verdict or verdict

    def until(self) -> float:
        """When the time is up, here or around."""
        return min(one.deadline for one in self.chain())

    def settle(self, outcome: Outcome, reason: str) -> None:
        """The first thing that goes wrong decides, but that the machine failed is told in any case."""
        if self.status is Outcome.PASSED or (outcome is Outcome.ERRORED and self.status is not Outcome.ERRORED):
            self.status, self.reason = outcome, reason

    def judge(self, culprit: int, index: int, name: str, result: StepResult) -> None:
        """Takes the step `index`, which has ended, into the status; `culprit`: it, or the step in it that failed."""
        outcome = result.conclusion
        if outcome in {Outcome.PASSED, Outcome.SKIPPED}:
            return
        reason = result.reason or f"exit {result.exit_code}"
        if outcome is Outcome.ERRORED:
            self.over = self.over or reason
        if self.failed_step is None:
            self.failed_step = culprit
        self.settle(outcome, reason if outcome is Outcome.CANCELLED else f'step {index + 1} "{name}": {reason}')

    def note(self, identity: str, result: StepResult, outputs: Mapping[str, str]) -> None:
        """What later steps see of one that has ended."""
        self.states[identity] = StepState(result.outcome, result.conclusion, outputs, result.exit_code)

    def skip(self, identity: str) -> None:
        """What later steps see of one that was not performed."""
        self.states[identity] = StepState(Outcome.SKIPPED, Outcome.SKIPPED)

    def keep(self, identity: str, state: Mapping[str, str]) -> None:
        """Notes what a step keeps for its later selves."""
        if state:
            self.kept.setdefault(self.owner or identity, {}).update(state)
