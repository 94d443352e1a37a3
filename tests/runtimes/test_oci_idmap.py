"""The checkout for users that aren't its owner: shown as theirs by the kernel, given to them where it can't."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.runtimes import oci_idmap
from understudy.runtimes.base import Call, Room, RoomSpec, Tree
from understudy.runtimes.kernel import Refused
from understudy.runtimes.oci import Oci, docker
from understudy.runtimes.oci_idmap import Swaps, show, swapped, take_away

PYTHON = "understudy-test/python:3.11"
OWNER = 4321


def test_two_users_change_places_and_all_others_stay() -> None:
    # A line of a uid_map: the first number inside, the first outside, how many; user_namespaces(7).
    assert swapped(0, 3434) == "0 3434 1\n1 1 3433\n3434 0 1\n3435 3435 4294963860\n"
    assert swapped(1001, 1000) == swapped(1000, 1001) == ("0 0 1000\n1000 1001 1\n1001 1000 1\n1002 1002 4294966293\n")
    assert swapped(7, 7) == "0 0 4294967295\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A tree of a user's own."""
    if os.geteuid() != 0:
        pytest.skip("takes root")
    place = tmp_path / "a, \\:strange\nname"
    (place / "deep").mkdir(parents=True)
    (place / "deep/file").write_text("as it was")
    (place / "program").write_text("#!/bin/sh\necho ran\n")
    (place / "program").chmod(0o700)
    (place / "link").symlink_to("program")
    for path in (place, *place.rglob("*")):
        os.chown(path, OWNER, OWNER + 1, follow_symlinks=False)
    return place


@pytest.fixture
def engine(on_docker: Oci) -> Oci:
    """One that has tried nothing yet."""
    return docker(replace(on_docker.engine.settings))


@pytest.fixture
def shown(source: Path, tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "elsewhere/layers/0/shown"
    place.mkdir(parents=True)
    try:
        yield show(source, place, Swaps().namespace((OWNER, 3434), (OWNER + 1, 3434)))
    except (OSError, Refused) as error:
        pytest.skip(f"no mounts with other owners here: {error}")
    finally:
        take_away(tmp_path / "elsewhere")


def mounts(folder: Path) -> list[str]:
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(folder) in line.split()[4]]


def said(room: Room, script: str) -> str:
    taken = bytearray()
    room.run(Call(("sh", "-c", script), dict(room.env), room.workdir, 60), taken.extend)
    return taken.decode(errors="replace")


def owners(place: Path) -> set[tuple[int, int]]:
    return {(path.lstat().st_uid, path.lstat().st_gid) for path in (place, *place.rglob("*"))}


def work_in(engine: Oci, scratch: Path, source: Path) -> None:
    """A job of another user finds all files its own, changes them, and changes nothing here."""
    spec = RoomSpec("owners", scratch, PYTHON, trees=(Tree(source, "~/project"), Tree(source, "~/.understudy/source")))
    everything = "find . ../.understudy/source -printf '%U:%G\\n' | sort -u"
    with engine.open(spec) as room:
        assert mounts(scratch) == []
        assert said(room, everything) == "3434:3434\n"
        changes = "./link; echo more >>deep/file; chmod 600 program; mv deep moved; cat moved/file; rm link"
        assert said(room, changes) == "ran\nas it wasmore\n"
        assert said(room, f"touch new; {everything}; ls") == "3434:3434\nmoved\nnew\nprogram\n"
    assert owners(source) == {(OWNER, OWNER + 1)}
    assert (source / "deep/file").read_text() == "as it was"
    assert (source / "program").stat().st_mode & 0o777 == 0o700


@pytest.mark.docker
def test_a_tree_of_another_owner_is_the_jobs_own(engine: Oci, scratch: Path, source: Path, shown: Path) -> None:
    assert shown.is_dir()  # this machine can
    work_in(engine, scratch, source)
    assert engine.engine.maps_owners


@pytest.mark.docker
@pytest.mark.parametrize("lack", ["kernel", "unshare", "root", "sight"])
def test_where_the_kernel_can_not_the_files_are_given(
    engine: Oci, scratch: Path, source: Path, lack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lack == "kernel":
        monkeypatch.setattr(oci_idmap, "_ATTR_IDMAP", 1 << 40)
    elif lack == "unshare":
        monkeypatch.setattr(oci_idmap, "_NAMESPACE", ("no-such-program-here",))
    elif lack == "root":
        engine.engine.maps_owners = False
    else:  # an engine that has mounts of its own doesn't see the one that was made
        monkeypatch.setattr(oci_idmap, "show", lambda source, place, _: place / source.name)
    work_in(engine, scratch, source)
    assert not engine.engine.maps_owners
    assert engine.engine.overlays


@pytest.mark.docker
def test_a_tree_that_is_a_mount_of_its_own_is_given(engine: Oci, scratch: Path, source: Path, tmp_path: Path) -> None:
    place = tmp_path / "mounted"
    place.mkdir()
    subprocess.run(("mount", "--bind", source, place), check=True)
    try:
        work_in(engine, scratch, place)
    finally:
        subprocess.run(("umount", place), check=True)


def test_what_is_shown_can_not_be_changed_or_removed_here(shown: Path, source: Path) -> None:
    assert owners(shown) == {(3434, 3434)}
    with pytest.raises(OSError, match="Read-only"):
        (shown / "deep/file").unlink()
    with pytest.raises(OSError, match="Read-only"):
        os.chown(shown / "deep", 0, 0)
    assert owners(source) == {(OWNER, OWNER + 1)}


HOLDER = """
import os, sys
from pathlib import Path
from understudy.runtimes.base import RoomSpec, Tree
from understudy.runtimes.known import RUNTIMES
from understudy.runtimes.oci_trees import Overlays

Overlays.close = lambda self: os.kill(os.getpid(), 9)
trees = (Tree(Path(sys.argv[2]), "~/project"),)
with RUNTIMES["docker"]().open(RoomSpec("killed", Path(sys.argv[1]), "understudy-test/python:3.11", trees=trees)):
    pass
"""


@pytest.mark.docker
def test_a_program_that_is_killed_at_the_worst_moment_leaves_no_mount(
    on_docker: Oci, scratch: Path, source: Path, shown: Path
) -> None:
    assert shown.is_dir()
    subprocess.run((sys.executable, "-c", HOLDER, scratch, source), check=False, timeout=60)
    assert len(mounts(scratch)) == 1
    on_docker.sweep(scratch)
    assert mounts(scratch) == []
    assert list(scratch.iterdir()) == []
    assert owners(source) == {(OWNER, OWNER + 1)}
    assert (source / "deep/file").read_text() == "as it was"
