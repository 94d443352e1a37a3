"""An engine of a job's own, in a container beside the room's, with storage that goes with it.

The room and that container share a volume, and in it lies the engine's socket: nobody else can reach the engine.
"""

import contextlib

from understudy.errors import MachineError, RoomError
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_body import ROOM_LABEL, Access, Draft, container_name, labels, shown_files
from understudy.runtimes.oci_client import Client, EngineError, Json, UnreachableError
from understudy.runtimes.oci_engine import Engine
from understudy.runtimes.oci_images import Image
from understudy.runtimes.oci_logs import demultiplexed, last_words, log_of
from understudy.runtimes.oci_room import state_of
from understudy.runtimes.oci_services import ending
from understudy.runtimes.oci_settings import InJobs

NESTED_IMAGE = "nested-engine"
"""The name by which its image is looked up: in `[images]`, then in the catalogue."""
LOG = "container-engine"

_FOLDER = "/run/understudy/engine"
_HOST = f"unix://{_FOLDER}/docker.sock"
_GROUP = 2375
"""Of the socket, and of the job's user: any number that no image gives to a group."""

_BEGIN = """\
for one in /sys/fs/cgroup /sys/fs/cgroup/*; do mount -o remount,bind,rw "$one" 2>/dev/null; done
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mkdir -p /sys/fs/cgroup/engine
    for one in $(cat /sys/fs/cgroup/cgroup.procs); do
        echo "$one" 2>/dev/null >/sys/fs/cgroup/engine/cgroup.procs
    done
    for one in $(cat /sys/fs/cgroup/cgroup.controllers); do
        echo "+$one" 2>/dev/null >/sys/fs/cgroup/cgroup.subtree_control
    done
fi
command -v dockerd-entrypoint.sh >/dev/null && exec dockerd-entrypoint.sh "$@"
exec "$@"
"""
"""Makes control groups writable, and (second version) empties their root, which may hold no process beside groups.

https://docs.kernel.org/admin-guide/cgroup-v2.html#no-internal-process-constraint
"""
_COMMAND = ("dockerd", "--host", _HOST, "--group", str(_GROUP))
_AWAIT = """\
tries=0
until timeout 10 docker --host "$0" version >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || exit 1
    sleep 0.1
done
echo answers
"""
_NETWORK_NAMES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"})
_NOT_ALL = ("unable to apply caps", "operation not permitted")
"""What an engine says that hasn't got every right itself, and so can't hand them on."""


def access_to(engine: Engine, spec: RoomSpec) -> Access | None:
    """How the room of `spec` reaches a container engine, as the user chose; None where it has none."""
    if not (spec.wants_engine or spec.machine):
        return None
    if engine.settings.in_jobs is InJobs.NESTED:
        bears = {"Labels": labels(str(spec.scratch.resolve()))}
        volume = {
            "Type": "volume",
            "Source": container_name(spec, "-engine"),
            "Target": _FOLDER,
            "VolumeOptions": bears,
        }
        return Access(_HOST, volume, _GROUP, nested=True)
    path = engine.endpoint.path
    if engine.settings.in_jobs is InJobs.SOCKET and path is not None:
        inside = "/var/run/docker.sock"
        socket = {"Type": "bind", "Source": str(path), "Target": inside, "ReadOnly": False}
        return Access(f"unix://{inside}", socket, path.stat().st_gid)
    return None


class NestedEngine:
    """The engine of one room, from its start to its end; nothing where the room has none."""

    def __init__(self, engine: Engine, draft: Draft) -> None:
        self._engine = engine
        self._draft = draft
        self._id = ""

    def start(self, room: str) -> None:
        """Starts it beside container `room`, and waits until it answers. Raises MachineError."""
        if self._draft.access is None or not self._draft.access.nested:
            return
        tell = self._draft.spec.tell
        try:
            image = self._engine.images.obtain(NESTED_IMAGE, tell=tell)
        except MachineError as error:
            raise RoomError(f"the job's own container engine has no image: {error.message}", hint=error.hint) from error
        try:
            self._begin(image, room)
        except EngineError as error:
            raise RoomError(
                f"the job's own container engine could not be started: {error.message}", hint=_HINT
            ) from error
        self._await(image)

    def dead(self) -> str:
        """A clause about it when it has ended; empty while it runs."""
        if not self._id:
            return ""
        state = state_of(self._engine.client, self._id)
        if state is None or not state.get("Running", False):
            return f"the job's own container engine is no longer running ({ending(state)})"
        return ""

    def close(self) -> None:
        """Keeps its log, and removes it with its storage."""
        if not self._id:
            return
        with contextlib.suppress(MachineError):  # the engine is gone: what is left goes with the sweep
            self._draft.spec.keep(LOG, log_of(self._engine.client, self._id))
            self._engine.client.remove_container(self._id)

    def _begin(self, image: Image, room: str) -> None:
        """With every right, as such images want it; with those that it needs where the engine hasn't got all itself."""
        try:
            self._run(image, room, {"Privileged": True})
        except EngineError as error:
            if not all(sign in error.message for sign in _NOT_ALL):
                raise
            self._run(image, room, _LEAST)

    def _run(self, image: Image, room: str, rights: Json) -> None:
        client = self._engine.client
        body = self._body(image, room, rights)
        made = client.post("/containers/create", body, name=container_name(self._draft.spec, "-engine"))
        self._id = str(made["Id"])
        try:
            client.post(f"/containers/{self._id}/start")
        except EngineError:
            client.remove_container(self._id)
            self._id = ""
            raise

    def _body(self, image: Image, room: str, rights: Json) -> Json:
        draft, spec = self._draft, self._draft.spec
        assert draft.access is not None
        env = {name: value for name, value in spec.env.items() if name.upper() in _NETWORK_NAMES}
        storage = {"Type": "volume", "Target": "/var/lib/docker", "VolumeOptions": {"Labels": labels(draft.scratch)}}
        # On a machine the engine is the job's neighbour: published ports are on `localhost`, folders can be mounted.
        # For `setup_remote_docker` it is elsewhere: https://circleci.com/docs/guides/execution-managed/building-docker-images/
        beside = spec.machine and not self._engine.settings.host_network
        network = f"container:{room}" if beside else "bridge" if spec.network else "none"
        return {
            "Image": image.id,
            "User": "0",
            "Env": [f"{name}={value}" for name, value in {**env, "DOCKER_TLS_CERTDIR": ""}.items()],
            "Entrypoint": ["sh", "-c", _BEGIN, "sh"],
            "Cmd": list(_COMMAND),
            "Labels": labels(draft.scratch),
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": {
                "NetworkMode": network,
                "Mounts": [storage] if spec.machine else [storage, draft.access.mount, *shown_files(env)],
                "VolumesFrom": [room] if spec.machine else [],
                **rights,
            },
        }

    def _await(self, image: Image) -> None:
        told = b""
        with contextlib.suppress(EngineError, UnreachableError):  # it has ended already, or takes too long
            told = demultiplexed(self._engine.client.execute(self._id, ("sh", "-c", _AWAIT, _HOST)))
        if told.split() == [b"answers"]:
            return
        how = self.dead() or "the job's own container engine doesn't answer"
        said = last_words(log_of(self._engine.client, self._id))
        raise RoomError(f"{how} (image `{self._engine.images.mapped(image.name)}`){said}", hint=_HINT)


_HINT = f'another image: [images] "{NESTED_IMAGE}" = "..." in understudy.toml; or `--docker-in-jobs socket`'
_LEAST = {
    "CapAdd": ["SYS_ADMIN", "NET_ADMIN"],
    "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
    "MaskedPaths": [],
    "ReadonlyPaths": [],
}


def remove_volumes(client: Client, scratch: str) -> tuple[str, ...]:
    """Removes the volumes of a room whose containers are gone; their names. An engine that is gone is no error."""
    label = f"{ROOM_LABEL}={scratch}"
    removed = []
    with contextlib.suppress(MachineError):  # what is left goes with the sweep
        found: Json = client.get("/volumes", filters={"label": [label]}) or {}
        for volume in found.get("Volumes") or ():
            with contextlib.suppress(EngineError):  # a container still has it
                client.ask("DELETE", f"/volumes/{volume['Name']}")
                removed.append(str(volume["Name"]))
    return tuple(removed)
