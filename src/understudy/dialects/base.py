"""What a CI language must offer: a grammar (text to model and back) and a behaviour (what its service does)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from understudy.findings import Finding
from understudy.model.pipeline import Condition, Group, Job, Pipeline, Step, Text
from understudy.model.results import Facts, Outcome

ReadFile = Callable[[str], bytes | None]
"""Asks for a file by its path from the repository's root (in a room: by any path there); None when there is none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. With errors among `findings`, `pipelines` hold what could be understood all the same."""

    pipelines: tuple[Pipeline, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """A file of this dialect for a pipeline of another, by path, and what has no equal there."""

    files: Mapping[str, str]
    losses: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where and in which run one node is performed: what predefined variables and templates are made of."""

    run: str
    node: str
    number: int
    index: int = 0
    total: int = 1
    workdir: str = ""
    home: str = ""
    pipeline: str = ""


@dataclass(frozen=True, slots=True)
class StepState:
    """What later steps can see of one that has ended: as `StepResult`, with the outputs not masked."""

    outcome: Outcome
    conclusion: Outcome
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobState:
    """What later jobs can see of one that has ended: of all its cells together, outputs of the last to end winning."""

    outcome: Outcome
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may see at the moment it is evaluated.

    `status` is the roll-up of the job's steps so far, in a group that of the group's. `read_file` reads in the job's
    room. `job` and `pipeline` are None where nothing of them is known yet. `steps`: by id, those of the same group.
    `jobs`: every job of the pipeline that has ended, by id, not only those needed. `inputs` and `group`: of the
    innermost group, with its inputs' values. `ports`: of the job's services by alias, host port by container port.
    """

    facts: Facts
    place: Place | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    cell: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    needs: Mapping[str, Outcome] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    status: Outcome = Outcome.PASSED
    read_file: ReadFile = lambda _path: None
    now: float = 0.0
    pipeline: Pipeline | None = None
    job: Job | None = None
    steps: Mapping[str, StepState] = field(default_factory=dict)
    jobs: Mapping[str, JobState] = field(default_factory=dict)
    group: Group | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoomFile:
    """A file for the room: `path` is absolute there, or relative to the room's tool folder (which is on PATH)."""

    path: str
    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a step becomes a process: `script` is laid into the room and its path there appended to `argv`.

    `otherwise` takes the place of `argv` in a room that has no program at the absolute path `argv[0]`. `leaves`: the
    files of the room by which the step can tell something; where all are empty or absent, `absorb` is not asked. With
    none it always is.
    """

    argv: tuple[str, ...]
    script: bytes
    suffix: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    otherwise: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """What a finished step left behind for its job. `halt`: the job ends here, with success.

    `continuation`: the path in the room of a configuration to go on with, and its parameters.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    summary: str = ""
    halt: bool = False
    continuation: tuple[str, Mapping[str, str | int | bool]] | None = None


class EvaluationError(Exception):
    """A text or condition can't be evaluated; `message` says why. The step that holds it fails with that message."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Dialect(Protocol):
    """One CI language. Implementations are stateless: every member may be called from any thread, in any order.

    Members come in two halves. Grammar (`read`, `write`) never evaluates run-time expressions and never raises for bad
    input: it returns findings. Behaviour (the rest) is what the hosted service does while the pipeline runs.
    """

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant, declared as a property so that implementations may be final
        """The dialect's name in flags and messages."""
        ...

    @property
    def FILES(self) -> tuple[str, ...]:  # noqa: N802 - as NAME
        """Globs of its files, from the repository's root."""
        ...

    def read(self, path: str, files: ReadFile, facts: Facts) -> Reading:
        """Reads the file at `path`.

        `facts` are what the service's own compiler has at that moment (the trigger and its parameters); dialects whose
        service compiles nothing before it plans ignore them. `files` gives further files of the repository: local
        orbs, the lock file, continuation configurations.
        """
        ...

    def write(self, pipelines: Sequence[Pipeline]) -> Writing:
        """The same pipelines in this dialect, with what could not be said as losses."""
        ...

    def holds(self, condition: Condition, scope: Scope) -> tuple[bool, str]:
        """Whether the parts of `condition` that are the dialect's own (expression, branches, tags, events) hold.

        The second value is one clause that says why, for people: "branch `dev` does not match `only: main`".
        `Condition.after` is the engine's to judge. Raises EvaluationError.
        """
        ...

    def on_schedule(self, pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
        """Whether a `schedule` event starts `pipeline` (and for other events: whether its schedules keep it out)."""
        ...

    def predefined(self, facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
        """The variables that the service sets for every step of `job`."""
        ...

    def evaluate(self, text: Text, scope: Scope) -> str:
        """The value of `text` now. Raises EvaluationError."""
        ...

    def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
        """How the `Script` of `step` is run. Raises EvaluationError."""
        ...

    def absorb(self, job: Job, step: Step, files: ReadFile) -> Effects:
        """What the step that has just ended left behind; `files` reads in the room."""
        ...

    def cells(self, job: Job, scope: Scope) -> tuple[Job, ...] | None:
        """The jobs that `job` becomes: one for each cell of its matrix, or itself, with no matrix left.

        In them everything is evaluated that only depends on the cell and on what is known at planning: name, platform,
        labels, container. None: it takes the results of other jobs (`scope.jobs`), so it is asked again once all that
        `job` needs has ended. Raises EvaluationError.
        """
        ...

    def furnish(self, job: Job, place: Place, timings: Mapping[str, float]) -> tuple[RoomFile, ...]:
        """The tools that the service puts into every room of `job`; `timings`: seconds by test name, from past runs."""
        ...
