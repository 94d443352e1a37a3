"""The order of jobs: a property of the graph alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.engine.agenda import Agenda
from understudy.findings import NOWHERE
from understudy.model.pipeline import Job, Limits, Need, Pipeline, Script, Step, Text
from understudy.model.results import Facts, Outcome
from understudy.plan.plan import Node, Plan

STEP = Step("s", Text("s"), NOWHERE, Script(Text("true")))


def plan_of(edges: dict[str, list[str]], **jobs: Any) -> Plan:
    nodes = []
    for name, before in edges.items():
        job = Job(name, Text(name), NOWHERE, needs=tuple(map(Need, before)), steps=(STEP,), **jobs.get(name, {}))
        nodes.append(Node(name, job, frozenset(before)))
    pipeline = Pipeline("p", "d", NOWHERE)
    return Plan(pipeline, Facts("/"), tuple(nodes), by_job={name: (name,) for name in edges})


def started(agenda: Agenda, *, slot: bool = True) -> list[str]:
    found = []
    while (node := agenda.start(slot=slot)) is not None:
        found.append(node.id)
    return found


def test_the_longest_remaining_chain_starts_first() -> None:
    agenda = Agenda(plan_of({"short": [], "head": [], "middle": ["head"], "tail": ["middle"], "pair": ["short"]}), {})
    assert started(agenda) == ["head", "short"]


def test_past_durations_decide_what_is_longest() -> None:
    edges: dict[str, list[str]] = {"many": [], "more": ["many"], "slow": []}
    assert started(Agenda(plan_of(edges), {"slow": 100.0, "many": 1.0, "more": 2.0})) == ["slow", "many"]
    assert started(Agenda(plan_of(edges), {})) == ["many", "slow"]


def test_ties_go_by_the_files_order() -> None:
    assert started(Agenda(plan_of({"b": [], "a": [], "c": []}), {})) == ["b", "a", "c"]


def test_chain_adds_the_longest_of_what_follows() -> None:
    agenda = Agenda(plan_of({"a": [], "b": ["a"], "c": ["a"]}), {"a": 1, "b": 10, "c": 5})
    assert agenda.chain("a") == 11


def test_without_a_slot_nothing_that_needs_one_starts() -> None:
    assert started(Agenda(plan_of({"a": []}), {}), slot=False) == []


def test_a_serial_group_is_one_jobs_at_a_time() -> None:
    group = {"group": "deploys"}
    agenda = Agenda(plan_of({"a": [], "b": [], "free": []}, a=group, b=group), {})
    assert started(agenda) == ["a", "free"]
    agenda.settle("a", Outcome.FAILED)
    assert started(agenda) == ["b"]


def test_an_unmet_need_is_named() -> None:
    agenda = Agenda(plan_of({"a": [], "b": ["a"], "c": ["b"]}), {})
    assert started(agenda) == ["a"]
    agenda.settle("a", Outcome.FAILED)
    refused = agenda.refused()
    assert refused is not None
    assert (refused[0].id, refused[1]) == ("b", "it needs `a`, which failed")
    agenda.settle("b", Outcome.SKIPPED)
    refused = agenda.refused()
    assert refused is not None
    assert (refused[0].id, refused[1]) == ("c", "it needs `b`, which was skipped")


def test_what_may_fail_counts_as_passed() -> None:
    agenda = Agenda(plan_of({"a": [], "b": ["a"]}, a={"limits": Limits(allow_failure=True)}), {})
    assert started(agenda) == ["a"]
    agenda.settle("a", Outcome.FAILED)
    assert started(agenda) == ["b"]
    agenda.settle("b", Outcome.PASSED)
    assert agenda.outcome() is Outcome.PASSED


def test_a_cycle_is_a_bug_of_the_planner() -> None:
    with pytest.raises(ValueError, match="cycle"):
        Agenda(plan_of({"a": ["b"], "b": ["a"]}), {})


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    size = draw(st.integers(1, 25))
    return {
        f"n{index}": [f"n{before}" for before in draw(st.sets(st.integers(0, index - 1), max_size=4))] if index else []
        for index in range(size)
    }


@given(graphs(), st.integers(1, 4), st.data())
def test_any_graph_settles_whole(edges: dict[str, list[str]], slots: int, data: st.DataObject) -> None:
    agenda = Agenda(plan_of(edges), {})
    running: list[str] = []
    settled: dict[str, Outcome] = {}
    while not agenda.done():
        while (refused := agenda.refused()) is not None:
            node, _ = refused
            assert any(settled[before] is not Outcome.PASSED for before in edges[node.id])
            settled[node.id] = Outcome.SKIPPED
            agenda.settle(node.id, Outcome.SKIPPED)
        ready = agenda.start(slot=len(running) < slots)
        if ready is not None:
            assert all(settled.get(before) is Outcome.PASSED for before in edges[ready.id])
            running.append(ready.id)
            assert len(running) <= slots
        elif running:
            ended = running.pop(data.draw(st.integers(0, len(running) - 1)))
            settled[ended] = data.draw(st.sampled_from([Outcome.PASSED, Outcome.PASSED, Outcome.FAILED]))
            agenda.settle(ended, settled[ended])
        else:
            assert agenda.done()
    assert settled.keys() == edges.keys()
