"""Which CI file is used: the repository's own, or one that is named."""

import subprocess
from pathlib import Path

import pytest

from understudy import config
from understudy.app.find import Found, Planned, find, plan_all, read
from understudy.config import Settings
from understudy.dialects.base import Reading
from understudy.errors import InputError
from understudy.findings import Finding
from understudy.model.results import EventKind
from understudy.plan.facts import Asked
from understudy.plan.select import Selection

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


@pytest.mark.parametrize(
    ("asked", "supplied"),
    [
        (None, ["a", "b", "c"]),
        ("CI", ["a", "b"]),
        ("CI (b.yml)", ["b"]),
        ("c", ["c"]),
        ("c.yml", ["c"]),
        (".github/workflows/a.yml", ["a"]),
    ],
)
def test_only_files_that_have_the_workflow_borrow_what_they_lack(
    root: Path, asked: str | None, supplied: list[str]
) -> None:
    for name, title in (("a", "CI"), ("b", "CI"), ("c", "Docs")):
        found(root, f".github/workflows/{name}.yml", f"name: {title}\n{WORKFLOW}")
    asked_for: list[str] = []

    def supply(one: Found, _reading: Reading) -> tuple[Found, tuple[Finding, ...]]:
        asked_for.append(Path(one.file.path).stem)
        return one, ()

    here = find(root, settings(root), ASKED)
    read(here, supply, asked)
    assert asked_for == supplied


def test_only_that_file_is_used(root: Path) -> None:
    found(root, ".github/workflows/ci.yml", WORKFLOW)
    assert [file.path for file in found(root, "drafts/a.yml", WORKFLOW).used] == ["drafts/a.yml"]


def test_what_looks_like_nothing_is_asked_about_and_can_be_told(root: Path) -> None:
    with pytest.raises(InputError, match="doesn't look like"):
        found(root, "x.yml", "jobs: {}\n")
    assert found(root, "x.yml", "jobs: {}\n", ci="github").file.dialect.NAME == "github"


BITBUCKET = "pipelines: {default: [{step: {script: [make]}}]}\n"
SEVERAL = {
    ".circleci/config.yml": CIRCLECI,
    ".github/workflows/ci.yml": WORKFLOW,
    "bitbucket-pipelines.yml": BITBUCKET,
}


def planned(root: Path, host: str, files: tuple[str, ...], **flags: object) -> Planned:
    """What is planned for `files` in a repository that came from `host`."""
    for path in files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(SEVERAL[path])
    if host:
        subprocess.run(["git", "-C", str(root), "remote", "add", "origin", f"git@{host}:acme/rocket.git"], check=True)
    return plan_all(find(root, settings(root, **flags), ASKED), Selection(), settings(root, **flags))


@pytest.mark.parametrize(
    ("host", "files", "used", "words"),
    [
        ("bitbucket.org", tuple(SEVERAL), "bitbucket-pipelines.yml", "the repository is on `bitbucket`"),
        ("github.com", tuple(SEVERAL), ".github/workflows/ci.yml", "the repository is on `github`"),
        ("example.org", tuple(SEVERAL), ".circleci/config.yml", "it comes first"),
        ("", tuple(SEVERAL), ".circleci/config.yml", "it comes first"),
        ("bitbucket.org", (".circleci/config.yml", ".github/workflows/ci.yml"), ".circleci/config.yml", "comes first"),
    ],
)
def test_of_several_services_the_hosts_own_is_used(
    root: Path, host: str, files: tuple[str, ...], used: str, words: str
) -> None:
    plans = planned(root, host, files)
    assert plans.found.file.path == used
    (told,) = [one for one in plans.findings if one.code == "several-ci-files"]
    assert f"`{used}` is used" in told.message
    assert words in told.message
    for other in set(files) - {used}:
        assert f"`{other}`" in told.message


def test_the_one_that_is_asked_for_needs_no_telling(root: Path) -> None:
    plans = planned(root, "bitbucket.org", tuple(SEVERAL), ci="github")
    assert plans.found.file.path == ".github/workflows/ci.yml"
    assert "several-ci-files" not in [one.code for one in plans.findings]


def test_one_service_is_no_choice(root: Path) -> None:
    plans = planned(root, "github.com", ("bitbucket-pipelines.yml",))
    assert plans.found.file.path == "bitbucket-pipelines.yml"
    assert "several-ci-files" not in [one.code for one in plans.findings]
