"""What containers are not made with, though the file says so: options, folders of the machine, other ports."""

from collections.abc import Iterator

from understudy.findings import Finding, Position, Severity
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_options import mounted, options_of
from understudy.runtimes.oci_ports import ports_elsewhere


def made_otherwise(spec: RoomSpec) -> tuple[Finding, ...]:
    """The findings of the job's container and of its services."""
    found = [*_of(spec.options, spec.volumes, "the job's container", Position())]
    inside: dict[str, str] = {}
    for service in spec.services:
        name = f"service `{service.alias or service.image.raw}`"
        options = service.options.raw if service.options else ""
        found += _of(options, tuple(text.raw for text in service.volumes), name, service.image.at)
        for port in service.ports:
            found += _of_port(port, name, inside, service.image.at)
    for name, outer, inner in ports_elsewhere(spec.services) if spec.image is None else ():
        message = (
            f"service `{name}` is found at port {inner}, and at {outer} if the image has Python or Perl to lead it on"
        )
        found.append(Finding(Severity.NOTE, "port-led-on", message))
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


def _of_port(written: str, what: str, inside: dict[str, str], at: Position) -> Iterator[Finding]:
    """The room and its services share one network: each port of a container is there once."""
    port = written.partition("/")[0].rpartition(":")[2]
    if inside.setdefault(port, what) != what:
        message = f"{what} and {inside[port]} both want port {port}, and share one network here"
        yield Finding(Severity.WARNING, "port-taken", message, at, "give one of them another port inside its container")
