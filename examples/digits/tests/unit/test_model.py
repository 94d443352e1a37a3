import json
import shutil
from pathlib import Path

import pytest

from digits import model
from digits.config import Classifier, Config
from digits.data import Digits
from digits.model import ModelError


@pytest.fixture
def copy(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "model"))


def test_a_model_knows_its_recipe(model_folder: Path) -> None:
    trained = model.load(model_folder)
    assert trained.config == Config(3, 0.5, Classifier("logistic", 1.0))
    assert trained.card.trained_on == 898


def test_a_loaded_model_answers(model_folder: Path, digits: Digits) -> None:
    answers = model.load(model_folder).predict(digits.images[:5])
    assert answers.shape == (5,)
    assert set(answers) <= set(range(10))


def test_weights_that_are_not_those_of_the_card_are_never_loaded(copy: Path) -> None:
    (copy / model.WEIGHTS).write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(ModelError, match=r"not the file that card\.json was written for"):
        model.load(copy)


def test_a_model_of_another_scikit_learn_is_refused(copy: Path) -> None:
    card = json.loads((copy / model.CARD).read_text())
    (copy / model.CARD).write_text(json.dumps({**card, "scikit_learn": "0.1"}))
    with pytest.raises(ModelError, match=r"trained with scikit-learn 0\.1"):
        model.load(copy)


@pytest.mark.parametrize("card", ["", "[]", "{}"])
def test_a_card_that_cannot_be_read_is_refused(copy: Path, card: str) -> None:
    (copy / model.CARD).write_text(card)
    with pytest.raises(ModelError, match="holds no model"):
        model.load(copy)


def test_an_empty_folder_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no model"):
        model.load(tmp_path)
