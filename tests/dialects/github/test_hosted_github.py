"""Programs that GitHub's machines have. https://github.com/actions/runner-images lists them."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.dialects.github.hosted import programs
from understudy.findings import Position
from understudy.model.pipeline import Container, Job, Platform, Text

JOB = Job(id="test", name=Text("test"), at=Position("w.yml", 1, 1))


@pytest.fixture
def pipx(tmp_path: Path) -> Path:
    """The stand-in as it lies in a room."""
    (laid,) = (file for file in programs(JOB) if file.path == "pipx")
    (tmp_path / "tools").mkdir()
    path = tmp_path / "tools/pipx"
    path.write_bytes(laid.content)
    path.chmod(laid.mode)
    return path


def start(pipx: Path, *arguments: str, path: str = "") -> "subprocess.CompletedProcess[str]":
    """With the room's tools first on PATH, as they are there; `path` is all the rest but the standard programs."""
    (pipx.parent / "bin").mkdir(exist_ok=True)
    for name in ("dirname", "rm", "mkdir", "cat"):
        (pipx.parent / "bin" / name).symlink_to(f"/usr/bin/{name}")
    env = {"PATH": f"{pipx.parent}:{path}:{pipx.parent}/bin", "HOME": str(pipx.parent.parent)}
    return subprocess.run([str(pipx), *arguments], env=env, capture_output=True, text=True, check=False)


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_container_has_what_its_image_has() -> None:
    assert programs(replace(JOB, container=Container(Text("alpine")))) == ()
    assert programs(replace(JOB, platform=Platform.MACOS)) == ()


def test_the_rooms_own_comes_first(pipx: Path, tmp_path: Path) -> None:
    program(tmp_path / "own", "pipx", 'echo "own: $*"')
    assert start(pipx, "run", "nox", path=str(tmp_path / "own")).stdout == "own: run nox\n"


def test_it_is_installed_once(pipx: Path, tmp_path: Path) -> None:
    installed = 'mkdir -p "$3/bin"; cat >"$3/bin/pipx" <<X\n#!/bin/sh\necho "new: \\$*"\nX\n'
    made = f'{installed}printf "#!/bin/sh\\n" >"$3/bin/python"; chmod 755 "$3/bin/pipx" "$3/bin/python"'
    (pipx.parent / "bin").mkdir()
    (pipx.parent / "bin/chmod").symlink_to("/usr/bin/chmod")
    program(tmp_path / "py", "python3", f'echo "made $2" >&2\n{made}')
    first = start(pipx, "run", "nox", path=str(tmp_path / "py"))
    assert first.stdout == "new: run nox\n"
    assert first.stderr == "pipx is not in this room: pip installs it.\nmade venv\n"
    (tmp_path / "py/python3").unlink()
    env = {"PATH": "/usr/bin", "HOME": str(tmp_path)}
    again = subprocess.run([pipx, "list"], env=env, capture_output=True, text=True, check=False)
    assert again.stdout == "new: list\n"


def test_without_a_python_it_says_so(pipx: Path) -> None:
    done = start(pipx, "run", "nox")
    assert (done.returncode, done.stdout) == (127, "")
    assert "neither pipx nor a Python" in done.stderr
