"""Opens a room in a container of an engine that sees this machine's files, and closes it again."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from understudy.errors import MachineError, RoomError
from understudy.runtimes.accounts import STANDARD_PATH, expand
from understudy.runtimes.base import RoomSpec, Tree
from understudy.runtimes.held import control_folder
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


def draft_of(engine: Engine, spec: RoomSpec, image: Image, user: User) -> Draft:
    """The container of a room, without its mounts."""
    wanted = spec.user or image.user
    aliases = tuple(one.alias for one in spec.services if one.alias)
    access = access_to(engine, spec)
    return Draft(spec, image, wanted, user.home, str(spec.scratch.resolve()), access=access, aliases=aliases)


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
        container, laid = _started(engine, replace(draft, command=COMMAND), control, user)
        await_agent(wire, engine.client, container, draft.image.name)
        around = Circumstances(
            engine.client, container, time.time(), _limit(engine, spec), lambda: services.dead() or own_engine.dead()
        )
        places = (user.home, expand(spec.workdir, user.home, user.home))
        room = OciRoom(wire, places, room_env(draft, user), around)
        prepare(engine, container, room, user)
        if laid:
            _give(engine, container, draft, user)
        else:
            lay_trees(room, spec.trees)
        if spec.services:
            services.start(container)
            services.await_ready(lambda: listening_ports(tables(room)))
        own_engine.start(container)
        yield room
    finally:
        own_engine.close()
        _closed(engine, services, container, spec.scratch)
        wire.close()


def _closed(engine: Engine, services: Services, container: str, scratch: Path) -> None:
    with contextlib.suppress(UnreachableError):  # an engine that went away took the containers along, or the sweep does
        services.close()
        if not container:
            return
        if os.geteuid() != 0 and (scratch / "layers").exists():
            with contextlib.suppress(EngineError):  # files of other users: only the engine may remove them
                engine.client.execute(container, ("sh", "-c", f"rm -rf {LAYERS}/*/upper {LAYERS}/*/work"))
        engine.client.remove_container(container)


def _started(engine: Engine, draft: Draft, control: Path, user: User) -> tuple[str, bool]:
    """The container's id, and whether the trees lie in it already."""
    trees = draft.spec.trees
    overlays = Overlays(draft.spec.scratch.resolve() / "layers")
    draft = replace(draft, mounts=(control_mount(control),))
    if trees and engine.overlays and user.number is not None and overlays.fits(user.number):
        try:
            return _start(engine, _overlaid(engine, draft, overlays, user)), True
        except EngineError as error:
            if not any(sign in error.message for sign in _NO_OVERLAY):
                raise refusal(error, draft) from error
            engine.overlays = False
    try:
        return _start(engine, draft), not trees
    except EngineError as error:
        raise refusal(error, draft) from error


def _give(engine: Engine, container: str, draft: Draft, user: User) -> None:
    """Gives overlaid trees to the job's user, where it is neither root nor their owner."""
    assert user.number is not None
    targets = [expand(tree.target, user.home) for tree in draft.spec.trees if not owns(tree, user.number)]
    if targets:
        engine.client.execute(container, ("chown", "-R", str(user.number), *targets))


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
    """`draft` with its trees as overlays, in the words of its engine."""
    assert user.number is not None
    number = user.number
    placed = [(index, tree, expand(tree.target, user.home)) for index, tree in enumerate(draft.spec.trees)]
    if engine.name == "podman":
        return replace(draft, overlays=tuple(overlays.bind(*one) for one in placed))
    mounts = [overlays.mount(*one, number) for one in placed]
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
    return RoomError(f"the container engine refused the room: {said}")


def prepare(engine: Engine, container: str, room: AgentRoom, user: User) -> None:
    """Sees to it that home and the working directory are there, and the job's user may write to them."""
    if room.can_work():
        return
    owner = user.number if user.number is not None else user.name
    script = (
        'for place in "$0" "$1"; do [ -d "$place" ] || { mkdir -p "$place"; chown "$2" "$place"; }; done; '
        'chown "$2" "$1"'
    )
    engine.client.execute(container, ("sh", "-c", script, room.home, room.workdir, str(owner)))
    if not room.can_work():
        raise RoomError(f"the job's user can't write to its working directory `{room.workdir}`")


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
