import shutil
import subprocess
from pathlib import Path

import pytest

from understudy.app.spread import spread


def test_the_mark_is_that_of_chattr(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    if (
        shutil.which("lsattr") is None
        or subprocess.run(("lsattr", "-d", folder), capture_output=True, check=False).returncode
    ):
        pytest.skip("no lsattr here, or a file system without such marks")
    if subprocess.run(("chattr", "+T", folder), capture_output=True, check=False).returncode:
        pytest.skip("a file system without this mark")
    subprocess.run(("chattr", "-T", folder), check=True)
    spread(folder)
    assert "T" in subprocess.run(("lsattr", "-d", folder), capture_output=True, text=True, check=True).stdout.split()[0]
    (folder / "x").mkdir()


def test_where_nothing_is_nothing_happens(tmp_path: Path) -> None:
    spread(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()
