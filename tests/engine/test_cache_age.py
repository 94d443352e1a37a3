"""Caches that live for a while and may not be too large, as Bitbucket's.

Expected behaviour: https://support.atlassian.com/bitbucket-cloud/docs/cache-dependencies/
"""

import random
from typing import Any

from understudy.model.events import Annotated, CacheUsed
from understudy.model.pipeline import Bound, RestoreCache, SaveCache, Text
from understudy.model.results import Outcome

WEEK_S = 7 * 24 * 3600.0


def save(stage: Any, key: str, path: str, **more: Any) -> Any:
    return stage.step(SaveCache(Text(key), (Text(path),), fresh_s=WEEK_S, **more))


def restore(stage: Any, key: str) -> Any:
    return stage.step(RestoreCache((Text(key),), exact=True, fresh_s=WEEK_S))


def write(stage: Any, files: str) -> Any:
    return stage.script(env={"FAKE_WRITE": files})


def used(done: Any) -> list[tuple[str, str | None]]:
    return [(event.action, event.found) for event in done.of(CacheUsed)]


def test_a_key_is_no_beginning_of_another(stage: Any) -> None:
    stage.perform(stage.job("a", write(stage, "f=x"), save(stage, "pip-1", "f")))
    assert used(stage.perform(stage.job("a", restore(stage, "pip")))) == [("restore", None)]
    assert used(stage.perform(stage.job("a", restore(stage, "pip-1")))) == [("restore", "pip-1")]


def test_within_a_week_the_first_one_stays(stage: Any) -> None:
    stage.perform(stage.job("a", write(stage, "f=old"), save(stage, "pip", "f")), clock=lambda: 1000.0)
    later = 1000.0 + WEEK_S - 1
    second = stage.job("a", restore(stage, "pip"), write(stage, "f=new"), save(stage, "pip", "f"))
    assert used(stage.perform(second, clock=lambda: later)) == [("restore", "pip"), ("save", None)]


def test_after_a_week_it_is_gone_and_made_anew(stage: Any) -> None:
    stage.perform(stage.job("a", write(stage, "f=old"), save(stage, "pip", "f")), clock=lambda: 1000.0)
    later = 1000.0 + WEEK_S + 1
    second = stage.job("a", restore(stage, "pip"), write(stage, "f=new"), save(stage, "pip", "f"))
    assert used(stage.perform(second, clock=lambda: later)) == [("restore", None), ("save", "pip")]
    third = stage.perform(stage.job("a", restore(stage, "pip")), clock=lambda: later)
    assert third.room("a").files["/home/fake/project/f"].content == b"new"


def test_what_is_too_large_is_not_saved_and_fails_nothing(stage: Any) -> None:
    noise = random.Random(1).randbytes(20_000).hex()
    bound = Bound(15_000, "https://example.org/limit")
    done = stage.perform(stage.job("a", write(stage, f"f={noise}"), save(stage, "pip", "f", most=bound)))
    assert used(done) == [("save", None)]
    assert not stage.caches.rows
    assert done.job("a").outcome is Outcome.PASSED
    (remark,) = done.of(Annotated)
    assert (remark.level, remark.title) == ("warning", "cache-too-large")
    assert "https://example.org/limit" in remark.message


def test_its_size_is_that_of_what_the_service_stores(stage: Any) -> None:
    even = "0" * 40_000
    done = stage.perform(stage.job("a", write(stage, f"f={even}"), save(stage, "pip", "f", most=Bound(15_000))))
    assert used(done) == [("save", "pip")]
