import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from digits import training
from digits.config import Classifier, Config
from digits.data import Digits


@pytest.mark.parametrize(
    ("kind", "classifier"), [("support-vectors", SVC), ("logistic", LogisticRegression)]
)
def test_the_recipe_names_the_classifier(kind: str, classifier: type) -> None:
    built = training.build(Config(classifier=Classifier(kind, 0.5)))
    assert isinstance(built["classify"], classifier)
    assert built["classify"].C == 0.5


def test_pixels_are_scaled_to_the_range_from_0_to_1() -> None:
    assert list(training.to_unit_range(np.array([0.0, 4.0, 16.0]))) == [0.0, 0.25, 1.0]


@pytest.mark.parametrize("kind", ["support-vectors", "logistic"])
def test_the_same_recipe_gives_the_same_answers(kind: str, digits: Digits) -> None:
    recipe = Config(classifier=Classifier(kind))
    few = Digits(digits.images[:300], digits.labels[:300])
    first, second = (training.train(recipe, few) for _ in range(2))
    assert (
        first.decision_function(digits.images[300:400]).tolist()
        == second.decision_function(digits.images[300:400]).tolist()
    )
