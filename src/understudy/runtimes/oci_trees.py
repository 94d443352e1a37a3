"""The project's files in a container without copying them: an overlay volume, where the engine allows one."""

import os
import re
from pathlib import Path

from understudy.runtimes import oci_idmap
from understudy.runtimes.base import Tree
from understudy.runtimes.oci_client import Json
from understudy.runtimes.oci_idmap import Swaps
from understudy.runtimes.oci_users import User

LAYERS = "/run/understudy/layers"
"""Where a container sees the folder of its layers, to remove what this program's user may not."""

_UNSAFE = re.compile(r'[,:\\"\n]')


class Overlays:
    """The overlay volumes of one room: sources below, what the job changes in `folder`, which goes with the room.

    With `swaps` the sources of others are shown as the job's user's own, by mounts that are needed until the
    container has started, and that `close` takes away. Without, they are to be given to the user in the container.
    """

    def __init__(self, folder: Path, swaps: Swaps | None = None) -> None:
        self.folder = folder
        self._swaps = swaps

    def fits(self) -> bool:
        """Whether the kernel takes the folder's name."""
        return not _UNSAFE.search(str(self.folder))

    def close(self) -> None:
        """Takes the mounts away; an overlay over them goes on."""
        if self._swaps:
            oci_idmap.take_away(self.folder)

    def bind(self, number: int, tree: Tree, target: str, user: User) -> str:
        """Podman's word for the same: it keeps what changes with the container itself.

        https://docs.podman.io/en/latest/markdown/podman-run.1.html#volume-v-source-volume-host-dir-container-dir-options
        """
        return f"{self._lower(self._place(number), tree, user)}:{target}:O"

    def mount(self, number: int, tree: Tree, target: str, user: User) -> Json:
        """The engine's words for the tree as a volume that it removes with the container.

        Docker hands the options to mount(2) as they are: https://docs.docker.com/engine/storage/volumes/ ("local").
        Raises OSError, Refused where the source can't be shown as the user's.
        """
        place = self._place(number)
        upper, work = place / "upper", place / "work"
        for folder in (upper, work):
            folder.mkdir(exist_ok=True)
        upper.chmod(0o755)
        if os.geteuid() == 0 and user.number is not None:
            os.chown(upper, user.number, user.group if user.number else -1)
        options = f"lowerdir={self._lower(place, tree, user)},upperdir={upper},workdir={work}"
        if not owns(tree, user) and not self._swaps:  # giving files to the job's user then copies no contents
            options += ",metacopy=on"
        driver = {"Name": "local", "Options": {"type": "overlay", "device": "overlay", "o": options}}
        return {
            "Type": "volume",
            "Target": target,
            "VolumeOptions": {"NoCopy": True, "DriverConfig": driver, "Labels": {"understudy": "tree"}},
        }

    def _place(self, number: int) -> Path:
        place = self.folder / str(number)
        for folder in (self.folder, place):
            folder.mkdir(exist_ok=True)
        return place

    def _lower(self, place: Path, tree: Tree, user: User) -> Path:
        """A link to what the tree is laid over: any character may be in a source's name, and few in the options."""
        source = tree.source.resolve()
        lower = place / "lower"
        lower.unlink(missing_ok=True)
        if self._swaps and not owns(tree, user):
            source = _as_users(source, place, user, self._swaps)
        lower.symlink_to(source)
        return lower


def _as_users(source: Path, place: Path, user: User, swaps: Swaps) -> Path:
    """Where `source` is shown with the files of its owner as those of `user`, and of its group as of theirs."""
    assert user.number is not None
    state = source.stat()
    namespace = swaps.namespace((state.st_uid, user.number), (state.st_gid, user.group))
    shown = place / "shown"
    shown.mkdir(exist_ok=True)
    return oci_idmap.show(source, shown, namespace)


def owns(tree: Tree, user: User) -> bool:
    """Whether that user may write to all of `tree`: root, and its owner."""
    return user.number == 0 or tree.source.stat().st_uid == user.number
