"""Which job may start next: true edges, what is bounded, the longest remaining chain first. No threads, no clock."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence

from understudy.engine.holds import Hold, Holds, serial
from understudy.model.pipeline import Approve, Need, needs_of
from understudy.model.results import Outcome, roll_up
from understudy.plan.plan import Node, Plan

HOW = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERRORED: "could not be performed",
    Outcome.CANCELLED: "was cancelled",
    Outcome.SKIPPED: "was skipped",
}

Judge = Callable[[Node], str]
"""Says why a job may not start, now that all that it waits for has ended; empty when it may. Raises ValueError, with a
sentence, where that can't be told: the job fails."""


class Agenda:
    """The nodes of a plan on their way: waiting, ready, started, settled. For one thread."""

    def __init__(
        self,
        plan: Plan,
        durations: Mapping[str, float],
        judge: Judge | None = None,
        holds: Callable[[Node], tuple[Hold, ...]] = serial,
    ) -> None:
        """`durations`: seconds that nodes took in the past; others count as one. Raises ValueError for a cycle.

        `judge`: by what each needs, unless told otherwise. `holds`: of a node that may start.
        """
        self._judge = judge or self._unmet
        self._holds = Holds(holds)
        self._nodes = {node.id: node for node in plan.nodes}
        self._order = {node.id: float(index) for index, node in enumerate(plan.nodes)}
        self._by_job = {job: tuple(ids) for job, ids in (plan.by_job or _by_job(plan)).items()}
        self._keys: dict[str, tuple[str, ...]] = {node.id: () for node in plan.nodes}
        for job, ids in self._by_job.items():
            for one in ids:
                self._keys[one] = (*self._keys[one], job)
        self._left = {job: len(ids) for job, ids in self._by_job.items()}
        self._after = {node.id: self._edges(node) for node in plan.nodes}
        self._waiting = {one: len(after) for one, after in self._after.items()}
        self._then: dict[str, list[str]] = {node.id: [] for node in plan.nodes}
        for one, after in self._after.items():
            for before in after:
                self._then[before].append(one)
        self._chain = self._chains(durations)
        self._settled: dict[str, Outcome] = {}
        self._started: set[str] = set()
        self._refused: list[tuple[Node, str]] = []
        self._failed: list[tuple[Node, str]] = []
        self._open: list[Node] = []
        self._with_slot: list[tuple[float, float, str]] = []
        self._without_slot: list[tuple[float, float, str]] = []
        self.outcomes: dict[str, Outcome] = {}
        """The outcome of each job of which all nodes are settled, by job, as `Plan.by_job` names it."""
        self._arrived = [node.id for node in plan.nodes if not self._waiting[node.id]]

    def chain(self, node: str) -> float:
        """The seconds, or jobs, of the longest chain that begins with `node`."""
        return self._chain[node]

    def refused(self) -> tuple[Node, str] | None:
        """The next node that can't start any more, and why; the caller settles it as SKIPPED."""
        return self._next(self._refused)

    def failed(self) -> tuple[Node, str] | None:
        """The next node of which can't be told whether it may start, and why; the caller settles it as FAILED."""
        return self._next(self._failed)

    def displaced(self) -> tuple[str, str] | None:
        """The next owner of what only one may have that must give way to another, and why; the caller ends it."""
        self._judge_arrived()
        return self._holds.displaced()

    def undecided(self) -> Node | None:
        """The next node whose matrix can be multiplied out now; the caller lets it `grow`, or settles it."""
        self._judge_arrived()
        return self._open.pop() if self._open else None

    def start(self, *, slot: bool) -> Node | None:
        """The next node to start, if any: one that needs a slot only where there is a `slot`. It counts as started."""
        self._judge_arrived()
        heaps = (self._without_slot, self._with_slot) if slot else (self._without_slot,)
        for heap in heaps:
            while heap:
                one = heapq.heappop(heap)[2]
                if one in self._settled:
                    continue
                node = self._nodes[one]
                if self._holds.take(node):
                    self._started.add(one)
                    return node
        return None

    def grow(self, node: str, cells: Sequence[Node]) -> None:
        """Puts `cells`, at least one, in the place of `node`: what waited for it waits for all of them."""
        keys, then = self._keys.pop(node), self._then.pop(node)
        del self._nodes[node]
        for index, cell in enumerate(cells):
            own = (*keys, *(key for key in (cell.key,) if key not in keys))
            self._nodes[cell.id], self._keys[cell.id], self._then[cell.id] = cell, own, list(then)
            self._after[cell.id], self._waiting[cell.id] = self._after[node], 0
            self._chain[cell.id] = self._chain[node]
            self._order[cell.id] = self._order[node] + index / len(cells)
            self._by_job.setdefault(cell.key, (cell.id,))
            self._left.setdefault(cell.key, 1)
        for key in keys:
            self._by_job[key] = tuple(
                each for one in self._by_job[key] for each in ([cell.id for cell in cells] if one == node else [one])
            )
            self._left[key] = sum(one not in self._settled for one in self._by_job[key])
        for later in then:
            self._waiting[later] += len(cells) - 1
        for cell in cells:
            self._holds.arrive(cell)
            self._push(cell)

    def settle(self, node: str, outcome: Outcome) -> None:
        """Takes the end of `node` in; what waited for nothing else becomes ready or refused."""
        if node in self._settled:
            return
        if outcome is Outcome.FAILED and self._nodes[node].job.limits.allow_failure:
            outcome = Outcome.PASSED
        self._settled[node] = outcome
        for job in self._keys[node]:
            self._left[job] -= 1
            if not self._left[job]:
                self.outcomes[job] = roll_up(self._settled[one] for one in self._by_job[job])
        for one in self._holds.release(self._nodes[node], over=self._pipeline_over(node)):
            self._push(self._nodes[one])
        for later in self._then[node]:
            self._waiting[later] -= 1
            if not self._waiting[later]:
                self._arrived.append(later)

    def jobs_of(self, node: str) -> tuple[str, ...]:
        """The jobs that `node` is one of, as `Plan.by_job` names them: its own, and the one it is a cell of."""
        return self._keys[node]

    def nodes_of(self, job: str) -> tuple[Node, ...]:
        """The nodes of `job` that aren't settled."""
        return tuple(self._nodes[one] for one in self._by_job.get(job, ()) if one not in self._settled)

    def has_started(self, node: str) -> bool:
        """Whether `node` was started."""
        return node in self._started

    def unstarted(self) -> Iterator[Node]:
        """The nodes that are neither started nor settled, in the plan's order."""
        for one, node in self._nodes.items():
            if one not in self._started and one not in self._settled:
                yield node

    def done(self) -> bool:
        """Whether every node is settled."""
        return len(self._settled) == len(self._nodes)

    def outcome(self) -> Outcome:
        """The roll-up of the settled nodes."""
        return roll_up(self._settled.values())

    def _next(self, found: list[tuple[Node, str]]) -> tuple[Node, str] | None:
        self._judge_arrived()
        while found:
            node, reason = found.pop()
            if node.id not in self._settled:
                return node, reason
        return None

    def _judge_arrived(self) -> None:
        """Judges what waits for nothing any more: not before the caller has taken in what it may look at."""
        arrived, self._arrived = self._arrived, []
        for one in arrived:
            if one not in self._settled:
                self._arrive(one)

    def _edges(self, node: Node) -> frozenset[str]:
        needed = {one for need in needs_of(node.job) for one in self._by_job.get(node.lead + need.job, ())}
        return frozenset(one for one in node.after | needed if one in self._nodes)

    def _chains(self, durations: Mapping[str, float]) -> dict[str, float]:
        chain: dict[str, float] = {}
        left = {one: len(then) for one, then in self._then.items()}
        ends = [one for one, count in left.items() if not count]
        while ends:
            one = ends.pop()
            longest = max((chain[later] for later in self._then[one]), default=0.0)
            chain[one] = longest + max(0.0, durations.get(one, 1.0))
            for before in self._after[one]:
                left[before] -= 1
                if not left[before]:
                    ends.append(before)
        if len(chain) < len(self._nodes):
            stuck = next(one for one in self._nodes if one not in chain)
            raise ValueError(f"the plan has a cycle: `{stuck}` waits for itself")
        return chain

    def _arrive(self, one: str) -> None:
        """All that `one` waited for is settled."""
        node = self._nodes[one]
        try:
            reason = self._judge(node) or node.unmet or ""
        except ValueError as error:
            self._failed.append((node, str(error)))
            return
        if reason:
            self._refused.append((node, reason))
        elif node.job.matrix is not None:
            self._open.append(node)
        else:
            self._holds.arrive(node)
            self._push(node)

    def _push(self, node: Node) -> None:
        heap = self._with_slot if needs_room(node) else self._without_slot
        heapq.heappush(heap, (-self._chain[node.id], self._order[node.id], node.id))

    def _unmet(self, node: Node) -> str:
        """Why a need of `node` isn't met; empty when all are. A need of a job that the plan left out is met."""
        if node.unmet:
            return node.unmet
        for need in node.job.needs:
            outcome = self.outcomes.get(node.lead + need.job)
            if outcome is not None and not _meets(need, outcome):
                return f"it needs `{node.lead}{need.job}`, which {HOW[outcome]}"
        return ""

    def _pipeline_over(self, node: str) -> bool:
        """Whether all nodes of the pipeline of `node` are settled; only asked of what lasts that long."""
        lead = self._nodes[node].lead
        return self._holds.last and all(
            one in self._settled for one, other in self._nodes.items() if other.lead == lead
        )


def needs_room(node: Node) -> bool:
    """Whether `node` takes a slot: one whose steps only wait for people, or that has none, doesn't."""
    return any(not isinstance(step.action, Approve) for step in node.job.steps)


def _meets(need: Need, outcome: Outcome) -> bool:
    return outcome in need.outcomes or (need.optional and outcome is Outcome.SKIPPED)


def _by_job(plan: Plan) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for node in plan.nodes:
        found[node.key] = (*found.get(node.key, ()), node.id)
    return found
