"""The commands as people run them, in processes of their own, one after the other."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RECIPE = 'seed = 5\ntest_share = 0.4\n[classifier]\nkind = "logistic"\nregularisation = 1.0\n'


def digits(*arguments: str | Path, stdin: str = "") -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "digits", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("recipe") / "recipe.toml"
    file.write_text(RECIPE)
    return file


def test_train_evaluate_predict(recipe: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    trained = digits("train", "--config", recipe, "--model", folder)
    assert trained["trained_on"] == 1078

    report = tmp_path / "report.json"
    judged = digits("evaluate", "--model", folder, "--output", report)
    assert judged["images"] == 1797 - trained["trained_on"]
    assert judged["accuracy"] > 0.9
    assert json.loads(report.read_text())["accuracy"] == judged["accuracy"]

    ink_everywhere = " ".join(["16"] * 64)
    assert digits("predict", "--model", folder, "-", stdin=ink_everywhere)["digit"] in range(10)


def test_training_twice_gives_the_same_weights(recipe: Path, tmp_path: Path) -> None:
    first, second = (
        digits("train", "--config", recipe, "--model", tmp_path / name) for name in ("a", "b")
    )
    assert first["sha256"] == second["sha256"]
