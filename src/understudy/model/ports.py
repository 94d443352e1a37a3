"""Ports that a job's services want: which services can share one network, and where each port is then found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understudy.model.pipeline import Container

_FIRST_OF_OURS = 49152
"""Where numbers begin that no service is registered with: https://www.rfc-editor.org/rfc/rfc6335#section-6."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a service: the number in its `container`, and on the `machine`, empty where any will do."""

    container: str
    machine: str
    protocol: str


def wanted(service: Container) -> tuple[Port, ...]:
    """The ports of `service` as its file has them: `80`, `8080:80`, `127.0.0.1:8080:80/tcp`."""
    found = []
    for written in service.ports:
        number, _, protocol = written.partition("/")
        outer, _, inner = number.rpartition(":")
        found.append(Port(inner, outer.rpartition(":")[2], protocol or "tcp"))
    return tuple(found)


def apart(services: Sequence[Container], exposed: Sequence[Sequence[int]] = ()) -> frozenset[int]:
    """The indexes of the services that need a network of their own: others have their containers' ports.

    `exposed`: the ports that the image of each exposes, which count where its file names none. Of several the one that
    wants the same number on the machine has it, else the first.
    """
    ports = [
        {port.container for port in wanted(service)} or {str(port) for port in (exposed[index] if exposed else ())}
        for index, service in enumerate(services)
    ]
    first = sorted(range(len(services)), key=lambda index: not _has_same_numbers(services[index]))
    taken: set[str] = set()
    others = set()
    for index in first:
        if taken.isdisjoint(ports[index]):
            taken |= ports[index]
        else:
            others.add(index)
    return frozenset(others)


def _has_same_numbers(service: Container) -> bool:
    return any(port.container == port.machine for port in wanted(service))


def found_at(services: Sequence[Container]) -> tuple[Mapping[str, str], ...]:
    """Of each service, by the container's port, the number at which a job without a container finds it.

    In a network that all share that is the same number. A service apart from it is led on to from what it wants on the
    machine, or from a number of ours.
    """
    lone = apart(services)
    used = {number for service in services for port in wanted(service) for number in (port.container, port.machine)}
    free = (str(number) for number in range(_FIRST_OF_OURS, 1 << 16) if str(number) not in used)
    return tuple(
        {port.container: (port.machine or next(free)) if index in lone else port.container for port in wanted(service)}
        for index, service in enumerate(services)
    )
