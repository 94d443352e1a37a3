"""What the user decided about container engines, and where their engine listens."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine listens: `unix://PATH`, `tcp://HOST:PORT` or `ssh://USER@HOST`, and the folder of its keys."""

    url: str
    certificates: Path | None = None

    @property
    def path(self) -> Path | None:
        """The socket's path, for an engine of this machine."""
        return Path(self.url.removeprefix("unix://")) if self.url.startswith("unix://") else None


class Pull(Enum):
    """When an image is fetched from its registry."""

    ALWAYS = "always"
    MISSING = "missing"
    NEVER = "never"


class InJobs(Enum):
    """Which container engine jobs are given that ask for one."""

    NONE = "none"
    SOCKET = "socket"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class OciSettings:
    """Choices for rooms in containers.

    `images` maps names (shell patterns) of the file to images, before the shipped catalogue. `limits`: whether the
    hosted size becomes a limit here. `gpus`: None passes them on where a job's class has them, False never, True
    always. `in_jobs`: which engine jobs get that ask for one; either is worth the machine. `host_network`: rooms share
    this machine's network. `config`: the folder of Docker's own settings, with the user's logins. `environ`: the
    variables of engines (`DOCKER_HOST`, ...). `ulimits`: name to its soft and hard bound.
    """

    images: Mapping[str, str] = field(default_factory=dict)
    pull: Pull = Pull.MISSING
    limits: bool = True
    gpus: bool | None = None
    in_jobs: InJobs = InJobs.NONE
    host_network: bool = False
    shm_mib: int = 0
    ulimits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    config: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


VARIABLES = (
    "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "CONTAINER_HOST", "XDG_RUNTIME_DIR",
)  # fmt: skip


def docker_endpoint(settings: OciSettings) -> Endpoint:
    """Docker's engine, found as its own client does: `DOCKER_HOST`, a context, the usual sockets.

    https://docs.docker.com/reference/cli/docker/#environment-variables
    """
    environ = settings.environ
    if host := environ.get("DOCKER_HOST"):
        keys = environ.get("DOCKER_CERT_PATH")
        folder = (Path(keys) if keys else settings.config) if environ.get("DOCKER_TLS_VERIFY") else None
        return Endpoint(host, folder)
    if found := _of_context(settings):
        return found
    usual = Path("/var/run/docker.sock")
    rootless = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "docker.sock"
    return Endpoint(f"unix://{rootless if rootless.exists() and not usual.exists() else usual}")


def podman_endpoint(settings: OciSettings) -> Endpoint:
    """Podman's service, as `podman --remote` finds it; root's own before the user's.

    https://docs.podman.io/en/latest/markdown/podman-system-service.1.html
    """
    if host := settings.environ.get("CONTAINER_HOST"):
        return Endpoint(host)
    runtime = Path(settings.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    places = (Path("/run/podman/podman.sock"), runtime / "podman/podman.sock")
    ordered = places if os.geteuid() == 0 else places[::-1]
    return Endpoint(f"unix://{next((path for path in ordered if path.exists()), ordered[0])}")


def _of_context(settings: OciSettings) -> Endpoint | None:
    """https://docs.docker.com/engine/manage-resources/contexts/."""
    if settings.config is None:
        return None
    name = settings.environ.get("DOCKER_CONTEXT") or client_configuration(settings).get("currentContext")
    if not isinstance(name, str) or name == "default":
        return None
    digest = sha256(name.encode()).hexdigest()
    try:
        meta = json.loads((settings.config / "contexts/meta" / digest / "meta.json").read_text(encoding="utf-8"))
        host = str(meta["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    keys = settings.config / "contexts/tls" / digest / "docker"
    return Endpoint(host, keys if keys.is_dir() else None)


def client_configuration(settings: OciSettings) -> dict[str, object]:
    """Docker's own `config.json`; empty where there is none that can be read."""
    if settings.config is None:
        return {}
    try:
        found = json.loads((settings.config / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
