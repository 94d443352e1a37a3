"""The store's disk fills up, or turns read-only, in the middle of a run: exit 3, one clear line, nothing broken."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from house import LIMIT_S, House, until

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a file system, as root"),
]

SIZE_MIB = 24
GO = """
- run: {name: begin, command: "echo begun; touch ~/begun; sleep 1"}
"""
WORK = {
    "events": '- run: echo a\n- run: echo b\n- run: "exit 0"',
    "a cache": "- run: head -c 3000000 /dev/urandom >big\n- save_cache: {key: 'k-{{ epoch }}', paths: [big]}",
    "an artifact": "- run: head -c 3000000 /dev/urandom >big\n- store_artifacts: {path: big}",
    "a log": "- run: head -c 3000000 /dev/urandom | od",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose store is a small file system of its own."""
    with House(tmp_path) as made:
        made.store.mkdir()
        options = f"size={SIZE_MIB}m,mode=700"
        done = subprocess.run(("mount", "-t", "tmpfs", "-o", options, "small", str(made.store)), check=False)
        if done.returncode:
            pytest.skip("can't mount a file system here")
        try:
            yield made
        finally:
            made.assert_nothing_lives()
            subprocess.run(("umount", "-l", str(made.store)), check=True)


def fill(house: House, *, left_bytes: int = 0) -> Path:
    """Takes all room of the store but `left_bytes`."""
    path = house.store / "ballast"
    with path.open("ab", buffering=0) as stream, contextlib.suppress(OSError):
        while (free := os.statvfs(house.store).f_bavail * 4096 - left_bytes) > 0:
            stream.write(bytes(min(free, 1 << 20)))
    return path


def remount(house: House, mode: str) -> None:
    subprocess.run(("mount", "-o", f"remount,{mode}", str(house.store)), check=True)


def assert_told(code: int, said: str, words: tuple[str, ...]) -> None:
    """Exit 3 and one line of error (with its hint), that says what it is about."""
    assert code == 3, said
    (line,) = (line for line in said.splitlines() if line.startswith("error: "))
    assert any(word in line for word in words), said
    assert "Traceback" not in said
    assert "bug of ours" not in said


def assert_usable_again(house: House) -> None:
    house.assert_nothing_lives()
    house.assert_whole()
    for row in house.rows():
        house.assert_kept(row.id)
    cleaned = house.told("clean")
    assert cleaned.returncode == 0, cleaned.stderr
    assert house.scratch() == []
    house.steps("- run: echo again")
    done = house.told("run")
    assert done.returncode == 0, done.stderr
    house.assert_whole()


def in_the_middle(house: House, steps: str, change: Callable[[], object]) -> tuple[int, str]:
    """A run under whose first step `change` happens: its exit code and what it said."""
    house.steps(GO + steps)
    said = house.store.parent / "said"
    with said.open("wb") as stream:
        program = house.start("run", "--quiet", stderr=stream)
        assert until(lambda: any("begun" in path.read_text() for path in (house.store / "logs").glob("*/*/0.log")))
        change()
        code = program.wait(LIMIT_S)
    return code, said.read_text()


def test_full_before_the_run(house: House) -> None:
    ballast = fill(house)
    done = house.told("run", "--quiet")
    assert_told(done.returncode, done.stderr, ("no space left",))
    ballast.unlink()
    assert_usable_again(house)


def test_full_before_a_further_run(house: House) -> None:
    house.steps("- run: echo first")
    assert house.told("run").returncode == 0
    ballast = fill(house)
    done = house.told("run", "--quiet")
    assert_told(done.returncode, done.stderr, ("no space left",))
    ballast.unlink()
    assert_usable_again(house)


@pytest.mark.parametrize("left_bytes", [0, 200_000, 1_000_000])
@pytest.mark.parametrize("work", ["a cache", "an artifact", "a log"])
def test_full_in_the_middle(house: House, work: str, left_bytes: int) -> None:
    code, said = in_the_middle(house, WORK[work], lambda: fill(house, left_bytes=left_bytes))
    assert code in ({3} if work == "a log" else {1, 3}), said  # the job's own files may be what finds no room
    if code == 3:
        assert "space" in said
    assert "Traceback" not in said
    assert "bug of ours" not in said
    (house.store / "ballast").unlink()
    assert_usable_again(house)


def test_full_when_an_event_is_kept(house: House) -> None:
    code, said = in_the_middle(house, WORK["events"] + "\n- run: sleep 0.1" * 30, lambda: fill(house))
    assert code == 3, said
    assert "space left" in said
    assert "Traceback" not in said
    assert "bug of ours" not in said
    (house.store / "ballast").unlink()
    assert_usable_again(house)


@pytest.mark.parametrize("work", sorted(WORK))
def test_read_only_in_the_middle(house: House, work: str) -> None:
    """A file system that has an error is often made read-only; here by a mount over the store, for all to see."""

    def freeze() -> None:
        subprocess.run(("mount", "--bind", str(house.store), str(house.store)), check=True)
        subprocess.run(("mount", "-o", "remount,bind,ro", str(house.store)), check=True)

    try:
        code, said = in_the_middle(house, WORK[work], freeze)
        assert_told(code, said, ("can't be written", "read-only"))
    finally:
        house.assert_nothing_lives()
        subprocess.run(("umount", "-l", str(house.store)), check=True)
    assert_usable_again(house)


def test_read_only_from_the_start(house: House) -> None:
    house.steps("- run: echo first")
    assert house.told("run").returncode == 0
    remount(house, "ro")
    try:
        done = house.told("run", "--quiet")
        assert_told(done.returncode, done.stderr, ("can't be written", "read-only"))
        assert house.told("runs").returncode == 0
        assert house.told("show").returncode == 0
        assert house.told("logs", house.rows()[0].id).stdout == "first\n"
    finally:
        remount(house, "rw")
    assert_usable_again(house)
