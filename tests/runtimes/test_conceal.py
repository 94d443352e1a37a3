"""What is to be hidden may go while a room is being made: that is no reason to fail."""

import os
import stat
from pathlib import Path

import pytest

from understudy.runtimes.mounts import Secret, conceal, covers

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mark files as removed")


def test_a_secret_whose_folder_went_hides_nothing_and_the_others_are_hidden(tmp_path: Path) -> None:
    upper = tmp_path / "upper"
    upper.mkdir()
    gone = f"/etc/understudy-{os.getpid()}-is-not-here/key"
    found = [Secret(gone, False, 0o600, 0, 0), Secret("/etc/shadow", False, 0o600, 0, 0)]  # noqa: FBT003
    conceal({"/etc": upper}, covers(found), owner=True)
    assert [path.name for path in upper.iterdir()] == ["shadow"]
    hidden = (upper / "shadow").stat()
    assert stat.S_ISCHR(hidden.st_mode)
    assert hidden.st_rdev == 0


def test_a_folder_that_is_hidden_is_empty_and_the_way_to_it_as_it_was(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    found = [Secret("/usr/lib/understudy-private", True, 0o710, 0, 7)]  # noqa: FBT003
    conceal({"/usr": layer}, covers(found), owner=True)
    hidden = (layer / "lib/understudy-private").stat()
    assert (stat.S_IMODE(hidden.st_mode), hidden.st_uid, hidden.st_gid) == (0o710, 0, 7)
    assert os.getxattr(layer / "lib/understudy-private", "trusted.overlay.opaque") == b"y"
    assert stat.S_IMODE((layer / "lib").stat().st_mode) == stat.S_IMODE(Path("/usr/lib").stat().st_mode) | stat.S_IRWXU
