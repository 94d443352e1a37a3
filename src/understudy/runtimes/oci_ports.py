"""Ports of a service's machine under other numbers than its container's: led on inside of the room's network.

A job without a container of its own finds `8080:80` at `localhost:8080`. See
https://docs.github.com/actions/tutorials/use-containerized-services/use-docker-service-containers.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from understudy.model.pipeline import Container
from understudy.model.ports import found_at, wanted
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_client import Client, Json

_NOWHERE: Mapping[int, str] = {}
_BEGIN_S = 10.0
_PAUSE_S = 0.02

PYTHON = """\
import socket, sys, threading
def carry(source, target):
    try:
        for chunk in iter(lambda: source.recv(65536), b""):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
def serve(door, port, host="127.0.0.1"):
    while True:
        caller = door.accept()[0]
        try:
            service = socket.create_connection((host, port))
        except OSError:
            caller.close()
            continue
        for pair in ((caller, service), (service, caller)):
            threading.Thread(target=carry, args=pair, daemon=True).start()
for one in sys.argv[1:]:
    outer, inner, *where = one.split(":")
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("", int(outer)))
    door.listen(64)
    threading.Thread(target=serve, args=(door, int(inner), *where)).start()
"""
PERL = """\
use IO::Socket::INET;
$SIG{CHLD} = "IGNORE";
sub carry {
    my ($source, $target) = @_;
    syswrite($target, $_) while sysread($source, $_, 65536);
    shutdown($target, 1);
    exit;
}
for (@ARGV) {
    my ($outer, $inner, $host) = split /:/;
    my $door = IO::Socket::INET->new(LocalPort => $outer, Listen => 64, ReuseAddr => 1) or next;
    next if fork;
    while (my $caller = $door->accept) {
        next if fork;
        my $service = IO::Socket::INET->new(PeerAddr => $host || "127.0.0.1", PeerPort => $inner) or exit;
        fork ? carry($caller, $service) : carry($service, $caller);
    }
}
"""
_START = """\
python=$1 perl=$2
shift 2
command -v python3 >/dev/null 2>&1 && exec python3 -c "$python" "$@"
command -v perl >/dev/null 2>&1 && exec perl -e "$perl" -- "$@"
exit 127
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A port to be led on: whose it is, its number in the room, and the port it leads to, there or at an address."""

    service: str
    outer: int
    inner: int
    address: str = ""


def ports_elsewhere(services: Sequence[Container], addresses: Mapping[int, str] = _NOWHERE) -> Iterator[Way]:
    """Each port that is not found at its container's number; `addresses`: of services apart, by their indexes."""
    places = found_at(services)
    for index, service in enumerate(services):
        for port in wanted(service):
            outer = port.machine or (places[index][port.container] if index in addresses else "")
            elsewhere = index in addresses or (outer and outer != port.container)
            if elsewhere and port.protocol == "tcp" and outer.isdecimal() and port.container.isdecimal():
                name = service.alias or service.image.raw
                yield Way(name, int(outer), int(port.container), addresses.get(index, ""))


def lead_on(
    client: Client, room: str, spec: RoomSpec, listening: Callable[[], frozenset[int]], addresses: Mapping[int, str]
) -> None:
    """Leads such ports on, by a program of the room's image; says so where it has none. Raises MachineError.

    The program ends with container `room`. `listening` tells the ports of the room's network that somebody listens on;
    `addresses`: of services that are not in it, by their indexes.
    """
    ways = tuple(ports_elsewhere(spec.services, addresses)) if spec.image is None else ()
    if not ways:
        return
    words = [f"{one.outer}:{one.inner}" + (f":{one.address}" if one.address else "") for one in ways]
    command = ["sh", "-c", _START, "lead-on", PYTHON, PERL, *words]
    made: Json = client.post(f"/containers/{room}/exec", {"User": "0", "Cmd": command})
    client.post(f"/exec/{made['Id']}/start", {"Detach": True, "Tty": False})
    until = time.monotonic() + _BEGIN_S
    missing = {one.outer for one in ways}
    while missing := missing - listening():
        if time.monotonic() > until or not client.get(f"/exec/{made['Id']}/json").get("Running"):
            break
        time.sleep(_PAUSE_S)
    for one in ways:
        if one.outer in missing:
            place = f"port {one.inner}" + (f" of `{one.service}`" if one.address else "")
            spec.tell(f"service {one.service} is found at {place} alone: nothing in the room's image leads on to it")
