"""Artifacts that are handed on whole: globs, limits, who gets them.

Expected behaviour: https://support.atlassian.com/bitbucket-cloud/docs/use-artifacts-in-steps/
"""

from typing import Any

import pytest

from understudy.engine.given import Tally
from understudy.model.events import Annotated, Published
from understudy.model.events import TestsReported as Reported
from understudy.model.pipeline import Bound, Fetch, Kind, Publish, Text
from understudy.model.results import Outcome


def texts(*words: str) -> tuple[Text, ...]:
    return tuple(map(Text, words))


def write(stage: Any, files: str) -> Any:
    return stage.script(env={"FAKE_WRITE": files})


def keep(stage: Any, name: str, *paths: str, shared: bool = True, **more: Any) -> Any:
    action = Publish(Kind.ARTIFACT, texts(*paths), name=Text(name), files=True, whole=True, handed_on=shared, **more)
    return stage.step(action)


def fetch(stage: Any, *names: str) -> Any:
    return stage.step(Fetch(Kind.ARTIFACT, Text("."), handed_on=True, names=texts(*names) if names else None))


def laid(done: Any, job: str) -> dict[str, bytes]:
    home = "/home/fake/project/"
    files = done.room(job).files
    return {path.removeprefix(home): file.content for path, file in files.items() if path.startswith(home)}


def remarks(done: Any) -> list[Annotated]:
    return list(done.of(Annotated))


def codes(done: Any) -> list[str]:
    return [one.title for one in remarks(done)]


def test_later_jobs_get_what_is_shared_and_nothing_else(stage: Any) -> None:
    build = stage.job(
        "build",
        write(stage, "dist/a.txt=a\ndist/deep/b.txt=b\nlog.txt=log\nrest=x"),
        keep(stage, "dist/**", "dist/**"),
        keep(stage, "log", "*.txt", shared=False),
    )
    middle = stage.job("middle", needs=["build"])
    done = stage.perform(build, middle, stage.job("last", fetch(stage), needs=["middle"]))
    assert laid(done, "last") == {"dist/a.txt": b"a", "dist/deep/b.txt": b"b"}
    assert [event.path for event in done.of(Published)] == ["dist.tar", "log.tar"]


def test_a_job_beside_it_gets_nothing(stage: Any) -> None:
    build = stage.job("build", write(stage, "a=1"), keep(stage, "a", "a"))
    done = stage.perform(build, stage.job("other", fetch(stage)), slots=1)
    assert laid(done, "other") == {}


def test_names_choose_among_them(stage: Any) -> None:
    build = stage.job("build", write(stage, "a=1\nb=2"), keep(stage, "first", "a"), keep(stage, "second", "b"))
    done = stage.perform(build, stage.job("next", fetch(stage, "second", "third"), needs=["build"]))
    assert laid(done, "next") == {"b": b"2"}
    assert codes(done) == ["unknown-artifact"]


@pytest.mark.parametrize(
    ("paths", "more", "expected"),
    [
        (["**"], {}, {"a.txt", "x/b.txt", "x/y/c.md", "x/y/z/d.txt"}),
        (["*"], {}, {"a.txt"}),
        (["x/*"], {}, {"x/b.txt"}),
        (["x/**/*.txt"], {}, {"x/b.txt", "x/y/z/d.txt"}),
        (["**/*.txt"], {"depth": 1}, {"a.txt", "x/b.txt"}),
        (["{a,x/b}.txt"], {}, {"a.txt", "x/b.txt"}),
        (["**"], {"ignore": texts("x/y/**")}, {"a.txt", "x/b.txt"}),
        (["./a.txt", "x/y/c.md"], {}, {"a.txt", "x/y/c.md"}),
        (["x"], {}, set()),
    ],
)
def test_globs_are_of_files(stage: Any, paths: list[str], more: dict[str, Any], expected: set[str]) -> None:
    files = write(stage, "a.txt=1\nx/b.txt=2\nx/y/c.md=3\nx/y/z/d.txt=4")
    build = stage.job("build", files, keep(stage, "all", *paths, **more))
    done = stage.perform(build, stage.job("next", fetch(stage), needs=["build"]))
    assert set(laid(done, "next")) == expected
    assert codes(done) == ([] if expected else ["empty-artifact"])


def test_a_folder_by_its_name_is_told_how_to_be_written(stage: Any) -> None:
    done = stage.perform(stage.job("build", write(stage, "dist/a=1"), keep(stage, "dist", "dist/")))
    (remark,) = remarks(done)
    assert "`dist/**`" in remark.message
    assert done.job("build").outcome is Outcome.PASSED


def test_what_is_too_large_fails_with_the_rule(stage: Any) -> None:
    bound = Bound(10, "https://example.org/limit")
    small = stage.job("small", write(stage, "a=1234567890"), keep(stage, "a", "a", most=bound))
    large = stage.job("large", write(stage, "a=123456\nb=78901"), keep(stage, "ab", "*", most=bound))
    done = stage.perform(small, large)
    assert done.jobs() == {"small": Outcome.PASSED, "large": Outcome.FAILED}
    (remark,) = remarks(done)
    assert (remark.level, remark.title) == ("error", "artifact-too-large")
    assert "https://example.org/limit" in remark.message


def test_two_that_are_beside_each_other_and_share_a_file_are_told(stage: Any) -> None:
    both = [stage.job(name, write(stage, f"same={name}"), keep(stage, "same", "same")) for name in ("one", "two")]
    done = stage.perform(*both, stage.job("next", fetch(stage), needs=["one", "two"]), slots=1)
    assert codes(done) == ["artifact-clash"]


def test_the_later_one_of_two_in_a_row_wins_without_a_word(stage: Any) -> None:
    one = stage.job("one", write(stage, "same=1\nfirst=1"), keep(stage, "all", "*"))
    two = stage.job("two", fetch(stage), write(stage, "same=2"), keep(stage, "all", "same"), needs=["one"])
    done = stage.perform(one, two, stage.job("three", fetch(stage), needs=["two"]))
    assert laid(done, "three") == {"same": b"2", "first": b"1"}
    assert codes(done) == []


def test_reports_are_found_by_globs_to_a_depth(stage: Any) -> None:
    action = Publish(Kind.TEST_RESULTS, texts("**/test-results/**/*.xml"), files=True, depth=3)
    files = "test-results/a.xml=1\nx/y/test-results/b.xml=1\nx/y/z/test-results/c.xml=1\nother/d.xml=1"
    done = stage.perform(stage.job("test", write(stage, files), stage.step(action)), read_tests=_one_passed)
    assert [(event.passed, event.failed) for event in done.of(Reported)] == [(2, 0)]
    assert [event.path for event in done.of(Published)] == ["test-results/a.xml", "x/y/test-results/b.xml"]


def _one_passed(_content: bytes) -> Tally:
    return Tally(passed=1)
