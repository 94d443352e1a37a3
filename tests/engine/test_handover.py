"""Workspaces, artifacts and test results, as CircleCI documents them.

https://circleci.com/docs/workspaces/ https://circleci.com/docs/artifacts/ https://circleci.com/docs/collect-test-data/
"""

from typing import Any

from understudy.engine.given import Tally
from understudy.model.events import Noticed, Published
from understudy.model.events import TestsReported as Reported
from understudy.model.pipeline import Fetch, Kind, Limits, Publish, Text
from understudy.model.results import Outcome
from understudy.runtimes.fake import FakeFile


def persist(stage: Any, root: str, *paths: str) -> Any:
    return stage.step(Publish(Kind.WORKSPACE, tuple(map(Text, paths)), root=Text(root)))


def attach(stage: Any, at: str = ".") -> Any:
    return stage.step(Fetch(Kind.WORKSPACE, Text(at)))


def write(stage: Any, files: str) -> Any:
    return stage.script(env={"FAKE_WRITE": files})


def project_files(done: Any, job: str) -> dict[str, bytes]:
    home = "/home/fake/project/"
    files: dict[str, FakeFile] = done.room(job).files
    return {path.removeprefix(home): file.content for path, file in files.items() if path.startswith(home)}


class TestFetchedArtifacts:
    def test_every_job_after_it_can_fetch_what_was_published(self, stage: Any) -> None:
        publish = stage.step(Publish(Kind.ARTIFACT, (Text("out"),), name=Text("wheels"), literal=True))
        build = stage.job("build", write(stage, "out/a.whl=wheel\nout/sub/b.txt=b"), publish)
        fetch = stage.job("fetch", stage.step(Fetch(Kind.ARTIFACT, Text("got"))), needs=["build"])
        done = stage.perform(build, fetch)
        assert project_files(done, "fetch") == {"got/wheels/a.whl": b"wheel", "got/wheels/sub/b.txt": b"b"}

    def test_a_name_may_be_a_glob_of_the_first_folder(self, stage: Any) -> None:
        steps = [
            stage.step(Publish(Kind.ARTIFACT, (Text(one),), name=Text(one), literal=True))
            for one in ("x-1", "x-2", "y")
        ]
        build = stage.job("build", write(stage, "x-1/f=1\nx-2/f=2\ny/f=3"), *steps)
        fetch = stage.job("fetch", stage.step(Fetch(Kind.ARTIFACT, Text("."), Text("x-*"))), needs=["build"])
        assert project_files(stage.perform(build, fetch), "fetch") == {"x-1/f": b"1", "x-2/f": b"2"}

    def test_where_nothing_was_published_nothing_happens(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.step(Fetch(Kind.ARTIFACT, Text(".")))))
        assert done.outcome is Outcome.PASSED


class TestWorkspace:
    def test_layers_pass_downstream(self, stage: Any) -> None:
        build = stage.job("build", write(stage, "out/a.whl=wheel\nout/b.txt=no"), persist(stage, "out", "*.whl"))
        test = stage.job("test", attach(stage, "ws"), needs=["build"])
        ship = stage.job("ship", attach(stage), needs=["test"])
        done = stage.perform(build, test, ship)
        assert project_files(done, "test") == {"ws/a.whl": b"wheel"}
        assert project_files(done, "ship") == {"a.whl": b"wheel"}
        assert [event.path for event in done.of(Published)] == ["/home/fake/project/out"]

    def test_a_later_layer_lies_over_an_earlier_one(self, stage: Any) -> None:
        one = stage.job("one", write(stage, "f=1"), persist(stage, ".", "f"))
        two = stage.job("two", write(stage, "f=2"), persist(stage, ".", "f"), needs=["one"])
        done = stage.perform(one, two, stage.job("end", attach(stage), needs=["two", "one"]))
        assert project_files(done, "end") == {"f": b"2"}
        assert done.outcome is Outcome.PASSED

    def test_a_job_sees_nothing_of_jobs_beside_it(self, stage: Any) -> None:
        one = stage.job("one", write(stage, "f=1"), persist(stage, ".", "f"))
        other = stage.job("other", attach(stage), needs=["before"])
        done = stage.perform(one, stage.job("before"), other, slots=1)
        assert project_files(done, "other") == {}

    def test_the_same_file_of_concurrent_jobs_fails_and_is_named(self, stage: Any) -> None:
        one = stage.job("one", write(stage, "f=1"), persist(stage, ".", "f"))
        two = stage.job("two", write(stage, "f=2"), persist(stage, ".", "f"))
        done = stage.perform(one, two, stage.job("end", attach(stage), needs=["one", "two"]))
        assert done.job("end").outcome is Outcome.FAILED
        (finding,) = [event.finding for event in done.of(Noticed) if event.finding.code == "workspace-conflict"]
        assert "`f`" in finding.message
        assert {"one", "two"} <= set(finding.message.split("`"))

    def test_rooms_of_one_job_are_concurrent(self, stage: Any) -> None:
        half = stage.job("half", write(stage, "f=1"), persist(stage, ".", "f"), limits=Limits(parallelism=2))
        done = stage.perform(half, stage.job("end", attach(stage), needs=["half"]))
        assert done.job("end").outcome is Outcome.FAILED

    def test_shared_folders_are_no_conflict(self, stage: Any) -> None:
        one = stage.job("one", write(stage, "d/1=1"), persist(stage, ".", "d"))
        two = stage.job("two", write(stage, "d/2=2"), persist(stage, ".", "d"))
        done = stage.perform(one, two, stage.job("end", attach(stage), needs=["one", "two"]))
        assert project_files(done, "end") == {"d/1": b"1", "d/2": b"2"}

    def test_persisting_nothing_fails(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", persist(stage, "out", "*.whl")))
        assert "match nothing in `/home/fake/project/out`" in done.job("a").reason

    def test_a_path_out_of_the_root_is_refused(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", persist(stage, "out", "../../secret")))
        assert "is not under the workspace's root" in done.job("a").reason

    def test_an_empty_workspace_is_said(self, stage: Any) -> None:
        assert "The workspace is empty" in stage.perform(stage.job("a", attach(stage))).log("a", 0)


class TestArtifacts:
    def paths(self, stage: Any, path: str, name: str | None = None) -> dict[str, bytes]:
        action = Publish(Kind.ARTIFACT, (Text(path),), name=None if name is None else Text(name))
        files = "dist/a.txt=A\ndist/sub/b.txt=B\n/tmp/log.txt=L"
        done = stage.perform(stage.job("a", write(stage, files), stage.step(action)))
        assert done.job("a").outcome is Outcome.PASSED
        return {event.path: stage.blobs.held[event.digest] for event in done.of(Published)}

    def test_a_folder(self, stage: Any) -> None:
        assert self.paths(stage, "dist") == {"dist/a.txt": b"A", "dist/sub/b.txt": b"B"}

    def test_a_file_elsewhere(self, stage: Any) -> None:
        assert self.paths(stage, "/tmp/log.txt") == {"tmp/log.txt": b"L"}

    def test_under_another_name(self, stage: Any) -> None:
        assert self.paths(stage, "dist", "built") == {"built/a.txt": b"A", "built/sub/b.txt": b"B"}
        assert self.paths(stage, "/tmp/log.txt", "run.log") == {"run.log": b"L"}

    def test_a_name_does_not_lead_out(self, stage: Any) -> None:
        assert self.paths(stage, "/tmp/log.txt", "../../etc/passwd") == {"log.txt": b"L"}

    def test_by_wildcard(self, stage: Any) -> None:
        assert self.paths(stage, "dist/*.txt") == {"dist/a.txt": b"A"}

    def test_what_is_not_there_is_no_failure(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.step(Publish(Kind.ARTIFACT, (Text("nowhere"),)))))
        assert done.job("a").outcome is Outcome.PASSED
        assert "there is nothing at `/home/fake/project/nowhere`" in done.log("a", 0)


class TestTestResults:
    def read(self, content: bytes) -> Tally:
        if b"<" not in content:
            raise ValueError("it is no XML")
        return Tally(passed=2, failed=1, failing=(content.decode().strip("<>"),), seconds={content.decode(): 1.5})

    def test_all_reports_count(self, stage: Any) -> None:
        step = stage.step(Publish(Kind.TEST_RESULTS, (Text("results"),)))
        files = "results/u/one.xml=<a>\nresults/two.xml=<b>\nresults/bad.xml=no\nresults/notes.txt=<c>"
        done = stage.perform(stage.job("a", write(stage, files), step), read_tests=self.read)
        (event,) = done.of(Reported)
        assert (event.passed, event.failed, event.skipped, set(event.failing)) == (4, 2, 0, {"a", "b"})
        assert stage.timings.of("/project", "a") == {"<a>": 1.5, "<b>": 1.5}
        assert "bad.xml` is no test report: it is no XML" in done.log("a", 1)
        assert done.job("a").outcome is Outcome.PASSED

    def test_none_is_said(self, stage: Any) -> None:
        done = stage.perform(stage.job("a", stage.step(Publish(Kind.TEST_RESULTS, (Text("results"),)))))
        assert "No test results were found." in done.log("a", 0)
        assert not done.of(Reported)
