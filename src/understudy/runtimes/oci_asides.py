"""Calls in containers of their own, beside a room's: on folders that both see, in one network."""

import contextlib
import hashlib
import json
import posixpath
import re
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue

from understudy.errors import MachineError, RoomError
from understudy.runtimes.accounts import expand
from understudy.runtimes.base import Aside, Call, Exit, Reason, Sink
from understudy.runtimes.calls import Limits
from understudy.runtimes.oci_body import LABEL, Draft, container_name, labels, shown_files
from understudy.runtimes.oci_client import EngineError, Json
from understudy.runtimes.oci_engine import Engine
from understudy.runtimes.oci_images import Image
from understudy.runtimes.oci_streams import Watch, pieces
from understudy.runtimes.oci_users import User
from understudy.runtimes.room import AgentRoom

_NOT_STARTED = 127
_PROXIES = re.compile(r"(HTTPS?|NO|ALL|FTP)_PROXY", re.IGNORECASE)
_OWN = """\
top=$1 owner=$2
shift 2
for place do
    mkdir -p "$place"
    while [ "$place" != "$top" ] && [ "${#place}" -gt 1 ]; do
        chown "$owner" "$place"
        place=${place%/*}
        case $place in "$top"/*) ;; *) break ;; esac
    done
done
"""
"""Gives folders to the user `$2`, and those above them that are in `$1`."""


@dataclass(eq=False, slots=True)
class _Running:
    """One call: its container once there is one, and whether it is to end."""

    call: Call
    container: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)
    changed: SimpleQueue[bytes | None] = field(default_factory=SimpleQueue)


class OciAsides:
    """See `Asides`. For one room, whose folders `RoomSpec.shared` are volumes of its container."""

    def __init__(self, engine: Engine, draft: Draft, room: AgentRoom, container: str) -> None:
        self._engine = engine
        self._draft = draft
        self._room = room
        self._container = container
        self._lock = threading.Lock()
        self._running: set[_Running] = set()

    def settle_in(self, user: User) -> None:
        """Gives the shared folders to the job's user. Raises EngineError, UnreachableError."""
        owner = f"{user.number}:{user.group}" if user.number is not None else user.name
        places = (expand(path, user.home, user.home) for path in self._draft.spec.shared)
        command = ("sh", "-c", _OWN, "own", user.home.rstrip("/"), owner, *places)
        self._engine.client.execute(self._container, command)

    def run(self, call: Call, aside: Aside, sink: Sink) -> Exit:
        """See `Asides`."""
        running = _Running(call)
        with self._lock:
            self._running.add(running)
        try:
            image = self._image(aside, running, sink)
            if isinstance(image, Exit):
                return image
            return self._run(call, self._body(call, aside, image), running, sink)
        finally:
            with self._lock:
                self._running.discard(running)

    def stop(self, *, grace_s: float, call: Call | None = None) -> None:
        """See `Asides`."""
        with self._lock:
            running = tuple(one for one in self._running if call is None or one.call is call)
        for one in running:
            one.stopped.set()
            one.changed.put(None)
            if one.container:
                with contextlib.suppress(MachineError):
                    self._engine.client.post(f"/containers/{one.container}/stop", t=int(grace_s))

    def _image(self, aside: Aside, running: _Running, sink: Sink) -> Image | Exit:
        if aside.dockerfile:
            return self._built(aside.dockerfile, running, sink)
        return self._engine.images.obtain(aside.image, tell=_telling(sink))

    def _built(self, dockerfile: str, running: _Running, sink: Sink) -> Image | Exit:
        """What the Dockerfile makes; the end of the call where it makes nothing."""
        folder, name = posixpath.split(dockerfile)
        if self._room.read_file(dockerfile) is None:
            sink(f"There is no Dockerfile at {dockerfile}.\n".encode())
            return Exit(1, Reason.EXITED, why=f"there is no Dockerfile at `{dockerfile}`")
        tag = f"understudy-action:{hashlib.sha256(dockerfile.encode()).hexdigest()[:16]}"
        before = self._engine.images.present(tag)
        with tempfile.TemporaryFile(dir=self._draft.spec.scratch) as context:
            self._room.pack(folder, (".",), context)
            complaint = self._follow_build(context, name, tag, running, sink)
        if running.stopped.is_set():
            return Exit(None, Reason.STOPPED)
        image = None if complaint else self._engine.images.present(tag)
        if image is None:
            return Exit(1, Reason.EXITED, why=f"the image of `{dockerfile}` can't be built: {complaint}")
        if before is not None and before.id != image.id:
            with contextlib.suppress(EngineError):  # another run has a container of it
                self._engine.client.ask("DELETE", f"/images/{before.id}")
        return image

    def _follow_build(self, context: Json, name: str, tag: str, running: _Running, sink: Sink) -> str:
        """Hands on what the build says, and returns its complaint. Once the call is to end nobody waits for it."""
        said: SimpleQueue[bytes | None] = running.changed
        complaints: list[str] = []
        env = self._draft.spec.env
        query = {
            "dockerfile": name,
            "t": tag,
            "forcerm": True,
            "labels": {LABEL: "action"},
            "buildargs": {name: value for name, value in env.items() if _PROXIES.fullmatch(name)},
        }

        def build() -> None:
            try:
                with self._engine.client.answer("POST", "/build", context, query=query) as answer:
                    complaints.extend(filter(None, (_heard(line, said.put) for line in answer)))
            except (MachineError, OSError, ValueError) as error:
                complaints.append(str(error))
                said.put(f"{error}\n".encode())
            finally:
                said.put(None)

        threading.Thread(target=build, name="understudy-build", daemon=True).start()
        while (line := said.get()) is not None:
            sink(line)
        return " ".join(complaints[0].split()) if complaints else ""

    def _body(self, call: Call, aside: Aside, image: Image) -> Json:
        draft, access, spec = self._draft, self._draft.access, self._draft.spec
        env = {**({"DOCKER_HOST": access.host} if access else {}), **call.env}
        shown = shown_files(spec.env) if self._engine.shares_files else []
        body = {
            "Image": image.id,
            "Env": [f"{name}={value}" for name, value in env.items()],
            "WorkingDir": call.workdir,
            "Labels": labels(draft.scratch),
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": {
                "NetworkMode": f"container:{self._container}",
                "Mounts": [*self._mounts(aside.folders), *shown, *([access.mount] if access else [])],
                **({"GroupAdd": [str(access.group)]} if access else {}),
                **({"LogConfig": {"Type": "json-file"}} if self._engine.name == "docker" else {}),
                **({"SecurityOpt": ["label=disable"]} if self._engine.host().selinux else {}),
            },
        }
        if aside.entrypoint:
            body |= {"Entrypoint": [aside.entrypoint[0]], "Cmd": [*aside.entrypoint[1:], *call.argv]}
        elif call.argv:
            body["Cmd"] = list(call.argv)
        return body

    def _mounts(self, folders: Mapping[str, str]) -> list[Json]:
        """The folders, which are volumes of the room's container; one that lies in another is seen in it, too."""
        told: Json = self._engine.client.get(f"/containers/{self._container}/json").get("Mounts") or ()
        volumes = {one["Destination"]: one["Name"] for one in told if one.get("Name")}
        missing = [folder for folder in folders.values() if folder not in volumes]
        if missing:
            raise RoomError(f"the room doesn't share `{missing[0]}` with other containers")
        inner = {
            place + other[len(folder) :]: other
            for place, folder in folders.items()
            for other in folders.values()
            if other.startswith(f"{folder}/")
        }
        return [
            {"Type": "volume", "Source": volumes[folder], "Target": place, "VolumeOptions": {"NoCopy": True}}
            for place, folder in (inner | dict(folders)).items()
        ]

    def _run(self, call: Call, body: Json, running: _Running, sink: Sink) -> Exit:
        client = self._engine.client
        made = client.post("/containers/create", body, name=container_name(self._draft.spec, "-action"))
        container = str(made["Id"])
        try:
            if running.stopped.is_set():
                return Exit(None, Reason.STOPPED)
            try:
                client.post(f"/containers/{container}/start")
            except EngineError as error:
                sink(f"{error.message}\n".encode())
                return Exit(_NOT_STARTED, Reason.EXITED, why="its program can't be started")
            running.container = container
            if running.stopped.is_set():
                client.post(f"/containers/{container}/kill")
            return self._follow(call, container, running, sink)
        finally:
            client.remove_container(container)

    def _follow(self, call: Call, container: str, running: _Running, sink: Sink) -> Exit:
        client = self._engine.client
        limits = Limits(call.timeout_s, call.no_output_timeout_s)
        query = {"follow": True, "stdout": True, "stderr": True}

        def signal(name: str) -> None:
            with contextlib.suppress(MachineError):
                client.post(f"/containers/{container}/kill", signal=name)

        watch = Watch(limits, signal)
        # Podman answers only once there is something to tell: the time runs before that.
        with watch, client.answer("GET", f"/containers/{container}/logs", query=query) as answer:
            for _, chunk in pieces(answer):
                watch.heard()
                sink(chunk)
            status = client.ask("POST", f"/containers/{container}/wait", timeout_s=None)
        if watch.reason is not None:
            return Exit(None, watch.reason)
        if running.stopped.is_set():
            return Exit(None, Reason.STOPPED)
        return Exit(int(status["StatusCode"]), Reason.EXITED)


def _telling(sink: Sink) -> Callable[[str], None]:
    return lambda line: sink(f"{line}\n".encode())


def _heard(line: bytes, tell: Callable[[bytes | None], None]) -> str:
    """Hands on what one line of a build's progress says; the complaint, if it is one."""
    told: Json = json.loads(line) if line.strip() else {}
    if complaint := told.get("error"):
        tell(f"{complaint}\n".encode())
        return str(complaint)
    if text := told.get("stream"):
        tell(str(text).encode())
    return ""
