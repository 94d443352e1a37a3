import hashlib
import json
from pathlib import Path

import pytest

from make_release import make_release


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "wheel.whl", tmp_path / "card.json"]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


def test_the_manifest_holds_what_is_in_the_folder(files: list[Path], tmp_path: Path) -> None:
    manifest = json.loads(make_release(files, tmp_path / "out", revision="abc").read_text())
    assert manifest["revision"] == "abc"
    assert [entry["name"] for entry in manifest["files"]] == ["card.json", "wheel.whl"]
    for entry in manifest["files"]:
        content = (tmp_path / "out" / entry["name"]).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_sums_are_in_the_form_that_sha256sum_checks(files: list[Path], tmp_path: Path) -> None:
    make_release(files, tmp_path / "out", revision="abc")
    lines = (tmp_path / "out" / "SHA256SUMS").read_text().splitlines()
    assert lines[1] == hashlib.sha256(b"wheel.whl").hexdigest() + "  wheel.whl"


def test_a_release_is_never_written_over(files: list[Path], tmp_path: Path) -> None:
    make_release(files, tmp_path / "out", revision="abc")
    with pytest.raises(FileExistsError):
        make_release(files, tmp_path / "out", revision="def")


def test_files_of_one_name_are_refused(files: list[Path], tmp_path: Path) -> None:
    twin = tmp_path / "other" / "wheel.whl"
    twin.parent.mkdir()
    twin.touch()
    with pytest.raises(ValueError, match="have one name"):
        make_release([*files, twin], tmp_path / "out", revision="abc")
