"""What `git status` says, read."""

from dataclasses import dataclass

STATUS = (
    "status",
    "--porcelain=v2",
    "--branch",
    "-z",
    "--untracked-files=all",
    "--no-renames",
    "--ignore-submodules=dirty",
)
_FIELDS_BEFORE_PATH = {b"1": 8, b"u": 10}


@dataclass(frozen=True, slots=True)
class Status:
    """`head` None: no commit yet; `branch` None: detached.

    `changed`: paths that differ from HEAD, in the index or in the working tree; `unstaged`: those that differ from
    the index. A nested repository that is not tracked, like a submodule's content, is no part of this one.
    """

    head: str | None
    branch: str | None
    changed: tuple[bytes, ...]
    unstaged: tuple[bytes, ...]


def parse_status(listing: bytes) -> Status:
    """Reads `git status --porcelain=v2 --branch -z`.

    https://git-scm.com/docs/git-status#_porcelain_format_version_2
    """
    head = branch = None
    changed: list[bytes] = []
    unstaged: list[bytes] = []
    for entry in listing.split(b"\0"):
        match entry[:2]:
            case b"# ":
                _, name, value = entry.split(b" ", 2)
                head = as_text(value) if name == b"branch.oid" and value != b"(initial)" else head
                branch = as_text(value) if name == b"branch.head" and value != b"(detached)" else branch
            case b"1 " | b"u ":
                path = entry.split(b" ", _FIELDS_BEFORE_PATH[entry[:1]])[-1]
                changed.append(path)
                if entry[3:4] != b".":
                    unstaged.append(path)
            case b"? " if not entry.endswith(b"/"):
                changed.append(entry[2:])
                unstaged.append(entry[2:])
            case _:
                pass
    return Status(head, branch, tuple(changed), tuple(unstaged))


def as_text(raw: bytes) -> str:
    """git's bytes as text that can be stored and shown anywhere: what is no UTF-8 becomes `\\xff`."""
    return raw.decode("utf-8", "backslashreplace")
