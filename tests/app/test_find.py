"""Which CI file is used: the repository's own, or one that is named."""

import subprocess
from pathlib import Path

import pytest

from understudy import config
from understudy.app.find import Found, find
from understudy.config import Settings
from understudy.errors import InputError
from understudy.model.results import EventKind
from understudy.plan.facts import Asked

WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: make}]\n"
CIRCLECI = "version: 2.1\njobs:\n  a:\n    docker: [{image: x}]\n    steps: [{run: make}]\n"
ASKED: Asked = {"event": EventKind.PUSH}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    return tmp_path


def settings(root: Path, **flags: object) -> Settings:
    return config.load(root, {"store": str(root / "store"), **flags})


def found(root: Path, path: str, content: str, **flags: object) -> Found:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)
    return find(root, settings(root, **flags), ASKED, path)


@pytest.mark.parametrize(
    ("path", "content", "service"),
    [
        (".github/workflows/ci.yml", "", "github"),
        (".circleci/config.yml", "", "circleci"),
        ("drafts/a.yml", WORKFLOW, "github"),
        ("drafts/a.yml", WORKFLOW.replace("on:", '"on" :'), "github"),
        ("drafts/a.yml", CIRCLECI, "circleci"),
    ],
)
def test_a_named_file_is_its_services(root: Path, path: str, content: str, service: str) -> None:
    one = found(root, path, content)
    assert (one.file.dialect.NAME, one.file.path, one.used) == (service, path, (one.file,))


def test_only_that_file_is_used(root: Path) -> None:
    found(root, ".github/workflows/ci.yml", WORKFLOW)
    assert [file.path for file in found(root, "drafts/a.yml", WORKFLOW).used] == ["drafts/a.yml"]


def test_what_looks_like_nothing_is_asked_about_and_can_be_told(root: Path) -> None:
    with pytest.raises(InputError, match="doesn't look like"):
        found(root, "x.yml", "jobs: {}\n")
    assert found(root, "x.yml", "jobs: {}\n", ci="github").file.dialect.NAME == "github"
