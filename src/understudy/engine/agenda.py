"""Which job may start next: true edges, serial groups, the longest remaining chain first. No threads, no clock."""

import heapq
from collections.abc import Iterator, Mapping

from understudy.model.pipeline import Approve, Need
from understudy.model.results import Outcome, roll_up
from understudy.plan.plan import Node, Plan

_HOW = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERRORED: "could not be performed",
    Outcome.CANCELLED: "was cancelled",
    Outcome.SKIPPED: "was skipped",
}


class Agenda:
    """The nodes of a plan on their way: waiting, ready, started, settled. For one thread."""

    def __init__(self, plan: Plan, durations: Mapping[str, float]) -> None:
        """`durations`: seconds that nodes took in the past; others count as one. Raises ValueError for a cycle."""
        self._nodes = {node.id: node for node in plan.nodes}
        self._order = {node.id: index for index, node in enumerate(plan.nodes)}
        self._by_job = plan.by_job or _by_job(plan)
        self._job_of = {one: job for job, ids in self._by_job.items() for one in ids}
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
        self._with_slot: list[tuple[float, int, str]] = []
        self._without_slot: list[tuple[float, int, str]] = []
        self._groups: dict[str, tuple[str, int]] = {}
        self._held: dict[str, list[str]] = {}
        self.outcomes: dict[str, Outcome] = {}
        """The outcome of each job of which all nodes are settled, by job id."""
        for node in plan.nodes:
            if not self._waiting[node.id]:
                self._arrive(node.id)

    def chain(self, node: str) -> float:
        """The seconds, or jobs, of the longest chain that begins with `node`."""
        return self._chain[node]

    def refused(self) -> tuple[Node, str] | None:
        """The next node that can't start any more, and why; the caller settles it as SKIPPED."""
        while self._refused:
            node, reason = self._refused.pop()
            if node.id not in self._settled:
                return node, reason
        return None

    def start(self, *, slot: bool) -> Node | None:
        """The next node to start, if any: one that needs a slot only where there is a `slot`. It counts as started."""
        heaps = (self._without_slot, self._with_slot) if slot else (self._without_slot,)
        for heap in heaps:
            while heap:
                one = heapq.heappop(heap)[2]
                if one in self._settled:
                    continue
                node = self._nodes[one]
                if self._claim(node):
                    self._started.add(one)
                    return node
        return None

    def settle(self, node: str, outcome: Outcome) -> None:
        """Takes the end of `node` in; what waited for nothing else becomes ready or refused."""
        if node in self._settled:
            return
        job = self._job_of[node]
        if outcome is Outcome.FAILED and self._nodes[node].job.limits.allow_failure:
            outcome = Outcome.PASSED
        self._settled[node] = outcome
        self._left[job] -= 1
        if not self._left[job]:
            self.outcomes[job] = roll_up(self._settled[one] for one in self._by_job[job])
        if node in self._started:
            self._release(self._nodes[node])
        for later in self._then[node]:
            self._waiting[later] -= 1
            if not self._waiting[later] and later not in self._settled:
                self._arrive(later)

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

    def _edges(self, node: Node) -> frozenset[str]:
        needed = {one for need in node.job.needs for one in self._by_job.get(need.job, ())}
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
        reason = node.unmet or self._unmet(node)
        if reason:
            self._refused.append((node, reason))
        else:
            self._push(node)

    def _push(self, node: Node) -> None:
        heap = self._with_slot if needs_room(node) else self._without_slot
        heapq.heappush(heap, (-self._chain[node.id], self._order[node.id], node.id))

    def _unmet(self, node: Node) -> str:
        """Why a need of `node` isn't met; empty when all are. A need of a job that the plan left out is met."""
        for need in node.job.needs:
            outcome = self.outcomes.get(need.job)
            if outcome is not None and not _meets(need, outcome):
                return f"it needs `{need.job}`, which {_HOW[outcome]}"
        return ""

    def _claim(self, node: Node) -> bool:
        """Takes the serial group of `node`; where another job has it, `node` waits for that one."""
        group = node.job.group
        if group is None:
            return True
        owner, count = self._groups.get(group, (node.job.id, 0))
        if owner != node.job.id:
            self._held.setdefault(group, []).append(node.id)
            return False
        self._groups[group] = (owner, count + 1)
        return True

    def _release(self, node: Node) -> None:
        group = node.job.group
        if group is None:
            return
        owner, count = self._groups.pop(group)
        if count > 1:
            self._groups[group] = (owner, count - 1)
            return
        for one in self._held.pop(group, []):
            self._push(self._nodes[one])


def needs_room(node: Node) -> bool:
    """Whether `node` takes a slot: one whose steps only wait for people, or that has none, doesn't."""
    return any(not isinstance(step.action, Approve) for step in node.job.steps)


def _meets(need: Need, outcome: Outcome) -> bool:
    return outcome in need.outcomes or (need.optional and outcome is Outcome.SKIPPED)


def _by_job(plan: Plan) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for node in plan.nodes:
        found[node.job.id] = (*found.get(node.job.id, ()), node.id)
    return found
