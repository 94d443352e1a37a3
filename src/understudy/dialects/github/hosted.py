"""Programs that GitHub's own machines have, and that the room which stands in for one may lack."""

from understudy.dialects.base import RoomFile
from understudy.model.pipeline import Job, Platform

_PROGRAMS = ("pipx",)


def programs(job: Job) -> tuple[RoomFile, ...]:
    """Stand-ins that give way to the room's own; none for a job in a container, which has what its image has.

    See https://docs.github.com/actions/concepts/runners/github-hosted-runners#preinstalled-software-for-github-owned-images.
    """
    from importlib.resources import files as package_files  # noqa: PLC0415 - needed by runs alone

    if job.container is not None or job.platform is not Platform.LINUX:
        return ()
    folder = package_files("understudy.dialects.github") / "tools"
    return tuple(RoomFile(name, (folder / name).read_bytes(), 0o755) for name in _PROGRAMS)
