"""The folder in memory of a room: where it is, and that it goes with the room and nothing else does."""

import subprocess
import sys
from pathlib import Path

import pytest

from understudy.runtimes import quick

MEMORY = Path("/dev/shm")
pytestmark = pytest.mark.skipif(not MEMORY.is_dir(), reason="there is no /dev/shm here")


def test_it_is_found_by_a_link_and_goes_with_it(tmp_path: Path) -> None:
    place = quick.make(tmp_path)
    (place / "folder").mkdir()
    (place / "folder/file").write_text("small")
    assert (tmp_path / "quick").resolve() == place
    quick.forget(tmp_path)
    assert not place.exists()
    quick.forget(tmp_path)


def test_what_a_link_to_elsewhere_leads_to_stays(tmp_path: Path) -> None:
    kept = tmp_path / "understudy-room-kept"
    kept.mkdir()
    (tmp_path / "quick").symlink_to(kept)
    quick.forget(tmp_path)
    assert kept.is_dir()
    assert not (tmp_path / "quick").is_symlink()


def test_a_program_that_died_before_it_made_the_folder_left_a_link_only(tmp_path: Path) -> None:
    (tmp_path / "quick").symlink_to(MEMORY / "understudy-room-of-a-program-that-died")
    quick.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_memory_is_short_it_is_an_ordinary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "_free_bytes", lambda: 0)
    assert quick.make(tmp_path) == tmp_path / "quick"
    assert not (tmp_path / "quick").is_symlink()


PROGRAM = """
import sys
from pathlib import Path
from understudy.runtimes import quick
print(quick.make(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def test_what_a_program_left_is_swept_once_it_has_died_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "_NEW_S", -1.0)
    command = (sys.executable, "-c", PROGRAM, str(tmp_path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        place = Path(program.stdout.readline().strip())
        assert place.is_dir()
        assert place not in quick.sweep()
        assert place.is_dir()
        program.kill()
    (tmp_path / "quick").unlink()
    assert place in quick.sweep()
    assert not place.exists()
