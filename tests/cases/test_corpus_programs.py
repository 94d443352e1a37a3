"""Real files of other people through the whole program: each is planned in a repository of its own, on its branch."""

import json
import subprocess
from pathlib import Path

import pytest

from understudy.cli.main import main
from understudy.errors import ExitCode

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "circleci"
FILES = sorted(CORPUS.glob("*.yml"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the shared corpus is not at hand"),
]

SEVERITIES = {"unsupported", "warning", "note"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_file_is_planned_for_a_push_to_its_default_branch(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They all ran on the service: what is found may be that something can't be had here, never that it is wrong."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("UNDERSTUDY_OFFLINE", "1")
    (tmp_path / ".circleci").mkdir()
    (tmp_path / ".circleci" / "config.yml").write_bytes(path.read_bytes())
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    code = main(["plan", "--json", "-C", str(tmp_path), "--store", str(tmp_path / "store")])
    told = capsys.readouterr()
    assert code == ExitCode.PASSED, told.out + told.err
    assert told.err == ""
    plan = json.loads(told.out)
    assert {one["severity"] for one in plan["findings"]} <= SEVERITIES
    for workflow in plan["workflows"]:
        ids = [job["id"] for job in workflow["jobs"]]
        assert len(set(ids)) == len(ids)
        assert {need for job in workflow["jobs"] for need in job["needs"]} <= set(ids)
