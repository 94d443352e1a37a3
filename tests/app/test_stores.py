"""What the store keeps of a run in which nothing runs."""

from dataclasses import replace
from pathlib import Path

from understudy.app.stores import Rehearsed, opened
from understudy.config import Settings
from understudy.store.base import CacheRow

ROW = CacheRow("project", "github", "pip-1", "sha256:0", 3, 1.0, 1.0, {})


def test_a_rehearsal_saves_no_cache_and_finds_those_that_are_there(tmp_path: Path) -> None:
    with opened(Settings(store=tmp_path)) as stores:
        assert stores.caches.save(ROW)
        rehearsed = Rehearsed(stores.caches)
        assert not rehearsed.save(ROW)
        assert rehearsed.save(replace(ROW, key="pip-2"))
        assert [row.key for row in rehearsed.list()] == ["pip-1"]
        found = rehearsed.find("project", "github", "pip-", prefix=True)
        assert found is not None
        assert found.key == "pip-1"
        assert rehearsed.find("project", "github", "pip-2", prefix=False) is None
