"""A repository to type commands in, and the command as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest


class Repository:
    """A git repository in `root`, its store in `store`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        self.store = folder / "store"
        self.home = folder / "home"
        self.root.mkdir()
        self.home.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> None:
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(("git", *who, *arguments), cwd=self.root, env=environment, check=True, capture_output=True)

    def write(self, text: str | bytes, path: str = ".circleci/config.yml") -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)

    def type(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[bytes]":
        """What came of `understudy ARGUMENTS`."""
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(env or {})}
        command = (sys.executable, "-m", "understudy", "--store", str(self.store), *arguments)
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, check=False, timeout=120)

    def stored(self) -> bytes:
        """Every byte of the store but for blobs: the events, the commands and the logs."""
        files = (path for path in sorted(self.store.rglob("*")) if path.is_file() and "blobs" not in path.parts)
        return b"".join(path.read_bytes() for path in files)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)
