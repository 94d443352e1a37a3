"""The findings of a room that stands in for an image: what would not be as on the service, in plain sentences."""

import shutil
from pathlib import Path

from understudy.findings import Finding, Severity
from understudy.model.pipeline import Container
from understudy.runtimes.accounts import STANDARD_PATH
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.machine import machine_name, unmet_on
from understudy.runtimes.pythons import Interpreter, find_python, python_for


def python_of(spec: RoomSpec) -> Interpreter | None:
    """The Python that a room of `spec` gets first on its PATH."""
    version = spec.python or python_for(spec.image)
    return find_python(version) or find_python(None)


def resolved(image: str) -> str:
    """What stands in for `image`, by name: this machine's system, and the Python that a room of it gets."""
    python = python_of(RoomSpec(name="", scratch=Path(), image=image))
    return f"{machine_name()}, Python {python.version if python else 'none'}"


def of_image(spec: RoomSpec) -> tuple[Finding, ...]:
    """What stands in for the image, its services and its size."""
    return (*_of_root(spec), *_of_services(spec), *_of_size(spec))


def unmet_here(spec: RoomSpec, system: str) -> str | None:
    """Why a machine of `system` (as `sys.platform`) can't perform `spec`, if it can't."""
    return unmet_on(system, spec.platform, spec.resources)


def _of_root(spec: RoomSpec) -> tuple[Finding, ...]:
    hint = "use `--runtime docker` to run the image itself"
    wanted, found = spec.python or python_for(spec.image), python_of(spec)
    asked = f"image `{spec.image}`" if spec.image else "the service's virtual machine"
    if wanted and spec.image and found:
        message = f"ran on this machine's Python {found.version} in place of `{spec.image}`"
        severity = Severity.NOTE
        if not _same_minor(wanted, found.version):
            severity = Severity.WARNING
            hint = f"install Python {wanted} (`pyenv install {wanted}`, `uv python install {wanted}`), or {hint}"
            message += f", which has Python {wanted}"
        return (Finding(severity, "stand-in-python", message, hint=hint),)
    message = f"ran on this machine's own {machine_name()} in place of {asked}"
    return (Finding(Severity.NOTE, "stand-in-image", message, hint=hint),)


def _same_minor(wanted: str, found: str) -> bool:
    parts = wanted.split(".")[:2]
    return found.split(".")[: len(parts)] == parts


def _of_services(spec: RoomSpec) -> tuple[Finding, ...]:
    return tuple(map(_of_service, spec.services))


def _of_service(service: Container) -> Finding:
    name = service.alias or service.image.raw
    program = next((one for one in service.programs if _is_here(one)), None)
    if program is not None:
        message = f"service `{name}` is this machine's own `{Path(program).name}` in place of `{service.image.raw}`"
        return Finding(Severity.NOTE, "service-stand-in", message, service.image.at)
    return Finding(
        Severity.UNSUPPORTED,
        "service-not-performed",
        f"service `{name}` (image `{service.image.raw}`) was not started: it needs a container engine",
        service.image.at,
        hint="use `--runtime docker`",
    )


def _is_here(program: str) -> bool:
    """Whether this machine has a program: by its name, or by a path with wildcards."""
    if "/" in program:
        return any(Path("/").glob(program.lstrip("/")))
    return shutil.which(program, path=STANDARD_PATH) is not None


def _of_size(spec: RoomSpec) -> tuple[Finding, ...]:
    if spec.resources.cpus is None and spec.resources.memory_mib is None:
        return ()
    message = "jobs were given this machine's processors and memory, not those of their resource class"
    return (Finding(Severity.NOTE, "limits-not-applied", message),)
