"""Whether a job is performed, judged when all that goes before it has ended: for services that judge then."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from understudy.dialects.base import EvaluationError, Scope
from understudy.engine.agenda import HOW
from understudy.engine.asked import asks_dialect
from understudy.engine.holds import Hold, owner_of_pipeline
from understudy.engine.run import Run, scope_before
from understudy.model.pipeline import Caller, Condition, Job, Matrix, Need, Pipeline, Text, Turns, callers_of
from understudy.model.results import Outcome, roll_up
from understudy.plan.plan import Node

_WORST_FIRST = (Outcome.FAILED, Outcome.CANCELLED, Outcome.SKIPPED)


class Conditions:
    """Judges the jobs of a run by what has become of the others. For one thread."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._dialect = run.given.dialect
        self._jobs: dict[str, Mapping[str, Job]] = {}
        self._inner: dict[str, Mapping[str, tuple[Job, ...]]] = {}
        self._groups: dict[str, tuple[Hold, ...]] = {}

    def judge(self, node: Node) -> str:
        """Why `node` is not performed, in one clause; empty when it is. Raises ValueError with what can't be told."""
        try:
            reason = "" if self.inner(node) else self._judge(node)
            if not reason:
                self._groups[node.id] = self._holds(node)
        except EvaluationError as error:
            raise ValueError(error.message) from error
        return reason

    def holds(self, node: Node) -> tuple[Hold, ...]:
        """What `node` must have to start: its groups, and its place among the cells of a matrix."""
        held = self._groups.get(node.id)
        if held is None:  # a cell that wasn't there when its job was judged
            try:
                held = self._holds(node)
            except EvaluationError:
                held = ()
        return held

    def scope(self, node: Node) -> Scope:
        """What the condition and the matrix of the job of `node` see."""
        status, _ = self._before(node, node.job.needs)
        return replace(scope_before(self._run, node), status=status)

    def inner(self, node: Node) -> tuple[Job, ...]:
        """The jobs of the workflow that the job of `node` stands for, once they have ended; none for other jobs."""
        if node.job.steps:
            return ()
        return self._called(node).get(node.job.id, ())

    def outcome(self, node: Node) -> Outcome:
        """What a job without steps comes to: what the jobs did that it stands for, else that it passed."""
        ended = [self._run.outcomes.get(node.lead + job.id, Outcome.SKIPPED) for job in self.inner(node)]
        return roll_up(ended) if ended else Outcome.PASSED

    def fails_fast(self, node: Node) -> bool:
        """Whether the failure of `node` ends the other cells of its matrix."""
        return self._ends_with_first(node, node.matrix)

    def other_calls(self, node: Node) -> str:
        """The call as a whole, if the job of `node` stands for one cell of it and its failure ends the others."""
        caller = next((one.caller for one in self.inner(node) if one.caller is not None), None)
        if caller is None or caller.matrix is None or caller.caller is None:
            return ""
        standing = replace(node, job=self._standing(node, caller.caller))
        return caller.caller.id if self._ends_with_first(standing, caller.matrix) else ""

    def _ends_with_first(self, node: Node, matrix: Matrix | None) -> bool:
        if matrix is None or not isinstance(matrix.fail_fast, Text):
            return matrix is not None and bool(matrix.fail_fast)
        try:
            return self._dialect.evaluate(matrix.fail_fast, self.scope(node)).lower() != "false"
        except EvaluationError:
            return True

    def _judge(self, node: Node) -> str:
        for one in reversed(callers_of(node.job)):
            standing = self._standing(node, one)
            reason = self._why_not(replace(node, job=standing), one.when)
            if reason:
                return f"`{one.id}` is not called: {reason}"
        return self._why_not(node, node.job.when)

    def _why_not(self, node: Node, when: Condition) -> str:
        status, culprit = self._before(node, node.job.needs)
        if status not in when.after:
            return culprit or "nothing that it needs failed"
        if not asks_dialect(when):
            return ""
        holds, why = self._dialect.holds(when, replace(scope_before(self._run, node), status=status))
        return "" if holds else why or "its condition does not hold"

    def _standing(self, node: Node, caller: Caller) -> Job:
        """The job that calls, as it stands in its file: what its condition and inputs see."""
        job = self._written(node).get(caller.id, node.job)
        return replace(job, needs=caller.needs, when=caller.when, caller=caller.caller)

    def _before(self, node: Node, needs: tuple[Need, ...]) -> tuple[Outcome, str]:
        """The roll-up of all that goes before, and a clause about what made it so.

        A failure or a skip applies to all that follows, until a condition of a job says otherwise for that job. See
        https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/use-jobs#defining-prerequisite-jobs.
        """
        ended: dict[str, Outcome] = {}
        pending = [need.job for need in needs]
        direct = set(pending)
        while pending:
            one = pending.pop()
            outcome = self._run.outcomes.get(node.lead + one)
            if one in ended or outcome is None:
                continue
            ended[one] = Outcome.FAILED if outcome is Outcome.ERRORED else outcome
            pending += [need.job for need in self._needs_around(node, one)]
        for worst in _WORST_FIRST:
            culprits = [one for one, outcome in ended.items() if outcome is worst]
            if culprits:
                culprit = next((one for one in culprits if one in direct), culprits[0])
                verb = "needs" if culprit in direct else "comes after"
                return worst, f"it {verb} `{node.lead}{culprit}`, which {HOW[self._run.outcomes[node.lead + culprit]]}"
        return Outcome.PASSED, ""

    def _needs_around(self, node: Node, one: str) -> tuple[Need, ...]:
        """What the job `one` needs; a called workflow is one job, whatever happens inside of it."""
        inside = self._called(node).get(one)
        if inside and inside[0].caller is not None:
            return inside[0].caller.needs
        job = self._written(node).get(one)
        return job.needs if job else ()

    def _holds(self, node: Node) -> tuple[Hold, ...]:
        found = []
        pipeline = node.pipeline or self._run.plan.pipeline
        shared = self._group(node, pipeline.concurrency, pipeline.turns)
        if shared:
            held = Hold(shared, owner_of_pipeline(node), lasting=True)
            found.append(self._in_turn(node, held, pipeline.turns))
        if node.job.group is not None:
            own = self._group(node, Text(node.job.group, node.job.at), node.job.turns)
            if own and own != shared:
                found.append(self._in_turn(node, Hold(own, node.key), node.job.turns))
        most = self._most(node, node.matrix)
        if most is not None:
            found.append(Hold(f"matrix {node.lead}{node.origin}", node.id, most))
        found += self._calls_held(node)
        return tuple(found)

    def _group(self, node: Node, text: Text | None, turns: Turns) -> str:
        name = self._value(node, text)
        return f"group {name.casefold() if turns.any_case else name}" if name else ""

    def _in_turn(self, node: Node, hold: Hold, turns: Turns) -> Hold:
        cancels = turns.cancels
        if isinstance(cancels, Text):
            cancels = self._value(node, cancels).lower() == "true"
        return replace(hold, single=turns.single, cancels=cancels)

    def _calls_held(self, node: Node) -> Iterator[Hold]:
        """The places that the calls around `node` have among the cells of a matrix of calls."""
        for caller in callers_of(node.job):
            if caller.matrix is None or caller.caller is None:
                continue
            most = self._most(replace(node, job=self._standing(node, caller.caller)), caller.matrix)
            if most is not None:
                key = node.lead + caller.id
                yield Hold(f"calls {node.lead}{caller.caller.id}", key, most, until=key)

    def _most(self, node: Node, matrix: Matrix | None) -> int | None:
        if matrix is None or matrix.max_parallel is None:
            return None
        if isinstance(matrix.max_parallel, int):
            return max(1, matrix.max_parallel)
        value = self._value(node, matrix.max_parallel)
        try:
            return max(1, int(float(value)))
        except ValueError:
            raise EvaluationError(f"`max-parallel` is to be a number, and is `{value}`") from None

    def _value(self, node: Node, text: Text | None) -> str:
        return "" if text is None else self._dialect.evaluate(text, self.scope(node))

    def _pipeline(self, node: Node) -> Pipeline:
        return node.pipeline or self._run.plan.pipeline

    def _written(self, node: Node) -> Mapping[str, Job]:
        """The jobs of the pipeline of `node`, as the file has them, by id."""
        if node.lead not in self._jobs:
            self._jobs[node.lead] = {job.id: job for job in self._pipeline(node).jobs}
        return self._jobs[node.lead]

    def _called(self, node: Node) -> Mapping[str, tuple[Job, ...]]:
        """The jobs of called workflows, by the id of the job that calls."""
        if node.lead not in self._inner:
            found: dict[str, tuple[Job, ...]] = {}
            for job in self._pipeline(node).jobs:
                if job.caller is not None:
                    found[job.caller.id] = (*found.get(job.caller.id, ()), job)
            self._inner[node.lead] = found
        return self._inner[node.lead]
