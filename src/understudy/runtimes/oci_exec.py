"""A room in a container of an engine elsewhere, which sees none of this machine's files: archives and `exec`."""

import contextlib
import io
import os
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from understudy.errors import MachineError, RoomError
from understudy.runtimes.accounts import expand
from understudy.runtimes.base import Call, Exit, Reason, Sink
from understudy.runtimes.calls import NO_LIMITS, Limits
from understudy.runtimes.oci_body import CONTROL, TOOLS, Draft, container_name, room_body
from understudy.runtimes.oci_client import Client
from understudy.runtimes.oci_engine import Engine
from understudy.runtimes.oci_entry import explained, keep_log
from understudy.runtimes.oci_nested import NestedEngine
from understudy.runtimes.oci_opening import lay_trees, prepare, refusal, room_env, share, tables
from understudy.runtimes.oci_services import Services, listening_ports
from understudy.runtimes.oci_streams import Watch, pieces
from understudy.runtimes.oci_users import User
from understudy.runtimes.room import AgentRoom

_WAIT = ("sh", "-c", "while :; do sleep 3600 & wait $!; done")
_BEGIN = 'echo $$ >"$0/pid"; control=${0%/*} call=${0##*/} lead=; . "$0/start"'
"""Each call enters the container as a process of its own, which runc makes the first of its group and session."""


class ExecRoom(AgentRoom):
    """See `Room`: each call enters the container anew, which costs some tens of milliseconds."""

    def __init__(
        self, client: Client, container: str, user: str, places: tuple[str, str], env: Mapping[str, str]
    ) -> None:
        """`places`: the home and the working directory."""
        self._client = client
        self._container = container
        self._user = user
        self._home, self._workdir = places
        self._tools = TOOLS
        self._env = dict(env)
        self._lock = threading.Lock()
        self._number = 0
        self._running: dict[int, tuple[threading.Event, Call | None]] = {}
        self._stopped: set[int] = set()
        self._closed = False

    def close(self) -> None:
        """Later calls find the room ended."""
        self._closed = True

    def stop(self, *, grace_s: float, call: Call | None = None) -> None:
        """See `Room`."""
        with self._lock:
            running = {number: done for number, (done, own) in self._running.items() if call is None or own is call}
            self._stopped |= set(running)
        for number in running:
            self._signal("TERM", number)
        until = time.monotonic() + grace_s
        for number, done in running.items():
            if not done.wait(max(0.0, until - time.monotonic())):
                self._signal("KILL", number)

    def _perform(
        self,
        script: str,
        sinks: Mapping[str, Sink],
        *,
        limits: Limits = NO_LIMITS,
        source: BinaryIO | None = None,
        content: Mapping[str, bytes] | None = None,
        call: Call | None = None,
    ) -> Exit:
        if self._closed:
            raise RoomError("the room has ended")
        with self._lock:
            self._number += 1
            number = self._number
            done = threading.Event()
            self._running[number] = done, call
        try:
            files = {**(content or {}), "start": os.fsencode(script)}
            if source is not None:
                files["input"] = source.read()
            self._put(number, files)
            return self._follow(number, sinks, limits)
        except MachineError as error:
            if isinstance(error, RoomError):
                raise
            return Exit(None, Reason.LOST, why=error.message)
        finally:
            done.set()
            with self._lock:
                self._running.pop(number, None)
                self._stopped.discard(number)

    def _after(self, call: Call) -> dict[str, bytes]:
        """Nothing: to ask would be to enter the container once more, and `Exit.left` may always be true."""
        del call
        return {}

    def _put(self, number: int, files: Mapping[str, bytes]) -> None:
        """Lays a call's files in; what it prints goes to the streams of its own process, under the names it expects."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            folder = tarfile.TarInfo(str(number))
            folder.type, folder.mode = tarfile.DIRTYPE, 0o777
            tar.addfile(folder)
            for name, data in files.items():
                member = tarfile.TarInfo(f"{number}/{name}")
                member.size, member.mode = len(data), 0o644
                tar.addfile(member, io.BytesIO(data))
            for name, stream in (("output", 1), ("errors", 2)):
                link = tarfile.TarInfo(f"{number}/{name}")
                link.type, link.linkname = tarfile.SYMTYPE, f"/proc/self/fd/{stream}"
                tar.addfile(link)
        path = f"/containers/{self._container}/archive"
        self._client.ask("PUT", path, archive.getvalue(), query={"path": CONTROL})

    def _follow(self, number: int, sinks: Mapping[str, Sink], limits: Limits) -> Exit:
        folder = f"{CONTROL}/{number}"
        body = {"AttachStdout": True, "AttachStderr": True, "User": self._user, "Cmd": ["sh", "-c", _BEGIN, folder]}
        execution = self._client.post(f"/containers/{self._container}/exec", body)["Id"]
        watch = Watch(limits, lambda name: self._signal(name, number))
        start = {"Detach": False, "Tty": False}
        try:
            with self._client.answer("POST", f"/exec/{execution}/start", start) as answer, watch:
                for stream, chunk in pieces(answer):
                    watch.heard()
                    sink = sinks.get("errors" if stream == 2 else "output") or sinks["output"]
                    sink(chunk)
        except BaseException:
            self._signal("KILL", number)
            raise
        if self._closed:
            return Exit(None, Reason.LOST)
        if watch.reason is not None:
            return Exit(None, watch.reason)
        if number in self._stopped:
            return Exit(None, Reason.STOPPED)
        state = self._client.get(f"/exec/{execution}/json")
        code = state.get("ExitCode")
        if code is None:
            return Exit(None, Reason.LOST)
        return Exit(int(code), Reason.EXITED)

    def _signal(self, name: str, number: int) -> None:
        script = 'read -r pid <"$0" && { kill "-$1" "-$pid" 2>/dev/null || kill "-$1" "$pid"; }'
        with contextlib.suppress(MachineError):
            command = ("sh", "-c", script, f"{CONTROL}/{number}/pid", name)
            self._client.execute(self._container, command, user=self._user)


def _make_control(client: Client, container: str) -> None:
    """The folder for the files of calls: in the container's own layer, the only place that archives are laid into."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in ("run", "run/understudy", CONTROL.lstrip("/")):
            folder = tarfile.TarInfo(path)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
    client.ask("PUT", f"/containers/{container}/archive", archive.getvalue(), query={"path": "/"})


@contextlib.contextmanager
def remote_room(engine: Engine, draft: Draft, user: User) -> Iterator[ExecRoom]:
    """The room, open. Raises MachineError. The container ends by itself only with its engine, or by the sweep."""
    spec = replace(draft.spec, env={})  # files that network settings name are not there
    body = room_body(replace(draft, spec=spec, command=_WAIT), engine.settings, engine.host())
    services = Services(engine.client, engine.images, draft, engine.host())
    own_engine = NestedEngine(engine, replace(draft, spec=spec))
    container = str(engine.client.post("/containers/create", body, name=container_name(spec))["Id"])
    room: ExecRoom | None = None
    try:
        try:
            _make_control(engine.client, container)
            engine.client.post(f"/containers/{container}/start")
        except MachineError as error:
            raise refusal(error, draft) from error
        places = (user.home, expand(spec.workdir, user.home, user.home))
        room = ExecRoom(engine.client, container, draft.user, places, room_env(draft, user))
        with explained(engine.client, container, draft):
            prepare(engine, container, room, user)
            share(engine, draft, room, container, user)
            lay_trees(room, spec.trees)
        if spec.services:
            services.start(container)
            services.await_ready(lambda: listening_ports(tables(room)))
        own_engine.start(container)
        yield room
    finally:
        if room is not None:
            room.close()
        own_engine.close()
        services.close()
        keep_log(engine.client, container, draft)
        engine.client.remove_container(container)
