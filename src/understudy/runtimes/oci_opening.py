"""Opens a room in a container of an engine that sees this machine's files, and closes it again."""

import contextlib
import enum
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from understudy.errors import MachineError, RoomError
from understudy.runtimes.accounts import STANDARD_PATH, expand
from understudy.runtimes.base import RoomSpec, Tree
from understudy.runtimes.held import control_folder
from understudy.runtimes.kernel import Refused
from understudy.runtimes.oci_asides import OciAsides
from understudy.runtimes.oci_body import (
    TOOLS,
    Draft,
    container_name,
    control_mount,
    labels,
    memory_limit,
    room_body,
)
from understudy.runtimes.oci_client import EngineError, Json, UnreachableError
from understudy.runtimes.oci_engine import Engine
from understudy.runtimes.oci_entry import entry_of, explained, keep_log, named, start_agent
from understudy.runtimes.oci_idmap import Swaps
from understudy.runtimes.oci_images import Image
from understudy.runtimes.oci_nested import NestedEngine, access_to
from understudy.runtimes.oci_options import options_of
from understudy.runtimes.oci_room import (
    COMMAND,
    Circumstances,
    OciRoom,
    await_agent,
    open_pipes,
)
from understudy.runtimes.oci_services import Services, listening_ports
from understudy.runtimes.oci_trees import LAYERS, Overlays, owns
from understudy.runtimes.oci_users import User
from understudy.runtimes.room import AgentRoom
from understudy.runtimes.wire import Wire

_NO_FILES = ("bind source path does not exist", "invalid mount config", "statfs", "no such file or directory: bind")

_NO_OVERLAY = ("overlay", "failed to mount local volume", "invalid mount option")


IMAGE_RECORD = "image"
"""In a room's scratch: the image that the engine can remove other users' files with."""


class NotSharedError(MachineError):
    """The engine doesn't see this machine's files."""


class Trees(enum.Enum):
    """How the project's files are in a container that has started: there, there as another's, not yet."""

    READY = enum.auto()
    FOREIGN = enum.auto()
    ABSENT = enum.auto()


def draft_of(engine: Engine, spec: RoomSpec, image: Image, user: User) -> Draft:
    """The container of a room, without its mounts."""
    wanted = spec.user or image.user
    aliases = tuple(one.alias for one in spec.services if one.alias)
    access = access_to(engine, spec)
    scratch, entry = str(spec.scratch.resolve()), entry_of(spec, image)
    return Draft(spec, image, wanted, user.home, scratch, entry=entry, access=access, aliases=aliases)


def room_env(draft: Draft, user: User) -> dict[str, str]:
    """What every process of the room starts with: the image's own, and what the engine adds."""
    env = dict(draft.image.env)
    env["PATH"] = f"{TOOLS}:{env.get('PATH') or STANDARD_PATH}"
    env["HOME"] = user.home
    if user.name:
        env.setdefault("USER", user.name)
    if draft.access:
        env["DOCKER_HOST"] = draft.access.host
    wanted = (written.partition("=") for written in options_of(draft.spec.options).env)
    return {**env, **draft.spec.env, **{name: value for name, _, value in wanted}}


@contextlib.contextmanager
def local_room(engine: Engine, draft: Draft, user: User) -> Iterator[OciRoom]:
    """The room, open. Raises MachineError, and NotSharedError where it can't be because of the engine's place."""
    spec = draft.spec
    spec.scratch.chmod(0o700)  # the pipes below are open to whoever reaches them: the container's user
    (spec.scratch / IMAGE_RECORD).write_text(draft.image.id, encoding="ascii")
    control = control_folder(spec.scratch)
    control.chmod(0o755)
    (control / "agent.sh").chmod(0o644)
    wire = Wire(open_pipes(control), control, shared=True)
    services = Services(engine.client, engine.images, draft, engine.host())
    own_engine = NestedEngine(engine, draft)
    container = ""
    try:
        container, trees = _started(engine, replace(draft, command=COMMAND), control, user)
        with explained(engine.client, container, draft):
            _begin_agent(engine, container, draft)
            await_agent(wire, engine.client, container, draft.image.name)
        around = Circumstances(
            engine.client,
            container,
            time.time(),
            _limit(engine, spec),
            lambda: services.dead() or own_engine.dead(),
            named(draft.entry),
        )
        places = (user.home, expand(spec.workdir, user.home, user.home))
        room = OciRoom(wire, places, room_env(draft, user), around)
        prepare(engine, container, room, user)
        share(engine, draft, room, container, user)
        if trees is Trees.FOREIGN:
            _give(engine, container, draft, user)
        elif trees is Trees.ABSENT:
            lay_trees(room, spec.trees)
        if spec.services:
            services.start(container)
            services.await_ready(lambda: listening_ports(tables(room)))
        own_engine.start(container)
        yield room
    finally:
        own_engine.close()
        _closed(engine, services, container, draft)
        wire.close()


def _begin_agent(engine: Engine, container: str, draft: Draft) -> None:
    try:
        start_agent(engine.client, container, draft)
    except EngineError as error:
        raise refusal(error, draft) from error


def _closed(engine: Engine, services: Services, container: str, draft: Draft) -> None:
    with contextlib.suppress(UnreachableError):  # an engine that went away took the containers along, or the sweep does
        services.close()
        if not container:
            return
        keep_log(engine.client, container, draft)
        if os.geteuid() != 0 and (draft.spec.scratch / "layers").exists():
            with contextlib.suppress(EngineError):  # files of other users: only the engine may remove them
                engine.client.execute(container, ("sh", "-c", f"rm -rf {LAYERS}/*/upper {LAYERS}/*/work"))
        engine.client.remove_container(container)


def _started(engine: Engine, draft: Draft, control: Path, user: User) -> tuple[str, Trees]:
    """The container's id, and how the trees are in it."""
    trees = draft.spec.trees
    draft = replace(draft, mounts=(control_mount(control),))
    try:
        if not trees:
            return _start(engine, draft), Trees.READY
        if draft.spec.shared and engine.name == "podman":  # its overlays belong to one container alone
            return _start(engine, draft), Trees.ABSENT
        if user.number is not None and Overlays(_layers(draft)).fits():
            foreign = not all(owns(tree, user) for tree in trees)
            if foreign and engine.maps_owners:
                if container := _start_mapped(engine, draft, user):
                    return container, Trees.READY
                engine.maps_owners = False
            if engine.overlays:
                if container := _start_overlaid(engine, draft, user):
                    return container, Trees.FOREIGN if foreign else Trees.READY
                engine.overlays = False
        return _start(engine, draft), Trees.ABSENT
    except EngineError as error:
        raise refusal(error, draft) from error


def _start_mapped(engine: Engine, draft: Draft, user: User) -> str:
    """As `_start_overlaid`, with others' files shown as the user's own; empty where that doesn't work here."""
    if engine.host().maps_users:
        return ""
    try:
        return _start_overlaid(engine, draft, user, engine.swaps)
    except (OSError, Refused):  # an old kernel, a file system that has no such mounts, no `unshare`
        return ""


def _start_overlaid(engine: Engine, draft: Draft, user: User, swaps: Swaps | None = None) -> str:
    """Makes and starts the container with the trees as overlays; empty where they don't work here."""
    overlays = Overlays(_layers(draft), swaps)
    try:
        return _start(engine, _overlaid(engine, draft, overlays, user))
    except EngineError as error:
        if not any(sign in error.message for sign in _NO_OVERLAY):
            raise
        return ""
    finally:
        overlays.close()


def _layers(draft: Draft) -> Path:
    return draft.spec.scratch.resolve() / "layers"


def _give(engine: Engine, container: str, draft: Draft, user: User) -> None:
    """Gives overlaid trees to the job's user, where it is neither root nor their owner."""
    targets = [expand(tree.target, user.home) for tree in draft.spec.trees if not owns(tree, user)]
    engine.client.execute(container, ("chown", "-R", f"{user.number}:{user.group}", *targets))


def erase_with_engine(engine: Engine, scratch: Path) -> None:
    """Removes layers whose files belong to other users than this program's, in a container. Raises MachineError."""
    try:
        image = (scratch / IMAGE_RECORD).read_text(encoding="ascii")
    except OSError:
        return
    layers = {"Type": "bind", "Source": str(scratch.resolve() / "layers"), "Target": LAYERS}
    body = {
        "Image": image,
        "User": "0",
        "Entrypoint": ["sh"],
        "Cmd": ["-c", f"rm -rf {LAYERS}/*/upper {LAYERS}/*/work"],
        "Labels": labels(str(scratch.resolve())),
        "HostConfig": {"Mounts": [layers], "NetworkMode": "none"},
    }
    container = str(engine.client.post("/containers/create", body)["Id"])
    try:
        engine.client.post(f"/containers/{container}/start")
        engine.client.post(f"/containers/{container}/wait")
    finally:
        engine.client.remove_container(container)


def _overlaid(engine: Engine, draft: Draft, overlays: Overlays, user: User) -> Draft:
    """`draft` with its trees as overlays, in the words of its engine. Raises OSError, Refused (see `Overlays`)."""
    placed = [(index, tree, expand(tree.target, user.home)) for index, tree in enumerate(draft.spec.trees)]
    if engine.name == "podman":
        return replace(draft, overlays=tuple(overlays.bind(*one, user) for one in placed))
    mounts = [overlays.mount(*one, user) for one in placed]
    if os.geteuid() != 0:
        mounts.append({"Type": "bind", "Source": str(overlays.folder), "Target": LAYERS})
    return replace(draft, mounts=(*draft.mounts, *mounts))


def _start(engine: Engine, draft: Draft) -> str:
    """Makes and starts the container. Raises EngineError; what was made by then is removed."""
    body = room_body(draft, engine.settings, engine.host())
    made: Json = engine.client.post("/containers/create", body, name=container_name(draft.spec))
    container = str(made["Id"])
    try:
        engine.client.post(f"/containers/{container}/start")
    except MachineError:
        engine.client.remove_container(container)
        raise
    return container


def refusal(error: MachineError, draft: Draft) -> MachineError:
    """What the engine said against a room, as people say it."""
    said, image = error.message, draft.image.name
    if any(sign in said for sign in _NO_FILES):
        return NotSharedError(said)
    if '"sh"' in said and ("not found" in said or "no such file" in said):
        return RoomError(
            f"the image `{image}` has no `sh`, which steps need",
            hint='give the job an image with a shell, or map it in understudy.toml: [images] "..." = "..."',
        )
    if "unable to find user" in said or "no matching entries" in said:
        return RoomError(f"the image `{image}` has no user `{draft.user}`", hint="see `user` of the job's image")
    if "no space left" in said:
        return RoomError(f"the disk of the container engine is full: {said}", hint="`docker system df` says of what")
    if "device driver" in said and "gpu" in said:
        return RoomError("the container engine can't pass a GPU on", hint="install the NVIDIA Container Toolkit")
    if draft.entry and f'"{draft.entry[0]}"' in said:
        said = f"{named(draft.entry)} can't be started in the image `{image}` ({said})"
    return RoomError(f"the container engine refused the room: {said}")


def prepare(engine: Engine, container: str, room: AgentRoom, user: User) -> None:
    """Sees to it that home and the working directory are there, and the job's user may write to them.

    Where the project's files lie deeper in home, the engine has made the folders between as root's.
    """
    owner = user.number if user.number is not None else user.name
    between = _between(room.home, room.workdir)
    if between and user.number != 0:
        engine.client.execute(container, ("chown", str(owner), *between))
    if room.can_work():
        return
    script = (
        'for place in "$0" "$1"; do [ -d "$place" ] || { mkdir -p "$place"; chown "$2" "$place"; }; done; '
        'chown "$2" "$1"'
    )
    engine.client.execute(container, ("sh", "-c", script, room.home, room.workdir, str(owner)))
    if not room.can_work():
        raise RoomError(f"the job's user can't write to its working directory `{room.workdir}`")


def _between(home: str, workdir: str) -> tuple[str, ...]:
    """The folders below `home` that `workdir` lies in, outermost first; none where it doesn't lie below."""
    parents = [str(parent) for parent in reversed(PurePosixPath(workdir).parents)]
    return tuple(parent for parent in parents if parent.startswith(f"{home.rstrip('/')}/"))


def share(engine: Engine, draft: Draft, room: AgentRoom, container: str, user: User) -> None:
    """Lets `room` run containers beside itself, where the job has steps that do. Raises EngineError."""
    if draft.spec.shared:
        asides = OciAsides(engine, draft, room, container)
        asides.settle_in(user)
        room.asides = asides


def lay_trees(room: AgentRoom, trees: tuple[Tree, ...]) -> None:
    """Copies the project's files in as one archive, owned by the job's user."""
    for tree in trees:
        command = ("tar", "-C", str(tree.source), "-cf", "-", ".")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as packing:
            assert packing.stdout is not None
            room.unpack(cast("BinaryIO", packing.stdout), tree.target)


def tables(room: AgentRoom) -> str:
    """The sockets of the room's network, as its kernel lists them."""
    return b"".join(room.read_file(f"/proc/net/{name}") or b"" for name in ("tcp", "tcp6")).decode(errors="replace")


def _limit(engine: Engine, spec: RoomSpec) -> str:
    """The job's memory in words."""
    memory = memory_limit(spec, engine.settings, engine.host())
    if not memory:
        return "all of this machine's memory"
    label = f" ({spec.resources.label.raw})" if spec.resources.label else ""
    return f"{memory / (1 << 30):g} GiB{label}"
