"""What is to be hidden may go while a room is being made: that is no reason to fail."""

import os
import stat
from pathlib import Path

import pytest

from understudy.runtimes.mounts import Secret, conceal

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mark files as removed")


def test_a_secret_whose_folder_went_hides_nothing_and_the_others_are_hidden(tmp_path: Path) -> None:
    upper = tmp_path / "upper"
    upper.mkdir()
    gone = f"/etc/understudy-{os.getpid()}-is-not-here/key"
    conceal({"etc": upper}, [Secret(gone, False, 0o600, 0, 0), Secret("/etc/shadow", False, 0o600, 0, 0)])  # noqa: FBT003
    assert [path.name for path in upper.iterdir()] == ["shadow"]
    hidden = (upper / "shadow").stat()
    assert stat.S_ISCHR(hidden.st_mode)
    assert hidden.st_rdev == 0
