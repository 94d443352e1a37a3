"""Who a job is and what its environment starts with, told from the name of its image."""

from dataclasses import dataclass

from understudy.runtimes.base import RoomSpec

STANDARD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Account:
    """The user of a room: its `name`, its number as the image has it, and its `home`."""

    name: str
    number: int
    home: str


def account_for(spec: RoomSpec) -> Account:
    """The user that the image of `spec` gives: `circleci` on CircleCI's own images and machines, else `root`.

    https://circleci.com/docs/circleci-images/ and https://circleci.com/docs/using-linuxvm/; machines of other services
    have a user by another name.
    """
    ours = spec.image is None or spec.image.split("/")[0] in {"cimg", "circleci"}
    own = "circleci" if spec.image else spec.machine_user or "circleci"
    name = spec.user or (own if ours else "root")
    number = 0 if name in {"root", "0"} else 3434
    home = spec.home or ("/root" if number == 0 else f"/home/{name}")
    return Account(name, number, home)


def environment(account: Account, home: str, path: tuple[str, ...]) -> dict[str, str]:
    """What an image gives every process: `path` folders come before the user's own and the standard ones."""
    folders = (*path, f"{home}/bin", f"{home}/.local/bin", STANDARD_PATH)
    return {
        "PATH": ":".join(folders),
        "HOME": home,
        "USER": account.name,
        "LOGNAME": account.name,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "TERM": "xterm",
    }


def expand(path: str, home: str, base: str = "/") -> str:
    """`path` with a leading `~` as `home`, and relative ones taken from `base`."""
    if path == "~" or path.startswith("~/"):
        return home.rstrip("/") + path[1:] or "/"
    return path if path.startswith("/") else f"{base.rstrip('/')}/{path}"
