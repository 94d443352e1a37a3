"""What an engine is asked for when it is to make a container: a room's, or a service's."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from understudy.model.pipeline import Container
from understudy.runtimes.accounts import expand
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_client import Json
from understudy.runtimes.oci_images import Image
from understudy.runtimes.oci_options import Options, mounted, options_of
from understudy.runtimes.oci_settings import OciSettings

CONTROL = "/run/understudy/control"
TOOLS = "/run/understudy/tools"
LABEL = "understudy"
ROOM_LABEL = "understudy.room"
"""Bears the room's scratch folder: what carries it belongs to that room and to nothing else."""

_FILES_FOR_TOOLS = re.compile(r"CERT|SSL|CA_BUNDLE|CAINFO|CACERT|_CA_|ROOTS_FILE|^PIP_CONFIG_FILE$|^PIP_FIND_LINKS$")
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Host:
    """What an engine's machine has: CPUs, bytes of memory, whether it labels files, knows GPUs, renumbers users."""

    cpus: int = 1
    memory_bytes: int = 0
    selinux: bool = False
    gpus: bool = False
    maps_users: bool = False
    name: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """How a room reaches a container engine: its address in there, the mount that holds its socket, whose group.

    `nested`: it is an engine of the job's own, and not the one that makes the room.
    """

    host: str
    mount: Json
    group: int
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A room's container before it is made. `command` starts what runs steps; `entry`, where there is one, is first."""

    spec: RoomSpec
    image: Image
    user: str
    home: str
    scratch: str
    mounts: tuple[Json, ...] = ()
    overlays: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    entry: tuple[str, ...] = ()
    access: Access | None = None
    aliases: tuple[str, ...] = field(default=())


def labels(scratch: str) -> dict[str, str]:
    """What everything of a room bears."""
    return {LABEL: "room", ROOM_LABEL: scratch}


def container_name(spec: RoomSpec, suffix: str = "") -> str:
    """A name that people recognise and no other container has."""
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"understudy-{spec.name}{suffix}")
    return f"{slug[:60]}-{uuid.uuid4().hex[:8]}"


def hostname(name: str) -> str:
    """A host's name out of any name."""
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:63].strip("-") or "room"


def room_body(draft: Draft, settings: OciSettings, host: Host) -> Json:
    """The job's own container."""
    spec = draft.spec
    env = {"HOME": draft.home, **({"DOCKER_HOST": draft.access.host} if draft.access else {})}
    wanted = options_of(spec.options, cpus=host.cpus)
    volumes, _ = mounted(spec.volumes)
    binds = [*shown_files(spec.env), *([draft.access.mount] if draft.access else [])]
    known: dict[str, Json] = {
        "Image": draft.image.id,
        "User": draft.user,
        "Env": [f"{name}={value}" for name, value in env.items()],
        **_begun(draft),
        "Hostname": hostname(spec.name),
        "Labels": labels(draft.scratch),
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "Mounts": [*draft.mounts, *_shared(draft), *binds],
            "Binds": list(draft.overlays),
            "Tmpfs": {TOOLS: "rw,exec,nosuid,mode=1777"},
            "NetworkMode": _network(spec, settings),
            "ExtraHosts": [f"{alias}:127.0.0.1" for alias in draft.aliases],
            **({} if draft.entry else {"AutoRemove": True, "LogConfig": {"Type": "none"}}),
            **_security(host),
            **({"GroupAdd": [str(draft.access.group)]} if draft.access else {}),
            **limits(spec, settings, host),
            **_devices(spec, settings),
        },
    }
    # What the agent stands on stays: the options of a job's container may not change how it is started.
    free = {name: value for name, value in wanted.body.items() if name not in known}
    return _with_options(known, replace(wanted, body=free), volumes)


def _begun(draft: Draft) -> dict[str, Json]:
    """The first process. An entrypoint has its image's folder, and a standard input on which nobody ever says anything.

    So a shell waits, as it does on the service.
    """
    if draft.entry:
        return {"Entrypoint": [draft.entry[0]], "Cmd": list(draft.entry[1:]), "OpenStdin": True}
    return {"Entrypoint": [draft.command[0]], "Cmd": list(draft.command[1:]), "WorkingDir": "/"}


def _with_options(body: dict[str, Json], wanted: Options, volumes: Json) -> Json:
    """`body` with what the file wants besides; of lists and tables both parts."""
    host = dict(body["HostConfig"])
    for name, value in wanted.host.items():
        known = host.get(name)
        host[name] = [*known, *value] if isinstance(known, list) else {**known, **value} if known else value
    return {
        **body,
        **wanted.body,
        "Env": [*body["Env"], *wanted.env],
        "HostConfig": host,
        **({"Volumes": volumes} if volumes else {}),
    }


def service_body(
    service: Container, image: Image, draft: Draft, room: str, host: Host, apart: tuple[str, ...] | None = None
) -> Json:
    """A service's container, in the network of the job's: `localhost` is the same for both.

    `apart`: it has one of its own, in which it knows these names (`NAME:ADDRESS`).

    https://circleci.com/docs/guides/execution-managed/using-docker/#using-multiple-docker-images
    """
    body: dict[str, Json] = {
        "Image": image.id,
        "Env": [f"{name}={text.raw}" for name, text in service.env.items()],
        "Labels": labels(draft.scratch),
        "HostConfig": {"NetworkMode": f"container:{room}" if apart is None else "bridge", **_security(host)},
    }
    if service.entrypoint:
        body["Entrypoint"] = [word.raw for word in service.entrypoint]
    if service.command:
        body["Cmd"] = [word.raw for word in service.command]
    if service.user:
        body["User"] = service.user.raw
    if service.health:
        second = 1_000_000_000
        body["Healthcheck"] = {"Test": ["CMD-SHELL", service.health.raw], "Interval": second, "Retries": 60}
    volumes, _ = mounted(tuple(text.raw for text in service.volumes))
    wanted = options_of(service.options.raw if service.options else "", cpus=host.cpus)
    # Its network is the room's, and with it its name and the names that it knows.
    wanted.body.pop("Hostname", None)
    wanted.host.pop("ExtraHosts", None)
    if apart:
        wanted.host["ExtraHosts"] = list(apart)
    return _with_options(body, wanted, volumes)


def control_mount(source: Path) -> Json:
    """The folder through which the agent is served."""
    return _bind(str(source), CONTROL, writable=True)


def shown_files(env: Mapping[str, str]) -> list[Json]:
    """The files of this machine that its network settings name, read only at the same place."""
    named: Iterable[str] = (value for name, value in env.items() if _FILES_FOR_TOOLS.search(name))
    paths = {word for value in named for word in value.split() if word.startswith("/")}
    return [_bind(path, path, writable=False) for path in sorted(paths) if Path(path).exists()]


def limits(spec: RoomSpec, settings: OciSettings, host: Host) -> dict[str, Json]:
    """The hosted size as bounds; never above what there is. Without swap, as on the service."""
    found: dict[str, Json] = {}
    if settings.limits and spec.resources.cpus:
        found["NanoCpus"] = int(min(spec.resources.cpus, host.cpus) * 1e9)
    if memory := memory_limit(spec, settings, host):
        found |= {"Memory": memory, "MemorySwap": memory}
    if settings.shm_mib:
        found["ShmSize"] = settings.shm_mib * MEBIBYTE
    if settings.ulimits:
        bounds = settings.ulimits.items()
        found["Ulimits"] = [{"Name": name, "Soft": soft, "Hard": hard} for name, (soft, hard) in bounds]
    return found


def memory_limit(spec: RoomSpec, settings: OciSettings, host: Host) -> int:
    """Bytes; 0 where nothing but the machine bounds it."""
    if not settings.limits or not spec.resources.memory_mib:
        return 0
    wanted = spec.resources.memory_mib * MEBIBYTE
    return wanted if not host.memory_bytes or wanted < host.memory_bytes else 0


def _shared(draft: Draft) -> list[Json]:
    """Volumes for the folders that other containers see, too, where no tree is one already."""
    there = {one["Target"] for one in draft.mounts}
    places = (expand(path, draft.home, draft.home) for path in draft.spec.shared)
    return [{"Type": "volume", "Target": place} for place in places if place not in there]


def _bind(source: str, target: str, *, writable: bool) -> Json:
    return {"Type": "bind", "Source": source, "Target": target, "ReadOnly": not writable}


def _network(spec: RoomSpec, settings: OciSettings) -> str:
    if not spec.network:
        return "none"
    return "host" if settings.host_network else "bridge"


def _security(host: Host) -> dict[str, Json]:
    return {"SecurityOpt": ["label=disable"]} if host.selinux else {}


def _devices(spec: RoomSpec, settings: OciSettings) -> dict[str, Json]:
    """https://docs.docker.com/engine/containers/resource_constraints/#gpu."""
    wanted = spec.resources.gpus > 0 if settings.gpus is None else settings.gpus
    return {"DeviceRequests": [{"Driver": "", "Count": -1, "Capabilities": [["gpu"]]}]} if wanted else {}
