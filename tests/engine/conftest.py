"""A tiny dialect, stores in memory, and a stage to perform small plans on."""
# ruff: noqa: ARG002 - Protocols name more arguments than the tiny ones need

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Container as Holds
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from understudy.dialects.base import (
    Annotation,
    Asked,
    Effects,
    EvaluationError,
    Hearing,
    Invocation,
    Place,
    ReadFile,
    Reading,
    RoomFile,
    Scope,
    Traits,
    Writing,
)
from understudy.engine.given import Given
from understudy.engine.performance import perform
from understudy.engine.stop import Stop
from understudy.findings import NOWHERE
from understudy.fleets.local import LocalFleet
from understudy.model.events import Event, JobFinished, StepFinished
from understudy.model.pipeline import Action, Condition, Group, Job, Need, Pipeline, Script, Step, Text
from understudy.model.results import Facts, JobResult, Outcome, StepResult
from understudy.plan.plan import Node, Plan
from understudy.plan.planner import plan
from understudy.runtimes.fake import FakeRoom, FakeRuntime
from understudy.store.base import CacheRow, Digest


class TinyDialect:
    """Texts hold `{{NAME}}` for variables; a step's effects are what it writes, as JSON, to `effects-ID`."""

    NAME = "tiny"
    FILES = ("tiny.yml",)
    TRAITS = Traits(secrets_are_variables=True, conditions_at_start=False)

    def read(self, path: str, files: ReadFile, facts: Facts) -> Reading:
        return Reading((), ())

    def write(self, pipelines: Sequence[Pipeline]) -> Writing:
        return Writing({}, ())

    def holds(self, condition: Condition, scope: Scope) -> tuple[bool, str]:
        raw = condition.expression.raw if condition.expression else "yes"
        return raw == "yes", f"`{raw}` is not `yes`"

    def on_schedule(self, pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
        return True, ""

    def asked(self, job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
        return ()

    def predefined(self, facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
        return {"CI": "true", "WHO": "service", "NODE_INDEX": str(place.index)}

    def evaluate(self, text: Text, scope: Scope) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1].startswith("file "):
                found = scope.read_file(match[1][5:])
                return "missing" if found is None else found.decode()
            if match[1] not in scope.env:
                raise EvaluationError(f"`{match[1]}` is not set")
            return scope.env[match[1]]

        return re.sub(r"\{\{(.*?)\}\}", value, text.raw)

    def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
        assert isinstance(step.action, Script)
        return Invocation(("bash", "-e"), self.evaluate(step.action.body, scope).encode(), ".sh", {"STEP": step.id})

    def resolve(self, step: Step, files: ReadFile) -> Step:
        """A late step becomes a group, with a script for each line of the file that its id names."""
        content = files(step.id)
        if content is None:
            raise EvaluationError(f"there is no `{step.id}`")
        lines = content.decode().splitlines()
        inner = (replace(step, id=f"{step.id}-{line}", late=None, action=Script(Text(line))) for line in lines)
        return replace(step, action=Group(tuple(inner)))

    def absorb(self, job: Job, step: Step, files: ReadFile) -> Effects:
        content = files(f"effects-{step.id}")
        return Effects(**json.loads(content)) if content else Effects()

    def hear(self, job: Job, step: Step, scope: Scope) -> Hearing | None:
        return None

    def cells(self, job: Job, scope: Scope) -> tuple[Job, ...] | None:
        return (job,)

    def furnish(self, job: Job, scope: Scope, timings: Mapping[str, float]) -> tuple[RoomFile, ...]:
        return (RoomFile("tool", json.dumps(dict(timings)).encode(), 0o755),)


class Ear:
    """Hears `!mask TEXT`, `!say TEXT` and `!drop`; writes the log in capitals after `!loud`."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._masks: tuple[str, ...] = ()

    def wants(self, block: bytes) -> bool:
        return b"!" in block

    def line(self, text: str) -> str | None:
        self.heard.append(text)
        word, _, rest = text.partition(" ")
        if word == "!mask":
            self._masks = (*self._masks, rest)
            return "!mask ***"
        return None if word in {"!drop", "!say"} else text

    def masks(self) -> tuple[str, ...]:
        return self._masks

    def effects(self) -> Effects:
        said = tuple(Annotation("warning", one[5:], "a.py", 3) for one in self.heard if one.startswith("!say "))
        return Effects(annotations=said, masks=self._masks, summary="# heard\n" if said else "")


class LateDialect(TinyDialect):
    """Its service judges jobs when they are to start, and multiplies matrices out itself.

    Texts hold `{{WORD}}` and `{{WORD.NAME}}`: a variable, an output of a step (`steps.ID.NAME`) or of a job
    (`jobs.ID.NAME`), how one came out (`steps.ID`, `jobs.ID`), an input (`inputs.NAME`), kept state (`state.NAME`),
    the cell (`cell.AXIS`).
    """

    NAME = "late"
    TRAITS = Traits(secrets_are_variables=False, conditions_at_start=True)

    def evaluate(self, text: Text, scope: Scope) -> str:
        return re.sub(r"\{\{(.*?)\}\}", lambda found: self._value(found[1], scope), text.raw)

    def _value(self, written: str, scope: Scope) -> str:
        word, _, rest = written.partition(".")
        one, _, name = rest.partition(".")
        held: Mapping[str, Mapping[str, object]] = {"inputs": scope.inputs, "state": scope.state, "cell": scope.cell}
        if word in held:
            return str(held[word].get(rest, ""))
        if word in {"steps", "jobs"}:
            states = scope.steps if word == "steps" else scope.jobs
            if one not in states:
                return ""
            return states[one].outputs.get(name, "") if name else states[one].outcome.value
        if written == "status":
            return scope.status.value
        if written not in scope.env:
            raise EvaluationError(f"`{written}` is not set")
        return scope.env[written]

    def holds(self, condition: Condition, scope: Scope) -> tuple[bool, str]:
        raw = self.evaluate(condition.expression, scope) if condition.expression else "yes"
        return raw == "yes", f"`{raw}` is not `yes`"

    def cells(self, job: Job, scope: Scope) -> tuple[Job, ...] | None:
        if job.matrix is None:
            return (job,)
        assert isinstance(job.matrix.written, Text)
        written = job.matrix.written.raw
        if written.startswith("{{jobs.") and not scope.jobs:
            return None
        values = json.loads(self.evaluate(job.matrix.written, scope) or "[]")
        if values == "bad":
            raise EvaluationError("no list")
        return tuple(replace(job, id=f"{job.id} ({one})", matrix=None, cell={"v": one}) for one in values)

    def hear(self, job: Job, step: Step, scope: Scope) -> Hearing | None:
        return Ear() if step.id.startswith("ear") else None


class MemoryBlobs:
    def __init__(self) -> None:
        self.held: dict[Digest, bytes] = {}

    def put(self, source: BinaryIO) -> tuple[Digest, int]:
        content = source.read()
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        self.held[digest] = content
        return digest, len(content)

    def open(self, digest: Digest) -> BinaryIO:
        return io.BytesIO(self.held[digest])

    def path(self, digest: Digest) -> Path:
        raise NotImplementedError

    def has(self, digest: Digest) -> bool:
        return digest in self.held

    def sweep(self, keep: Holds[Digest]) -> int:
        return 0

    def size(self) -> int:
        return sum(map(len, self.held.values()))


class MemoryCaches:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], CacheRow] = {}

    def save(self, row: CacheRow) -> bool:
        return self.rows.setdefault((row.project, row.dialect, row.key), row) is row

    def find(self, project: str, dialect: str, key: str, *, prefix: bool, newest: bool = False) -> CacheRow | None:
        if not prefix or (not newest and (project, dialect, key) in self.rows):
            return self.rows.get((project, dialect, key))
        found = [
            row
            for row in self.rows.values()
            if row.key.startswith(key) and (row.project, row.dialect) == (project, dialect)
        ]
        return max(found, key=lambda row: row.at, default=None)

    def list(self, project: str | None = None) -> tuple[CacheRow, ...]:
        return tuple(self.rows.values())

    def remove(self, project: str, dialect: str, key: str) -> bool:
        return self.rows.pop((project, dialect, key), None) is not None


class MemoryTimings:
    def __init__(self) -> None:
        self.known: dict[tuple[str, str], dict[str, float]] = {}

    def record(self, project: str, job: str, seconds: Mapping[str, float]) -> None:
        self.known.setdefault((project, job), {}).update(seconds)

    def of(self, project: str, job: str) -> Mapping[str, float]:
        return self.known.get((project, job), {})


@dataclass
class Performed:
    outcome: Outcome
    events: list[Event]
    logs: Path
    rooms: dict[str, FakeRoom]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def job(self, name: str) -> JobResult:
        (found,) = [event.result for event in self.events if isinstance(event, JobFinished) and event.job == name]
        return found

    def jobs(self) -> dict[str, Outcome]:
        return {event.job: event.result.outcome for event in self.events if isinstance(event, JobFinished)}

    def steps(self, job: str) -> dict[int, StepResult]:
        return {
            event.step: event.result for event in self.events if isinstance(event, StepFinished) and event.job == job
        }

    def outcomes(self, job: str) -> list[Outcome]:
        return [result.outcome for _, result in sorted(self.steps(job).items())]

    def log(self, job: str, step: int) -> str:
        path = self.logs / f"{job}.{step}"
        return path.read_text() if path.exists() else ""

    def room(self, job: str) -> FakeRoom:
        (found,) = [room for name, room in self.rooms.items() if name.endswith(f"-{job}")]
        return found


@dataclass
class Stage:
    """Performs plans on the fake runtime, with stores that last from one run to the next."""

    folder: Path
    runtime: FakeRuntime = field(default_factory=FakeRuntime)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    caches: MemoryCaches = field(default_factory=MemoryCaches)
    timings: MemoryTimings = field(default_factory=MemoryTimings)
    stop: Stop = field(default_factory=Stop)
    events: list[Event] = field(default_factory=list)
    runs: int = 0

    def perform(
        self,
        *jobs: Job,
        slots: int = 4,
        emit: Callable[[Event], None] | None = None,
        change: Callable[[Plan], Plan] = lambda one: one,
        **given: Any,
    ) -> Performed:
        self.runs += 1
        self.events = events = []
        home = self.folder / str(self.runs)
        (home / "logs").mkdir(parents=True)
        fleet = LocalFleet(slots)
        known: dict[str, Any] = {
            "run": f"run{self.runs}",
            "project": "/project",
            "dialect": TinyDialect(),
            "runtime": self.runtime,
            "fleet": fleet,
            "blobs": self.blobs,
            "caches": self.caches,
            "timings": self.timings,
            "log_path": lambda node, step: home / "logs" / f"{node}.{step}",
            "scratch": home / "scratch",
        }
        before = set(self.runtime.rooms)

        def keep(event: Event) -> None:
            events.append(event)
            if emit is not None:
                emit(event)

        try:
            outcome = perform(change(self.plan(*jobs)), Given(**{**known, **given}), keep, self.stop)
        finally:
            fleet.close()
        rooms = {name: room for name, room in self.runtime.rooms.items() if name not in before}
        assert not list((home / "scratch").glob("*"))
        return Performed(outcome, events, home / "logs", rooms)

    @staticmethod
    def dialect() -> TinyDialect:
        return TinyDialect()

    @staticmethod
    def late() -> LateDialect:
        return LateDialect()

    @staticmethod
    def planned(one: Plan) -> Plan:
        """The pipeline of `one`, planned by the planner as the service of `late` plans."""
        return plan((one.pipeline,), one.facts, LateDialect())[0]

    @staticmethod
    def plan(*jobs: Job) -> Plan:
        """Each job as one node, or as several with parallelism."""
        ids: dict[str, tuple[str, ...]] = {}
        nodes = []
        for one in jobs:
            total = one.limits.parallelism
            ids[one.id] = tuple(one.id if total == 1 else f"{one.id}.{index}" for index in range(total))
            after = frozenset(name for need in one.needs for name in ids.get(need.job, ()))
            nodes += [Node(name, one, after, index, total) for index, name in enumerate(ids[one.id])]
        pipeline = Pipeline("tiny", "tiny", NOWHERE, jobs=tuple(jobs))
        return Plan(pipeline, Facts(root="/project"), tuple(nodes), by_job=ids)

    @staticmethod
    def script(body: str = "true", **more: Any) -> Step:
        """A step that runs `body`; `env` as plain strings steers the fake."""
        env = {name: Text(value) for name, value in more.pop("env", {}).items()}
        identity = more.pop("id", "s")
        return Step(identity, Text(more.pop("name", body)), NOWHERE, Script(Text(body)), env, **more)

    @staticmethod
    def step(action: Action, **more: Any) -> Step:
        return Step(more.pop("id", "s"), Text(type(action).__name__), NOWHERE, action, **more)

    @staticmethod
    def job(name: str, *steps: Step, needs: Iterable[str | Need] = (), **more: Any) -> Job:
        edges = tuple(Need(one) if isinstance(one, str) else one for one in needs)
        steps = steps or (Stage.script(),)
        return replace(Job(name, Text(name), NOWHERE), steps=steps, needs=edges, **more)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)
