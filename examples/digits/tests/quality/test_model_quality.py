"""Whether the model is good enough to be released: the one in DIGITS_MODEL, or one trained here."""

import os
from pathlib import Path

import pytest

from digits import config, data, model, training
from digits.evaluation import Report, evaluate

MINIMUM_ACCURACY = 0.97
MINIMUM_RECALL_OF_A_DIGIT = 0.88
MOST_FREQUENT_MISTAKE = 4

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> model.Model:
    if "DIGITS_MODEL" in os.environ:
        return model.load(Path(os.environ["DIGITS_MODEL"]))
    recipe = config.read(ROOT / "config" / "training.toml")
    share = data.split(data.load(), recipe).train
    folder = tmp_path_factory.mktemp("model")
    model.save(folder, training.train(recipe, share), recipe, share)
    return model.load(folder)


@pytest.fixture(scope="module")
def report(trained: model.Model) -> Report:
    held_out = data.split(data.load(), trained.config).held_out
    return evaluate(held_out.labels, trained.predict(held_out.images))


def test_the_model_is_made_by_the_recipe_that_is_released(trained: model.Model) -> None:
    assert trained.config == config.read(ROOT / "config" / "training.toml")


def test_it_was_trained_on_the_training_share_alone(trained: model.Model) -> None:
    share = data.split(data.load(), trained.config).train
    assert trained.card.data == share.fingerprint()


def test_accuracy(report: Report) -> None:
    assert report.accuracy >= MINIMUM_ACCURACY


def test_no_digit_is_left_behind(report: Report) -> None:
    worst = report.worst
    assert worst.recall >= MINIMUM_RECALL_OF_A_DIGIT, (
        f"{worst.digit} is recognised in {worst.recall:.0%} of its images,"
        f" and mistaken for {worst.mistaken_for}"
    )


def test_no_two_digits_are_confused_often(report: Report) -> None:
    often = {
        f"{one.digit} read as {other}": count
        for one in report.classes
        for other, count in one.mistaken_for.items()
        if count > MOST_FREQUENT_MISTAKE
    }
    assert often == {}


def test_one_pixel_more_or_less_seldom_changes_the_answer(trained: model.Model) -> None:
    held_out = data.split(data.load(), trained.config).held_out
    shifted = held_out.images.copy()
    shifted[:, 0] = data.DARKEST - shifted[:, 0]
    same = trained.predict(held_out.images) == trained.predict(shifted)
    assert same.mean() >= MINIMUM_ACCURACY
