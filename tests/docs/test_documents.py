"""The documents are held to the code: what they list is all there is, and their links lead somewhere."""

import argparse
import re
from pathlib import Path
from typing import get_args

import pytest

from understudy import config
from understudy.cli import parser
from understudy.errors import ExitCode
from understudy.model.events import Event

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


TEST = re.compile(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`")


def commands() -> list[str]:
    built = parser.build()
    subparsers = next(one for one in built._actions if isinstance(one, argparse._SubParsersAction))
    hidden = {"conformance"}  # it is for those who build this program, and shown to nobody else
    return [name for name in subparsers.choices if name not in hidden]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_of_the_project(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("name", commands())
def test_every_command_is_explained(name: str) -> None:
    assert f"`understudy {name}" in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", sorted(config._FILE_KEYS))
def test_every_key_of_the_settings_file_is_explained(key: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.search(rf"^(\[{key}[].]|{key} = )", text, re.MULTILINE)


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_explained(code: ExitCode) -> None:
    assert f"\n| {int(code)} | " in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("event", get_args(Event), ids=lambda event: event.__name__)
def test_every_event_is_explained(event: type) -> None:
    assert f"`{event.__name__}`" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_package_has_its_place_in_the_house() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    source = ROOT / "src" / "understudy"
    packages = {path.parent.name for path in source.glob("*/__init__.py")}
    placed = {
        name for row in re.findall(r"^\| \d \| (.*?) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert packages <= placed
    assert all((source / name).is_dir() or (source / f"{name}.py").is_file() for name in placed)


def test_the_tests_that_show_promises_exist() -> None:
    named = [match for page in PAGES for match in TEST.findall(page.read_text(encoding="utf-8"))]
    assert len(named) > 30
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / path).is_file()
        or (test and not re.search(rf"^def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE))
    ]
    assert missing == []
