"""What containers are not made with, though the file says so: options, folders of the machine, other ports."""

from collections.abc import Iterator

from understudy.findings import Finding, Position, Severity
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_options import mounted, options_of


def made_otherwise(spec: RoomSpec) -> tuple[Finding, ...]:
    """The findings of the job's container and of its services."""
    found = [*_of(spec.options, spec.volumes, "the job's container", Position())]
    inside: dict[str, str] = {}
    for service in spec.services:
        name = f"service `{service.alias or service.image.raw}`"
        options = service.options.raw if service.options else ""
        found += _of(options, tuple(text.raw for text in service.volumes), name, service.image.at)
        for port in service.ports:
            found += _of_port(port, name, inside, service.image.at, mapped=spec.image is None)
    return tuple(found)


def _of(options: str, volumes: tuple[str, ...], what: str, at: Position) -> Iterator[Finding]:
    unknown = options_of(options).unknown
    if unknown:
        message = f"{what} was made without `{' '.join(unknown)}`"
        yield Finding(Severity.WARNING, "option-not-applied", message, at)
    _, lost = mounted(volumes)
    if lost:
        message = f"{what} was given an empty folder in place of `{', '.join(lost)}` of the service's machine"
        yield Finding(Severity.WARNING, "folder-not-there", message, at)


def _of_port(written: str, what: str, inside: dict[str, str], at: Position, *, mapped: bool) -> Iterator[Finding]:
    """The room and its services share one network: each port is where the container has it, and once.

    On the service a job with a container of its own finds it there, too; only on a machine ports are `mapped`.
    https://docs.github.com/actions/tutorials/use-containerized-services/use-docker-service-containers
    """
    parts = written.partition("/")[0].split(":")
    port = parts[-1]
    if inside.setdefault(port, what) != what:
        message = f"{what} and {inside[port]} both want port {port}, and share one network here"
        yield Finding(Severity.WARNING, "port-taken", message, at, "give one of them another port inside its container")
    elif mapped and len(parts) > 1 and parts[-2] and parts[-2] != port:
        message = f"{what} is found at port {port}, not at {parts[-2]}"
        yield Finding(Severity.WARNING, "port-elsewhere", message, at, "ask `job.services.NAME.ports` for it")
