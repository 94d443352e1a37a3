"""The jobs that wait for a person: asked one after another, by a thread that nobody has to wait for."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

from understudy.dialects.base import EvaluationError
from understudy.engine.run import Run, scope_before
from understudy.engine.steps import ask
from understudy.model.pipeline import Approve
from understudy.model.results import JobResult, Outcome
from understudy.plan.plan import Node

Report = Callable[[str, JobResult | BaseException], None]


class People:
    """Asks for approvals. `answer` gets the result of each job, by its node's id, or what went wrong with us."""

    def __init__(self, run: Run, answer: Report) -> None:
        self._run = run
        self._answer = answer
        self._waiting: SimpleQueue[Node | None] | None = None

    def ask(self, node: Node) -> None:
        """Has `node` asked for when those before it are answered."""
        if self._waiting is None:
            self._waiting = SimpleQueue()
            threading.Thread(target=self._work, args=(self._waiting,), name="understudy-people", daemon=True).start()
        self._waiting.put(node)

    def close(self) -> None:
        """Asks nobody any more; a question that is open stays so."""
        if self._waiting is not None:
            self._waiting.put(None)

    def _work(self, waiting: SimpleQueue[Node | None]) -> None:
        while (node := waiting.get()) is not None:
            try:
                self._answer(node.id, self._result(node))
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that performs the run
                self._answer(node.id, error)

    def _result(self, node: Node) -> JobResult:
        given = self._run.given
        started = given.clock()
        for index, step in enumerate(node.job.steps):
            if isinstance(step.action, Approve) and not self._run.stop.stage:
                try:
                    prompt = given.dialect.evaluate(step.action.prompt, scope_before(self._run, node))
                except EvaluationError as error:
                    return JobResult(Outcome.FAILED, started, given.clock(), error.message, index)
                ended = ask(given, self._run.emit, node.id, prompt)
                if ended.outcome is not Outcome.PASSED:
                    return JobResult(ended.outcome, started, given.clock(), ended.reason, index)
        return JobResult(Outcome.PASSED, started, given.clock())
