"""One job from start to end: its room, its environment, its steps, its outputs."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from understudy.dialects.base import EvaluationError
from understudy.engine.asked import minutes_s
from understudy.engine.calls import Calls
from understudy.engine.output import live
from understudy.engine.run import Run
from understudy.engine.sequence import Sequence
from understudy.engine.spec import remove_tree, room_spec
from understudy.engine.stop import JobStop
from understudy.engine.surroundings import Surroundings
from understudy.errors import MachineError, StoreError
from understudy.findings import Finding, Severity
from understudy.model.events import JobStarted, Noticed
from understudy.model.results import JobResult, Outcome
from understudy.plan.plan import Node
from understudy.runtimes.base import Room

_ENDED = "a step ended the job"


class Performer:
    """Performs one node of the plan, in a thread of its own. `interrupt` may come from any other."""

    def __init__(self, run: Run, node: Node, scratch: Path, stop: JobStop) -> None:
        """`scratch` is a folder for this job alone; it is made for the room and removed after it."""
        self._run = run
        self._given = run.given
        self._node = node
        self._job = node.job
        self._scratch = scratch
        self._calls = Calls(stop)
        self._around = Surroundings(run, node, stop)
        self._sequence = Sequence(run, node, self._around, self._calls, stop)
        self._forgiven = node.job.limits.allow_failure

    def perform(self) -> JobResult:
        """The job's result. Raises StoreError and what is a bug; everything else is an outcome."""
        started = self._given.clock()
        outputs: dict[str, str] = {}
        image = ""
        frame = self._sequence.frame
        try:
            spec = room_spec(self._around.before, self._node, self._given, self._scratch)
            unmet = self._given.runtime.unmet(spec)
            if unmet is not None:
                return JobResult(Outcome.SKIPPED, started, self._given.clock(), unmet)
            self._run.emit(JobStarted(at=self._given.clock(), job=self._node.id))
            for finding in self._given.runtime.stands_in(spec):
                self._run.emit(Noticed(at=self._given.clock(), job=self._node.id, finding=finding))
            self._scratch.mkdir(parents=True)
            spec = replace(spec, tell=lambda line: live(self._run.emit, self._node.id, -1)(f"{line}\n"))
            spec = replace(spec, trees=(*spec.trees, *self._given.shows(self._job, spec.tell)))
            with self._given.runtime.open(spec) as room:
                image = self._around.secrets.hide_text(self._given.runtime.resolve(spec.image)) if spec.image else ""
                outputs = self._in_room(room)
        except StoreError:
            raise
        except MachineError as error:
            frame.settle(Outcome.ERRORED, f"{error.message}; {error.hint}" if error.hint else error.message)
        except EvaluationError as error:
            frame.settle(Outcome.FAILED, error.message)
        finally:
            remove_tree(self._scratch)
        lost = frame.status in {Outcome.ERRORED, Outcome.CANCELLED}
        outcome = frame.status if lost or frame.verdict is None else frame.verdict
        broken = outcome is Outcome.ERRORED and not lost
        return JobResult(
            outcome=outcome,
            started=started,
            ended=self._given.clock(),
            reason="" if outcome is Outcome.PASSED else self._around.secrets.hide_text(frame.reason or _ENDED),
            failed_step=None if outcome is Outcome.PASSED else frame.failed_step,
            outputs=outputs,
            image=image,
            forgiven=self._forgiven and (broken or outcome is Outcome.FAILED),
            broken=broken,
        )

    def interrupt(self) -> None:
        """Ends the calls that run now, as the run's Stop asks. Returns once they have ended."""
        self._calls.end()

    def _in_room(self, room: Room) -> dict[str, str]:
        """Performs the steps; gives the job's outputs."""
        self._calls.room = room
        limits, early = self._job.limits, self._around.early
        if limits.forgiven is not None:
            self._forgiven = early(limits.forgiven).lower() == "true"
        timeout_s = limits.timeout_s if limits.timeout is None else minutes_s(early(limits.timeout), limits.timeout)
        self._around.settle_in(room)
        self._sequence.perform(room, timeout_s)
        scope = self._around.scope(self._sequence.frame)
        outputs = {name: self._given.dialect.evaluate(text, scope) for name, text in self._job.outputs.items()}
        return self._open(outputs)

    def _open(self, outputs: Mapping[str, str]) -> dict[str, str]:
        """`outputs` without those that hold a secret: jobs hand nothing on that may not be shown."""
        hide = self._around.secrets.hide_text
        kept = {name: value for name, value in outputs.items() if hide(value) == value}
        for name in outputs.keys() - kept.keys():
            message = f"the output `{name}` of the job was not handed on, since it holds a secret"
            finding = Finding(Severity.WARNING, "secret-output", message, self._job.outputs[name].at)
            self._run.emit(Noticed(at=self._given.clock(), job=self._node.id, finding=finding))
        return kept
