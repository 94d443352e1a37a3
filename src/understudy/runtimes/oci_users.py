"""Who a container's processes run as: names, numbers and homes from the image's own `/etc/passwd`."""

import io
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

from understudy.errors import MachineError
from understudy.runtimes.oci_client import Client, Json
from understudy.runtimes.oci_images import Image

_ROOT = ("", "root", "0")
_MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class User:
    """`number` None where it can't be told: a name that the image doesn't know. `group`: its first one's number."""

    name: str
    number: int | None
    home: str
    group: int = 0


class Users:
    """Finds users of images; each image's list is read once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lists: dict[str, str] = {}

    def of(self, image: Image, wanted: str) -> User:
        """The user `wanted` (`name`, `name:group`, a number) of `image`, as an engine finds it."""
        name = wanted.partition(":")[0]
        home = image.env.get("HOME", "")
        if name in _ROOT:
            return User("root", 0, home or "/root")
        for line in self._list(image).splitlines()[:_MOST_LINES]:
            fields = line.split(":")
            if len(fields) >= 6 and name in (fields[0], fields[2]) and fields[2].isdecimal():
                group = int(fields[3]) if fields[3].isdecimal() else 0
                return User(fields[0], int(fields[2]), home or fields[5] or "/", group)
        return User("" if name.isdecimal() else name, int(name) if name.isdecimal() else None, home or "/")

    def _list(self, image: Image) -> str:
        if image.id not in self._lists:
            self._lists[image.id] = self._from_layers(image) or self._from_container(image)
        return self._lists[image.id]

    def _from_layers(self, image: Image) -> str:
        """From the layers where root's own engine keeps them on this machine: no container needed."""
        if os.geteuid() != 0 or self._client.endpoint.path is None:
            return ""
        told: Json = self._client.get(f"/images/{image.id}/json").get("GraphDriver") or {}
        data = told.get("Data") or {}
        folders = [data.get("UpperDir", ""), *str(data.get("LowerDir") or "").split(":")]
        for folder in filter(None, folders):
            path = Path(folder) / "etc/passwd"
            if path.is_file() and not path.is_symlink():
                return path.read_text(encoding="utf-8", errors="replace")
        return ""

    def _from_container(self, image: Image) -> str:
        """From a container that is made for it and never started."""
        made = self._client.post("/containers/create", {"Image": image.id, "Entrypoint": ["sh"]})
        try:
            content = self._client.ask(
                "GET", f"/containers/{made['Id']}/archive", query={"path": "/etc/passwd"}, timeout_s=30
            )
            with tarfile.open(fileobj=io.BytesIO(content)) as tar:
                member = tar.next()
                stream = tar.extractfile(member) if member else None
                return stream.read().decode(errors="replace") if stream else ""
        except (MachineError, tarfile.TarError, KeyError):
            return ""
        finally:
            self._client.remove_container(made["Id"])
