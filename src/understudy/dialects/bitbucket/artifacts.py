"""What steps hand over: artifacts between them and to people, and test reports that the service finds by itself.

See https://support.atlassian.com/bitbucket-cloud/docs/use-artifacts-in-steps/.
"""

from collections.abc import Iterable
from dataclasses import replace

from understudy.dialects.bitbucket.parts import Artifacts, Upload
from understudy.dialects.bitbucket.scripts import EITHER_WAY
from understudy.findings import Position
from understudy.model.pipeline import Bound, Condition, Fetch, Job, Kind, Publish, Step, Text
from understudy.model.results import Outcome

PAGE = "https://support.atlassian.com/bitbucket-cloud/docs/use-artifacts-in-steps/"
TESTS_PAGE = "https://support.atlassian.com/bitbucket-cloud/docs/test-reporting-in-pipelines/"

LARGEST = Bound(1 << 30, PAGE)
"""An artifact may have 1 GB. See `PAGE`."""

REPORT_FOLDERS = ("surefire-reports", "failsafe-reports", "test-results", "test-reports", "TestResults")
REPORT_DEPTH = 3
"""Folders in which reports are looked for, and how deep they may lie. See `TESTS_PAGE`."""

_CAPTURED = {
    "success": Condition(),
    "failed": Condition(after=frozenset({Outcome.FAILED})),
    "always": Condition(after=EITHER_WAY),
}


def fetch(artifacts: Artifacts, at: Position) -> Step | None:
    """The step that lays out what earlier steps have shared; None where the file asks for none of it."""
    if artifacts.download is False:
        return None
    names = None if artifacts.download is True else artifacts.download
    action = Fetch(Kind.ARTIFACT, Text(".", at), handed_on=True, names=names)
    return Step("artifacts", Text("Artifacts: download", at), at, action)


def without_idle(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """`jobs`, in their order, without the steps that would lay out what none before them shares."""
    kept: list[Job] = []
    for job in jobs:
        shared = any(isinstance(step.action, Publish) and step.action.handed_on for one in kept for step in one.steps)
        if not shared:
            steps = tuple(step for step in job.steps if not _asks_for_all(step))
            job = replace(job, steps=steps)  # noqa: PLW2901 - the same job, with less to do
        kept.append(job)
    return tuple(kept)


def _asks_for_all(step: Step) -> bool:
    return isinstance(step.action, Fetch) and step.action.names is None


def publish(upload: Upload, number: int) -> Step:
    """The step that keeps one artifact, the `number`th of its step. One that is too large fails the step."""
    if upload.kind == "test-reports":
        return _reports(upload, number)
    name = upload.name or Text(", ".join(path.raw for path in upload.paths), upload.at)
    action = Publish(
        Kind.ARTIFACT,
        upload.paths,
        name=name,
        files=True,
        ignore=upload.ignore,
        depth=upload.depth,
        whole=True,
        handed_on=upload.kind == "shared",
        most=LARGEST,
    )
    when = _CAPTURED.get(upload.capture_on, _CAPTURED["always"])
    return Step(f"artifact-{number}", Text(f"Artifact {name.raw}: upload", upload.at), upload.at, action, when=when)


def _reports(upload: Upload, number: int) -> Step:
    action = Publish(Kind.TEST_RESULTS, upload.paths, files=True, ignore=upload.ignore, depth=upload.depth)
    when = _CAPTURED.get(upload.capture_on, _CAPTURED["always"])
    return Step(f"reports-{number}", Text("Test reports", upload.at), upload.at, action, when=when)


def detected_reports(at: Position) -> Step:
    """The step that looks for test reports where tools put them. Finding none is no failure. See `TESTS_PAGE`."""
    paths = tuple(Text(f"**/{folder}/**/*.xml", at) for folder in REPORT_FOLDERS)
    action = Publish(Kind.TEST_RESULTS, paths, files=True, depth=REPORT_DEPTH)
    return Step("reports", Text("Test reports", at), at, action, when=_CAPTURED["always"])
