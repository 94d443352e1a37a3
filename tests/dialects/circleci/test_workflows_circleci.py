"""Matrices, names, requirements and job groups come to what CircleCI's documentation says they come to."""

import textwrap

import pytest

from understudy.dialects.base import Reading
from understudy.dialects.circleci.read import read
from understudy.findings import Severity
from understudy.model.pipeline import Approve, Job
from understudy.model.results import Facts, Outcome

PATH = ".circleci/config.yml"
JOBS = """\
version: 2.1
jobs:
  build:
    parameters: {version: {type: string, default: ""}, platform: {type: string, default: ""}}
    docker: [{image: a}]
    steps: [{run: "echo << parameters.version >> << parameters.platform >>"}]
  deploy:
    parameters: {version: {type: string, default: ""}}
    docker: [{image: a}]
    steps: [{run: "echo << parameters.version >>"}]
  other: {docker: [{image: a}], steps: [checkout]}
"""


def reading(workflows: str, before: str = JOBS) -> Reading:
    data = (before + textwrap.dedent(workflows)).encode()
    return read(PATH, {PATH: data}.get, Facts(root="", branch="dev"))


def jobs(entries: str, before: str = JOBS) -> dict[str, Job]:
    """The jobs of one workflow without errors."""
    found = reading("workflows:\n  w:\n    jobs:\n" + textwrap.indent(textwrap.dedent(entries), "      "), before)
    assert [one for one in found.findings if one.severity is Severity.ERROR] == []
    return {job.id: job for job in found.pipelines[0].jobs}


def problems(entries: str, before: str = JOBS) -> list[tuple[Severity, str]]:
    found = reading("workflows:\n  w:\n    jobs:\n" + textwrap.indent(textwrap.dedent(entries), "      "), before)
    return [(one.severity, one.code) for one in found.findings]


def edges(found: dict[str, Job]) -> dict[str, list[str]]:
    return {name: [need.job for need in job.needs] for name, job in found.items()}


def test_cells_are_named_by_values_in_the_alphabetical_order_of_their_parameters() -> None:
    """The names of configuration-reference, #matrix: `build-macos-0.1` for version and platform."""
    found = jobs("""\
        - build:
            matrix:
              parameters:
                version: ["0.1", "0.2"]
                platform: ["macos", "windows"]
        """)
    assert list(found) == ["build-macos-0.1", "build-windows-0.1", "build-macos-0.2", "build-windows-0.2"]
    assert found["build-macos-0.1"].cell == {"version": "0.1", "platform": "macos"}
    assert found["build-macos-0.1"].names == ("build",)


def test_excluded_cells_are_left_out() -> None:
    """The example of #excluding-sets-of-parameters-from-a-matrix: eight of nine."""
    before = JOBS.replace("version: {type: string", "a: {type: integer}, b: {type: integer}, version: {type: string", 1)
    found = jobs(
        """\
        - build:
            matrix:
              parameters: {a: [1, 2, 3], b: [4, 5, 6]}
              exclude: [{a: 3, b: 5}]
        """,
        before,
    )
    assert len(found) == 8
    assert "build-3-5" not in found


def test_requiring_a_matrix_means_every_cell_by_job_name_or_alias() -> None:
    found = jobs("""\
        - deploy:
            matrix:
              parameters: {version: ["0.1", "0.2"]}
        - build:
            name: built
            matrix:
              alias: all-builds
              parameters: {version: ["1"]}
        - other: {requires: [deploy, all-builds]}
        """)
    assert edges(found)["other"] == ["deploy-0.1", "deploy-0.2", "built"]


def test_each_cell_may_require_its_counterpart() -> None:
    """The example of #dependencies-and-matrix-jobs."""
    found = jobs("""\
        - build:
            name: build-v<< matrix.version >>
            matrix: {parameters: {version: ["0.1", "0.2"]}}
        - deploy:
            name: deploy-v<< matrix.version >>
            matrix: {parameters: {version: ["0.1", "0.2"]}}
            requires: [build-v<< matrix.version >>]
        """)
    assert edges(found) == {
        "build-v0.1": [],
        "build-v0.2": [],
        "deploy-v0.1": ["build-v0.1"],
        "deploy-v0.2": ["build-v0.2"],
    }


def test_a_job_asked_for_several_times_is_numbered() -> None:
    found = jobs("""\
        - other
        - build: {version: a, requires: [other]}
        - build: {version: b}
        - build: {name: third, version: c}
        - deploy: {requires: [third]}
        """)
    assert edges(found) == {
        "other": [],
        "build-1": ["other"],
        "build-2": [],
        "third": [],
        "deploy": ["third"],
    }


def test_the_same_job_in_two_workflows_keeps_its_name_unless_its_arguments_differ() -> None:
    same = reading("workflows: {one: {jobs: [build: {version: a}]}, two: {jobs: [build: {version: a}]}}\n")
    assert [[job.id for job in one.jobs] for one in same.pipelines] == [["build"], ["build"]]
    different = reading("workflows: {one: {jobs: [build: {version: a}]}, two: {jobs: [build: {version: b}]}}\n")
    assert [[job.id for job in one.jobs] for one in different.pipelines] == [["build-1"], ["build-2"]]


@pytest.mark.parametrize(
    ("statuses", "outcomes"),
    [
        ("build", {Outcome.PASSED}),
        ("build: failed", {Outcome.FAILED, Outcome.ERRORED}),
        ("build: canceled", {Outcome.CANCELLED}),
        ("build: [success, not_run]", {Outcome.PASSED, Outcome.SKIPPED}),
        ("build: terminal", set(Outcome)),
        ("build: [success, failed, canceled, unauthorized, not_run]", set(Outcome)),
    ],
)
def test_required_statuses(statuses: str, outcomes: set[Outcome]) -> None:
    found = jobs(f"- build\n- other: {{requires: [{statuses}]}}\n")
    assert found["other"].needs[0].outcomes == frozenset(outcomes)


def test_an_approval_is_a_job_that_waits_for_a_person() -> None:
    found = jobs("- build\n- hold: {type: approval, requires: [build]}\n- deploy: {requires: [hold]}\n")
    assert edges(found) == {"build": [], "hold": ["build"], "deploy": ["hold"]}
    assert isinstance(found["hold"].steps[0].action, Approve)


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ("- build: {requires: [biuld]}", "unknown-job"),
        ("- build: {requires: [other]}\n- other: {requires: [build]}", "requires-cycle"),
        ("- build: {requires: [build]}", "requires-cycle"),
        ("- ghost", "unknown-job"),
        ("- build: {matrix: {parameters: {versoin: [a]}}}", "unknown-parameter"),
        ("- build: {matrix: {parameters: {version: [a]}, exclude: [{plattform: b}]}}", "matrix-exclude"),
        ("- build: {version: a}\n- build: {version: b}\n- other: {requires: [build]}", "ambiguous-requires"),
        ("- build: {name: << matrix.nothing >>, matrix: {parameters: {version: [a]}}}", "unknown-matrix-parameter"),
    ],
)
def test_workflows_that_are_wrong(entries: str, code: str) -> None:
    assert problems(entries) == [(Severity.ERROR, code)]


def test_a_cycle_is_told_with_its_path_and_taken_out() -> None:
    entries = "- build: {requires: [deploy]}\n- other: {requires: [build]}\n- deploy: {requires: [other]}\n"
    found = reading("workflows:\n  w:\n    jobs:\n" + textwrap.indent(entries, "      "))
    (finding,) = found.findings
    assert "`build -> deploy -> other -> build`" in finding.message
    assert edges({job.id: job for job in found.pipelines[0].jobs}) == {
        "build": ["deploy"],
        "other": [],
        "deploy": ["other"],
    }


def test_a_matrix_without_end_is_refused() -> None:
    values = ", ".join(f'"{n}"' for n in range(200))
    entries = f"- build: {{matrix: {{parameters: {{version: [{values}], platform: [{values}]}}}}}}"
    assert problems(entries) == [(Severity.ERROR, "matrix-too-large")]


GROUPS = JOBS.replace(
    "jobs:\n",
    "job-groups:\n  release:\n    jobs: [deploy, other: {requires: [deploy]}]\njobs:\n",
    1,
)


def test_a_job_group_stands_between_its_start_and_its_end() -> None:
    found = jobs("- build\n- release: {requires: [build]}\n- build: {name: after, requires: [release]}\n", GROUPS)
    assert edges(found) == {
        "build": [],
        "release/group-start": ["build"],
        "release/deploy": ["release/group-start"],
        "release/other": ["release/deploy"],
        "release/group-end": ["release/other"],
        "after": ["release/group-end"],
    }
    assert found["release/group-end"].steps == ()


def test_a_job_group_under_two_names() -> None:
    found = jobs("- release: {name: staging}\n- release: {name: production, requires: [staging]}\n", GROUPS)
    assert edges(found)["production/group-start"] == ["staging/group-end"]
    assert len(found) == 8


@pytest.mark.parametrize(
    "entries",
    [
        "- release\n- release",
        "- release\n- release: {name: second}",
        "- release\n- build: {requires: [deploy]}",
        "- release: {context: secret}",
        "- release: {version: a}",
    ],
)
def test_job_groups_that_are_wrong(entries: str) -> None:
    assert Severity.ERROR in [severity for severity, _ in problems(entries, GROUPS)]
