"""One run of a plan: starts each job the moment it may, tells what happens, and ends with one outcome."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue

from understudy.dialects.base import EvaluationError, Place, Scope
from understudy.engine.agenda import Agenda, needs_room
from understudy.engine.environment import every_secret
from understudy.engine.given import Emitter, Given
from understudy.engine.hidden import hidden
from understudy.engine.job import Performer
from understudy.engine.layers import Layers
from understudy.engine.mask import Secrets
from understudy.engine.output import Ticker
from understudy.engine.run import Run
from understudy.engine.steps import ask
from understudy.engine.stop import JobStop, Stop
from understudy.findings import Finding, Severity
from understudy.model.events import (
    Emit,
    Event,
    JobFinished,
    JobStarted,
    Noticed,
    PlannedJob,
    RunFinished,
    RunStarted,
)
from understudy.model.layout import in_order
from understudy.model.pipeline import Approve, Text
from understudy.model.results import JobResult, Outcome
from understudy.plan.plan import Node, Plan

_Report = tuple[str, JobResult | BaseException]
_NAP_S = 0.2


def perform(plan: Plan, given: Given, emit: Emit, stop: Stop) -> Outcome:
    """Performs `plan` and gives its outcome: the worst of its jobs', of which SKIPPED ones don't count.

    Every event goes to `emit`, one at a time, from several threads. The fleet stays open: its owner closes it. What is
    not an outcome (StoreError, what `emit` raises, a bug) is raised after everything that ran has ended.
    """
    performance = _Performance(plan, given, emit, stop)
    return performance.run()


class _Performance:
    """The loop that starts jobs and takes their ends in; all of it in one thread."""

    def __init__(self, plan: Plan, given: Given, emit: Emit, stop: Stop) -> None:
        self._plan = plan
        self._given = given
        self._stop = stop
        secrets = Secrets(every_secret(given))
        self._emit = Emitter(lambda event: emit(hidden(event, secrets)), self._fail)
        self._agenda = Agenda(plan, given.durations)
        self._position = {node.id: index for index, node in enumerate(plan.nodes)}
        self._nodes = {node.id: node for node in plan.nodes}
        self._inbox: SimpleQueue[_Report | None] = SimpleQueue()
        self._running: dict[str, Future[JobResult] | None] = {}
        self._performers: dict[str, Performer] = {}
        self._interrupting: list[threading.Thread] = []
        self._people: SimpleQueue[Node | None] | None = None
        self._failure: BaseException | None = None
        self._heeded = 0
        self._slots_taken = 0
        self._run = Run(
            plan=plan,
            given=given,
            emit=self._emit,
            stop=stop,
            secrets=secrets,
            layers=Layers(plan.nodes),
            ticker=Ticker(),
            outcomes=self._agenda.outcomes,
        )

    def run(self) -> Outcome:
        """The whole run."""
        self._stop.listen(lambda: self._inbox.put(None))
        try:
            self._open()
            self._loop()
        except BaseException as error:  # noqa: BLE001 - raised again below, after what runs has ended
            self._fail(error)
            self._drain()
        finally:
            self._close()
        outcome = Outcome.ERRORED if self._failure else self._agenda.outcome()
        self._tell(RunFinished(at=self._given.clock(), outcome=outcome))
        if self._failure is not None:
            raise self._failure
        return outcome

    def _open(self) -> None:
        plan, given, facts = self._plan, self._given, self._plan.facts
        started = RunStarted(
            at=given.clock(),
            run=given.run,
            pipeline=plan.pipeline.name,
            dialect=plan.pipeline.dialect,
            event=facts.event.value,
            branch=facts.branch,
            tag=facts.tag,
            sha=facts.sha,
            runtime=given.runtime.name,
            jobs=tuple(_planned(node) for node in plan.nodes),
        )
        self._tell(started)
        for finding in plan.findings:
            self._tell(Noticed(at=given.clock(), job=None, finding=finding))

    def _loop(self) -> None:
        while not self._agenda.done():
            self._heed_stop()
            self._start_what_may()
            if self._agenda.done():
                return
            self._take(self._next_report())

    def _start_what_may(self) -> None:
        while True:
            if (refused := self._agenda.refused()) is not None:
                node, reason = refused
                self._settle(node.id, self._result(Outcome.SKIPPED, reason))
            elif (ready := self._agenda.start(slot=self._slots_taken < self._given.fleet.slots())) is not None:
                self._start(ready)
            else:
                return

    def _start(self, node: Node) -> None:
        if needs_room(node):
            self._slots_taken += 1
            future = self._given.fleet.submit(self._work, node.id.encode(), self._emit)
            self._running[node.id] = future
            future.add_done_callback(self._reporter(node.id))
            return
        self._tell(JobStarted(at=self._given.clock(), job=node.id))
        if not node.job.steps:
            self._settle(node.id, self._result(Outcome.PASSED, ""))
            return
        self._running[node.id] = None
        self._people_to_ask().put(node)

    def _work(self, order: bytes, emit: Emit) -> JobResult:
        """Performs one node where the fleet placed it; again, in a fresh room, where the job allows it."""
        node = self._nodes[order.decode()]
        attempts = node.job.limits.retries + 1
        for attempt in range(1, attempts + 1):
            result = self._perform(node, attempt, emit)
            if result.outcome is not Outcome.FAILED or attempt == attempts or self._stop.stage:
                return result
            message = f"attempt {attempt} of {attempts} failed ({result.reason}); it is performed once more"
            emit(Noticed(self._given.clock(), node.id, Finding(Severity.NOTE, "job-retried", message, node.job.at)))
        raise AssertionError("a job has at least one attempt")

    def _perform(self, node: Node, attempt: int, emit: Emit) -> JobResult:
        name = f"{self._position[node.id]:05d}-{_slug(node.id)}" + (f"-{attempt}" if attempt > 1 else "")
        performer = Performer(replace(self._run, emit=emit), node, self._given.scratch / name, JobStop(self._stop))
        self._performers[node.id] = performer
        return performer.perform()

    def _reporter(self, node: str) -> Callable[[Future[JobResult]], None]:
        def report(future: Future[JobResult]) -> None:
            if future.cancelled():
                self._inbox.put((node, self._result(Outcome.CANCELLED, "interrupted")))
            else:
                self._inbox.put((node, future.exception() or future.result()))

        return report

    def _people_to_ask(self) -> SimpleQueue[Node | None]:
        """The nodes that wait for a person, asked one after another by a thread that nobody has to wait for."""
        if self._people is None:
            self._people = SimpleQueue()
            threading.Thread(target=self._ask, args=(self._people,), name="understudy-people", daemon=True).start()
        return self._people

    def _ask(self, waiting: SimpleQueue[Node | None]) -> None:
        while (node := waiting.get()) is not None:
            try:
                self._inbox.put((node.id, self._answer(node)))
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that performs the run
                self._inbox.put((node.id, error))

    def _answer(self, node: Node) -> JobResult:
        started = self._given.clock()
        for index, step in enumerate(node.job.steps):
            if isinstance(step.action, Approve) and not self._stop.stage:
                try:
                    prompt = self._evaluate(node, step.action.prompt)
                except EvaluationError as error:
                    return JobResult(Outcome.FAILED, started, self._given.clock(), error.message, index)
                ended = ask(self._given, self._emit, node.id, prompt)
                if ended.outcome is not Outcome.PASSED:
                    return JobResult(ended.outcome, started, self._given.clock(), ended.reason, index)
        return JobResult(Outcome.PASSED, started, self._given.clock())

    def _evaluate(self, node: Node, text: Text) -> str:
        place = Place(self._given.run, node.id, self._given.number, node.index, node.total)
        return self._given.dialect.evaluate(text, Scope(self._plan.facts, place, cell=node.job.cell))

    def _next_report(self) -> _Report | None:
        """The next report; None from time to time without one.

        The system may hand a signal to any thread, while Python runs its handler in the main one, and only once that
        wakes up. A wait without an end would sleep through Ctrl-C.
        """
        try:
            return self._inbox.get(timeout=_NAP_S)
        except Empty:
            return None

    def _take(self, report: _Report | None) -> None:
        """Takes one report in; None only says that the Stop may have changed."""
        if report is None or report[0] not in self._running:
            return
        node, result = report
        self._running.pop(node)
        self._performers.pop(node, None)
        if needs_room(self._nodes[node]):
            self._slots_taken -= 1
        if isinstance(result, BaseException):
            self._fail(result)
            result = self._result(Outcome.ERRORED, "Understudy itself failed")
        self._settle(node, result)

    def _settle(self, node: str, result: JobResult) -> None:
        self._tell(JobFinished(at=self._given.clock(), job=node, result=result))
        self._agenda.settle(node, result.outcome)

    def _heed_stop(self) -> None:
        """What hasn't started never will; what runs is ended as the stage says."""
        stage = self._stop.stage
        if stage == self._heeded:
            return
        self._heeded = stage
        for node in tuple(self._agenda.unstarted()):
            self._settle(node.id, self._result(Outcome.CANCELLED, "interrupted"))
        for one, future in tuple(self._running.items()):
            if future is None:
                self._running.pop(one)
                self._settle(one, self._result(Outcome.CANCELLED, "interrupted"))
            else:
                self._given.fleet.cancel(future)
        for performer in tuple(self._performers.values()):
            thread = threading.Thread(target=performer.interrupt, name="understudy-interrupt", daemon=True)
            self._interrupting.append(thread)
            thread.start()

    def _drain(self) -> None:
        """Waits for what runs to end, when the loop itself broke."""
        self._heed_stop()
        while self._running:
            self._take(self._next_report())
            self._heed_stop()

    def _close(self) -> None:
        if self._people is not None:
            self._people.put(None)
        for thread in self._interrupting:
            thread.join()
        self._run.ticker.close()

    def _fail(self, error: BaseException) -> None:
        """The first failure of ours ends the run."""
        if self._failure is None:
            self._failure = error
        self._stop.now()

    def _tell(self, event: Event) -> None:
        with suppress(BaseException):  # `_fail` has it, and the run is on its way to its end
            self._emit(event)

    def _result(self, outcome: Outcome, reason: str) -> JobResult:
        now = self._given.clock()
        return JobResult(outcome, now, now, reason)


def _planned(node: Node) -> PlannedJob:
    every = in_order(node.job)
    return PlannedJob(
        id=node.id,
        name=node.job.name.raw,
        after=tuple(sorted(node.after)),
        steps=tuple(one.step.name.raw for one in every),
        depths=tuple(one.depth for one in every) if any(one.depth for one in every) else (),
        cell=node.job.cell,
        unmet=node.unmet,
    )


def _slug(name: str) -> str:
    """`name` as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:40].strip(".-")
