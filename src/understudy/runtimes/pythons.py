"""Which Python a job's image would have, and which of this machine's stands in for it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_IMAGE = re.compile(r"(?:.*/)?(?:cimg/|circleci/|library/)?python:v?(?P<version>\d+(?:\.\d+){0,2})(?![\w.])")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of this machine: its version, its real executable and the prefix it is installed under."""

    version: str
    executable: Path
    prefix: Path


def python_for(image: str | None) -> str | None:
    """The Python version that the name of `image` promises (`3.9`, `3.9.16`), None where it promises none."""
    found = _IMAGE.match(image.partition("@")[0]) if image else None
    return found["version"] if found else None


def find_python(version: str | None, home: Path | None = None) -> Interpreter | None:
    """The best interpreter here for `version`: the same, or the newest of its minor version; None: of the user's PATH.

    Looks at what pyenv and uv installed below `home` (default: the user's), then at PATH and `/usr/bin`.
    """
    home = home or Path.home()
    if version is None:
        return next(_on_path("python3", home), None)
    wanted = version.split(".")
    found = [*_of_pyenv(home), *_of_uv(home)]
    fitting = [one for one in found if one.version.split(".")[: len(wanted[:2])] == wanted[:2]]
    if not fitting:
        name = f"python{'.'.join(wanted[:2])}" if len(wanted) > 1 else "python3"
        fitting = list(_on_path(name, home))[:1]
    return max(fitting, key=lambda one: (one.version == version, _key(one.version)), default=None)


def folders(home: Path | None = None) -> tuple[Path, ...]:
    """The folders of this machine whose folders are Pythons that pyenv and uv installed below `home`."""
    home = home or Path.home()
    return tuple(one for one in (home / ".pyenv/versions", home / ".local/share/uv/python") if one.is_dir())


def variables(home: Path | None = None, *, shared: bool = False) -> dict[str, str]:
    """What tells a job's tools of those folders. `shared`: they are this machine's own, and must not be written to."""
    found = ":".join(map(str, folders(home)))
    marks = {"UNDERSTUDY_PYTHONS_SHARED": "true"} if shared else {}
    return {"UNDERSTUDY_PYTHONS": found, **marks} if found or shared else {}


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _of_pyenv(home: Path) -> Iterator[Interpreter]:
    for prefix in sorted((home / ".pyenv/versions").glob("[0-9]*")):
        executable = prefix / "bin/python3"
        if re.fullmatch(r"\d+\.\d+\.\d+", prefix.name) and executable.exists() and not prefix.is_symlink():
            yield Interpreter(prefix.name, executable.resolve(), prefix)


def _of_uv(home: Path) -> Iterator[Interpreter]:
    for prefix in sorted((home / ".local/share/uv/python").glob("cpython-*")):
        version = re.match(r"cpython-(\d+\.\d+\.\d+)(?![\w.])", prefix.name)
        executable = prefix / "bin/python3"
        if version and executable.exists() and not prefix.is_symlink():
            yield Interpreter(version[1], executable.resolve(), prefix.resolve())


def _on_path(name: str, home: Path) -> Iterator[Interpreter]:
    for folder in (*os.get_exec_path(), "/usr/local/bin", "/usr/bin"):
        executable = Path(folder, name)
        if folder == str(home / ".pyenv/shims"):
            chosen = _chosen_by_pyenv(home)
            executable = home / ".pyenv/versions" / chosen / "bin" / name if chosen else executable
        if not os.access(executable, os.X_OK) or executable.parent.name == "shims":
            continue
        real = executable.resolve()
        if (version := _version_of(real)) and real.parent.name == "bin":
            yield Interpreter(version, real, real.parent.parent)


def _chosen_by_pyenv(home: Path) -> str | None:
    try:
        words = (home / ".pyenv/version").read_text(encoding="utf-8").split()
    except OSError:
        return None
    return words[0] if words else None


@lru_cache(maxsize=32)
def _version_of(executable: Path) -> str | None:
    if executable == Path(sys.executable).resolve():
        return ".".join(map(str, sys.version_info[:3]))
    named = re.fullmatch(r"\d+\.\d+\.\d+", executable.parent.parent.name)
    if named:
        return named[0]
    question = (str(executable), "-I", "-S", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])")
    try:
        answer = subprocess.run(question, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None


def library_markers(python: Interpreter) -> tuple[Path, ...]:
    """The files by which a distribution forbids `pip install` into `python` (PEP 668); no hosted image has them."""
    minor = ".".join(python.version.split(".")[:2])
    folders = (python.prefix / "lib" / f"python{minor}", python.prefix / "lib64" / f"python{minor}")
    return tuple(marker for folder in folders if (marker := folder / "EXTERNALLY-MANAGED").exists())


def launchers(python: Interpreter) -> dict[str, str]:
    """Scripts for the names `python`, `python3` and `pip` where `python`'s own folder lacks them or means another."""
    folder = python.executable.parent
    scripts = {}
    for name in ("python3", "python"):
        link = folder / name
        if not link.exists() or link.resolve() != python.executable:
            scripts[name] = f'#!/bin/sh\nexec {python.executable} "$@"\n'
    minor = ".".join(python.version.split(".")[:2])
    has_pip = any((python.prefix / lib).exists() for lib in (f"lib/python{minor}/site-packages/pip",)) or (
        python.prefix == Path("/usr") and Path("/usr/lib/python3/dist-packages/pip").exists()
    )
    for name in ("pip", "pip3"):
        if has_pip and (scripts or not (folder / name).exists()):
            scripts[name] = f'#!/bin/sh\nexec {python.executable} -m pip "$@"\n'
    return scripts
