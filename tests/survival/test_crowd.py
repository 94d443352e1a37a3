"""Many runs at once, in one repository and on one store: all pass, and the first save of a cache wins."""

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import LIMIT_S, House

from understudy.model.events import CacheUsed
from understudy.model.results import Outcome
from understudy.store.blobs import FolderBlobs
from understudy.store.sqlite import SqliteStore

pytestmark = [pytest.mark.sandbox, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

STEPS = """
- checkout
- restore_cache: {keys: [shared-1]}
- run: 'echo "$CIRCLE_BUILD_NUM" >who; head -c 50000 /dev/urandom >random'
- save_cache: {key: shared-1, paths: [who, random]}
- store_artifacts: {path: random}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as made:
        made.steps(STEPS)
        yield made


@pytest.mark.parametrize("count", [2, 20])
def test_runs_at_once(house: House, count: int) -> None:
    said = [house.store.parent / f"said-{number}" for number in range(count)]
    programs = []
    for path in said:
        with path.open("wb") as stream:
            programs.append(house.start("run", "--jobs", "1", stdout=subprocess.DEVNULL, stderr=stream))
    codes = [program.wait(LIMIT_S * 2) for program in programs]
    assert codes == [0] * count, [path.read_text() for path, code in zip(said, codes, strict=True) if code]
    for path in said:
        assert "locked" not in path.read_text()
        assert "interrupted" not in path.read_text()

    rows = house.rows()
    assert len({row.id for row in rows}) == len(rows) == count
    assert {row.outcome for row in rows} == {Outcome.PASSED}
    for row in rows:
        house.assert_kept(row.id)
    saves = [
        (row, event)
        for row in rows
        for event in house.events(row.id)
        if isinstance(event, CacheUsed) and event.action == "save" and event.found is not None
    ]
    ((winner, _),) = saves
    with SqliteStore(house.store) as store:
        (cache,) = store.caches.list()
    assert cache.meta["run"] == winner.id
    with FolderBlobs(house.store).open(cache.digest) as blob, tarfile.open(fileobj=blob) as archive:
        (name,) = (one for one in archive.getnames() if one.endswith("who"))
        content = archive.extractfile(name)
        assert content is not None
        assert int(content.read()) == int(winner.id, 16)
    house.assert_nothing_lives()
    assert house.scratch() == []
    house.assert_whole()
