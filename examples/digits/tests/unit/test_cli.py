import io
import json
from pathlib import Path

import pytest

from digits.cli import main
from digits.data import Digits


def written(image_of: Digits, row: int) -> str:
    return "\n".join(
        " ".join(f"{v:g}" for v in line) for line in image_of.images[row].reshape(8, 8)
    )


def test_predict_reads_a_file(
    model_folder: Path, digits: Digits, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "zero.txt"
    image.write_text(written(digits, 0))
    assert main(["predict", "--model", str(model_folder), str(image)]) == 0
    assert json.loads(capsys.readouterr().out) == {"digit": 0}


def test_predict_reads_standard_input(
    model_folder: Path,
    digits: Digits,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(written(digits, 1)))
    assert main(["predict", "--model", str(model_folder), "-"]) == 0
    assert json.loads(capsys.readouterr().out) == {"digit": 1}


def test_evaluate_writes_its_report(model_folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "report.json"
    assert main(["evaluate", "--model", str(model_folder), "--output", str(target)]) == 0
    report = json.loads(target.read_text())
    assert report["images"] == 899
    assert len(report["classes"]) == 10


def test_evaluate_fails_below_the_minimum(model_folder: Path) -> None:
    assert main(["evaluate", "--model", str(model_folder), "--minimum", "1.01"]) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["predict", "--model", "nowhere", "nowhere.txt"], "nowhere.txt"),
        (["evaluate", "--model", "nowhere"], "holds no model"),
        (["train", "--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_bad_input_is_told_in_one_line(
    arguments: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("digits: ")
    assert complaint in said.err
    assert said.err.count("\n") == 1
