"""The project's files in a container without copying them: an overlay volume, where the engine allows one."""

import os
import re
from pathlib import Path

from understudy.runtimes.base import Tree
from understudy.runtimes.oci_client import Json

LAYERS = "/run/understudy/layers"
"""Where a container sees the folder of its layers, to remove what this program's user may not."""

_UNSAFE = re.compile(r'[,:\\"\n]')


class Overlays:
    """The overlay volumes of one room: sources below, what the job changes in `folder`, which goes with the room."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fits(self, user: int | None) -> bool:
        """Whether the kernel takes the folder's name, and the trees can be given to a user of that number."""
        return user is not None and not _UNSAFE.search(str(self.folder))

    def bind(self, number: int, tree: Tree, target: str) -> str:
        """Podman's word for the same: it keeps what changes with the container itself.

        https://docs.podman.io/en/latest/markdown/podman-run.1.html#volume-v-source-volume-host-dir-container-dir-options
        """
        place = self.folder / str(number)
        for folder in (self.folder, place):
            folder.mkdir(exist_ok=True)
        lower = place / "lower"
        lower.symlink_to(tree.source.resolve())
        return f"{lower}:{target}:O"

    def mount(self, number: int, tree: Tree, target: str, user: int) -> Json:
        """The engine's words for the tree as a volume that it removes with the container.

        Docker hands the options to mount(2) as they are: https://docs.docker.com/engine/storage/volumes/ ("local").
        """
        place = self.folder / str(number)
        upper, work, lower = place / "upper", place / "work", place / "lower"
        for folder in (self.folder, place, upper, work):
            folder.mkdir(exist_ok=True)
        lower.symlink_to(tree.source.resolve())  # any character may be in the source's name, and few in the options
        upper.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(upper, user, -1)
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        if not owns(tree, user):  # giving files to the job's user then copies no contents
            options += ",metacopy=on"
        driver = {"Name": "local", "Options": {"type": "overlay", "device": "overlay", "o": options}}
        return {
            "Type": "volume",
            "Target": target,
            "VolumeOptions": {"NoCopy": True, "DriverConfig": driver, "Labels": {"understudy": "tree"}},
        }


def owns(tree: Tree, user: int) -> bool:
    """Whether that user may write to all of `tree`: root, and its owner."""
    return user == 0 or tree.source.stat().st_uid == user
