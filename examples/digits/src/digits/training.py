"""From images to a fitted pipeline; the same recipe and data always give the same model."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from digits.config import Classifier, Config
from digits.data import DARKEST, Digits


def to_unit_range(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels from 0 to 1. The range is the data set's own, so nothing is learnt from the data."""
    return images / DARKEST


def _classifier(recipe: Classifier, seed: int) -> SVC | LogisticRegression:
    if recipe.kind == "logistic":
        return LogisticRegression(C=recipe.regularisation, max_iter=2000, random_state=seed)
    return SVC(C=recipe.regularisation, gamma="scale", random_state=seed)


def build(config: Config) -> Pipeline:
    """The untrained pipeline of a recipe: scaling, then the classifier."""
    return Pipeline(
        [
            ("scale", FunctionTransformer(to_unit_range)),
            ("classify", _classifier(config.classifier, config.seed)),
        ]
    )


def train(config: Config, digits: Digits) -> Pipeline:
    """The pipeline of a recipe, fitted to `digits`: the training share, never the held-out one."""
    return build(config).fit(digits.images, digits.labels)
