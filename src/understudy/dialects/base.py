"""What a CI language must offer: a grammar (text to model and back) and a behaviour (what its service does)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from understudy.findings import Finding, Position, Severity
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


def unwritten(what: str, pipelines: Sequence[Pipeline]) -> Writing:
    """What a language is given that can't be written yet ("CircleCI files"): all of it is a loss."""
    named = ", ".join(f"`{pipeline.name}`" for pipeline in pipelines)
    message = f"{what} can't be written yet, so {named or 'nothing'} is converted"
    return Writing({}, (Finding(Severity.UNSUPPORTED, "no-writer", message),))


@dataclass(frozen=True, slots=True)
class Traits:
    """In what services differ as wholes.

    `secrets_are_variables`: every step has the job's secrets in its environment; else only expressions see them.
    `conditions_at_start`: whether a job is performed is judged when all that it needs has ended, by the roll-up of all
    that goes before it, and a job that is not is SKIPPED; else it is judged at planning, is left out, and is needed by
    nobody. `events`: the names by which its files call the events that start pipelines; none: those of `EventKind`.
    `marks`: the top-level keys that each of its files has, by which one is known that lies elsewhere.
    `machine_user`: who a job on one of its whole machines is; None: the runtime's choice.
    `shared`: the folders of a room that a `RunContainer` sees which is not known before its step begins.
    `waits_for_background`: steps in the background count like others once something waits for them, at the latest the
    end of the job's own steps; else they end with these, and count for nothing. `timeout_cancels`: a job that runs out
    of time is cancelled, so that steps whose condition allows it still run; else it fails and ends at once. `mask`:
    what its logs show in place of a secret. `timeout_breaks`: a job that runs out of time is ERRORED, by its own doing,
    and so is one with a step that does, or that is silent for too long. `merges_base`: a pull request's pipeline sees
    its branch with the one merged in that it goes to. `loose_contexts`: a set of secrets may well be empty.
    """

    secrets_are_variables: bool = False
    conditions_at_start: bool = True
    events: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    machine_user: str | None = None
    shared: tuple[str, ...] = ()
    waits_for_background: bool = False
    timeout_cancels: bool = False
    timeout_breaks: bool = False
    merges_base: bool = False
    loose_contexts: bool = False
    mask: bytes = b"****"


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
    exit_code: int | None = None


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
    `written`: those of `env` that the file or an earlier step has set, as they have; empty before the first step.
    `state`: what this step, or the one whose `after_job` it is, has kept so far (`Effects.state`).

    For a job's condition `status` is the roll-up of all that goes before it, SKIPPED where none of it did worse; what
    happens inside a called workflow counts there as its caller.
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
    state: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)


class Setting(Enum):
    """A kind of setting that a project has on its service, and not in its files."""

    SECRET = "secret"  # noqa: S105 - the name of a kind
    VARIABLE = "variable"
    TOKEN = "token"  # noqa: S105 - the name of a kind


@dataclass(frozen=True, slots=True)
class Asked:
    """A setting that a text of a job needs: its name, and where the text is."""

    setting: Setting
    name: str
    at: Position


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
    none it always is. For a container `argv` are the arguments, and `entrypoint` is what is started, none for what its
    image says; there is no script.
    """

    argv: tuple[str, ...]
    script: bytes
    suffix: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    otherwise: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark of a step on a place of the project, or on none. `level`: `error`, `warning`, `notice` or `debug`.

    Lines and columns count from 1; None where the step didn't say.
    """

    level: str
    message: str
    file: str = ""
    line: int | None = None
    end_line: int | None = None
    column: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a finished step left behind for its job. `halt`: the job ends here, with success. `verdict`: it ends here
    and comes to this, whatever its steps came to; ERRORED is by its own doing then.

    `continuation`: the path in the room of a configuration to go on with, and its parameters. `summary`: Markdown for
    people. `state`: what its `after_job` steps find in `Scope.state`, and later steps of the same id in its group.
    `error`: why the step fails all the same, in a sentence: what it left can't be read.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    summary: str = ""
    halt: bool = False
    verdict: Outcome | None = None
    continuation: tuple[str, Mapping[str, str | int | bool]] | None = None
    annotations: tuple[Annotation, ...] = ()
    state: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


class Hearing(Protocol):
    """Listens to what one step prints, line by line, while it does; made by `Dialect.hear`. For one thread at a time.

    Order: for each block of whole lines `wants`, and if it does, `line` for each line of it, each followed by `masks`;
    at the end of the step, once, `effects`.
    """

    def wants(self, block: bytes) -> bool:
        """Whether any line of `block` (whole lines, with their ends) may mean something to it. Must be fast."""
        ...

    def line(self, text: str) -> str | None:
        """Takes a line, without its end; gives what the log gets in its place, None for nothing. Never raises."""
        ...

    def masks(self) -> tuple[str, ...]:
        """All that the step has asked to hide so far; it is hidden from this line on."""
        ...

    def effects(self) -> Effects:
        """What it heard, together. What the step leaves in files (`Dialect.absorb`) wins over it."""
        ...


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

    @property
    def TRAITS(self) -> Traits:  # noqa: N802 - as NAME
        """In what its service differs from others as a whole."""
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
        """Whether the event of `facts` starts `pipeline` by its schedules and triggers, and why, in one clause.

        For other events than a schedule: whether its schedules and triggers keep it out. `Pipeline.when` is asked
        of `holds` after it. Raises EvaluationError.
        """
        ...

    def asked(self, job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
        """The settings of the project that the texts of `job` name and can't do without, each once.

        Not those that a service hands to every process, which only the scripts themselves name. A token is what the
        service gives a run to talk to it with; its name is that of the secret that stands for it.
        """
        ...

    def predefined(self, facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
        """The variables that the service sets for every step of `job`."""
        ...

    def evaluate(self, text: Text, scope: Scope) -> str:
        """The value of `text` now. Raises EvaluationError."""
        ...

    def resolve(self, step: Step, files: ReadFile) -> Step:
        """What `step`, which has a `late` form, is now that it begins; `files` reads in the room.

        Equal to `step` where nothing has changed since it was read. Raises EvaluationError for what can't be performed.
        """
        ...

    def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
        """How the `Script` or `RunContainer` of `step` is run. Raises EvaluationError."""
        ...

    def absorb(self, job: Job, step: Step, files: ReadFile) -> Effects:
        """What the step that has just ended left behind; `files` reads in the room."""
        ...

    def hear(self, job: Job, step: Step, scope: Scope) -> Hearing | None:
        """What listens to the output of the process of `step`; None: nobody, and the output is passed on as it is."""
        ...

    def cells(self, job: Job, scope: Scope) -> tuple[Job, ...] | None:
        """The jobs that `job` becomes: one for each cell of its matrix, or itself, with no matrix left.

        In them everything is evaluated that only depends on the cell and on what is known at planning: name, platform,
        labels, container; their ids differ. None: it takes the results of other jobs (`scope.jobs`), so it is asked
        again once all that `job` needs has ended. Raises EvaluationError.
        """
        ...

    def furnish(self, job: Job, scope: Scope, timings: Mapping[str, float]) -> tuple[RoomFile, ...]:
        """The tools that the service puts into every room of `job`; `timings`: seconds by test name, from past runs.

        `scope` is that of the job before its first step; its `place` is set.
        """
        ...
