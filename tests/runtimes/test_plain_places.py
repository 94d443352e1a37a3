"""Where the paths of an image are in a room without walls."""

from pathlib import Path

import pytest

from understudy.runtimes.base import Call, RoomSpec
from understudy.runtimes.plain import Plain


@pytest.mark.parametrize("workdir", ["/opt/acme/build", "~/project", "project"])
def test_a_room_may_lie_in_the_home_that_its_image_has(tmp_path: Path, workdir: str) -> None:
    """Whoever is root has the store in a folder of `/root`, which is the home of most images."""
    scratch = tmp_path / "store" / "scratch"
    scratch.mkdir(parents=True)
    taken = bytearray()
    with Plain().open(RoomSpec(name="room", scratch=scratch, home=str(tmp_path), workdir=workdir)) as room:
        ended = room.run(Call(("/bin/sh", "-c", "pwd"), dict(room.env), room.workdir, 60.0, None), taken.extend)
    assert (ended.code, taken.decode()) == (0, f"{room.workdir}\n")
