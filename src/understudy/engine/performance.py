"""One run of a plan: starts each job the moment it may, tells what happens, and ends with one outcome."""

import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue

from understudy.dialects.base import EvaluationError, JobState
from understudy.engine.agenda import Agenda, needs_room
from understudy.engine.conditions import Conditions
from understudy.engine.environment import every_secret
from understudy.engine.given import Emitter, Given
from understudy.engine.hidden import hidden
from understudy.engine.holds import Hold, owner_of_pipeline, serial
from understudy.engine.job import Performer
from understudy.engine.layers import Layers
from understudy.engine.mask import Secrets
from understudy.engine.output import Ticker
from understudy.engine.people import People
from understudy.engine.planned import cell_nodes, planned
from understudy.engine.run import Run
from understudy.engine.stop import JobStop, Stop
from understudy.findings import Finding, Severity
from understudy.model.events import (
    Emit,
    Event,
    JobFinished,
    JobStarted,
    Multiplied,
    Noticed,
    RunFinished,
    RunStarted,
)
from understudy.model.pipeline import callers_of
from understudy.model.results import JobResult, Outcome
from understudy.plan.plan import Node, Plan
from understudy.plan.select import is_cell

_Report = tuple[str, JobResult | BaseException]
_NAP_S = 0.2
_FAILURES = (Outcome.FAILED, Outcome.ERRORED)


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
        secrets = Secrets(every_secret(given), given.dialect.TRAITS.mask)
        self._emit = Emitter(lambda event: emit(hidden(event, secrets)), self._fail)
        late = given.dialect.TRAITS.conditions_at_start
        holds = self._holds if late else serial
        self._agenda = Agenda(plan, given.durations, self._judge if late else None, holds)
        self._position = {node.id: index for index, node in enumerate(plan.nodes)}
        self._nodes = {node.id: node for node in plan.nodes}
        self._inbox: SimpleQueue[_Report | None] = SimpleQueue()
        self._running: dict[str, Future[JobResult] | None] = {}
        self._performers: dict[str, Performer] = {}
        self._interrupting: list[threading.Thread] = []
        self._stops: dict[str, JobStop] = {}
        self._outputs: dict[str, dict[str, str]] = {}
        self._jobs: dict[str, JobState] = {}
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
            jobs=self._jobs,
        )
        self._conditions = Conditions(self._run)
        self._people = People(self._run, lambda node, answer: self._inbox.put((node, answer)))

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
            event=facts.event_name or facts.event.value,
            branch=facts.branch,
            tag=facts.tag,
            sha=facts.sha,
            runtime=given.runtime.name,
            jobs=tuple(planned(node) for node in plan.nodes),
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
            elif (failed := self._agenda.failed()) is not None:
                node, reason = failed
                self._settle(node.id, self._result(Outcome.FAILED, reason))
            elif (displaced := self._agenda.displaced()) is not None:
                owner, reason = displaced
                self._end(self._owned_by(owner), reason)
            elif (undecided := self._agenda.undecided()) is not None:
                self._multiply(undecided)
            elif (ready := self._agenda.start(slot=self._slots_taken < self._given.fleet.slots())) is not None:
                self._start(ready)
            else:
                return

    def _judge(self, node: Node) -> str:
        return self._conditions.judge(node)

    def _holds(self, node: Node) -> tuple[Hold, ...]:
        return self._conditions.holds(node)

    def _multiply(self, node: Node) -> None:
        """Puts the cells of a matrix that took others' results in the place of its job."""
        try:
            cells = self._given.dialect.cells(node.job, self._conditions.scope(node))
        except EvaluationError as error:
            self._settle(node.id, self._result(Outcome.FAILED, f"its matrix can't be multiplied out: {error.message}"))
            return
        if not cells:
            self._settle(node.id, self._result(Outcome.FAILED, "its matrix has no cells"))
            return
        if node.only:
            cells = tuple(cell for cell in cells if is_cell(cell, node.only))
            if not cells:
                self._settle(node.id, self._result(Outcome.SKIPPED, "none of its cells was asked for"))
                return
        nodes = tuple(cell_nodes(node, cells))
        self._tell(Multiplied(self._given.clock(), node.id, tuple(map(planned, nodes))))
        self._run.layers.know(nodes, in_place_of=node.id)
        for cell in nodes:
            self._position[cell.id] = len(self._position)
            self._nodes[cell.id] = cell
        self._agenda.grow(node.id, nodes)

    def _start(self, node: Node) -> None:
        if needs_room(node):
            self._slots_taken += 1
            self._stops[node.id] = JobStop(self._stop)
            future = self._given.fleet.submit(self._work, node.id.encode(), self._emit)
            self._running[node.id] = future
            future.add_done_callback(self._reporter(node.id))
            return
        if not node.job.steps:
            self._settle_without_steps(node)
            return
        self._tell(JobStarted(at=self._given.clock(), job=node.id))
        self._running[node.id] = None
        self._people.ask(node)

    def _settle_without_steps(self, node: Node) -> None:
        """A job without steps has outputs all the same; one that calls a workflow comes to what that came to."""
        outcome, scope = self._conditions.outcome(node), self._conditions.scope(node)
        if outcome is Outcome.SKIPPED:
            self._settle(node.id, self._result(outcome, "none of the jobs that it calls was performed"))
            return
        self._tell(JobStarted(at=self._given.clock(), job=node.id))
        result = self._result(outcome, "" if outcome is Outcome.PASSED else "a job that it calls did not pass")
        try:
            evaluate = self._given.dialect.evaluate
            outputs = {name: evaluate(text, scope) for name, text in node.job.outputs.items()}
        except EvaluationError as error:
            self._settle(node.id, self._result(Outcome.FAILED, error.message))
            return
        self._settle(node.id, replace(result, outputs=outputs))

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
        performer = Performer(replace(self._run, emit=emit), node, self._given.scratch / name, self._stops[node.id])
        self._performers[node.id] = performer
        return performer.perform()

    def _reporter(self, node: str) -> Callable[[Future[JobResult]], None]:
        def report(future: Future[JobResult]) -> None:
            if future.cancelled():
                self._inbox.put((node, self._result(Outcome.CANCELLED, "interrupted")))
            else:
                self._inbox.put((node, future.exception() or future.result()))

        return report

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
        jobs = self._agenda.jobs_of(node)
        for job in jobs:
            known = self._outputs.setdefault(job, {})
            known.update({name: value for name, value in result.outputs.items() if value or name not in known})
        counts = Outcome.FAILED if result.broken else result.outcome
        self._agenda.settle(node, Outcome.PASSED if result.forgiven else counts)
        for job in jobs:
            if job in self._agenda.outcomes:
                self._jobs[job] = JobState(self._agenda.outcomes[job], self._outputs[job])
        if result.outcome in _FAILURES and not result.forgiven:
            self._end_others(self._nodes[node])

    def _end_others(self, failed: Node) -> None:
        """Ends the other cells of the matrix that `failed` is a cell of, or the jobs that stand beside it.

        https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategyfail-fast
        https://support.atlassian.com/bitbucket-cloud/docs/parallel-step-options/#Fail-fast
        """
        if self._conditions.fails_fast(failed):
            cells = self._agenda.nodes_of(failed.lead + failed.origin)
            self._end(cells, f"`{failed.id}` failed, and the matrix is to end with its first failure")
        call = self._conditions.other_calls(failed)
        if call:
            self._end(self._inside_of(call, failed), f"`{failed.id}` failed, and the matrix is to end with it")
        own = failed.job.siblings
        if own is not None and own.fail_fast:
            several = (node for node in self._nodes.values() if node.lead == failed.lead and _group(node) == own.group)
            beside = [node for key in dict.fromkeys(one.key for one in several) for node in self._agenda.nodes_of(key)]
            self._end(beside, f"`{failed.id}` failed, and those beside it are to end with it")

    def _owned_by(self, owner: str) -> list[Node]:
        """The nodes that aren't settled of a job, by its key, or of a pipeline."""
        keys = dict.fromkeys(one.key for one in self._nodes.values() if owner in {one.key, owner_of_pipeline(one)})
        return [node for key in keys for node in self._agenda.nodes_of(key)]

    def _inside_of(self, call: str, failed: Node) -> list[Node]:
        """The nodes that aren't settled of jobs that `call` calls, but for those that `failed` stands for."""
        inside = dict.fromkeys(
            node.key
            for node in self._nodes.values()
            if node.lead == failed.lead
            and needs_room(node)
            and call in (calls := [one.id for one in callers_of(node.job)])
            and failed.job.id not in calls
        )
        return [node for key in inside for node in self._agenda.nodes_of(key)]

    def _end(self, nodes: Iterable[Node], reason: str) -> None:
        """Ends `nodes`, of which none is settled."""
        for node in nodes:
            if not self._agenda.has_started(node.id):
                self._settle(node.id, self._result(Outcome.CANCELLED, reason))
            elif node.id in self._stops:
                self._stops[node.id].cancel(reason)
                if node.id in self._performers:
                    self._interrupt(self._performers[node.id])

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
            self._interrupt(performer)

    def _interrupt(self, performer: Performer) -> None:
        """Ends what a job does now, and waits for that elsewhere."""
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
        self._people.close()
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


def _group(node: Node) -> str | None:
    """The jobs that the job of `node` stands beside."""
    return node.job.siblings.group if node.job.siblings else None


def _slug(name: str) -> str:
    """`name` as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:40].strip(".-")
