"""CircleCI as a dialect: what reads it and what behaves like it, under one name."""

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
from understudy.dialects.circleci import behave, read
from understudy.model.pipeline import Condition, Job, Pipeline, Step, Text
from understudy.model.results import Facts

_TRAITS = Traits(secrets_are_variables=True, conditions_at_start=False, marks=("version",))


@dataclass(frozen=True, slots=True)
class CircleCI:
    """The members are those of `dialects.base.Dialect`, which says what each promises."""

    NAME: str = read.NAME
    FILES: tuple[str, ...] = read.FILES
    TRAITS: Traits = _TRAITS

    def read(self, path: str, files: ReadFile, facts: Facts) -> Reading:
        """Compiles the file for the trigger of `facts`."""
        return read.read(path, files, facts)

    def write(self, pipelines: Sequence[Pipeline]) -> Writing:
        """Nothing is written in this language yet: all of it is a loss."""
        return unwritten("CircleCI files", pipelines)

    def holds(self, condition: Condition, scope: Scope) -> tuple[bool, str]:
        """See `behave.holds`."""
        return behave.holds(condition, scope)

    def on_schedule(self, pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
        """See `behave.on_schedule`."""
        return behave.on_schedule(pipeline, facts)

    def asked(self, _job: Job, _pipeline: Pipeline) -> tuple[Asked, ...]:
        """Nothing: secrets are variables, which only scripts name."""
        return ()

    def predefined(self, facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
        """See `behave.predefined`."""
        return behave.predefined(facts, job, place)

    def evaluate(self, text: Text, scope: Scope) -> str:
        """See `behave.evaluate`."""
        return behave.evaluate(text, scope)

    def resolve(self, step: Step, _files: ReadFile) -> Step:
        """The service's compiler knows every step before anything runs."""
        return step

    def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
        """See `behave.invoke`."""
        return behave.invoke(job, step, scope)

    def absorb(self, job: Job, step: Step, files: ReadFile) -> Effects:
        """See `behave.absorb`."""
        return behave.absorb(job, step, files)

    def hear(self, _job: Job, _step: Step, _scope: Scope) -> None:
        """The service reads nothing from what a step prints."""

    def cells(self, job: Job, _scope: Scope) -> tuple[Job, ...] | None:
        """The service multiplies out while it compiles, so reading has done it."""
        return (job,)

    def furnish(self, job: Job, scope: Scope, timings: Mapping[str, float]) -> tuple[RoomFile, ...]:
        """See `behave.furnish`."""
        return behave.furnish(job, scope.place or Place("", "", 0), timings)
