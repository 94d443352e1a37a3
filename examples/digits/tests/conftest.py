"""What several tests share: the data, and one small trained model."""

from pathlib import Path

import pytest

from digits import data, model, training
from digits.config import Classifier, Config


@pytest.fixture(scope="session")
def digits() -> data.Digits:
    return data.load()


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory, digits: data.Digits) -> Path:
    """A model made by another recipe than the released one, so that a test can't mix them up."""
    recipe = Config(seed=3, test_share=0.5, classifier=Classifier("logistic", 1.0))
    share = data.split(digits, recipe).train
    folder = tmp_path_factory.mktemp("model")
    model.save(folder, training.train(recipe, share), recipe, share)
    return folder
