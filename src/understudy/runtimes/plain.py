"""The last resort: ordinary processes over private copies and a private home, for machines where no sandbox works."""

import contextlib
import functools
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from understudy.errors import RoomError
from understudy.findings import Finding, Severity
from understudy.runtimes import remains, standins
from understudy.runtimes.accounts import account_for, environment, expand
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.held import HERE, HOLDER, Script, control_folder, held
from understudy.runtimes.pythons import Interpreter, variables
from understudy.runtimes.room import AgentRoom
from understudy.runtimes.wire import Wire

MADE = "made"
"""In a room's scratch: the paths outside it that it made, one a line."""


class PlainRoom(AgentRoom):
    """A room whose absolute paths are this machine's own, but for those of its home, trees and working directory."""

    def __init__(self, wire: Wire, spec: RoomSpec, places: Mapping[str, str], env: Mapping[str, str]) -> None:
        self._places = places
        self._scratch = spec.scratch
        home = str(spec.scratch / "home")
        self._home = home
        workdir = self._place(spec.workdir if spec.workdir.startswith(("/", "~")) else f"~/{spec.workdir}")
        super().__init__(wire, home=home, workdir=workdir, tools=str(spec.scratch / "tools"), env=env)

    def write_file(self, path: str, content: bytes, *, mode: int = 0o644) -> None:
        """See `Room`."""
        self._guard(path)
        super().write_file(path, content, mode=mode)

    def unpack(self, source: BinaryIO, base: str) -> None:
        """See `Room`."""
        self._guard(base)
        super().unpack(source, base)

    def _place(self, path: str) -> str:
        if path == str(self._scratch) or path.startswith(f"{self._scratch}/"):
            return path  # it is a place already, which may lie in the home that the image's has the path of
        for outer, inner in self._places.items():
            if path == outer or path.startswith(f"{outer}/"):
                return inner + path[len(outer) :]
        return super()._place(path) if not path.startswith("~") else expand(path, self._home)

    def _guard(self, path: str) -> None:
        """Keeps us, if not the job, from writing over this machine's files; notes what must be removed at the end."""
        place = Path(os.path.normpath(self._place(path)))
        if place.is_relative_to(self._scratch):
            return
        if not place.is_relative_to(Path(tempfile.gettempdir())) and not place.is_relative_to("/tmp"):  # noqa: S108
            raise RoomError(
                f"`{path}` is this machine's own, and a room without walls doesn't write there",
                hint="use `--runtime sandbox` or docker, or a path below `~` or `/tmp`",
            )
        new = None
        for one in (place, *place.parents):
            if os.path.lexists(one):
                break
            new = one
        if new is not None:
            with (self._scratch / MADE).open("a", encoding="utf-8", errors="surrogateescape") as made:
                made.write(f"{new}\n")


class Plain:
    """See `Runtime`. No walls: what a job does to absolute paths it does to this machine."""

    @property
    def name(self) -> str:
        """See `Runtime`."""
        return "plain"

    def missing(self) -> str | None:
        """See `Runtime`."""
        if os.name != "posix" or not Path("/bin/sh").exists():
            return "it needs a POSIX system with `/bin/sh`; on Windows use WSL or docker"
        return None

    def resolve(self, image: str) -> str:
        """See `Runtime`: always this machine's system, with the Python that stands in for that of `image`."""
        return standins.resolved(image)

    def stands_in(self, spec: RoomSpec) -> tuple[Finding, ...]:
        """See `Runtime`."""
        message = (
            "ran without walls: jobs are ordinary processes here, with a private home and a private copy of the tree, "
            "but absolute paths are this machine's own and can be read and changed, and `sudo` gives no rights"
        )
        hint = "use `--runtime sandbox` or docker for files you don't trust"
        found = [*standins.of_image(spec), Finding(Severity.WARNING, "no-walls", message, hint=hint)]
        if not spec.network:
            message = "the network can't be cut in a room without walls"
            found.append(Finding(Severity.UNSUPPORTED, "network-not-cut", message, hint="use `--runtime sandbox`"))
        return tuple(found)

    def provides(self, reference: str) -> bool:
        """See `Runtime`."""
        del reference
        return False

    def unmet(self, spec: RoomSpec) -> str | None:
        """See `Runtime`."""
        return standins.unmet_here(spec, sys.platform)

    @contextlib.contextmanager
    def open(self, spec: RoomSpec) -> Iterator[PlainRoom]:
        """See `Runtime`."""
        if reason := self.missing():
            raise RoomError(f"`plain` can't be used here: {reason}")
        spec = _resolved(spec)
        try:
            places = _furnish(spec)
            python = standins.python_of(spec)
            env = _environment(spec, _own_python(spec.scratch, python) if python else ())
            control = control_folder(spec.scratch)
            arguments = (str(control), str(control / "agent.sh"))
            start = functools.partial(Script, "understudy.runtimes.warden", spec.scratch, arguments)
            with held(start, spec.scratch, control) as wire:
                room = PlainRoom(wire, spec, places, env)
                Path(room.workdir).mkdir(parents=True, exist_ok=True)
                yield room
        except OSError as failure:
            raise RoomError(f"the room could not be opened: {failure}") from failure
        finally:
            self.sweep(spec.scratch)

    def sweep(self, scratch: Path) -> tuple[str, ...]:
        """See `Runtime`."""
        holder = remains.recorded(scratch / HOLDER)
        killed = [*remains.end([holder] if holder else []), *remains.end(remains.marked(str(scratch.resolve())))]
        with contextlib.suppress(FileNotFoundError):
            text = (scratch / MADE).read_text(encoding="utf-8", errors="surrogateescape")
            for path in map(Path, text.splitlines()):
                remains.remove(path)
        remains.erase(scratch)
        return tuple(f"ended process {process.number} of a room that was left behind" for process in killed)


def _resolved(spec: RoomSpec) -> RoomSpec:
    return replace(spec, scratch=spec.scratch.resolve())


def _furnish(spec: RoomSpec) -> dict[str, str]:
    """Makes the room's folders and copies; where the paths of the image are here, the longest first."""
    home = spec.scratch / "home"
    for name in ("home", "tools", "tmp"):
        (spec.scratch / name).mkdir()
    account = account_for(spec)
    places = {account.home: str(home)}
    workdir = expand(spec.workdir, str(home), str(home))
    for path in (workdir, *(expand(tree.target, str(home), str(home)) for tree in spec.trees)):
        if not Path(path).is_relative_to(home) and not path.startswith(f"{account.home}/"):
            places[path] = f"{spec.scratch}/elsewhere{path}"
    places = dict(sorted(places.items(), key=lambda pair: -len(pair[0])))
    for tree in spec.trees:
        target = expand(tree.target, str(home), str(home))
        outer = next((one for one in places if target == one or target.startswith(f"{one}/")), "")
        _copy(tree.source, Path(places[outer] + target[len(outer) :] if outer else target))
    (spec.scratch / "tools/sudo").write_bytes((HERE / "sudo.sh").read_bytes())
    (spec.scratch / "tools/sudo").chmod(0o755)
    return places


def _copy(source: Path, target: Path) -> None:
    """A private copy of a folder, sharing its blocks with it where the file system can."""
    target.mkdir(parents=True, exist_ok=True)
    options = ("-a", "--reflink=auto") if sys.platform == "linux" else ("-Rp",)
    copied = subprocess.run(("cp", *options, f"{source}/.", str(target)), capture_output=True, check=False)
    if copied.returncode:
        if sys.platform == "linux":  # busybox has no --reflink
            copied = subprocess.run(("cp", "-a", f"{source}/.", str(target)), capture_output=True, check=False)
        if copied.returncode:
            raise RoomError(f"copying {source}: {copied.stderr.decode(errors='replace').strip()}")


def _own_python(scratch: Path, python: Interpreter) -> tuple[str, ...]:
    """A virtual environment over `python`, so that what a job installs stays in its room; its folder for PATH."""
    folder = scratch / "python"
    options = ("--without-pip", "--system-site-packages")
    command = (str(python.executable), "-I", "-m", "venv", *options, str(folder))
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return ()
    for name in ("pip", "pip3"):
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{folder}/bin/python" -m pip "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return (str(folder / "bin"),)


def _environment(spec: RoomSpec, path: tuple[str, ...]) -> dict[str, str]:
    home = str(spec.scratch / "home")
    account = account_for(spec)
    env = environment(account, home, (str(spec.scratch / "tools"), *path))
    own = [folder for folder in os.get_exec_path() if folder not in env["PATH"].split(":")]
    user = _user_name()
    env |= {"PATH": ":".join((env["PATH"], *own)), "USER": user, "LOGNAME": user}
    return {**env, "TMPDIR": str(spec.scratch / "tmp"), **variables(shared=True), **spec.env}


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
