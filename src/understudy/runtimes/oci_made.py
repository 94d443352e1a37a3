"""What containers are not made with, though the file says so: options, folders of the machine, other ports."""

from collections.abc import Iterator

from understudy.findings import Finding, Position, Severity
from understudy.model.ports import apart
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_options import mounted, options_of
from understudy.runtimes.oci_ports import ports_elsewhere


def made_otherwise(spec: RoomSpec) -> tuple[Finding, ...]:
    """The findings of the job's container and of its services."""
    found = [*_of(spec.options, spec.volumes, "the job's container", Position())]
    for service in spec.services:
        name = f"service `{service.alias or service.image.raw}`"
        options = service.options.raw if service.options else ""
        found += _of(options, tuple(text.raw for text in service.volumes), name, service.image.at)
    lone = apart(spec.services)
    addresses = dict.fromkeys(lone, "its own")
    for way in ports_elsewhere(spec.services, addresses) if spec.image is None else ():
        own = f" under its name (`{way.service}`)" if way.address else ""
        message = (
            f"service `{way.service}` is found at port {way.inner}{own}, and at {way.outer} if the image has Python or "
            "Perl to lead it on"
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
