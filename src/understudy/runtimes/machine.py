"""What this machine is, and what no room on it can be."""

from functools import cache
from os import uname
from pathlib import Path

from understudy.model.pipeline import Platform, Resources

_SYSTEMS = {Platform.MACOS: ("darwin", "macOS"), Platform.WINDOWS: ("win32", "Windows")}


@cache
def machine_name() -> str:
    """What this machine runs, as people call it: `Debian 12`, `macOS 14.5`."""
    release = _os_release()
    if "NAME" not in release:
        import platform as own  # noqa: PLC0415 - compiles much that most machines never need

        version = own.mac_ver()[0]
        return f"macOS {version}" if version else f"{own.system()} {own.release()}"
    name = release["NAME"].removesuffix(" GNU/Linux").removesuffix(" Linux")
    return f"{name} {release.get('VERSION_ID', '')}".strip()


def _os_release() -> dict[str, str]:
    """What the system says of itself. https://www.freedesktop.org/software/systemd/man/latest/os-release.html"""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def unmet_on(system: str, platform: Platform, resources: Resources) -> str | None:
    """Why a machine of `system` (as `sys.platform`) can't be the `platform` with `resources` that a job asks for."""
    if platform in _SYSTEMS and _SYSTEMS[platform][0] != system:
        return f"it asks for {_SYSTEMS[platform][1]}, and this machine runs {machine_name()}"
    own = uname().machine
    if resources.processor is not None and resources.processor != own:
        return f"it asks for a processor of the kind {resources.processor}, and this machine's is {own}"
    if resources.gpus > 0 and not Path("/dev/nvidia0").exists():
        return "it asks for a GPU, and this machine has none"
    return None
