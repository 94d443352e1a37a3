"""Graphs of jobs, as a mapping from each id to the ids it waits for; nothing here recurses, so chains may be long."""

import heapq
from collections import deque
from collections.abc import Collection, Iterable, Mapping

Edges = Mapping[str, Collection[str]]
"""What each node waits for. Its order is the file's order; ids that are no keys are ignored everywhere."""


def topological(edges: Edges) -> tuple[str, ...]:
    """The nodes so that each comes after what it waits for, ties in the order of `edges`.

    Nodes on a cycle, and those that wait for them, are left out.
    """
    rank = {node: index for index, node in enumerate(edges)}
    waiting = {node: len(_known(edges, node)) for node in edges}
    followers = dependents(edges)
    ready = [rank[node] for node, count in waiting.items() if not count]
    names = list(edges)
    order: list[str] = []
    while ready:
        node = names[heapq.heappop(ready)]
        order.append(node)
        for follower in followers[node]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, rank[follower])
    return tuple(order)


def dependents(edges: Edges) -> dict[str, tuple[str, ...]]:
    """The graph turned round: for each node, those that wait for it."""
    turned: dict[str, list[str]] = {node: [] for node in edges}
    for node in edges:
        for need in _known(edges, node):
            turned[need].append(node)
    return {node: tuple(followers) for node, followers in turned.items()}


def transitive_needs(edges: Edges, roots: Iterable[str]) -> frozenset[str]:
    """`roots` and everything they wait for, directly or not."""
    found: set[str] = set()
    pending = [root for root in roots if root in edges]
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending.extend(need for need in _known(edges, node) if need not in found)
    return frozenset(found)


def first_cycle(edges: Edges) -> tuple[str, ...] | None:
    """A shortest cycle through the first node that is on one, that node first and last; None for a graph without."""
    return next(iter(cycles(edges)), None)


def cycles(edges: Edges) -> tuple[tuple[str, ...], ...]:
    """One shortest cycle for each group of nodes that wait for one another, its first node first and last."""
    stuck = _stuck(edges)
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for node in stuck:
        if node in done or (cycle := _shortest_back(stuck, node)) is None:
            continue
        found.append(cycle)
        done |= transitive_needs(stuck, (node,)) & _reaching(stuck, node)
    return tuple(found)


def critical_paths(edges: Edges, weights: Mapping[str, float] | None = None) -> dict[str, float]:
    """For each node, the weight of the heaviest path from it (included) to the end: the higher, the sooner to start.

    A node without a weight counts 1. Nodes that `topological` leaves out are left out here too.
    """
    heaviest: dict[str, float] = {}
    followers = dependents(edges)
    for node in reversed(topological(edges)):
        own = 1.0 if weights is None else weights.get(node, 1.0)
        heaviest[node] = own + max((heaviest.get(one, 0.0) for one in followers[node]), default=0.0)
    return heaviest


def reduction(edges: Edges) -> dict[str, tuple[str, ...]]:
    """The same graph without edges that follow from others, for drawing; without what `topological` leaves out."""
    order = topological(edges)
    bit = {node: 1 << index for index, node in enumerate(order)}
    behind: dict[str, int] = {}
    reduced: dict[str, tuple[str, ...]] = {}
    for node in order:
        needs = _known(edges, node)
        implied = 0
        for need in needs:
            implied |= behind[need]
        reduced[node] = tuple(need for need in needs if not bit[need] & implied)
        behind[node] = implied | sum(bit[need] for need in needs if not bit[need] & implied)
    return reduced


def layers(edges: Edges) -> tuple[tuple[str, ...], ...]:
    """The nodes by the length of the longest path before them, as the columns of a drawing."""
    depth: dict[str, int] = {}
    columns: list[list[str]] = []
    for node in topological(edges):
        depth[node] = max((depth[need] + 1 for need in _known(edges, node)), default=0)
        if depth[node] == len(columns):
            columns.append([])
        columns[depth[node]].append(node)
    return tuple(tuple(column) for column in columns)


def _known(edges: Edges, node: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(need for need in edges[node] if need in edges))


def _stuck(edges: Edges) -> dict[str, tuple[str, ...]]:
    """The part of the graph that is on a cycle or between two: trimmed from both ends."""
    rest = _without(edges, frozenset(topological(edges)))
    return _without(rest, frozenset(topological(dependents(rest))))


def _without(edges: Edges, gone: frozenset[str]) -> dict[str, tuple[str, ...]]:
    return {node: tuple(need for need in _known(edges, node) if need not in gone) for node in edges if node not in gone}


def _shortest_back(edges: Edges, start: str) -> tuple[str, ...] | None:
    """The shortest way from `start` over needs back to itself."""
    came_from: dict[str, str] = {}
    pending = deque([start])
    while pending:
        node = pending.popleft()
        for need in edges[node]:
            if need == start:
                path = [node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return (*reversed(path), start)
            if need not in came_from:
                came_from[need] = node
                pending.append(need)
    return None


def _reaching(edges: Edges, target: str) -> frozenset[str]:
    return transitive_needs(dependents(edges), (target,))
