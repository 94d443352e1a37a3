"""Caches: misses, exact and prefix matches, keys that never change, places that move.

Expected behaviour: https://circleci.com/docs/caching/
"""

import io
import tarfile
from dataclasses import replace
from typing import Any

import pytest

from understudy.model.events import CacheUsed
from understudy.model.pipeline import RestoreCache, SaveCache, Text
from understudy.model.results import Outcome
from understudy.runtimes.fake import FakeFile


def save(stage: Any, key: str, *paths: str) -> Any:
    return stage.step(SaveCache(Text(key), tuple(map(Text, paths))))


def restore(stage: Any, *keys: str) -> Any:
    return stage.step(RestoreCache(tuple(map(Text, keys))))


def write(stage: Any, files: str) -> Any:
    return stage.script(env={"FAKE_WRITE": files})


def used(done: Any) -> list[tuple[str, str, str | None]]:
    return [(event.action, event.key, event.found) for event in done.of(CacheUsed)]


def test_what_one_run_saves_the_next_restores(stage: Any) -> None:
    first = stage.perform(stage.job("a", write(stage, "deps/lib.py=code"), save(stage, "v1-{{CI}}", "deps", "~/bare")))
    assert used(first) == [("save", "v1-true", "v1-true")]
    assert "nothing at `/home/fake/bare`" in first.log("a", 1)
    second = stage.perform(stage.job("a", restore(stage, "v1-true")))
    assert used(second) == [("restore", "v1-true", "v1-true")]
    assert second.room("a").files["/home/fake/project/deps/lib.py"] == FakeFile(b"code", 0o644)
    assert second.steps("a")[0].cached_from == "v1-true"


def names(stage: Any) -> list[str]:
    (row,) = stage.caches.rows.values()
    with tarfile.open(fileobj=io.BytesIO(stage.blobs.held[row.digest])) as tar:
        return tar.getnames()


def test_names_are_relative_to_home_where_they_can_be(stage: Any) -> None:
    stage.perform(stage.job("a", write(stage, "deps/lib.py=code"), save(stage, "k", "deps")))
    assert names(stage) == ["project/deps/lib.py"]


def test_else_names_are_absolute_without_the_slash(stage: Any) -> None:
    stage.perform(stage.job("a", write(stage, "deps/lib.py=code\n/srv/x=1"), save(stage, "k", "deps", "/srv")))
    assert names(stage) == ["home/fake/project/deps/lib.py", "srv/x"]


def test_a_miss_is_no_failure(stage: Any) -> None:
    done = stage.perform(stage.job("a", restore(stage, "v1-a", "v1-"), stage.script()))
    assert used(done) == [("restore", "v1-a", None)]
    assert done.job("a").outcome is Outcome.PASSED
    assert done.log("a", 0).count("No cache has") == 2


def test_keys_are_tried_in_order_and_match_by_their_beginning(stage: Any) -> None:
    stage.perform(stage.job("a", write(stage, "f=old"), save(stage, "v1-old", "f")))
    stage.perform(stage.job("a", write(stage, "f=new"), save(stage, "v1-new", "f")))
    done = stage.perform(stage.job("a", restore(stage, "v1-none", "v1-")))
    assert used(done) == [("restore", "v1-", "v1-new")]
    assert done.room("a").files["/home/fake/project/f"].content == b"new"


def test_a_key_is_never_saved_twice(stage: Any) -> None:
    stage.perform(stage.job("a", write(stage, "f=old"), save(stage, "k", "f")))
    done = stage.perform(stage.job("a", write(stage, "f=new"), save(stage, "k", "f")))
    assert used(done) == [("save", "k", None)]
    again = stage.perform(stage.job("a", restore(stage, "k")))
    assert again.room("a").files["/home/fake/project/f"].content == b"old"


def test_nothing_is_saved_of_nothing(stage: Any) -> None:
    done = stage.perform(stage.job("a", save(stage, "k", "nowhere")))
    assert used(done) == [("save", "k", None)]
    assert not stage.caches.rows
    assert done.job("a").outcome is Outcome.PASSED


def test_a_cache_whose_content_is_lost_is_a_miss(stage: Any) -> None:
    stage.perform(stage.job("a", write(stage, "f=x"), save(stage, "k", "f")))
    stage.blobs.held.clear()
    done = stage.perform(stage.job("a", restore(stage, "k")))
    assert used(done) == [("restore", "k", None)]
    assert not stage.caches.rows


@pytest.mark.parametrize("paths", [["f"], ["f", "/elsewhere/g"]])
def test_a_cache_follows_the_home_folder(stage: Any, paths: list[str]) -> None:
    stage.perform(stage.job("a", write(stage, "f=x\n/elsewhere/g=y"), save(stage, "k", *paths)))

    class Moved(type(stage.runtime)):  # type: ignore[misc] # the class of a fixture
        def open(self, spec: Any) -> Any:
            return super().open(replace(spec, home="/home/other"))

    stage.runtime = Moved()
    files = stage.perform(stage.job("a", restore(stage, "k"))).room("a").files
    assert files["/home/other/project/f"].content == b"x"
    assert "/home/fake/project/f" not in files
    assert ("/elsewhere/g" in files) == (len(paths) == 2)


def test_a_key_that_cannot_be_evaluated_fails_the_step(stage: Any) -> None:
    done = stage.perform(stage.job("a", restore(stage, "v1-{{NOWHERE}}")))
    assert done.steps("a")[0].reason == "`NOWHERE` is not set"


def test_a_secret_in_a_key_is_not_told(stage: Any) -> None:
    done = stage.perform(
        stage.job("a", write(stage, "f=x"), save(stage, "v1-{{TOKEN}}", "f")), secrets={"TOKEN": "hush-hush"}
    )
    assert used(done) == [("save", "v1-****", "v1-****")]
    assert "hush-hush" not in done.log("a", 1)


def test_what_one_runtime_saved_no_other_restores(stage: Any) -> None:
    # The sandbox's Python is this machine's, an image's is its own: an environment of the one is broken in the other.
    stage.perform(stage.job("a", write(stage, "f=x"), save(stage, "k", "f")))
    ((project, scope, key),) = stage.caches.rows
    dialect, runtime = scope.split("/")
    assert runtime == "fake"
    row = stage.caches.rows.pop((project, scope, key))
    stage.caches.save(replace(row, dialect=f"{dialect}/docker"))
    assert used(stage.perform(stage.job("a", restore(stage, "k")))) == [("restore", "k", None)]
