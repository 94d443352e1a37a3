"""Plans of real files, where the shared folder is at hand; what is expected was counted in the files by hand."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from understudy.cli.findings import finding_lines
from understudy.cli.graph import graph_lines, mermaid, plan_json, plan_lines
from understudy.cli.paint import Paint
from understudy.dialects.base import Reading
from understudy.dialects.known import DIALECTS
from understudy.model.results import EventKind, Facts
from understudy.plan.plan import Plan
from understudy.plan.planner import Selection, plan

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "circleci"
FILES = sorted(CORPUS.glob("*.yml"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the shared corpus is not at hand"),
]


def planned(path: Path, facts: Facts, selection: Selection | None = None) -> tuple[Reading, tuple[Plan, ...]]:
    dialect = DIALECTS["circleci"]
    reading = dialect.read(path.name, lambda name: path.read_bytes() if name == path.name else None, facts)
    return reading, plan(reading.pipelines, facts, dialect, selection or Selection())


def sizes(path: Path, facts: Facts) -> dict[str, int]:
    return {one.pipeline.name: len(one.nodes) for one in planned(path, facts)[1]}


def test_one_job_on_one_executor_brings_exactly_its_build() -> None:
    selection = Selection(workflow="sanity", jobs=("modelarchiver-tests",), executor="ubuntu18-pythn36-cpu-docker")
    _, plans = planned(CORPUS / "pytorch__serve.yml", Facts(root="/r", branch="fix"), selection)
    assert [{node.id: set(node.after) for node in one.nodes} for one in plans] == [
        {
            "build-ubuntu18-pythn36-cpu-docker": set(),
            "modelarchiver-tests-ubuntu18-pythn36-cpu-docker": {"build-ubuntu18-pythn36-cpu-docker"},
        },
        {},
        {},
    ]


def test_what_a_push_and_the_clock_start() -> None:
    serve = CORPUS / "pytorch__serve.yml"  # 7 executors; 5, 7 and 2 jobs on each
    assert sizes(serve, Facts(root="/r", branch="fix")) == {"sanity": 35, "regression": 0, "performance": 0}
    nightly = Facts(root="/r", branch="master", event=EventKind.SCHEDULE)
    assert sizes(serve, nightly) == {"sanity": 0, "regression": 49, "performance": 14}
    elsewhere = Facts(root="/r", branch="fix", event=EventKind.SCHEDULE)
    assert sizes(serve, elsewhere) == {"sanity": 0, "regression": 0, "performance": 0}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_planned_and_drawn(path: Path) -> None:
    reading, plans = planned(path, Facts(root="/r", branch="main"))
    assert len(plans) == len(reading.pipelines)
    for one in plans:
        assert all(node.after <= {other.id for other in one.nodes} for node in one.nodes)
        assert {choice.job for choice in one.choices if choice.selected and choice.job} == {
            node.job.id for node in one.nodes
        }
    text = path.read_text(encoding="utf-8", errors="replace")
    drawn = [
        *plan_lines(plans, Paint(), every_reason=True),
        *graph_lines(plans, Paint()),
        *mermaid(plans).splitlines(),
        *finding_lines(reading.findings, lambda _file: text, Paint()),
    ]
    assert all(line == "" or line.isprintable() for line in drawn)
    assert len(plan_json(plans)["workflows"]) == len(plans)


EVENTS = {
    "main": Facts(root="/r", branch="main"),
    "master": Facts(root="/r", branch="master"),
    "a-branch": Facts(root="/r", branch="fix-1"),
    "a-tag": Facts(root="/r", tag="v1.2.3", event=EventKind.TAG),
}


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def lets(filters: dict[str, Any], name: str) -> bool:
    """What the page of filters says of a branch or a tag, read a second time and without the program."""

    def found(key: str) -> bool:
        return any(
            re.fullmatch(one[1:-1], name) is not None if one.startswith("/") else one == name
            for one in listed(filters[key])
        )

    return ("only" not in filters or found("only")) and ("ignore" not in filters or not found("ignore"))


def starts(keys: dict[str, Any], facts: Facts) -> bool:
    filters = keys.get("filters") or {}
    if facts.tag:
        tags = filters.get("tags") or {}
        return bool(tags) and lets(tags, facts.tag)
    return lets(filters.get("branches") or {}, facts.branch or "")


def derived(workflow: dict[str, Any], facts: Facts) -> dict[str, set[str]]:
    """The jobs of a workflow that an event starts, each with what it waits for, from the file and the documentation."""
    jobs: dict[str, dict[str, Any]] = {}
    for entry in workflow["jobs"]:
        name, keys = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
        cells = ((keys or {}).get("matrix") or {}).get("parameters", {"": [""]})
        (axis, values), *others = cells.items()
        assert not others, "this derivation multiplies by one axis only"
        for value in values:
            filled = {key: _filled(part, axis, value) for key, part in (keys or {}).items()}
            jobs[filled.get("name") or (f"{name}-{value}" if axis else name)] = filled
    started = {name for name, keys in jobs.items() if starts(keys, facts)}
    while True:
        orphans = {
            name
            for name in started
            if jobs[name].get("requires") and not started.intersection(listed(jobs[name]["requires"]))
        }
        if not orphans:
            return {name: started.intersection(listed(jobs[name].get("requires"))) for name in started}
        started -= orphans


def _filled(part: Any, axis: str, value: Any) -> Any:
    if isinstance(part, list):
        return [_filled(one, axis, value) for one in part]
    return re.sub(rf"<<\s*matrix\.{axis}\s*>>", str(value), part) if isinstance(part, str) and axis else part


NOT_DERIVED = {
    "ANTsX__ANTsPy": "no workflows",
    "FEniCS__ufl": "no workflows",
    "tskit-dev__msprime": "no workflows",
    "kornia__kornia": "a matrix of two axes",
    "pytorch__functorch": "a matrix of two axes",
    "facebookresearch__fairscale": "jobs of one name, which are numbered",
    "pyfar__pyfar": "a whole matrix is required by its name",
}
DERIVED = [path for path in FILES if path.stem not in NOT_DERIVED]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("path", DERIVED, ids=lambda path: path.stem)
def test_what_starts_is_what_a_second_reading_of_the_documentation_says(path: Path, event: str) -> None:
    facts = EVENTS[event]
    workflows = yaml.safe_load(path.read_text(encoding="utf-8"))["workflows"]
    expected = {
        workflow: derived(body, facts)
        for workflow, body in workflows.items()
        if isinstance(body, dict) and not {"triggers", "when", "unless"} & set(body)
    }
    _, plans = planned(path, facts)
    owners = {node.id: node.job.id for one in plans for node in one.nodes}
    assert {
        one.pipeline.name: {node.job.id: {owners[need] for need in node.after} for node in one.nodes}
        for one in plans
        if one.pipeline.name in expected
    } == expected


def test_parlai_on_main_deploys_its_website_and_on_a_branch_builds_it() -> None:
    path = CORPUS / "facebookresearch__ParlAI.yml"
    always = {"cleaninstall_39", "unittests_39", "unittests_gpu18", "unittests_osx", "long_gpu_tests"}
    always |= {"crowdsourcing_tests", "teacher_tests"}
    for branch, website in (("main", {"deploy_website", "test_website"}), ("fix-1", {"build_website"})):
        (one,) = planned(path, Facts(root="/r", branch=branch))[1]
        assert {node.job.id for node in one.nodes} == always | website
