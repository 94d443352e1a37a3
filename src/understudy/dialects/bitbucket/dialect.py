"""Bitbucket Pipelines as one object of the family: `read` is the grammar, `behave` the behaviour."""

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
from understudy.dialects.bitbucket import behave, read
from understudy.model.pipeline import Condition, Job, Pipeline, Step, Text
from understudy.model.results import Facts


@dataclass(frozen=True, slots=True)
class Bitbucket:
    """The members are those of `dialects.base.Dialect`, which says what each promises."""

    NAME: str = read.NAME
    FILES: tuple[str, ...] = read.FILES
    TRAITS: Traits = behave.TRAITS

    def read(self, path: str, files: ReadFile, facts: Facts) -> Reading:
        """See `read.read`."""
        return read.read(path, files, facts)

    def write(self, pipelines: Sequence[Pipeline]) -> Writing:
        """Nothing is written in this language yet: all of it is a loss."""
        return unwritten("Bitbucket files", pipelines)

    def holds(self, condition: Condition, scope: Scope) -> tuple[bool, str]:
        """See `behave.holds`."""
        return behave.holds(condition, scope)

    def on_schedule(self, pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
        """See `behave.on_schedule`."""
        return behave.on_schedule(pipeline, facts)

    def asked(self, job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
        """See `behave.asked`."""
        return behave.asked(job, pipeline)

    def predefined(self, facts: Facts, job: Job, place: Place) -> Mapping[str, str]:
        """See `behave.predefined`."""
        return behave.predefined(facts, job, place)

    def evaluate(self, text: Text, scope: Scope) -> str:
        """See `behave.evaluate`."""
        return behave.evaluate(text, scope)

    def resolve(self, step: Step, _files: ReadFile) -> Step:
        """No step is known late."""
        return step

    def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
        """See `behave.invoke`."""
        return behave.invoke(job, step, scope)

    def absorb(self, job: Job, step: Step, files: ReadFile) -> Effects:
        """See `behave.absorb`."""
        return behave.absorb(job, step, files)

    def hear(self, _job: Job, _step: Step, _scope: Scope) -> Hearing | None:
        """What steps print means nothing to the service."""
        return None

    def cells(self, job: Job, _scope: Scope) -> tuple[Job, ...] | None:
        """The service has no matrix."""
        return (job,)

    def furnish(self, job: Job, scope: Scope, _timings: Mapping[str, float]) -> tuple[RoomFile, ...]:
        """See `behave.furnish`."""
        return behave.furnish(job, scope)


BITBUCKET = Bitbucket()
