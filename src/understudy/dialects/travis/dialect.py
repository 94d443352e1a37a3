"""Travis CI as a dialect: what reads it and what behaves like it, under one name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understudy.dialects.base import (
    Asked,
    Effects,
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
from understudy.dialects.travis import behave, known_data, read, variables
from understudy.model.pipeline import Condition, Job, Pipeline, Step, Text
from understudy.model.results import Facts

_TRAITS = Traits(
    secrets_are_variables=True,
    conditions_at_start=False,
    events=known_data.EVENTS,
    marks=("language",),
    machine_user="travis",
    timeout_breaks=True,
    mask=b"[secure]",
)


@dataclass(frozen=True, slots=True)
class Travis:
    """The members are those of `dialects.base.Dialect`, which says what each promises."""

    NAME: str = read.NAME
    FILES: tuple[str, ...] = read.FILES
    TRAITS: Traits = _TRAITS

    def read(self, path: str, files: ReadFile, facts: Facts) -> Reading:
        """Reads the build that the event of `facts` starts."""
        return read.read(path, files, facts)

    def write(self, pipelines: Sequence[Pipeline]) -> Writing:
        """Nothing is written in this language yet: all of it is a loss."""
        return unwritten("Travis files", pipelines)

    def holds(self, condition: Condition, scope: Scope) -> tuple[bool, str]:
        """See `behave.holds`."""
        return behave.holds(condition, scope)

    def on_schedule(self, _pipeline: Pipeline, _facts: Facts) -> tuple[bool, str]:
        """Cron jobs are settings of the project, and any build may be one."""
        return True, ""

    def asked(self, job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
        """See `behave.asked`."""
        return behave.asked(job, pipeline)

    def predefined(self, facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
        """See `variables.predefined`."""
        return variables.predefined(facts, job, place)

    def evaluate(self, text: Text, scope: Scope) -> str:
        """See `behave.evaluate`."""
        return behave.evaluate(text, scope)

    def resolve(self, step: Step, _files: ReadFile) -> Step:
        """Every step is known before anything runs."""
        return step

    def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
        """See `behave.invoke`."""
        return behave.invoke(job, step, scope)

    def absorb(self, job: Job, step: Step, files: ReadFile) -> Effects:
        """See `behave.absorb`."""
        return behave.absorb(job, step, files)

    def hear(self, _job: Job, _step: Step, _scope: Scope) -> None:
        """The service reads nothing from what a line prints."""

    def cells(self, job: Job, _scope: Scope) -> tuple[Job, ...] | None:
        """Travis multiplies out while it reads, so reading has done it."""
        return (job,)

    def furnish(self, job: Job, _scope: Scope, _timings: Mapping[str, float]) -> tuple[RoomFile, ...]:
        """See `behave.furnish`."""
        return behave.furnish(job)
