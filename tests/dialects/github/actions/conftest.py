"""Steps that use actions, and the scripts of those that are built in, run by a real shell."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from understudy.dialects.github.actions.builtin.parts import source
from understudy.findings import Position
from understudy.model.pipeline import Step, Text, Use

AT = Position("w.yml", 7, 9)


Make = Callable[..., Step]


@pytest.fixture
def use() -> Make:
    """A step that uses an action, with inputs; it stands in line 7 and column 9 of `w.yml`."""

    def make(ref: str, inputs: Mapping[str, str] | None = None) -> Step:
        texts = {name: Text(value, AT) for name, value in (inputs or {}).items()}
        return Step("it", Text(f"Run {ref}", AT), AT, Use(Text(ref, AT), texts))

    return make


@dataclass(frozen=True)
class Done:
    """What a script did: its exit code and output, and what it wrote to the files of the runner."""

    code: int
    printed: str
    outputs: Mapping[str, str]
    env: Mapping[str, str]
    path: tuple[str, ...]


Start = Callable[..., Done]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Runs scripts of the package in the folder `work`, with `home` as home."""
    for name in ("work", "home", "temp"):
        (tmp_path / name).mkdir(exist_ok=True)

    def run(*names: str, path: str = "/usr/bin:/bin", **env: str) -> Done:
        files = {name: tmp_path / name for name in ("output", "env", "path")}
        for file in files.values():
            file.write_text("")
        given = {
            "HOME": str(tmp_path / "home"), "PATH": path, "RUNNER_TEMP": str(tmp_path / "temp"),
            "RUNNER_TOOL_CACHE": str(tmp_path / "cache"), "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_ENV": str(files["env"]), "GITHUB_PATH": str(files["path"]),
        }  # fmt: skip
        script = tmp_path / "script.sh"
        script.write_text(source(*names))
        done = subprocess.run(
            ["sh", "-e", str(script)],
            cwd=tmp_path / "work",
            env=given | env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        pairs = {name: dict(one.split("=", 1) for one in file.read_text().splitlines() if "=" in one)
                 for name, file in files.items()}  # fmt: skip
        folders = tuple(files["path"].read_text().split())
        return Done(done.returncode, done.stdout + done.stderr, pairs["output"], pairs["env"], folders)

    return run


@pytest.fixture
def program() -> Callable[[Path, str], None]:
    """Makes a program that prints one line, whatever it is asked."""

    def make(path: Path, line: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho '{line}'\n")
        path.chmod(0o755)

    return make
