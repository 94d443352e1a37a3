"""What a sandbox shows of this machine, written down as a list of operations for the launcher."""

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from understudy.runtimes.accounts import Account

SYSTEM_FOLDERS = ("usr", "etc", "opt", "var", "srv", "nix", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
"""The folders at the top that a room sees; others (homes, mounted disks, data) it doesn't."""

ALWAYS_HIDDEN = (
    *(f"/var/lib/{name}" for name in ("docker", "containerd", "containers", "kubelet", "lxc", "lxd", "incus")),
    *(f"/var/lib/{name}" for name in ("libvirt", "machines", "flatpak", "snapd", "NetworkManager", "bluetooth")),
    *(f"/var/{name}" for name in ("mail", "spool", "backups", "snap")),
    *(f"/etc/{name}" for name in ("docker", "kubernetes", "rancher", "wireguard", "openvpn", "letsencrypt")),
)

DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty"))

# What Docker masks, and what it makes read-only: moby, `oci/defaults.go`.
MASKED_PROC = tuple(
    f"/proc/{name}"
    for name in (
        *("acpi", "asound", "interrupts", "kcore", "keys", "key-users", "kmsg", "latency_stats", "sched_debug"),
        *("scsi", "timer_list", "timer_stats"),
    )
)
READ_ONLY_PROC = tuple(f"/proc/{name}" for name in ("bus", "fs", "irq", "sys", "sysrq-trigger"))
MASKED_SYS = ("/sys/firmware", "/sys/devices/virtual/powercap", "/sys/kernel/debug", "/sys/kernel/tracing")

_SCANNED = {"etc": 8, "var": 4, "opt": 2, "srv": 2}
"""How deep to look for what not every user of this machine may read; a root's room would read it otherwise."""

_DISKS = re.compile(
    r"ext[234]|xfs|btrfs|zfs|f2fs|overlay|squashfs|erofs|bcachefs|tmpfs|virtiofs|9p|fuse\.\S+|nfs4?|ufs"
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A path below a system folder that is to be hidden: a folder, with its mode and owners, or something else."""

    path: str
    is_folder: bool
    mode: int = 0
    owner: int = 0
    group: int = 0


def secrets() -> tuple[Secret, ...]:
    """What of the system folders only some users of this machine may read."""
    return tuple(one for name, depth in _SCANNED.items() for one in _secrets_in(f"/{name}", depth))


def _secrets_in(folder: str, depth: int) -> Iterator[Secret]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        state = entry.stat(follow_symlinks=False)
        is_folder = stat.S_ISDIR(state.st_mode)
        needed = stat.S_IROTH | stat.S_IXOTH if is_folder else stat.S_IROTH
        if stat.S_ISLNK(state.st_mode):
            continue
        if state.st_mode & needed != needed:
            yield Secret(entry.path, is_folder, stat.S_IMODE(state.st_mode), state.st_uid, state.st_gid)
        elif is_folder and depth > 1:
            yield from _secrets_in(entry.path, depth - 1)


def nested_mounts(text: str) -> tuple[str, ...]:
    """The folders and files below the system folders that are mounted from elsewhere; `text` is a mountinfo file."""
    found = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        place = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), before.split()[4])
        parts = place.split("/")
        if len(parts) > 2 and parts[1] in SYSTEM_FOLDERS and _DISKS.fullmatch(after.split()[0]):
            found.append(place)
    return tuple(dict.fromkeys(found))


class Blueprint:
    """The operations that build a room, gathered in order, and the folders that they need.

    They are made in `scratch`, and in `small`, a folder in memory, where a job writes but little.
    """

    def __init__(self, scratch: Path, small: Path, *, as_user: bool) -> None:
        self.operations: list[tuple[object, ...]] = []
        self.root = scratch / "root"
        self.root.mkdir()
        self._scratch = scratch
        self._small = small
        self._as_user = as_user
        self._layers = 0

    def layer(self, source: str, *, small: bool = False) -> Path:
        """New folders for the changes to `source`; the upper one, which has the mode and owner of `source`."""
        self._layers += 1
        layer = (self._small if small else self._scratch) / "layers" / str(self._layers)
        upper = layer / "upper"
        (layer / "work").mkdir(parents=True)
        upper.mkdir()
        _copy_mode(source, upper, owner=not self._as_user)
        return upper

    def system(self, hidden: Iterable[str]) -> dict[str, Path]:
        """Lays the system folders; for each that is no link, by path, the folder for what the room shows in its place.

        That is a layer of its own between the machine's and the job's, in memory; or the job's own, for `etc`, which is
        small, and for an ordinary user, whose overlays may be refused.
        """
        prepared = {}
        for name in SYSTEM_FOLDERS:
            source = Path("/", name)
            if source.is_symlink():
                (self.root / name).symlink_to(source.readlink())
            elif source.is_dir():
                (self.root / name).mkdir()
                small = name == "etc" and not self._as_user
                upper = self.layer(str(source), small=small)
                prepared[str(source)] = upper if small or self._as_user else self._between(name)
                # Its many small folders are nothing that a job writes to; an overlay each would take its time.
                depth = 1 if name == "etc" else 3
                between = "" if prepared[str(source)] is upper else str(prepared[str(source)])
                self.add("lay", str(source), str(upper.parent), str(source), depth, between)
        if not self._as_user:
            self._nested(frozenset(hidden))
        return prepared

    def overlay(self, source: Path, target: str) -> None:
        """Shows `source` at `target`, writable there; the upper folder is made."""
        self.add("overlay", str(source), str(self.layer(str(source)).parent), target)

    def private(self, name: str, target: str, *, mode: int = 0o755, small: bool = False) -> Path:
        """A new empty folder of the room at `target`."""
        folder = (self._small if small else self._scratch) / name
        folder.mkdir()
        folder.chmod(mode)
        self.add("bind", str(folder), target)
        return folder

    def add(self, name: str, *arguments: object) -> None:
        """One more operation of the launcher."""
        self.operations.append((name, *arguments))

    def _between(self, name: str) -> Path:
        folder = self._small / "between" / name
        folder.mkdir(parents=True)
        _copy_mode(f"/{name}", folder, owner=True)
        return folder

    def _nested(self, hidden: frozenset[str]) -> None:
        # An overlay shows the folder under a mount, and not what is mounted there.
        for place in nested_mounts(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")):
            if any(place == path or place.startswith(f"{path}/") for path in hidden):
                continue
            if Path(place).is_dir():
                self.overlay(Path(place), place)
            elif place not in {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}:
                self.add("show", place, place)


def _copy_mode(source: str, target: Path, *, owner: bool) -> None:
    state = Path(source).stat()
    if owner:
        os.chown(target, state.st_uid, state.st_gid)
    target.chmod(stat.S_IMODE(state.st_mode) | stat.S_IRWXU)


def named_secrets() -> tuple[Secret, ...]:
    """The folders of `ALWAYS_HIDDEN` that this machine has."""
    found = []
    for path in ALWAYS_HIDDEN:
        if os.path.isdir(path) and os.path.realpath(path) == path:  # noqa: PTH112 - a string all along
            state = Path(path).stat()
            found.append(Secret(path, True, stat.S_IMODE(state.st_mode), state.st_uid, state.st_gid))  # noqa: FBT003
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Cover:
    """A path in the layer over the folder `source` that hides something there, or leads to it: relative to both.

    `kind` is `gone` (the file is not there), `empty` (the folder holds nothing), or `way` (a folder above those).
    """

    source: str
    path: str
    kind: str
    mode: int = 0
    owner: int = 0
    group: int = 0


def covers(found: Iterable[Secret], source: str = "") -> tuple[Cover, ...]:
    """What hides `found`, each folder before what lies in it, in a layer over `source`, else over its top folder.

    https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories
    """
    made: dict[tuple[str, str], Cover] = {}
    for secret in found:
        with contextlib.suppress(FileNotFoundError):  # its folder went since it was found: there is nothing to hide
            for cover in _covers(secret, source or f"/{secret.path.split('/')[1]}"):
                made.setdefault((cover.source, cover.path), cover)
    return tuple(made.values())


def _covers(secret: Secret, source: str) -> list[Cover]:
    path = os.path.relpath(secret.path, source)
    parts = path.split("/")
    ways = []
    for depth in range(1, len(parts)):
        above = "/".join(parts[:depth])
        state = os.stat(f"{source}/{above}")  # noqa: PTH116 - a string all along
        mode = stat.S_IMODE(state.st_mode) | stat.S_IRWXU
        ways.append(Cover(source, above, "way", mode, state.st_uid, state.st_gid))
    if not secret.is_folder:
        return [*ways, Cover(source, path, "gone")]
    return [*ways, Cover(source, path, "empty", secret.mode, secret.owner, secret.group)]


def conceal(layers: Mapping[str, Path], hiding: Iterable[Cover], *, owner: bool) -> None:
    """Makes `hiding` in `layers`, by the folders that they lie over. `owner`: as root, who alone can hide folders."""
    for cover in hiding:
        place = f"{layers[cover.source]}/{cover.path}"
        if os.path.lexists(place):
            continue
        if cover.kind == "gone":
            os.mknod(place, stat.S_IFCHR, os.makedev(0, 0))
            continue
        os.mkdir(place)  # noqa: PTH102 - for every room, many times
        if cover.kind == "empty":
            os.setxattr(place, "trusted.overlay.opaque", b"y")
        if owner:
            os.chown(place, cover.owner, cover.group)
        os.chmod(place, cover.mode)  # noqa: PTH101 - as above


def write_identity(etc: Path, account: Account, hostname: str, *, home: str, as_root: bool) -> None:
    """Writes what a room's own `/etc` says of users, names and hosts into the upper folder `etc`."""
    shell = "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh"
    number = 0 if as_root else account.number
    users = [line for line in _lines("/etc/passwd") if not line.startswith(f"{account.name}:") and ":" in line]
    users = [_rehome(line, home, number) for line in users]
    groups = _lines("/etc/group")
    if account.number:
        users.append(f"{account.name}:x:{account.number}:{account.number}::{home}:{shell}")
        groups = [line for line in groups if not line.startswith(f"{account.name}:")]
        groups.append(f"{account.name}:x:{account.number}:")
    elif not any(line.startswith(f"{account.name}:") for line in users):
        users.insert(0, f"{account.name}:x:0:0:{account.name}:{home}:{shell}")
    hosts = [*_lines("/etc/hosts"), f"127.0.1.1\t{hostname}"]
    if not any("localhost" in line for line in hosts):
        hosts.insert(0, "127.0.0.1\tlocalhost")
    for name, lines in {"passwd": users, "group": groups, "hosts": hosts, "hostname": [hostname]}.items():
        _write(etc / name, lines)
    _write(etc / "resolv.conf", _lines("/etc/resolv.conf"))
    # The checkout's files bear the number of whoever owns them here, which git would refuse.
    _write(etc / "gitconfig", [*_lines("/etc/gitconfig"), "[safe]", "\tdirectory = *"])
    if as_root:
        names = [line.split(":")[0] for line in users]
        _write(etc / "shadow", [f"{name}:*:19000:0:99999:7:::" for name in names], mode=0o640)
        _write(etc / "gshadow", [f"{line.split(':')[0]}:*::" for line in groups if ":" in line], mode=0o640)
        _write(etc / "sudoers", ["root ALL=(ALL:ALL) NOPASSWD: ALL", "ALL ALL=(ALL:ALL) NOPASSWD: ALL"], mode=0o440)


def _rehome(line: str, home: str, number: int) -> str:
    fields = line.split(":")
    if len(fields) == 7 and fields[2] == str(number):
        fields[5] = home
    return ":".join(fields)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def _write(path: Path, lines: Iterable[str], *, mode: int = 0o644) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="surrogateescape")
    path.chmod(mode)
