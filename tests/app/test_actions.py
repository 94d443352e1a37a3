"""Actions of other repositories, from a local mirror that git is asked."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.app import find
from understudy.app.actions import Library, add, lender, places, supplier
from understudy.app.find import CiFile, Found
from understudy.config import Settings
from understudy.dialects.base import Reading
from understudy.dialects.github import GITHUB
from understudy.errors import InputError, MachineError
from understudy.findings import NOWHERE, Finding, Severity
from understudy.model.pipeline import Group, Job, Step, Text
from understudy.plan import facts

WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: acme/greet/sub@release/v1
      - uses: ./here
      - uses: ./gone
"""
COMPOSITE = "runs:\n  using: composite\n  steps:\n    - uses: acme/inner@main\n"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def mirror(tmp_path: Path) -> Callable[..., str]:
    """Makes a bare repository below `mirror`; gives the commit that its `ref` means."""

    def make(slug: str, files: dict[str, str], ref: str) -> str:
        work = tmp_path / "work" / slug
        work.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text)
        git(work, "init", "-q", ".")
        git(work, "add", "-A")
        git(work, "commit", "-q", "-m", "x")
        git(work, "branch", "-f", ref) if ref != "main" else None
        bare = tmp_path / "mirror" / f"{slug}.git"
        bare.parent.mkdir(parents=True, exist_ok=True)
        git(work, "push", "-q", "--force", str(bare), "--all") if bare.exists() else git(
            work, "clone", "-q", "--bare", ".", str(bare)
        )
        return git(work, "rev-parse", "HEAD")

    return make


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(store=tmp_path / "store", actions_host=str(tmp_path / "mirror"))


@pytest.fixture
def found(tmp_path: Path) -> Found:
    root = tmp_path / "project"
    (root / ".github/workflows").mkdir(parents=True)
    (root / ".github/workflows/ci.yml").write_text(WORKFLOW)
    (root / "here").mkdir()
    (root / "here/action.yml").write_text("runs: {using: composite, steps: []}")
    git(root, "init", "-q", ".")
    return Found(root, facts.gather(root), CiFile(GITHUB, ".github/workflows/ci.yml"))


NOT_HERE = Reading((), (Finding(Severity.UNSUPPORTED, "not-here", "x", NOWHERE),))


class TestSupplying:
    def test_what_a_workflow_names_is_fetched_once_and_kept(
        self, mirror: Callable[..., str], found: Found, settings: Settings
    ) -> None:
        commit = mirror("acme/greet", {"sub/action.yml": COMPOSITE}, "release/v1")
        mirror("acme/inner", {"action.yml": "runs: {using: composite, steps: []}"}, "main")
        supplied, findings = supplier(settings)(found, NOT_HERE)
        assert set(supplied.borrowed) == {
            "github://acme/greet@release/v1/sub/action.yml",
            "github://acme/inner@main/action.yml",
        }
        assert [one.code for one in findings] == ["action-fetched", "action-fetched"]
        assert commit[:12] in findings[0].message
        _, again = supplier(replace(settings, actions_host="/nowhere"))(found, NOT_HERE)
        assert again == ()

    def test_reading_sees_what_was_borrowed(self, mirror: Callable[..., str], found: Found, settings: Settings) -> None:
        mirror("acme/greet", {"sub/action.yml": "runs: {using: composite, steps: []}"}, "release/v1")
        _, reading = find.read(found, supplier(settings))
        (job,) = reading.pipelines[0].jobs
        assert [isinstance(step.action, Group) for step in job.steps] == [False, True, True, False]

    def test_nothing_is_fetched_offline(self, mirror: Callable[..., str], found: Found, settings: Settings) -> None:
        mirror("acme/greet", {"sub/action.yml": COMPOSITE}, "release/v1")
        supplied, findings = supplier(replace(settings, offline=True))(found, NOT_HERE)
        assert (supplied.borrowed, findings) == ({}, ())

    def test_a_host_that_does_not_answer_is_asked_once(self, found: Found, settings: Settings) -> None:
        settings = replace(settings, actions_host="http://127.0.0.1:9")
        _, (finding,) = supplier(settings)(found, NOT_HERE)
        assert (finding.code, finding.severity) == ("actions-not-asked", Severity.NOTE)
        assert "`acme/greet@release/v1` can't be fetched from http://127.0.0.1:9/acme/greet" in finding.message
        _, (finding,) = supplier(settings)(found, NOT_HERE)
        assert finding.message == "nothing is asked of http://127.0.0.1:9, which did not answer a few minutes ago"

    def test_another_host_is_asked_at_once(self, mirror: Callable[..., str], found: Found, settings: Settings) -> None:
        supplier(replace(settings, actions_host="http://127.0.0.1:9"))(found, NOT_HERE)
        mirror("acme/greet", {"sub/action.yml": "runs: {using: composite, steps: []}"}, "release/v1")
        _, (finding,) = supplier(settings)(found, NOT_HERE)
        assert finding.code == "action-fetched"

    def test_a_broken_repository_keeps_nobody_from_asking_for_others(
        self, mirror: Callable[..., str], found: Found, settings: Settings, tmp_path: Path
    ) -> None:
        commit = mirror("acme/greet", {"sub/action.yml": COMPOSITE}, "release/v1")
        for broken in (tmp_path / "mirror/acme/greet.git/objects").glob("[0-9a-f][0-9a-f]/*"):
            if broken.name != commit[2:]:
                broken.unlink()
        for _ in range(2):
            _, (finding,) = supplier(settings)(found, NOT_HERE)
            assert "`acme/greet@release/v1` can't be fetched from" in finding.message

    def test_a_ref_that_is_not_there(self, mirror: Callable[..., str], found: Found, settings: Settings) -> None:
        mirror("acme/greet", {"sub/action.yml": COMPOSITE}, "main")
        _, (finding,) = supplier(settings)(found, NOT_HERE)
        assert finding.message == "`acme/greet` has no branch, tag or commit `release/v1`"

    def test_a_repository_that_is_not_there(self, found: Found, settings: Settings) -> None:
        _, (finding,) = supplier(settings)(found, NOT_HERE)
        assert finding.code == "action-unknown"


class TestPinning:
    def test_add_pins_commits_and_what_is_pinned_stays(
        self, mirror: Callable[..., str], found: Found, settings: Settings
    ) -> None:
        first = mirror("acme/greet", {"sub/action.yml": COMPOSITE}, "release/v1")
        mirror("acme/inner", {"action.yml": "runs: {using: composite, steps: []}"}, "main")
        assert [one.reference for one in add(found, settings, ())] == ["acme/greet@release/v1", "acme/inner@main"]
        lock = json.loads((found.root / "understudy.lock").read_text())
        assert lock["actions"]["acme/greet@release/v1"] == {"commit": first}
        second = mirror("acme/greet", {"sub/action.yml": COMPOSITE, "new": ""}, "release/v1")
        assert second != first
        fresh = replace(settings, store=settings.store / "other")
        kept = Library(found.root, fresh, fetches=True).find("acme/greet", "release/v1")
        assert kept is not None
        assert kept.commit == first

    def test_orbs_that_are_pinned_stay(self, mirror: Callable[..., str], found: Found, settings: Settings) -> None:
        (found.root / "understudy.lock").write_text('{"orbs": {"a/b@1": {"path": "x"}}}')
        mirror("acme/greet", {"action.yml": COMPOSITE}, "v1")
        list(add(found, settings, ("acme/greet@v1",)))
        assert set(json.loads((found.root / "understudy.lock").read_text())) == {"orbs", "actions"}

    def test_add_refuses_what_it_cannot_do(self, found: Found, settings: Settings) -> None:
        with pytest.raises(InputError):
            list(add(found, settings, ("./here",)))
        with pytest.raises(InputError):
            list(add(found, settings, ("acme/none@v1",)))
        with pytest.raises(MachineError):
            list(add(found, replace(settings, offline=True), ("acme/greet@v1",)))


class TestStandIns:
    def test_a_folder_of_the_repository(self, found: Found, settings: Settings) -> None:
        settings = replace(settings, actions={"Acme/greet": "here"})
        library = Library(found.root, settings, fetches=True)
        assert library.read("github://acme/greet@v1/action.yml") == b"runs: {using: composite, steps: []}"

    def test_a_folder_elsewhere_needs_the_user(self, found: Found, settings: Settings, tmp_path: Path) -> None:
        (tmp_path / "secret").mkdir()
        (tmp_path / "secret/key").write_text("s")
        (found.root / "link").symlink_to(tmp_path / "secret")
        for given in ("link", "../secret"):
            library = Library(found.root, replace(settings, actions={"acme/greet": given}), fetches=True)
            with pytest.raises(InputError, match="leads out of the repository"):
                library.read("github://acme/greet@v1/key")
        own = replace(settings, actions={"acme/greet": str(tmp_path / "secret")})
        assert Library(found.root, own, fetches=True).read("github://acme/greet@v1/key") == b"s"

    def test_a_mirror(self, mirror: Callable[..., str], found: Found, settings: Settings, tmp_path: Path) -> None:
        mirror("other/name", {"action.yml": "x"}, "v1")
        own = replace(settings, actions={"acme/greet@v1": f"file://{tmp_path}/mirror/other/name.git"})
        assert Library(found.root, own, fetches=True).read("github://acme/greet@v1/action.yml") == b"x"


class TestRooms:
    def test_a_job_is_lent_the_files_of_its_actions(
        self, mirror: Callable[..., str], found: Found, settings: Settings
    ) -> None:
        mirror("acme/greet", {"action.yml": "x", "dist/run.sh": "y"}, "v1")
        list(add(found, settings, ("acme/greet@v1",)))
        env = {"GITHUB_ACTION_REPOSITORY": Text("Acme/greet"), "GITHUB_ACTION_REF": Text("v1")}
        inner = Step("a", Text("a"), NOWHERE, Group(()), env=env)
        job = Job("j", Text("j"), NOWHERE, steps=(Step("b", Text("b"), NOWHERE, Group((inner,))),))
        files = {one.path: one.content for one in lender(found.root, settings)(job, "/home/me")}
        folder = "/home/me/.understudy/actions/acme/greet/v1"
        assert files == {f"{folder}/action.yml": b"x", f"{folder}/dist/run.sh": b"y"}


def test_where_called_workflows_are_from(found: Found, settings: Settings) -> None:
    calls = ("./.github/workflows/ci.yml", "./.github/workflows/gone.yml", "acme/greet/.github/workflows/x.yml@v1")
    jobs = "".join(f"  j{number}:\n    uses: {uses}\n" for number, uses in enumerate(calls))
    (found.root / ".github/workflows/ci.yml").write_text(f"on: push\njobs:\n{jobs}")
    rows = [(one.uses, one.where) for one in places(found, settings)]
    assert rows == list(zip(calls, ("here", "missing", "missing"), strict=True))


def test_where_actions_are_from(mirror: Callable[..., str], found: Found, settings: Settings) -> None:
    commit = mirror("acme/greet", {"sub/action.yml": COMPOSITE}, "release/v1")
    list(add(found, settings, ("acme/greet@release/v1",)))
    assert [(one.uses, one.where, one.commit) for one in places(found, settings)] == [
        ("actions/checkout@v4", "built in", None),
        ("acme/greet/sub@release/v1", "kept", commit),
        ("./here", "here", None),
        ("./gone", "missing", None),
    ]
