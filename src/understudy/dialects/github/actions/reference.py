"""What `uses:` of a step names: a folder of the repository, an action of another one, or an image."""

import posixpath
import re
from dataclasses import dataclass

SCHEME = "github://"
"""The beginning of a path by which a reader is asked for a file of another repository."""

FILES = ("action.yml", "action.yaml")
"""Where an action is described, in this order. https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax"""

OWN = "$/"
"""Begins an action of the repository that the file itself is from, at the same commit."""

LAID = "~/.understudy/actions"
"""The folder of the room that has a remote action's files, at `OWNER/REPOSITORY/REF`."""

_REMOTE = re.compile(r"(?P<owner>[\w.-]+)/(?P<repository>[\w.-]+)(?:/(?P<path>[^@]+))?@(?P<ref>[^\s@][^\s]*)")


@dataclass(frozen=True, slots=True)
class Local:
    """An action of the repository itself: `path` from its root, plain."""

    path: str

    @property
    def folder(self) -> str:
        """Where it lies in the room, from the working directory."""
        return self.path or "."

    def address(self, name: str) -> str:
        """The path by which a reader is asked for its file `name`."""
        return posixpath.join(self.path, name)


@dataclass(frozen=True, slots=True)
class Remote:
    """An action of another repository, at a branch, tag or commit; `path` is its folder there, empty for the root."""

    owner: str
    repository: str
    path: str
    ref: str

    @property
    def slug(self) -> str:
        """`owner/repository`, in small letters: GitHub doesn't tell capitals apart there."""
        return f"{self.owner}/{self.repository}".lower()

    @property
    def name(self) -> str:
        """`owner/repository` and the folder, in small letters, without the ref."""
        return f"{self.slug}/{self.path}".rstrip("/").lower()

    @property
    def folder(self) -> str:
        """Where it lies in the room, from home."""
        return posixpath.join(LAID, self.slug, self.ref, self.path).rstrip("/")

    def address(self, name: str) -> str:
        """The path by which a reader is asked for its file `name`."""
        return f"{SCHEME}{self.owner}/{self.repository}@{self.ref}/{posixpath.join(self.path, name)}"


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is run as an action, as in `docker://alpine:3`."""

    image: str


Reference = Local | Remote | Image


def laid_path(address: str) -> str:
    """Where in a room the file lies that a reader would be asked for by `address`."""
    if not address.startswith(SCHEME):
        return address
    slug, _, rest = address.removeprefix(SCHEME).partition("@")
    return posixpath.join(LAID, slug.lower(), rest)


def parse(uses: str) -> Reference | None:
    """What `uses` names; None for what names nothing, and for a local path that leads out of the repository.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses.
    """
    uses = uses.strip()
    if uses.startswith("docker://"):
        return Image(uses.removeprefix("docker://")) if len(uses) > len("docker://") else None
    if uses.startswith(("./", ".\\", OWN)) or uses == ".":
        path = posixpath.normpath(uses.removeprefix("$").lstrip("/").replace("\\", "/"))
        if path.startswith("../") or path == "..":
            return None
        return Local("" if path == "." else path)
    return _remote(uses)


def _remote(uses: str) -> Remote | None:
    found = _REMOTE.fullmatch(uses)
    if found is None:
        return None
    path = posixpath.normpath(found["path"] or ".").strip("/")
    # Neither a path nor an option of git shall come of it.
    outside = path.startswith("..") or ".." in found["ref"].split("/")
    names = (found["owner"], found["repository"], found["ref"])
    if outside or any(not name.strip(".") or name.startswith("-") for name in names):
        return None
    return Remote(found["owner"], found["repository"], "" if path == "." else path, found["ref"])
