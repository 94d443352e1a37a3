"""The closed set of events of a run: the engine's only output, and all that the terminal, JSON and store ever see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from understudy.findings import Finding
from understudy.model.results import JobResult, Outcome, StepResult


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A node of the plan, as far as readers of events need it. `unmet`: why it can only be skipped here.

    `steps`: the names of all of them, by index, inner steps of groups included; `depths`: how many groups hold each.
    """

    id: str
    name: str
    after: tuple[str, ...]
    steps: tuple[str, ...]
    cell: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    unmet: str | None = None
    depths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first event of a run. `at` is in seconds since the epoch, in every event."""

    at: float
    run: str
    pipeline: str
    dialect: str
    event: str
    branch: str | None
    tag: str | None
    sha: str
    runtime: str
    jobs: tuple[PlannedJob, ...]


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that was not performed as the service would, or that the user should know. `job` None: the run."""

    at: float
    job: str | None
    finding: Finding


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A job has its slot and its room is being opened."""

    at: float
    job: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins; `step` is its index in the job, `attempt` counts from 1."""

    at: float
    job: str
    step: int
    name: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class StepOutput:
    """Masked output, as it comes: live only, never kept as an event (the log is kept as a file).

    `step` is -1 for what is told while the job's room is opened: an image that is being fetched.
    """

    at: float
    job: str
    step: int
    text: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step has ended; everything it printed is in its log."""

    at: float
    job: str
    step: int
    name: str
    result: StepResult


@dataclass(frozen=True, slots=True)
class CacheUsed:
    """A cache was looked for or saved. `found`: the key that matched or was saved, None for a miss."""

    at: float
    job: str
    step: int
    action: str
    key: str
    found: str | None
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """An artifact, a workspace layer or a test report was taken into the store. `digest` names its blob."""

    at: float
    job: str
    step: int
    kind: str
    path: str
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TestsReported:
    """What a job's stored test results say; `failing` names the failing tests."""

    at: float
    job: str
    passed: int
    failed: int
    skipped: int
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Annotated:
    """A step remarked on something: `level` is `error`, `warning`, `notice` or `debug`; the place may be unknown.

    `line`, `end_line` and `column` count from 1.
    """

    at: float
    job: str
    step: int
    level: str
    message: str
    file: str = ""
    line: int | None = None
    end_line: int | None = None
    column: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Summarized:
    """A step wrote a summary for people: `text` is Markdown."""

    at: float
    job: str
    step: int
    text: str


@dataclass(frozen=True, slots=True)
class Multiplied:
    """The matrix of `job` took the results of others and is known now: `jobs`, its cells, stand in its place."""

    at: float
    job: str
    jobs: tuple[PlannedJob, ...]


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """A job waits for a person."""

    at: float
    job: str
    prompt: str


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """A person answered, or `--approve` did."""

    at: float
    job: str
    approved: bool
    by: str


@dataclass(frozen=True, slots=True)
class Continued:
    """A preparing pipeline handed over the configuration to go on with (`digest` of its text) and its parameters."""

    at: float
    job: str
    digest: str
    parameters: Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class JobFinished:
    """A job has ended, or will never start."""

    at: float
    job: str
    result: JobResult


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last event of a run."""

    at: float
    outcome: Outcome


Event = (
    RunStarted
    | Noticed
    | JobStarted
    | StepStarted
    | StepOutput
    | StepFinished
    | CacheUsed
    | Published
    | TestsReported
    | Annotated
    | Summarized
    | Multiplied
    | ApprovalAsked
    | ApprovalGiven
    | Continued
    | JobFinished
    | RunFinished
)

Emit = Callable[[Event], None]
