"""What is known of one container engine: its client, its images and users, and what it turned out to be able to do."""

import os
import threading
from dataclasses import dataclass, field

from understudy.runtimes.oci_body import Host
from understudy.runtimes.oci_client import Client, Json
from understudy.runtimes.oci_idmap import Swaps
from understudy.runtimes.oci_images import Images
from understudy.runtimes.oci_settings import Endpoint, OciSettings
from understudy.runtimes.oci_users import Users


@dataclass
class Engine:
    """What turned out: whether overlay volumes work (`overlays`), also over files that the kernel shows as another
    user's (`maps_owners`, which takes root), and whether it sees this machine's files (`shares_files`).
    """

    name: str
    settings: OciSettings
    endpoint: Endpoint
    client: Client = field(init=False)
    images: Images = field(init=False)
    users: Users = field(init=False)
    overlays: bool = True
    maps_owners: bool = field(default_factory=lambda: os.geteuid() == 0)
    shares_files: bool = True
    swaps: Swaps = field(default_factory=Swaps)

    def __post_init__(self) -> None:
        self.client = Client(self.endpoint)
        self.images = Images(self.client, self.settings)
        self.users = Users(self.client)
        self.shares_files = self.endpoint.path is not None
        self._lock = threading.Lock()
        self._host: Host | None = None

    def host(self) -> Host:
        """The engine's machine; asked once. Raises EngineError, UnreachableError."""
        with self._lock:
            if self._host is None:
                self._host = _host(self.client.get("/info"))
            return self._host


def _host(told: Json) -> Host:
    security = " ".join(map(str, told.get("SecurityOptions") or ()))
    return Host(
        cpus=int(told.get("NCPU") or 1),
        memory_bytes=int(told.get("MemTotal") or 0),
        selinux="selinux" in security,
        gpus="nvidia" in (told.get("Runtimes") or {}),
        maps_users="rootless" in security or "userns" in security,
        name=str(told.get("OperatingSystem") or ""),
        version=str(told.get("ServerVersion") or ""),
    )
