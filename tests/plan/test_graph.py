"""Graphs of jobs: orders, cycles, critical paths and drawings, against definitions and small graphs worked by hand."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from understudy.plan import graph

DIAMOND = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}


@st.composite
def acyclic(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """A graph whose nodes wait only for smaller ones, written in any order."""
    size = draw(st.integers(0, 12))
    edges = {
        str(node): tuple(str(need) for need in sorted(draw(st.sets(st.integers(0, node - 1)))) if node) if node else ()
        for node in range(size)
    }
    return {node: edges[node] for node in draw(st.permutations(sorted(edges)))}


@st.composite
def any_graph(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    names = [str(number) for number in range(draw(st.integers(0, 8)))]
    if not names:
        return {}
    return {name: tuple(draw(st.lists(st.sampled_from([*names, "stranger"]), max_size=4))) for name in names}


def reachable(edges: dict[str, tuple[str, ...]], start: str) -> set[str]:
    """What `start` waits for, by the definition."""
    found: set[str] = set()
    while True:
        more = {need for node in (start, *found) for need in edges[node] if need in edges} - found
        if not more:
            return found
        found |= more


def test_ties_are_broken_by_the_order_of_the_file() -> None:
    assert graph.topological({"z": (), "y": (), "x": ("z",), "w": ()}) == ("z", "y", "x", "w")
    assert graph.topological({"late": ("z",), "z": (), "a": ()}) == ("z", "late", "a")
    assert graph.topological(DIAMOND) == ("a", "b", "c", "d")


@given(acyclic())
def test_every_node_comes_after_what_it_waits_for(edges: dict[str, tuple[str, ...]]) -> None:
    order = graph.topological(edges)
    assert sorted(order) == sorted(edges)
    for node, needs in edges.items():
        assert all(order.index(need) < order.index(node) for need in needs)


@given(any_graph())
def test_a_cycle_is_found_exactly_where_a_node_waits_for_itself(edges: dict[str, tuple[str, ...]]) -> None:
    on_cycle = {node for node in edges if node in reachable(edges, node)}
    found = graph.cycles(edges)
    assert bool(found) == bool(on_cycle)
    for path in found:
        assert path[0] == path[-1]
        assert all(later in edges[earlier] for earlier, later in pairwise(path))
    groups = {
        frozenset(one for one in on_cycle if one in reachable(edges, node) and node in reachable(edges, one))
        for node in on_cycle
    }
    assert len(found) == len(groups)
    left_out = {node for node in edges if reachable(edges, node) & on_cycle}
    assert set(graph.topological(edges)) == set(edges) - left_out - on_cycle


def test_the_cycle_is_told_from_its_first_node() -> None:
    assert graph.first_cycle({"x": ("a",), "a": ("b",), "b": ("c",), "c": ("a",)}) == ("a", "b", "c", "a")
    assert graph.first_cycle({"a": ("a",)}) == ("a", "a")
    assert graph.first_cycle(DIAMOND) is None
    assert graph.cycles({"a": ("b",), "b": ("a",), "c": ("d", "a"), "d": ("c",)}) == (("a", "b", "a"), ("c", "d", "c"))


@given(acyclic())
def test_transitive_needs(edges: dict[str, tuple[str, ...]]) -> None:
    for node in edges:
        assert graph.transitive_needs(edges, [node]) == reachable(edges, node) | {node}


def test_critical_paths() -> None:
    weights = {"a": 1.0, "b": 10.0, "c": 2.0, "d": 5.0}
    assert graph.critical_paths(DIAMOND, weights) == {"d": 5.0, "b": 15.0, "c": 7.0, "a": 16.0}
    assert graph.critical_paths(DIAMOND) == {"d": 1.0, "b": 2.0, "c": 2.0, "a": 3.0}


@given(acyclic())
def test_a_reduction_keeps_reachability_and_nothing_that_follows(edges: dict[str, tuple[str, ...]]) -> None:
    reduced = graph.reduction(edges)
    for node in edges:
        assert reachable(reduced, node) == reachable(edges, node)
        for need in reduced[node]:
            assert not any(need in reachable(edges, other) for other in reduced[node])


def test_layers() -> None:
    assert graph.layers({"d": ("b", "c"), **DIAMOND}) == (("a",), ("b", "c"), ("d",))


def paths_to_the_end(edges: dict[str, tuple[str, ...]], node: str) -> list[list[str]]:
    """Every path from `node` over what waits for it, by the definition."""
    followers = [other for other in edges if node in edges[other]]
    return [[node, *rest] for one in followers for rest in paths_to_the_end(edges, one)] or [[node]]


@given(acyclic().filter(lambda edges: len(edges) < 9), st.dictionaries(st.sampled_from("01234567"), st.integers(0, 50)))
def test_the_critical_path_is_the_heaviest(edges: dict[str, tuple[str, ...]], weights: dict[str, int]) -> None:
    found = graph.critical_paths(edges, {name: float(weight) for name, weight in weights.items()})
    assert found == {
        node: max(sum(weights.get(one, 1) for one in path) for path in paths_to_the_end(edges, node)) for node in edges
    }


@given(acyclic())
def test_layers_hold_every_node_once_as_early_as_it_may(edges: dict[str, tuple[str, ...]]) -> None:
    columns = graph.layers(edges)
    depth = {node: number for number, column in enumerate(columns) for node in column}
    assert sorted(node for column in columns for node in column) == sorted(edges)
    assert depth == {node: max((depth[need] + 1 for need in edges[node]), default=0) for node in edges}


@given(any_graph())
def test_a_graph_turned_round_twice_is_itself(edges: dict[str, tuple[str, ...]]) -> None:
    known = {node: {need for need in needs if need in edges} for node, needs in edges.items()}
    again = graph.dependents(graph.dependents(edges))
    assert {node: set(needs) for node, needs in again.items()} == known


def test_long_chains_and_rings_need_no_recursion() -> None:
    names = [str(number) for number in range(10_000)]
    chain = {name: (before,) for before, name in pairwise(names)} | {"0": ()}
    assert graph.topological(chain)[-1] == "9999"
    assert graph.critical_paths(chain)["0"] == 10_000
    assert len(graph.transitive_needs(chain, ["9999"])) == 10_000
    assert len(graph.layers(chain)) == 10_000
    assert graph.reduction(chain) == {name: chain[name] for name in names}
    ring = chain | {"0": ("9999",)}
    cycle = graph.first_cycle(ring)
    assert cycle is not None
    assert len(cycle) == 10_001
