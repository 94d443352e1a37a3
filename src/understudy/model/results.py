"""What came of a step, a job and a run; and the facts a run starts from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Outcome(Enum):
    """How something ended. ERRORED: the machine failed, not the step."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


_WORST_FIRST = (Outcome.ERRORED, Outcome.FAILED, Outcome.CANCELLED, Outcome.PASSED, Outcome.SKIPPED)


def roll_up(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a whole from those of its parts: the worst of them; PASSED if any passed; SKIPPED for nothing."""
    found = set(outcomes)
    return next((one for one in _WORST_FIRST if one in found), Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class StepResult:
    """A finished step. `outcome` is before continue-on-error, `conclusion` after it; times in seconds, Unix."""

    outcome: Outcome
    conclusion: Outcome
    exit_code: int | None
    started: float
    ended: float
    reason: str = ""
    attempts: int = 1
    outputs: Mapping[str, str] = field(default_factory=dict)
    log_bytes: int = 0
    cached_from: str | None = None


@dataclass(frozen=True, slots=True)
class JobResult:
    """A finished job: `reason` says in one sentence why it did not pass, or why it was skipped.

    `image`: exactly what it ran in (a digest), where the runtime can tell. `forgiven`: it failed, and may. `broken`: it
    is ERRORED by the doing of its steps, and not of the machine, so that for the run it has failed.
    """

    outcome: Outcome
    started: float
    ended: float
    reason: str = ""
    failed_step: int | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    image: str = ""
    forgiven: bool = False
    broken: bool = False


class EventKind(Enum):
    """What started the pipeline on the service."""

    PUSH = "push"
    TAG = "tag"
    PULL_REQUEST = "pull-request"
    SCHEDULE = "schedule"
    API = "api"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a pipeline is triggered, read from git and the command line; nothing is asked later.

    `parameters` are pipeline parameters as given (`--param k=v`), still text. `changed_files` are the paths, relative
    to the repository's root, that differ from `base`; None when that can't be told. `schedule` is the name of the
    schedule that fired. `subject` is the first line of the last commit's `message`.

    What GitHub's own words are for, where `event` is too coarse: `event_name` (`pull_request`, `release`) and
    `event_type` (its activity: `opened`), both empty where not asked for by name; `inputs` as given, still text;
    `payload`: the event as JSON, empty where none was given; `base_branch`: what a pull request is to be merged into.
    `variables`: those of the project that are no secrets.
    """

    root: str
    event: EventKind = EventKind.PUSH
    branch: str | None = None
    tag: str | None = None
    sha: str = "0" * 40
    base_sha: str | None = None
    default_branch: str = "main"
    host: str = ""
    owner: str = ""
    repository: str = ""
    origin_url: str = ""
    author_name: str = ""
    author_email: str = ""
    subject: str = ""
    message: str = ""
    actor: str = ""
    pull_request: int | None = None
    from_fork: bool = False
    changed_files: tuple[str, ...] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    schedule: str | None = None
    number: int = 1
    pipeline_id: str = ""
    dirty: bool = False
    event_name: str = ""
    event_type: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    payload: str = ""
    base_branch: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
