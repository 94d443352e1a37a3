"""Ports of a service's machine under other numbers than its container's: led on inside of the room's network.

A job without a container of its own finds `8080:80` at `localhost:8080`. See
https://docs.github.com/actions/tutorials/use-containerized-services/use-docker-service-containers.
"""

import time
from collections.abc import Callable, Iterable, Iterator

from understudy.model.pipeline import Container
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_client import Client, Json

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
def serve(door, port):
    while True:
        caller = door.accept()[0]
        try:
            service = socket.create_connection(("127.0.0.1", port))
        except OSError:
            caller.close()
            continue
        for pair in ((caller, service), (service, caller)):
            threading.Thread(target=carry, args=pair, daemon=True).start()
for one in sys.argv[1:]:
    outer, inner = map(int, one.split(":"))
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("", outer))
    door.listen(64)
    threading.Thread(target=serve, args=(door, inner)).start()
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
    my ($outer, $inner) = split /:/;
    my $door = IO::Socket::INET->new(LocalPort => $outer, Listen => 64, ReuseAddr => 1) or next;
    next if fork;
    while (my $caller = $door->accept) {
        next if fork;
        my $service = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $inner) or exit;
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


def ports_elsewhere(services: Iterable[Container]) -> Iterator[tuple[str, int, int]]:
    """Each port that has another number on the machine: whose it is, that number, and the container's."""
    for service in services:
        for written in service.ports:
            number, _, kind = written.partition("/")
            parts = number.split(":")
            if len(parts) > 1 and parts[-2] != parts[-1] and kind in {"", "tcp"}:
                outer, inner = parts[-2:]
                if outer.isdecimal() and inner.isdecimal():
                    yield service.alias or service.image.raw, int(outer), int(inner)


def lead_on(client: Client, room: str, spec: RoomSpec, listening: Callable[[], frozenset[int]]) -> None:
    """Leads such ports on, by a program of the room's image; says so where it has none. Raises MachineError.

    The program ends with container `room`. `listening` tells the ports of the room's network that somebody listens on.
    """
    wanted = tuple(ports_elsewhere(spec.services)) if spec.image is None else ()
    if not wanted:
        return
    pairs = [f"{outer}:{inner}" for _, outer, inner in wanted]
    command = ["sh", "-c", _START, "lead-on", PYTHON, PERL, *pairs]
    made: Json = client.post(f"/containers/{room}/exec", {"User": "0", "Cmd": command})
    client.post(f"/exec/{made['Id']}/start", {"Detach": True, "Tty": False})
    until = time.monotonic() + _BEGIN_S
    missing = {outer for _, outer, _ in wanted}
    while missing := missing - listening():
        if time.monotonic() > until or not client.get(f"/exec/{made['Id']}/json").get("Running"):
            break
        time.sleep(_PAUSE_S)
    for name, outer, inner in wanted:
        if outer in missing:
            spec.tell(f"service {name} is found at port {inner} alone: nothing in the room's image leads {outer} on")
