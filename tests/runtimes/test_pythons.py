"""Which Python an image's name promises, and which interpreter here stands in for it."""

from pathlib import Path

import pytest

from understudy.runtimes.pythons import find_python, launchers, library_markers, python_for


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("cimg/python:3.9", "3.9"),
        ("cimg/python:3.9.16", "3.9.16"),
        ("cimg/python:3.9.16-node", "3.9.16"),
        ("cimg/python:3.12-browsers", "3.12"),
        ("python:3.8-slim", "3.8"),
        ("python:3", "3"),
        ("python:3.13-alpine3.20", "3.13"),
        ("library/python:3.10", "3.10"),
        ("docker.io/library/python:3.10@sha256:0123", "3.10"),
        ("registry.example.com:5000/mirror/python:3.11", "3.11"),
        ("circleci/python:3.7.4-buster", "3.7.4"),
        ("python", None),
        ("python:latest", None),
        ("cimg/base:2024.01", None),
        ("cimg/node:18.3", None),
        ("continuumio/miniconda3:4.8.2", None),
        ("someone/mypython:3.9", None),
        ("python:rc-slim", None),
        (None, None),
    ],
)
def test_the_name_of_an_image_tells_its_python(image: str | None, version: str | None) -> None:
    assert python_for(image) == version


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in (".pyenv/versions/3.9.16", ".pyenv/versions/3.9.9", ".pyenv/versions/3.10.2", ".pyenv/versions/pypy3.9",
                 ".local/share/uv/python/cpython-3.9.18-linux-x86_64-gnu",
                 ".local/share/uv/python/cpython-3.15.0a1-linux-x86_64-gnu"):  # fmt: skip
        folder = tmp_path / name / "bin"
        folder.mkdir(parents=True)
        (folder / "python3").write_text("")
        (folder / "python3").chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "found"), [("3.9", "3.9.18"), ("3.9.16", "3.9.16"), ("3.9.1", "3.9.18"), ("3.10", "3.10.2")]
)
def test_the_same_version_or_the_newest_of_its_minor_stands_in(home: Path, wanted: str, found: str) -> None:
    python = find_python(wanted, home)
    assert python is not None
    assert python.version == found
    assert python.executable.is_relative_to(python.prefix)


def test_a_version_that_is_nowhere_is_none(home: Path) -> None:
    assert find_python("2.1", home) is None


def test_the_names_that_an_image_has_are_made_up_for(home: Path) -> None:
    python = find_python("3.10", home)
    assert python is not None
    assert set(launchers(python)) == {"python"}
    (python.prefix / "lib/python3.10/site-packages/pip").mkdir(parents=True)
    assert set(launchers(python)) == {"python", "pip", "pip3"}


def test_what_forbids_installing_is_found(home: Path) -> None:
    python = find_python("3.10", home)
    assert python is not None
    assert library_markers(python) == ()
    marker = python.prefix / "lib/python3.10/EXTERNALLY-MANAGED"
    marker.parent.mkdir(parents=True)
    marker.write_text("")
    assert library_markers(python) == (marker,)
