"""Plans as text, as a tree, as Mermaid and as data."""

import json
import re
from dataclasses import replace
from itertools import pairwise

from understudy.cli.graph import graph_lines, mermaid, plan_json, plan_lines
from understudy.cli.paint import Paint, width_of
from understudy.findings import Finding, Position, Severity
from understudy.model.pipeline import Container, Job, Need, Pipeline, Script, Step, Text
from understudy.model.results import EventKind, Facts
from understudy.plan.plan import Choice, Node, Plan

AT = Position("ci.yml", 1, 1)
FACTS = Facts(root="/r", event=EventKind.PUSH, branch="dev", sha="a" * 40)


def node(name: str, *after: str, unmet: str | None = None) -> Node:
    job = Job(id=name, name=Text(name), at=AT, needs=tuple(Need(one) for one in after))
    return Node(name, job, frozenset(after), unmet=unmet)


def planned(*nodes: Node, name: str = "ci", left_out: tuple[tuple[str, str], ...] = ()) -> Plan:
    jobs = tuple(dict.fromkeys(one.job.id for one in nodes))
    choices = (
        Choice(name, None, selected=True, reason="no filters"),
        *(Choice(name, job, selected=True, reason="branch `dev` matches") for job in jobs),
        *(Choice(name, job, selected=False, reason=reason) for job, reason in left_out),
    )
    return Plan(Pipeline(name, "circleci", AT), FACTS, nodes, choices)


def not_started(name: str, reason: str) -> Plan:
    return Plan(Pipeline(name, "circleci", AT), FACTS, (), (Choice(name, None, selected=False, reason=reason),))


def test_jobs_in_order_what_they_wait_for_and_what_is_left_out() -> None:
    one = planned(
        node("lint"),
        node("unit-tests", "lint"),
        node("windows", "lint", unmet="no Windows here"),
        node("package", "unit-tests", "windows"),
        left_out=(("deploy", "branch `dev` is not `main`"), ("announce", "branch `dev` is not `main`")),
    )
    assert plan_lines([one, not_started("nightly", "only a schedule starts it")], Paint()) == [
        "ci  4 jobs",
        "  lint        starts at once",
        "  unit-tests  after lint",
        "  windows     after lint; skipped here: no Windows here",
        "  package     after unit-tests, windows",
        "  left out, branch `dev` is not `main`:",
        "    deploy, announce",
        "",
        "nightly",
        "  not started: only a schedule starts it",
    ]
    reasons = plan_lines([one], Paint(), every_reason=True)
    assert reasons[1:3] == ["  started: no filters", "  lint        starts at once; branch `dev` matches"]


def test_workflows_that_stay_out_for_one_reason_are_told_together() -> None:
    plans = [
        not_started("daily", "only a schedule starts it"),
        planned(node("build")),
        not_started("release", "no tag was pushed"),
        not_started("weekly", "only a schedule starts it"),
    ]
    assert plan_lines(plans, Paint()) == [
        "daily, weekly",
        "  not started: only a schedule starts it",
        "",
        "ci  1 job",
        "  build  starts at once",
        "",
        "release",
        "  not started: no tag was pushed",
    ]


def test_long_names_are_never_cut_and_what_nobody_asked_for_is_counted() -> None:
    name = "modelarchiver-tests-on-a-very-long-executor-name"
    one = planned(node("build"), node(name, "build"), left_out=(("lint", "not asked for"), ("docs", "not asked for")))
    assert plan_lines([one], Paint()) == [
        "ci  2 jobs",
        "  build  starts at once",
        f"  {name}",
        "      after build",
        "  not asked for: 2 jobs",
    ]


def test_rooms_of_one_job_are_one_line() -> None:
    job = Job(id="test", name=Text("test"), at=AT)
    rooms = (Node("test (1/2)", job, frozenset(), 0, 2), Node("test (2/2)", job, frozenset(), 1, 2))
    one = planned(
        *rooms, Node("report", Job(id="report", name=Text("r"), at=AT), frozenset({"test (1/2)", "test (2/2)"}))
    )
    assert plan_lines([one], Paint()) == [
        "ci  2 jobs",
        "  test in 2 rooms  starts at once",
        "  report           after test",
    ]
    assert graph_lines([one], Paint()) == ["ci  2 jobs", "  test in 2 rooms", "  └─ report"]


def test_a_matrix_that_is_waited_for_whole_is_named_once() -> None:
    def cell(name: str, origin: str, unmet: str | None = None) -> Node:
        return replace(node(name, unmet=unmet), origin=origin)

    cells = ("test (3.11)", "test (3.12)", "test (mac)")
    one = planned(
        cell(cells[0], "test"),
        cell(cells[1], "test"),
        cell(cells[2], "test", "it asks for macOS"),
        cell("docs (html)", "docs"),
        node("all", *cells, "docs (html)"),
        node("some", *cells[:2]),
    )
    assert plan_lines([one], Paint())[1:] == [
        "  test (3.11)  starts at once",
        "  test (3.12)  starts at once",
        "  test (mac)   skipped here: it asks for macOS",
        "  docs (html)  starts at once",
        "  all          after docs (html), test (3 cells)",
        "  some         after test (3.11), test (3.12)",
    ]


def test_the_tree_names_every_edge_that_does_not_follow_from_others() -> None:
    one = planned(
        node("build"),
        node("lint"),
        node("unit", "build"),
        node("package", "unit", "lint", "build"),
        node("docs", "build"),
    )
    assert graph_lines([one, not_started("nightly", "no")], Paint()) == [
        "ci  5 jobs",
        "  build",
        "  ├─ unit",
        "  │  └─ package  (also after lint)",
        "  └─ docs",
        "  lint",
    ]
    assert graph_lines([one], Paint(unicode=False))[2:4] == ["  |- unit", "  |  `- package  (also after lint)"]


def test_wide_and_deep_graphs_stay_on_the_screen() -> None:
    names = [f"job-{number}" for number in range(3_000)]
    chain = planned(node(names[0]), *(node(name, before) for before, name in pairwise(names)))
    lines = graph_lines([chain], Paint())
    assert len(lines) == 3_001
    assert max(map(width_of, lines)) <= 80
    assert "  job-13  (after job-12)" in lines


def test_mermaid_escapes_what_could_end_a_label() -> None:
    evil = 'x"] --> y; click z "javascript:alert(1)"\n%% #<b>'
    one = planned(node("build"), node(evil, "build"), name='w"')
    text = mermaid([one])
    assert text.splitlines()[0] == "flowchart LR"
    labels = re.findall(r'\["(.*?)"\]', text)
    assert len(labels) == 3
    assert all(re.fullmatch(r"(?:[\w \-./(),]|#\d+;)*", label) for label in labels)
    assert '    w0n0["build"]' in text
    assert "    w0n0 --> w0n1" in text
    assert len(text.splitlines()) == 6


def test_as_data() -> None:
    step = Step("s", Text("Run tests"), AT, Script(Text("make test")))
    job = Job(
        id="test-py39",
        name=Text("test-py39"),
        at=AT,
        executor="py39",
        container=Container(Text("cimg/python:3.9")),
        env={"A": Text("<< b >>")},
        cell={"python": "3.9"},
        steps=(step,),
    )
    found = Finding(Severity.WARNING, "c", "m", AT)
    one = Plan(
        Pipeline("ci", "circleci", AT),
        FACTS,
        (node("build"), Node("test-py39", job, frozenset({"build"}))),
        (
            Choice("ci", None, selected=True, reason="no filters"),
            Choice("ci", "deploy", selected=False, reason="why not"),
        ),
        (found,),
    )
    data = plan_json([one])
    assert json.loads(json.dumps(data)) == data
    assert (data["event"], data["branch"], data["tag"], data["sha"]) == ("push", "dev", None, "a" * 40)
    assert data["workflows"][0]["jobs"][1] == {
        "id": "test-py39",
        "job": "test-py39",
        "name": "test-py39",
        "cell": {"python": "3.9"},
        "needs": ["build"],
        "env": {"A": "<< b >>"},
        "executor": "py39",
        "image": "cimg/python:3.9",
        "steps": ["Run tests"],
        "index": 0,
        "total": 1,
        "unmet": None,
    }
    assert data["workflows"][0]["choices"][1] == {"job": "deploy", "selected": False, "reason": "why not"}
    assert [(one_finding["code"], one_finding["line"]) for one_finding in data["findings"]] == [("c", 1)]
    assert plan_json([])["workflows"] == []
