"""The services of a job: containers beside its own, awaited before the first step, their logs kept."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from understudy.errors import MachineError, RoomError
from understudy.model.pipeline import Container
from understudy.model.ports import apart
from understudy.runtimes.oci_body import Draft, Host, container_name, service_body
from understudy.runtimes.oci_client import Client, EngineError, Json
from understudy.runtimes.oci_images import Image, Images
from understudy.runtimes.oci_logs import demultiplexed, last_words, log_of
from understudy.runtimes.oci_names import address_of, names_of_room, rename_in_room
from understudy.runtimes.oci_options import checks_health
from understudy.runtimes.oci_ports import lead_on
from understudy.runtimes.oci_room import state_of

READY_S = 120.0
PAUSE_S = 0.02
_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Running:
    """A service's container. `address`: its own, empty where it is in the room's network."""

    name: str
    service: Container
    image: Image
    id: str
    address: str = ""


class Services:
    """The services of one room, from their start to their end."""

    def __init__(self, client: Client, images: Images, draft: Draft, host: Host) -> None:
        self._client = client
        self._images = images
        self._draft = draft
        self._host = host
        self._running: list[Running] = []
        self._room = ""

    def start(self, room: str) -> None:
        """Starts all of them, in the network of container `room`. Raises MachineError."""
        self._room = room
        services = self._draft.spec.services
        images = [self._image(service) for service in services]
        # Without any network there is none to be apart in.
        lone = apart(services, [image.ports for image in images]) if self._draft.spec.network else frozenset[int]()
        names = names_of_room(self._client, room, self._draft.aliases) if lone else ()
        for index, (service, image) in enumerate(zip(services, images, strict=True)):
            body = service_body(service, image, self._draft, room, self._host, names if index in lone else None)
            name = service.alias or service.image.raw
            made = self._client.post(
                "/containers/create", body, name=container_name(self._draft.spec, f"-service-{index + 1}")
            )
            self._running.append(Running(name, service, image, made["Id"]))
            self._client.post(f"/containers/{made['Id']}/start")
            if index in lone:
                self._running[-1] = self._settled_apart(self._running[-1])

    def _image(self, service: Container) -> Image:
        credentials = {name: text.raw for name, text in service.credentials.items()}
        return self._images.obtain(service.image.raw, credentials, self._draft.spec.tell)

    def _settled_apart(self, one: Running) -> Running:
        """`one` with its address, by which the room knows its name from now on. Raises RoomError."""
        address = address_of(self._client, one.id)
        if not address:
            raise RoomError(
                f"service `{one.name}` wants a port that another service has, and has no address of its own here",
                hint="give one of them another port, or use an engine with a bridge network",
            )
        if one.service.alias:
            rename_in_room(self._client, self._room, one.service.alias, address)
        return replace(one, address=address)

    def await_ready(self, listening: Callable[[], frozenset[int]]) -> None:
        """Waits until each is healthy by its own check, or listens on a port that its image exposes.

        `listening` tells the ports of the room's network that somebody listens on. Raises RoomError for one that ended
        or never gets healthy. One that only never listens is told of: the service of the real CI waits for no port.
        Then their ports are led on to where the file wants them.
        """
        self._await(listening)
        addresses = {index: one.address for index, one in enumerate(self._running) if one.address}
        lead_on(self._client, self._room, self._draft.spec, listening, addresses)

    def _await(self, listening: Callable[[], frozenset[int]]) -> None:
        until = time.monotonic() + READY_S
        waiting = list(self._running)
        while waiting:
            ports = listening() if any(not _is_checked(one) for one in waiting) else frozenset()
            waiting = [one for one in waiting if not self._is_ready(one, ports)]
            if waiting and time.monotonic() > until:
                self._give_up(waiting)
                return
            if waiting:
                time.sleep(PAUSE_S)

    def dead(self) -> str:
        """A clause about a service that has ended; empty while all run."""
        for one in self._running:
            state = state_of(self._client, one.id)
            if state is None or not state.get("Running", False):
                return f"service `{one.name}` is no longer running ({ending(state)})"
        return ""

    def close(self) -> None:
        """Keeps their logs, and removes them."""
        if not self._running:
            return
        with ThreadPoolExecutor(len(self._running)) as pool:
            list(pool.map(self._end, self._running))

    def _end(self, one: Running) -> None:
        try:
            self._draft.spec.keep(one.name, log_of(self._client, one.id))
            self._client.remove_container(one.id)
        except MachineError:  # the engine is gone: what is left goes with the sweep
            return

    def _is_ready(self, one: Running, ports: frozenset[int]) -> bool:
        state = state_of(self._client, one.id)
        if state is None or not state.get("Running", False):
            raise RoomError(
                f"service `{one.name}` (image `{one.service.image.raw}`) ended before the first step "
                f"({ending(state)}){self._last_words(one)}",
                hint="its image may need a variable, such as a password, or a port that another service has",
            )
        if not _is_checked(one):
            return not one.image.ports or bool((ports if not one.address else self._own(one)) & set(one.image.ports))
        health: Json = state.get("Health") or {}
        # A check that the file itself asks for is not waited for once it has failed as often as it may.
        if health.get("Status") == "unhealthy" and one.service.options is not None:
            raise self._unhealthy(one, "is unhealthy")
        return bool(health.get("Status") == "healthy")

    def _own(self, one: Running) -> frozenset[int]:
        """The ports that a service apart listens on; all of its image's where nothing in it can say."""
        try:
            told = demultiplexed(self._client.execute(one.id, ("cat", "/proc/net/tcp", "/proc/net/tcp6")))
        except EngineError:
            told = b""
        if b"local_address" not in told:
            return frozenset(one.image.ports)
        return listening_ports(told.decode(errors="replace"))

    def _give_up(self, waiting: list[Running]) -> None:
        for one in waiting:
            if _is_checked(one):
                raise self._unhealthy(one, f"is not healthy after {READY_S:.0f} s")
            ports = ", ".join(map(str, one.image.ports))
            self._draft.spec.tell(f"service {one.name} listens on none of its ports ({ports}); the job starts without")

    def _unhealthy(self, one: Running, how: str) -> RoomError:
        checks: Json = ((state_of(self._client, one.id) or {}).get("Health") or {}).get("Log") or [{}]
        said = " ".join(str(checks[-1].get("Output") or "").split())[:200]
        return RoomError(
            f"service `{one.name}` (image `{one.service.image.raw}`) {how}{self._last_words(one)}",
            hint=f"its health check says: {said}" if said else "its health check never passed",
        )

    def _last_words(self, one: Running) -> str:
        try:
            return last_words(log_of(self._client, one.id))
        except MachineError:
            return ""


def _is_checked(one: Running) -> bool:
    return bool(one.service.health) or checks_health(one.service) or one.image.checks_health


def ending(state: object) -> str:
    """How a container ended, by what the engine says of its state."""
    if not isinstance(state, dict):
        return "its container is gone"
    if state.get("OOMKilled"):
        return "out of memory"
    return f"status {state.get('ExitCode', 'unknown')}"


def listening_ports(tables: str) -> frozenset[int]:
    """The ports in state LISTEN of `/proc/net/tcp` and `tcp6` (proc(5)), given as text."""
    rows = (line.split() for line in tables.splitlines())
    local = (words[1] for words in rows if len(words) > 3 and words[3] == _LISTENING)
    return frozenset(int(address.rpartition(":")[2], 16) for address in local)
