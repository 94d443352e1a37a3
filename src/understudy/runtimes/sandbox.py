"""The sandbox: a room made of Linux namespaces over an overlay of this machine's own system, without a daemon."""

import contextlib
import functools
import marshal
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from understudy.errors import RoomError
from understudy.findings import Finding, Severity
from understudy.runtimes import mounts, quick, remains, standins
from understudy.runtimes.accounts import STANDARD_PATH, Account, account_for, environment, expand
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.held import HERE, HOLDER, held
from understudy.runtimes.launching import LAUNCHER
from understudy.runtimes.pythons import Interpreter, folders, launchers, library_markers, variables
from understudy.runtimes.sandbox_room import SandboxRoom

CONTROL = "/run/understudy/control"
TOOLS = "/run/understudy/tools"
FIRST = "first.pid"

# Docker's default capabilities without MKNOD, and without NET_RAW, since the network is this machine's own.
_KEPT = {
    "CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "FSETID": 4, "KILL": 5, "SETGID": 6, "SETUID": 7, "SETPCAP": 8,
    "NET_BIND_SERVICE": 10, "SYS_CHROOT": 18, "AUDIT_WRITE": 29, "SETFCAP": 31,
}  # fmt: skip
KEEP = sum(1 << number for number in _KEPT.values())

_FILES_FOR_TOOLS = re.compile(r"CERT|SSL|CA_BUNDLE|CAINFO|CACERT|_CA_|ROOTS_FILE|^PIP_CONFIG_FILE$|^PIP_FIND_LINKS$")


class Sandbox:
    """See `Runtime`. As root one kind of room; as an ordinary user one in a namespace of users, with less rights."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tried = False
        self._as_user = False
        self._reason: str | None = None
        self._hiding: tuple[mounts.Cover, ...] | None = None

    @property
    def name(self) -> str:
        """See `Runtime`."""
        return "sandbox"

    def missing(self) -> str | None:
        """See `Runtime`."""
        with self._lock:
            if not self._tried:
                self._try()
                self._tried = True
            return self._reason

    def resolve(self, image: str) -> str:
        """See `Runtime`: always this machine's system, with the Python that stands in for that of `image`."""
        return standins.resolved(image)

    def stands_in(self, spec: RoomSpec) -> tuple[Finding, ...]:
        """See `Runtime`."""
        found = list(standins.of_image(spec))
        if self.missing() is None and self._as_user:
            message = "system folders can't be written to in this sandbox, so `apt-get` and `sudo` can't install there"
            hint = "run as root, or use `--runtime docker`, for jobs that install system packages"
            found.append(Finding(Severity.WARNING, "no-root", message, hint=hint))
        elif shutil.which("sudo", path=STANDARD_PATH) is None:
            message = "this machine has no `sudo`: a stand-in runs its commands as root, which the job is already"
            found.append(Finding(Severity.NOTE, "sudo-stand-in", message))
        if spec.network:
            message = "jobs share this machine's network: its ports, and what listens on `localhost`"
            found.append(Finding(Severity.NOTE, "shared-network", message, hint="`--no-network` cuts it"))
        return tuple(found)

    def provides(self, reference: str) -> bool:
        """See `Runtime`."""
        del reference
        return False

    def unmet(self, spec: RoomSpec) -> str | None:
        """See `Runtime`."""
        return standins.unmet_here(spec, "linux")

    @contextlib.contextmanager
    def open(self, spec: RoomSpec) -> Iterator[SandboxRoom]:
        """See `Runtime`."""
        if reason := self.missing():
            raise RoomError(f"the sandbox can't be used here: {reason}")
        with self._opened(spec) as room:
            yield room

    def sweep(self, scratch: Path) -> tuple[str, ...]:
        """See `Runtime`. Mounts need no care: they are the room's own, and end with its last process."""
        found = (remains.recorded(scratch / name) for name in (FIRST, HOLDER))
        killed = remains.end(process for process in found if process)
        remains.erase(scratch)
        return tuple(f"ended process {process.number} of a room that was left behind" for process in killed)

    def _try(self) -> None:
        if sys.platform != "linux":
            self._reason = "it needs Linux; use docker, podman or plain"
            return
        first = None
        for as_user in (False, True) if _is_root() else (True,):
            self._as_user = as_user
            try:
                with (
                    tempfile.TemporaryDirectory(prefix=remains.trial_prefix()) as folder,
                    self._opened(RoomSpec(name="try", scratch=Path(folder))),
                ):
                    return
            except (RoomError, OSError) as failure:
                first = first or str(failure)
        self._reason = _explain(first or "")

    @contextlib.contextmanager
    def _opened(self, spec: RoomSpec) -> Iterator[SandboxRoom]:
        account = account_for(spec)
        python = standins.python_of(spec)
        try:
            small = quick.make(spec.scratch)
            control = small / "control"
            control.mkdir()
            written = small / "plan"
            written.write_bytes(marshal.dumps(self._plan(spec, small, account, python)))
            start = functools.partial(LAUNCHER.launch, written, spec.scratch / HOLDER)
            with held(start, spec.scratch, control) as wire:
                yield SandboxRoom(
                    wire,
                    home=account.home,
                    workdir=expand(spec.workdir, account.home, account.home),
                    tools=TOOLS,
                    env={
                        **environment(account, account.home, (TOOLS, *_bin(python))),
                        **(variables() if spec.image is None else {}),
                        **spec.env,
                    },
                )
        except OSError as failure:
            raise RoomError(f"the room could not be opened: {failure}") from failure
        finally:
            remains.erase(spec.scratch)

    def _plan(self, spec: RoomSpec, small: Path, account: Account, python: Interpreter | None) -> dict[str, object]:
        hidden = _hidden(spec)
        blueprint = mounts.Blueprint(spec.scratch, small, as_user=self._as_user)
        prepared = blueprint.system(hidden)
        hostname = re.sub(r"[^a-z0-9-]+", "-", spec.name.lower()).strip("-")[:63].strip("-") or "room"
        mounts.write_identity(prepared["/etc"], account, hostname, home=account.home, as_root=not self._as_user)
        if not self._as_user:
            mounts.conceal(prepared, self._covers(), owner=True)
        graphics = map(str, Path("/dev").glob("nvidia*")) if spec.resources.gpus else ()
        blueprint.add("devices", (*mounts.DEVICES, *graphics))
        blueprint.add("processes", mounts.MASKED_PROC, mounts.READ_ONLY_PROC)
        blueprint.add("system", mounts.MASKED_SYS)
        blueprint.private("tmp", "/tmp", mode=0o1777)  # noqa: S108 - the room's own
        blueprint.private("vartmp", "/var/tmp", mode=0o1777)  # noqa: S108
        run = blueprint.private("run", "/run", small=True)
        (run / "lock").mkdir(mode=0o1777)
        (run / "understudy").mkdir()
        for path in hidden:
            blueprint.add("hide", path)
        self._furnish(blueprint, spec, small, account, python)
        if spec.image is None:  # a whole machine of the service has several
            for folder in folders():
                blueprint.overlay(folder, str(folder))
        if python:
            self._lay_python(blueprint, prepared, python)
        for tree in spec.trees:
            blueprint.overlay(tree.source, expand(tree.target, account.home, account.home))
        blueprint.add("folder", expand(spec.workdir, account.home, account.home))
        return {
            "user": (account.number, account.number) if self._as_user else None,
            "network": spec.network,
            "hostname": hostname,
            "root": str(blueprint.root),
            "operations": blueprint.operations,
            "hidden": tuple(hidden),
            "keep": KEEP,
            "holder": str(spec.scratch / HOLDER),
            "first": str(spec.scratch / FIRST),
            "control": CONTROL,
            "environment": {"PATH": STANDARD_PATH, "LC_ALL": "C"},
        }

    def _covers(self) -> tuple[mounts.Cover, ...]:
        if self._hiding is None:
            self._hiding = mounts.covers((*mounts.named_secrets(), *mounts.secrets()))
        return self._hiding

    def _furnish(
        self,
        blueprint: mounts.Blueprint,
        spec: RoomSpec,
        small: Path,
        account: Account,
        python: Interpreter | None,
    ) -> None:
        blueprint.add("folder", "/home")
        blueprint.private("home", account.home)
        tools = blueprint.private("tools", TOOLS, small=True)
        blueprint.add("show", str(small / "control"), CONTROL)
        for path in sorted({value for name, value in spec.env.items() if _FILES_FOR_TOOLS.search(name)}):
            if path.startswith("/") and not _is_shown(path) and Path(path).exists():
                blueprint.add("show", path, path)
        scripts = launchers(python) if python else {}
        if self._as_user or shutil.which("sudo", path=STANDARD_PATH) is None:
            scripts["sudo"] = (HERE / "sudo.sh").read_text(encoding="utf-8")
        for name, script in scripts.items():
            (tools / name).write_text(script, encoding="utf-8")
            (tools / name).chmod(0o755)

    def _lay_python(self, blueprint: mounts.Blueprint, prepared: dict[str, Path], python: Interpreter) -> None:
        source = str(python.prefix)
        if _is_shown(source):
            source = f"/{source.split('/')[1]}"
            layer = prepared[source]
        else:
            layer = blueprint.layer(source)
            blueprint.add("overlay", source, str(layer.parent), source)
        markers = (mounts.Secret(str(marker), is_folder=False) for marker in library_markers(python))
        mounts.conceal({source: layer}, mounts.covers(markers, source), owner=not self._as_user)


def _is_root() -> bool:
    """Whether we are the machine's own root, and not that of a namespace of users (as in a rootless container)."""
    if os.geteuid() != 0:
        return False
    try:
        return Path("/proc/self/uid_map").read_text(encoding="ascii").split() == ["0", "0", "4294967295"]
    except OSError:
        return False


def _is_shown(path: str) -> bool:
    return path.split("/")[1] in mounts.SYSTEM_FOLDERS


def _hidden(spec: RoomSpec) -> tuple[str, ...]:
    ours = (spec.scratch, Path.home(), *spec.hide)
    paths = (*mounts.ALWAYS_HIDDEN, *(str(path.resolve()) for path in ours))
    return tuple(path for path in dict.fromkeys(paths) if path != "/" and _is_shown(path))


def _bin(python: Interpreter | None) -> tuple[str, ...]:
    if python is None or str(python.executable.parent) in STANDARD_PATH.split(":"):
        return ()
    return (str(python.executable.parent),)


def _explain(failure: str) -> str:
    """The sentence for the user, with what to do, for the kernel's refusal."""
    said = failure.removeprefix("the room could not be opened: ")
    for path, bad, sentence in _SETTINGS:
        with contextlib.suppress(OSError):
            if Path(path).read_text(encoding="ascii").strip() == bad and os.geteuid() != 0:
                return sentence
    if "overlay" in said:
        return (
            f"the kernel refuses an overlay here ({said}); set TMPDIR and the store to a folder on ext4, xfs or tmpfs"
        )
    if os.geteuid() == 0 or Path("/.dockerenv").exists():
        return f"this container or machine doesn't let us make namespaces ({said}); give it CAP_SYS_ADMIN, or use plain"
    return f"the kernel doesn't let this user make a sandbox ({said}); run as root, or use docker, podman or plain"


_INSTEAD = "or use docker, podman or plain"

_SETTINGS = (
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        (
            "this kernel forbids user namespaces to ordinary users; "
            f"allow them with `sudo sysctl kernel.unprivileged_userns_clone=1`, {_INSTEAD}"
        ),
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        (
            "this machine allows no user namespaces; "
            f"allow them with `sudo sysctl user.max_user_namespaces=10000`, {_INSTEAD}"
        ),
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        (
            "AppArmor keeps user namespaces from this program; "
            f"allow them with `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`, {_INSTEAD}"
        ),
    ),
)
"""A file with a kernel setting, the value that forbids sandboxes, and what to do about it."""
