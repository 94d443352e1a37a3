"""One small, frozen model for every CI language; it holds values as the file has them, evaluated by nobody yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from understudy.findings import NOWHERE, Position
from understudy.model.results import Outcome

CellValue = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar that may hold an expression of its dialect: as written, and where."""

    raw: str
    at: Position = NOWHERE


Tree = None | bool | int | float | str | Text | tuple["Tree", ...] | Mapping[str, "Tree"]
"""A value of a file that may hold expressions anywhere: those are Texts, what holds none is plain."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Branch, tag or path patterns of a dialect: `only` None means all; `ignore` is applied after it."""

    only: tuple[Text, ...] | None = None
    ignore: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """When a pipeline, job or step is performed.

    `after`: the roll-up outcomes of what came before under which it runs (steps: of the job so far).
    `expression`: in its dialect's language, asked of `Dialect.holds`. None everywhere means: no condition of that kind.
    `written`: how the file says it, for people; empty where that is the expression itself.
    """

    after: frozenset[Outcome] = frozenset({Outcome.PASSED})
    expression: Text | None = None
    events: tuple[str, ...] | None = None
    branches: Patterns | None = None
    tags: Patterns | None = None
    paths: Patterns | None = None
    manual: bool = False
    written: str = ""


ALWAYS = Condition(after=frozenset(Outcome))
ON_SUCCESS = Condition()
ON_FAILURE = Condition(after=frozenset({Outcome.FAILED}))


@dataclass(frozen=True, slots=True)
class Script:
    """Runs `body` with `shell` (a command line; None: the job's).

    `lines`: the commands that the body is made of, where the file has them one by one.
    """

    body: Text
    shell: Text | None = None
    lines: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Checkout:
    """Puts the project's files at `path` (None: the working directory).

    `replaces`: whatever is there is removed first; else a folder that holds anything but a checkout is refused.
    """

    path: Text | None = None
    depth: int | None = None
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """Something the service provides under a name (an action, a pipe, `setup_remote_docker`), with its inputs."""

    ref: Text
    inputs: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that something may be, in bytes; `rule`: the service's page that says so."""

    size_bytes: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class RestoreCache:
    """Restores the first match of `keys`, tried in order; `paths` are empty where the saved cache knows them.

    `newest`: of the caches whose keys begin so the newest, where otherwise one of exactly that key goes first.
    `exact`: no key is the beginning of another's. `fresh_s`: an older cache is as good as none.
    """

    keys: tuple[Text, ...]
    paths: tuple[Text, ...] = ()
    newest: bool = False
    exact: bool = False
    fresh_s: float | None = None


@dataclass(frozen=True, slots=True)
class SaveCache:
    """Saves `paths` under `key`, unless that key is taken. `literal`: no letter of a path is a wildcard.

    `fresh_s`: one that is older gives way; `replaces`: any does. `most`: what is larger is not saved, which is told and
    fails nothing.
    """

    key: Text
    paths: tuple[Text, ...]
    literal: bool = False
    fresh_s: float | None = None
    most: Bound | None = None
    replaces: bool = False


class Kind(Enum):
    """What a job hands over: to people, to later jobs, or to the test report."""

    ARTIFACT = "artifact"
    WORKSPACE = "workspace"
    TEST_RESULTS = "test-results"


@dataclass(frozen=True, slots=True)
class Publish:
    """Hands `paths` over; they are relative to `root` (None: the working directory); `name` is the place they get.

    `literal`: no letter of a path is a wildcard. `files`: the paths are globs of files in which `**` is any number of
    folders, and what they match but `ignore` does is left; `depth`: how many folders below the root are looked into.
    `whole`: an artifact of that name that is one archive, links and modes included; `handed_on`: to jobs after this
    one as well, by `Fetch`. `most`: the step fails if it is larger.
    """

    kind: Kind
    paths: tuple[Text, ...]
    root: Text | None = None
    name: Text | None = None
    literal: bool = False
    files: bool = False
    ignore: tuple[Text, ...] = ()
    depth: int | None = None
    whole: bool = False
    handed_on: bool = False
    most: Bound | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """Takes what jobs before this one handed over (`name` None: all of it) and lays it at `path`.

    `handed_on`: the artifacts that were handed on whole, of them those of `names` (None: all), each as it was last.
    """

    kind: Kind
    path: Text
    name: Text | None = None
    handed_on: bool = False
    names: tuple[Text, ...] | None = None


@dataclass(frozen=True, slots=True)
class Approve:
    """Waits for a person; never passed in silence."""

    prompt: Text


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that are performed as one step, with contexts of their own: a composite action.

    `inputs` are evaluated where the group stands, when it begins; `outputs` inside of it, when it ends, and are those
    of the step that holds the group. `path`: the folder of the action, in the room; None where it has none.
    """

    steps: tuple["Step", ...]
    inputs: Mapping[str, Text] = field(default_factory=dict)
    outputs: Mapping[str, Text] = field(default_factory=dict)
    path: Text | None = None


@dataclass(frozen=True, slots=True)
class RunContainer:
    """Runs a container to its end, beside the job and in its network: a step that is a program of another image.

    `image`; where that is None, what the Dockerfile at the path `dockerfile` of the room makes of the folder it is in.
    `entrypoint` takes the place of the image's. `arguments` are a word each; where there are none, `words` are split.
    `env` gives way to the step's own; it, `arguments` and `dockerfile` see `inputs`. `folders`: those of the room that
    it sees, by their places in it; `workdir`: where in it the program starts.
    """

    image: Text | None
    dockerfile: Text | None = None
    entrypoint: Text | None = None
    arguments: tuple[Text, ...] = ()
    words: Text | None = None
    inputs: Mapping[str, Text] = field(default_factory=dict)
    env: Mapping[str, Text] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"


@dataclass(frozen=True, slots=True)
class Wait:
    """Waits for the steps `ids` that run in the background, None for all of them, and comes out as the worst of them.

    What they leave for later steps is there from then on.
    """

    ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ends the steps `ids` that run in the background, and waits until they have ended."""

    ids: tuple[str, ...]


Action = (
    Script
    | Checkout
    | Use
    | RestoreCache
    | SaveCache
    | Publish
    | Fetch
    | Approve
    | Group
    | RunContainer
    | Wait
    | Cancel
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job. `no_output_timeout_s`: ended when silent for so long. `retries`: further attempts.

    `timeout` (in minutes) and `forgiven`: `timeout_s` and `continue_on_error` where the file gives them by an
    expression. `background`: the steps after it don't wait for it (`Traits.waits_for_background`).
    `after_job`: performed after the last step of the job, those of later steps first, if this step was performed.
    `fatal`: if it fails, the job ends at once and is ERRORED, though by its own doing (`JobResult.broken`).
    `late`: the step as its file has it, where what it uses lies among the project's files, which the job itself may
    change: this one is only what it was at reading, and `Dialect.resolve` says what it is when it begins.
    """

    id: str
    name: Text
    at: Position
    action: Action
    env: Mapping[str, Text] = field(default_factory=dict)
    when: Condition = ON_SUCCESS
    workdir: Text | None = None
    timeout_s: float | None = None
    no_output_timeout_s: float | None = None
    retries: int = 0
    retry_delay_s: float = 0.0
    continue_on_error: bool = False
    background: bool = False
    timeout: Text | None = None
    forgiven: Text | None = None
    after_job: tuple["Step", ...] = ()
    late: "Step | None" = None
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """A job's image or a service's. `credentials` hold names of variables or texts, never resolved secrets.

    `memory_mib`: the most that a service may have of its job's. `programs`: with any of them a step of the job itself
    starts the service, in a room that has the program and no containers.
    """

    image: Text
    alias: str | None = None
    entrypoint: tuple[Text, ...] = ()
    command: tuple[Text, ...] = ()
    env: Mapping[str, Text] = field(default_factory=dict)
    user: Text | None = None
    ports: tuple[str, ...] = ()
    health: Text | None = None
    options: Text | None = None
    volumes: tuple[Text, ...] = ()
    credentials: Mapping[str, Text] = field(default_factory=dict)
    memory_mib: int | None = None
    programs: tuple[str, ...] = ()


class Platform(Enum):
    """The operating system a job asks for."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Resources:
    """What the hosted size gives: its `label`, CPUs, memory in MiB, GPUs. None where the service doesn't say.

    `processor`: its kind, as the machine calls it (`x86_64`, `aarch64`).
    """

    label: Text | None = None
    cpus: float | None = None
    memory_mib: int | None = None
    gpus: int = 0
    processor: str | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """An edge: `job` (an id in the same pipeline) must have ended in one of `outcomes`."""

    job: str
    at: Position = NOWHERE
    outcomes: frozenset[Outcome] = frozenset({Outcome.PASSED})
    optional: bool = False
    artifacts: bool = True


@dataclass(frozen=True, slots=True)
class Matrix:
    """Axes to multiply out, for dialects whose service does so after reading.

    `written`: the whole matrix as the file has it, for a dialect that multiplies out itself (`Dialect.cells`); then
    `axes`, `include` and `exclude` are empty.
    """

    axes: Mapping[str, tuple[CellValue, ...]]
    include: tuple[Mapping[str, CellValue], ...] = ()
    exclude: tuple[Mapping[str, CellValue], ...] = ()
    fail_fast: bool | Text = True
    max_parallel: int | Text | None = None
    written: Tree = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a job. `parallelism`: how many rooms perform it at once, each told its index.

    `timeout` (in minutes) and `forgiven`: `timeout_s` and `allow_failure` where the file gives them by an expression.
    `cancel_timeout_s`: how long the job may go on once it is cancelled, None for what its service gives; in minutes
    `cancel_timeout`, as above.
    """

    timeout_s: float | None = None
    retries: int = 0
    allow_failure: bool = False
    parallelism: int = 1
    timeout: Text | None = None
    forgiven: Text | None = None
    cancel_timeout_s: float | None = None
    cancel_timeout: Text | None = None


@dataclass(frozen=True, slots=True)
class Turns:
    """How those of one group take turns, where there is more to it than that one goes on at a time.

    `single`: of those that wait only the newest does, and those before it are cancelled. `cancels`: the newest ends the
    one that goes on. `any_case`: names of groups that differ in their case alone are the same.
    """

    single: bool = False
    cancels: bool | Text = False
    any_case: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """The job that calls the workflow which another job comes from: its id, what it hands in, and its own caller.

    `inputs` and `when` are evaluated where the caller stands, with its `needs`. `secrets` None: all of them.
    `declared`: the types and defaults of the called workflow's inputs, as its file has them. `matrix`: where the job
    calls once for each cell of one, and this is the call of `cell`; the call as a whole is then `caller`.
    """

    id: str
    file: str
    inputs: Mapping[str, Tree] = field(default_factory=dict)
    declared: Mapping[str, Tree] = field(default_factory=dict)
    secrets: Mapping[str, Text] | None = None
    needs: tuple[Need, ...] = ()
    when: Condition = ON_SUCCESS
    caller: "Caller | None" = None
    matrix: Matrix | None = None
    cell: Mapping[str, CellValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Siblings:
    """The jobs that a file puts side by side with one: their `group`, of whose `count` it is number `index`, from 0.

    `fail_fast`: where it fails, the others of the group are cancelled that have not ended.
    """

    group: str
    index: int
    count: int
    fail_fast: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `id` is unique in its pipeline and is what needs and people call it.

    `names`: every further name a person may call it by (its declared name before the matrix, an alias).
    `executor`: the environment's name as the file gives it. `machine`: it asks for a whole (virtual) machine, by the
    labels of `runs_on`. `cell`: its matrix values, once expanded. `contexts`: names of sets of secrets it is given.
    `group`: at most one job of a group runs at a time, and `turns` how they take turns. A job whose only step is
    `Approve` has no room, nor one without steps. `caller`: set for a job of a called workflow; its id then begins with
    the caller's and a slash. `written`: the job as its file has it, for a dialect that asks it again.
    """

    id: str
    name: Text
    at: Position
    names: tuple[str, ...] = ()
    executor: str | None = None
    platform: Platform = Platform.LINUX
    machine: bool = False
    container: Container | None = None
    runs_on: tuple[Text, ...] = ()
    resources: Resources = field(default_factory=Resources)
    services: tuple[Container, ...] = ()
    env: Mapping[str, Text] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    when: Condition = ON_SUCCESS
    matrix: Matrix | None = None
    cell: Mapping[str, CellValue] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    outputs: Mapping[str, Text] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    shell: Text | None = None
    workdir: Text | None = None
    deployment: Text | None = None
    contexts: tuple[Text, ...] = ()
    group: str | None = None
    turns: Turns = field(default_factory=Turns)
    caller: Caller | None = None
    siblings: Siblings | None = None
    written: Tree = None


def needs_of(job: Job) -> tuple[Need, ...]:
    """All that goes before `job`: its own needs, and those of the jobs that call the workflow it comes from."""
    return (*job.needs, *(need for caller in callers_of(job) for need in caller.needs))


def callers_of(job: Job) -> tuple[Caller, ...]:
    """The calls that `job` is inside of, the innermost first."""
    found: list[Caller] = []
    caller = job.caller
    while caller is not None:
        found.append(caller)
        caller = caller.caller
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A pipeline started by the clock: a POSIX `cron` line in UTC, on the branches it names."""

    cron: Text
    branches: Patterns | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One graph of jobs that a service starts as a whole: a CircleCI workflow, a GitHub workflow file.

    `when` holds for the pipeline as a whole; `schedules` are empty for one that events start.
    `prepares`: it only decides what comes next (CircleCI's `setup: true`). `by_hand`: people start it by its name, so
    that it is nothing unusual to ask for it. `triggers`: the events that start it with
    their filters, as its file has them, for a dialect that judges them itself.
    """

    name: str
    dialect: str
    at: Position
    when: Condition = ON_SUCCESS
    schedules: tuple[Schedule, ...] = ()
    env: Mapping[str, Text] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    concurrency: Text | None = None
    turns: Turns = field(default_factory=Turns)
    prepares: bool = False
    by_hand: bool = False
    triggers: Tree = None
