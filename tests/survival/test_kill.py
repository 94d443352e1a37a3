"""The program is killed at random moments of a run, and parts of a room are; nothing is lost, nothing is left."""

import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from house import House, until

from understudy.model.events import JobFinished, RunFinished, StepFinished, StepStarted
from understudy.model.results import Outcome

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

KILLS = int(os.environ.get("UNDERSTUDY_KILLS", "12"))
"""How many moments; 200 by hand: `UNDERSTUDY_KILLS=200 pytest -s tests/survival/test_kill.py`."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as made:
        yield made


def until_dead(house: House, moment_s: float, *, begun: bool) -> list[dict[str, Any]]:
    """Kills a run at `moment_s` after its start, or after its first event (`begun`); the events told by then."""
    output = house.store.parent / "told"
    with output.open("wb") as stream:
        program = house.start("run", "--json", stdout=stream)
        assert not begun or until(lambda: output.stat().st_size > 0 or program.poll() is not None, 60)
        time.sleep(moment_s)
        program.kill()
        program.wait()
    *lines, _ = output.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines]


def assert_shown_as_interrupted(house: House, run: str) -> str:
    """`show` says where the run was: at the steps that had begun and not ended. Gives what it says of the moment."""
    events = house.events(run)
    begun = {(one.job, one.step) for one in events if isinstance(one, StepStarted)}
    open_steps = begun - {(one.job, one.step) for one in events if isinstance(one, StepFinished)}
    shown = house.told("show", run).stdout
    assert "interrupted" in shown
    ended = {one.job for one in events if isinstance(one, JobFinished)}
    blocks = {re.split(r"\s+", block)[1]: block for block in re.split(r"\n(?=\S)", shown)[1:] if block[1:2] == " "}
    for job, step in open_steps:
        if job not in ended:
            (line,) = (line for line in blocks[job].splitlines() if re.match(rf"\s+{step + 1}  ", line))
            assert "interrupted" in line, shown
    return f"in {len(open_steps)} steps" if open_steps else "between steps"


@pytest.mark.timeout(60 + 10 * KILLS)
def test_the_program_is_killed_at_random_moments(house: House) -> None:
    done = house.told("run", "--json")
    assert done.returncode == 0, done.stdout[-2000:]
    (row,) = house.rows()
    assert row.ended is not None
    whole_s = row.ended - row.info.started
    moments: Counter[str] = Counter()
    for number in range(KILLS):
        before = {row.id for row in house.rows()}
        told = until_dead(house, random.uniform(0, whole_s * 1.1), begun=number % 5 > 0)
        house.assert_nothing_lives()
        house.assert_whole()
        fresh = [row for row in house.rows() if row.id not in before]
        assert len(fresh) <= 1
        assert fresh or not told
        unclosed = [row for row in fresh if row.outcome is None]
        for row in fresh:
            house.assert_kept(row.id, told)

        cleaned = house.told("clean")
        assert cleaned.returncode == 0, cleaned.stderr
        assert house.scratch() == []
        assert [row.id for row in house.rows() if row.outcome is None and not row.interrupted] == []
        assert house.told("clean").stdout == "nothing was left behind\n"
        for row in unclosed:
            assert f"run {row.id}" in cleaned.stdout
            (closed,) = (one for one in house.rows() if one.id == row.id)
            if any(isinstance(one, RunFinished) for one in house.events(row.id)):
                assert closed.outcome is Outcome.PASSED
                moments["after its end was told"] += 1
            else:
                assert closed.interrupted
                moments[assert_shown_as_interrupted(house, row.id)] += 1
        if not unclosed:
            moments["before its run began" if not fresh else "after its run was closed"] += 1
    assert list(house.temporary.iterdir()) == []
    print(f"\n{KILLS} kills: {dict(moments)}")
    done = house.told("run")
    assert done.returncode == 0, done.stderr[-2000:]
