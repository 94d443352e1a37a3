"""Docker and Podman: a room is one container a job, of the image that the file names; one class, two rows."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from understudy.errors import MachineError, RoomError
from understudy.findings import Finding, Severity
from understudy.model.engines import ENGINES
from understudy.model.pipeline import Platform
from understudy.runtimes import remains
from understudy.runtimes.base import CONTAINERS, RoomSpec
from understudy.runtimes.oci_body import ROOM_LABEL
from understudy.runtimes.oci_catalogue import machine_image
from understudy.runtimes.oci_client import HELLO_S, EngineError, Json, UnreachableError
from understudy.runtimes.oci_engine import Engine
from understudy.runtimes.oci_exec import remote_room
from understudy.runtimes.oci_idmap import take_away
from understudy.runtimes.oci_made import made_otherwise
from understudy.runtimes.oci_nested import remove_volumes
from understudy.runtimes.oci_opening import NotSharedError, draft_of, erase_with_engine, local_room
from understudy.runtimes.oci_settings import Endpoint, InJobs, OciSettings, docker_endpoint, podman_endpoint
from understudy.runtimes.room import AgentRoom

_SYSTEMS = {Platform.MACOS: "macOS", Platform.WINDOWS: "Windows"}
_STARTING = {
    "docker": "start it (`sudo systemctl start docker`, or Docker Desktop), or set DOCKER_HOST",
    "podman": "start its service (`systemctl --user start podman.socket`), or set CONTAINER_HOST",
}


class Oci:
    """See `Runtime`. The image itself, in a container of an engine that speaks Docker's interface."""

    def __init__(self, name: str, endpoint: Callable[[OciSettings], Endpoint], settings: OciSettings) -> None:
        self._name = name
        self.engine = Engine(name, settings, endpoint(settings))
        self._lock = threading.Lock()
        self._tried = False
        self._reason: str | None = None

    @property
    def name(self) -> str:
        """See `Runtime`."""
        return self._name

    def missing(self) -> str | None:
        """See `Runtime`."""
        with self._lock:
            if not self._tried:
                self._reason = self._why_not()
                self._tried = True
            return self._reason

    def resolve(self, image: str) -> str:
        """See `Runtime`: the digest by which the image's registry knows it, or its id."""
        return self.engine.images.obtain(image).digest

    def unobtainable(self, image: str) -> str | None:
        """Why `image` can't be had, in a clause; None when it is here or its registry has it."""
        return self.engine.images.unobtainable(image)

    def provides(self, reference: str) -> bool:
        """See `Runtime`."""
        return reference == CONTAINERS or (reference in ENGINES and self._gives() is not InJobs.NONE)

    def stands_in(self, spec: RoomSpec) -> tuple[Finding, ...]:
        """See `Runtime`."""
        found = []
        asked = image_name(spec)
        mapped = self.engine.images.mapped(asked)
        if spec.image is None:
            message = f"ran in a container of `{mapped}` in place of the service's virtual machine"
            hint = f'another image: [images] "{asked}" = "..." in understudy.toml'
            found.append(Finding(Severity.WARNING, "stand-in-machine", message, hint=hint))
        elif mapped != asked:
            found.append(Finding(Severity.NOTE, "stand-in-image", f"ran in `{mapped}` in place of `{asked}`"))
        if spec.wants_engine or (spec.machine and self._gives() is not InJobs.NONE):
            found.append(self._of_engine())
        found += made_otherwise(spec)
        if not self.engine.settings.limits and (spec.resources.cpus or spec.resources.memory_mib):
            message = "jobs were given this machine's processors and memory, not those of their resource class"
            found.append(Finding(Severity.NOTE, "limits-not-applied", message, hint="`--limits hosted` applies them"))
        return tuple(found)

    def unmet(self, spec: RoomSpec) -> str | None:
        """See `Runtime`."""
        if spec.platform in _SYSTEMS:
            return f"it asks for {_SYSTEMS[spec.platform]}, and containers here run Linux"
        gpus = self.engine.settings.gpus
        if spec.resources.gpus > 0 and not (gpus if gpus is not None else self._has_gpus()):
            return "it asks for a GPU, and the container engine here passes none on"
        return None

    @contextlib.contextmanager
    def open(self, spec: RoomSpec) -> Iterator[AgentRoom]:
        """See `Runtime`."""
        if reason := self.missing():
            raise RoomError(f"{self._name} can't be used here: {reason}")
        try:
            with self._opened(spec) as room:
                yield room
        except OSError as failure:
            raise RoomError(f"the room could not be opened: {failure}") from failure
        finally:
            remains.erase(spec.scratch)

    def sweep(self, scratch: Path) -> tuple[str, ...]:
        """See `Runtime`."""
        removed = []
        with contextlib.suppress(EngineError, UnreachableError):
            filters = {"label": [f"{ROOM_LABEL}={scratch.resolve()}"]}
            rows: Json = self.engine.client.get("/containers/json", all=True, filters=filters) or ()
            for row in rows:
                self.engine.client.remove_container(row["Id"])
                removed.append(str(row["Names"][0]).lstrip("/"))
            remove_volumes(self.engine.client, str(scratch.resolve()))
        if os.geteuid() != 0 and (scratch / "layers").exists():
            with contextlib.suppress(MachineError):  # what stays is told by whoever removes the folder
                erase_with_engine(self.engine, scratch)
        take_away(scratch.resolve())
        with contextlib.suppress(PermissionError):
            remains.erase(scratch)
        return tuple(f"removed container {name} of a room that was left behind" for name in removed)

    @contextlib.contextmanager
    def _opened(self, spec: RoomSpec) -> Iterator[AgentRoom]:
        engine = self.engine
        image = engine.images.obtain(image_name(spec), spec.credentials, spec.tell)
        user = engine.users.of(image, spec.user or image.user)
        draft = draft_of(engine, spec, image, user)
        with contextlib.ExitStack() as stack:
            if draft.access and draft.access.nested:
                stack.callback(remove_volumes, engine.client, draft.scratch)
            room: AgentRoom | None = None
            if engine.shares_files:
                try:
                    room = stack.enter_context(local_room(engine, draft, user))
                except NotSharedError:
                    engine.shares_files = False
                    remains.erase(spec.scratch)
            yield room or stack.enter_context(remote_room(engine, draft, user))

    def _why_not(self) -> str | None:
        try:
            self.engine.client.ask("GET", "/_ping", timeout_s=HELLO_S)
        except UnreachableError as error:
            if isinstance(error.__cause__, PermissionError):
                path = self.engine.endpoint.path
                hint = "join its group (`sudo usermod -aG docker $USER`, then log in anew)"
                return f"this user may not use `{path}`; {hint}"
            return f"{error.message}; {_STARTING[self._name]}"
        except MachineError as error:
            return error.message
        return None

    def _gives(self) -> InJobs:
        chosen = self.engine.settings.in_jobs
        return InJobs.NONE if chosen is InJobs.SOCKET and self.engine.endpoint.path is None else chosen

    def _of_engine(self) -> Finding:
        given = self._gives()
        if given is InJobs.NESTED:
            message = (
                "the job was given a container engine of its own, in a container with every right: "
                "what breaks out of that has every right on this machine"
            )
            return Finding(Severity.WARNING, "engine-nested", message, hint="only for files that you trust")
        if given is InJobs.SOCKET:
            message = (
                "the job was given this machine's own container engine, and with it every right on this machine; "
                "on the service it is an engine of its own"
            )
            return Finding(Severity.WARNING, "engine-shared", message, hint="only for files that you trust")
        message = "the job has no container engine: either kind would give it every right on this machine"
        hint = "for files that you trust: `--docker-in-jobs nested` gives it one of its own, `socket` this machine's"
        return Finding(Severity.UNSUPPORTED, "no-engine", message, hint=hint)

    def _has_gpus(self) -> bool:
        try:
            return self.missing() is None and self.engine.host().gpus
        except MachineError:
            return False


def image_name(spec: RoomSpec) -> str:
    """The image to look for: the file's, or the one that stands in for a whole machine."""
    return spec.image if spec.image is not None else machine_image(spec.labels)


def docker(settings: OciSettings | None = None) -> Oci:
    """Docker's engine."""
    return Oci("docker", docker_endpoint, settings or OciSettings())


def podman(settings: OciSettings | None = None) -> Oci:
    """Podman's service."""
    return Oci("podman", podman_endpoint, settings or OciSettings())
