"""GitHub Actions as a dialect: what reads it and what behaves like it, under one name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understudy.dialects.base import (
    Asked,
    Effects,
    Hearing,
    Invocation,
    Place,
    ReadFile,
    Reading,
    RoomFile,
    Scope,
    Traits,
    Writing,
    unwritten,
)
from understudy.dialects.github import asked, behave, hosted, read
from understudy.dialects.github.actions import docker, resolve_late
from understudy.dialects.github.structure_events import TYPES
from understudy.model.pipeline import Condition, Job, Pipeline, Step, Text
from understudy.model.results import Facts

_TRAITS = Traits(
    events=tuple(TYPES),
    marks=("on", "jobs"),
    machine_user="runner",
    shared=tuple(docker.FOLDERS.values()),
    waits_for_background=True,
    timeout_cancels=True,
    mask=b"***",
)


@dataclass(frozen=True, slots=True)
class GitHub:
    """The members are those of `dialects.base.Dialect`, which says what each promises."""

    NAME: str = read.NAME
    FILES: tuple[str, ...] = read.FILES
    TRAITS: Traits = _TRAITS

    def read(self, path: str, files: ReadFile, facts: Facts) -> Reading:
        """Reads one workflow file."""
        return read.read(path, files, facts)

    def write(self, pipelines: Sequence[Pipeline]) -> Writing:
        """Nothing is written in this language yet: all of it is a loss."""
        return unwritten("GitHub workflows", pipelines)

    def holds(self, condition: Condition, scope: Scope) -> tuple[bool, str]:
        """See `behave.holds`."""
        return behave.holds(condition, scope)

    def on_schedule(self, pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
        """See `behave.on_schedule`."""
        return behave.on_schedule(pipeline, facts)

    def asked(self, job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
        """See `asked.asked`."""
        return asked.asked(job, pipeline)

    def predefined(self, facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
        """See `behave.predefined`."""
        return behave.predefined(facts, job, place)

    def evaluate(self, text: Text, scope: Scope) -> str:
        """See `behave.evaluate`."""
        return behave.evaluate(text, scope)

    def resolve(self, step: Step, files: ReadFile) -> Step:
        """See `actions.resolve_late`."""
        return resolve_late(step, files)

    def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
        """See `behave.invoke`."""
        return behave.invoke(job, step, scope)

    def absorb(self, job: Job, step: Step, files: ReadFile) -> Effects:
        """See `behave.absorb`."""
        return behave.absorb(job, step, files)

    def hear(self, job: Job, step: Step, scope: Scope) -> Hearing | None:
        """See `behave.hear`."""
        return behave.hear(job, step, scope)

    def cells(self, job: Job, scope: Scope) -> tuple[Job, ...] | None:
        """See `behave.cells`."""
        return behave.cells(job, scope)

    def furnish(self, job: Job, scope: Scope, _timings: Mapping[str, float]) -> tuple[RoomFile, ...]:
        """See `behave.furnish` and `hosted.programs`; the service has no use for timings."""
        return (*behave.furnish(job, scope), *hosted.programs(job))
