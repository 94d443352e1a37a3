"""A container engine, spoken to over its socket: the part of Docker's HTTP interface that rooms need, and no more."""

import http.client
import io
import json
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote, urlencode, urlsplit

from understudy.errors import MachineError
from understudy.runtimes.oci_settings import Endpoint

Json = Any
"""What came as JSON: the engine's own shapes, documented at https://docs.docker.com/reference/api/engine/."""

ANSWER_S = 120.0
"""How long one answer may take that nothing else bounds: starting a container on a busy machine takes seconds."""
HELLO_S = 5.0
REMOVAL_S = 30.0


class EngineError(MachineError):
    """The engine refused: `status` is that of HTTP."""

    def __init__(self, status: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class UnreachableError(MachineError):
    """The engine doesn't answer."""


class _Connection(http.client.HTTPConnection):
    """HTTP over whatever leads to the engine."""

    def __init__(self, endpoint: Endpoint, timeout_s: float | None) -> None:
        super().__init__("engine", timeout=timeout_s)
        self._endpoint = endpoint
        self._helper: subprocess.Popen[bytes] | None = None

    def connect(self) -> None:
        """See `HTTPConnection`."""
        path = self._endpoint.path
        if path is not None:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(str(path))
        elif self._endpoint.url.startswith("ssh://"):
            self.sock = self._through_ssh()
        else:
            parts = urlsplit(self._endpoint.url)
            self.sock = socket.create_connection((parts.hostname or "", parts.port or 2375), self.timeout)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._endpoint.certificates:
                self.sock = _secured(self.sock, parts.hostname or "", self._endpoint.certificates)

    def close(self) -> None:
        """See `HTTPConnection`."""
        super().close()
        if self._helper is not None:
            self._helper.kill()
            self._helper.wait()
            self._helper = None

    def _through_ssh(self) -> socket.socket:
        """As Docker's own client does: https://docs.docker.com/engine/security/protect-access/#use-ssh."""
        parts = urlsplit(self._endpoint.url)
        target = f"{parts.username}@{parts.hostname}" if parts.username else parts.hostname or ""
        port = ("-p", str(parts.port)) if parts.port else ()
        ours, theirs = socket.socketpair()
        command: tuple[str, ...] = ("ssh", "-o", "BatchMode=yes", *port, "--", target, "docker system dial-stdio")
        with theirs:
            self._helper = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL
            )
        ours.settimeout(self.timeout)
        return ours


def _secured(plain: socket.socket, host: str, certificates: Path) -> socket.socket:
    context = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    context.load_cert_chain(str(certificates / "cert.pem"), str(certificates / "key.pem"))
    return context.wrap_socket(plain, server_hostname=host)


class Client:
    """The engine at an endpoint. Threads may share one: each request has a connection of its own."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def get(self, path: str, **query: object) -> Json:
        """What the engine says at `path`. Raises EngineError, UnreachableError."""
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: Json = None, **query: object) -> Json:
        """Has the engine do something; what it answers. Raises EngineError, UnreachableError."""
        return self.ask("POST", path, body, query=query)

    def remove_container(self, container: str) -> None:
        """Ends and removes a container and its volumes; fine where it is gone already. Raises as `ask`."""
        try:
            self.ask("DELETE", f"/containers/{container}", query={"force": True, "v": True})
        except EngineError as error:
            if error.status == HTTPStatus.CONFLICT:  # the engine is at it already
                self._await_removal(container)
            elif error.status != HTTPStatus.NOT_FOUND:
                raise

    def _await_removal(self, container: str) -> None:
        try:
            self.ask("POST", f"/containers/{container}/wait", query={"condition": "removed"}, timeout_s=REMOVAL_S)
        except EngineError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    def execute(self, container: str, command: tuple[str, ...], *, user: str = "0") -> bytes:
        """What `command` prints in a container, both streams with their heads. Raises EngineError, UnreachableError."""
        body = {"AttachStdout": True, "AttachStderr": True, "User": user, "Cmd": list(command)}
        made = self.post(f"/containers/{container}/exec", body)
        told = self.post(f"/exec/{made['Id']}/start", {"Detach": False, "Tty": False})
        return told if isinstance(told, bytes) else b""

    def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = ANSWER_S,
    ) -> Json:
        """One request with a JSON body (or a tar: bytes, or a file); gives the answer's JSON, its bytes, or None."""
        with self.answer(method, path, body, query=query, headers=headers, timeout_s=timeout_s) as answer:
            try:
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                raise self._unreachable(error) from error
            if not content:
                return None
            is_json = "json" in (answer.headers.get("Content-Type") or "")
            return _decoded(content) if is_json else content

    @contextmanager
    def answer(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """An answer that is still coming, to be read in the block. Raises EngineError, UnreachableError."""
        connection = _Connection(self.endpoint, timeout_s)
        try:
            yield self._request(connection, method, _target(path, query), body, headers or {})
        finally:
            connection.close()

    def _request(
        self, connection: _Connection, method: str, target: str, body: Json, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        data, kind = _encoded(body)
        try:
            connection.request(method, target, data, {"Host": "engine", **kind, **headers})
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise EngineError(answer.status, _complaint(answer))
        return answer

    def _unreachable(self, error: Exception) -> UnreachableError:
        return UnreachableError(f"the container engine at {self.endpoint.url} doesn't answer: {_plain(error)}")


def _decoded(content: bytes) -> Json:
    """One JSON value, or (events, progress) a tuple of them, one a line."""
    try:
        return json.loads(content)
    except ValueError:
        return tuple(json.loads(line) for line in content.splitlines() if line.strip())


def _target(path: str, query: Mapping[str, object] | None) -> str:
    pairs = {
        name: json.dumps(value) if isinstance(value, (bool, dict)) else value
        for name, value in (query or {}).items()
        if value is not None
    }
    return f"{quote(path)}?{urlencode(pairs)}" if pairs else quote(path)


def _encoded(body: Json) -> tuple[bytes | BinaryIO | None, dict[str, str]]:
    if body is None:
        return None, {"Content-Length": "0"}
    if isinstance(body, bytes):
        return body, {"Content-Type": "application/x-tar"}
    if isinstance(body, io.IOBase):
        size = body.seek(0, io.SEEK_END)
        body.seek(0)
        return cast("BinaryIO", body), {"Content-Type": "application/x-tar", "Content-Length": str(size)}
    return json.dumps(body).encode(), {"Content-Type": "application/json"}


def _complaint(answer: http.client.HTTPResponse) -> str:
    content = answer.read().decode(errors="replace").strip()
    try:
        said = json.loads(content)
    except ValueError:
        return content or answer.reason
    # Podman tells the cause apart from the sentence, which holds both.
    return str(said.get("message") or said.get("cause") or content) if isinstance(said, dict) else content


def _plain(error: Exception) -> str:
    reasons = {
        FileNotFoundError: "there is no such socket",
        ConnectionRefusedError: "nothing listens there",
        PermissionError: "this user may not use it",
        TimeoutError: "no answer in time",
    }
    return next((text for kind, text in reasons.items() if isinstance(error, kind)), str(error) or type(error).__name__)
