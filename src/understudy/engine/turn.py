"""One step's turn in its room: what performing it needs, and how it ended."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from understudy.dialects.base import Effects, Scope
from understudy.engine.given import Given
from understudy.engine.layers import Layers
from understudy.engine.mask import Secrets
from understudy.engine.output import StepLog
from understudy.engine.paths import absolute
from understudy.findings import Finding, Position
from understudy.model.events import Annotated, Emit, Noticed, Published
from understudy.model.pipeline import Job, Kind, Step, Text
from understudy.model.results import Outcome
from understudy.plan.plan import Node
from understudy.runtimes.base import Call, Exit, Room, Sink
from understudy.store.base import Digest

NO_EFFECTS = Effects()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step ended: `reason` is one clause, empty where the exit code says it all. `late`: its time was up."""

    outcome: Outcome
    reason: str = ""
    exit_code: int | None = None
    effects: Effects = NO_EFFECTS
    cached_from: str | None = None
    late: bool = False


PASSED = Ended(Outcome.PASSED)


def failed(reason: str) -> Ended:
    """A failure for `reason`."""
    return Ended(Outcome.FAILED, reason)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a step is performed with.

    `env` is the step's whole environment, `start` runs a call in the room unless the run is being stopped, and
    `source` is where the project's files lie in the room, None where they are in the working directory already.
    `hide` hides values in all that the job tells from now on.
    """

    node: Node
    step: Step
    index: int
    attempt: int
    room: Room
    scope: Scope
    env: Mapping[str, str]
    secrets: Secrets
    log: StepLog
    layers: Layers
    given: Given
    emit: Emit
    start: Callable[[Call, Sink], Exit]
    source: str | None
    hide: Callable[[Iterable[str]], None]

    @property
    def job(self) -> Job:
        """The step's job."""
        return self.node.job

    def value(self, text: Text) -> str:
        """The value of `text` now. Raises EvaluationError."""
        return self.given.dialect.evaluate(text, self.scope)

    def path(self, text: Text | None) -> str:
        """The absolute path in the room that `text` names; the working directory for None."""
        return self.room.workdir if text is None else absolute(self.value(text), self.room.workdir, self.room.home)

    def published(self, kind: Kind, path: str, digest: Digest, size_bytes: int) -> None:
        """Tells of what the step has put into the store, for people to have under `path`."""
        at, hidden = self.given.clock(), self.secrets.hide_text(path)
        self.emit(Published(at, self.node.id, self.index, kind.value, hidden, digest, size_bytes))

    def remark(self, level: str, title: str, message: str, more: str = "", *, at: Position | None = None) -> None:
        """Remarks on a place (None: the step's) in the file; `more`: what to do, or the page of the rule."""
        hide, at = self.secrets.hide_text, at or self.step.at
        said = f"{message} ({more})" if more else message
        place = (at.file, at.line or None, None, at.column or None)
        self.emit(Annotated(self.given.clock(), self.node.id, self.index, level, hide(said), *place, title))

    def notice(self, finding: Finding) -> None:
        """Tells of something that is not as on the service."""
        self.emit(Noticed(at=self.given.clock(), job=self.node.id, finding=finding))
