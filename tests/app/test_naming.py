"""Workflows of several files, told apart and called by their files."""

from understudy.app.naming import about, about_started, by_file, with_names
from understudy.dialects.base import Reading
from understudy.findings import Finding, Position, Severity
from understudy.model.pipeline import Caller, Job, Pipeline, Text
from understudy.plan.planner import Selection

FOLDER = ".github/workflows"


def workflow(name: str, file: str, *jobs: Job) -> Pipeline:
    return Pipeline(name, "d", Position(f"{FOLDER}/{file}", 1, 1), jobs=jobs)


def test_those_of_one_name_bear_their_files() -> None:
    named = with_names((workflow("CI", "a.yml"), workflow("CI", "b.yml"), workflow("Docs", "c.yml")))
    assert [one.name for one in named] == ["CI (a.yml)", "CI (b.yml)", "Docs"]


def test_a_workflow_is_meant_by_its_files_name() -> None:
    pipelines = (workflow("CI", "ci.yml"), workflow("Docs", "docs.yml"))
    for asked in (f"{FOLDER}/docs.yml", "docs.yml", "docs", "Docs"):
        assert by_file(Selection(asked), pipelines).workflow == "Docs"
    assert by_file(Selection("other"), pipelines).workflow == "other"
    assert by_file(Selection(), pipelines).workflow is None


def test_findings_of_files_that_were_not_asked_for_are_left_out() -> None:
    at = Position(f"{FOLDER}/called.yml", 3, 1)
    inner = Job("call/a", Text("a"), at, caller=Caller("call", f"{FOLDER}/called.yml"))
    pipelines = (workflow("CI", "ci.yml", inner), workflow("Docs", "docs.yml"))
    files = [f"{FOLDER}/{name}" for name in ("ci.yml", "docs.yml", "called.yml")]
    places = [*files, "act/action.yml", ""]
    findings = tuple(Finding(Severity.ERROR, "x", "x", Position(place, 1, 1)) for place in places)
    reading = Reading(pipelines, findings)
    kept = [one.at.file for one in about(reading, Selection("CI"), files)]
    assert kept == [f"{FOLDER}/ci.yml", f"{FOLDER}/called.yml", "act/action.yml", ""]
    assert about(reading, Selection(), files) == findings


def test_remarks_are_about_what_is_performed() -> None:
    """Errors keep anything from starting, wherever they are."""
    ci, release, lock = (Position(name, 1, 1) for name in ("ci.yml", "release.yml", "understudy.lock"))
    findings = [
        Finding(severity, "code", "words", at)
        for severity in (Severity.ERROR, Severity.WARNING)
        for at in (ci, release, lock)
    ]
    started = [Pipeline("CI", "github", ci)]
    kept = about_started(findings, started, ["ci.yml", "release.yml"])
    assert [(one.severity, one.at) for one in kept] == [
        (Severity.ERROR, ci), (Severity.ERROR, release), (Severity.ERROR, lock), (Severity.WARNING, ci),
        (Severity.WARNING, lock),
    ]  # fmt: skip
    assert about_started(findings, [], ["ci.yml", "release.yml"]) == tuple(findings)
