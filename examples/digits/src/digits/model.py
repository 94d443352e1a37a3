"""A model in a folder: the fitted pipeline, and a card that says what it is and guards it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from digits import __version__
from digits.config import Config, from_dict
from digits.data import Digits

WEIGHTS = "digits.joblib"
CARD = "card.json"


class ModelError(Exception):
    """A folder that holds no model which may be loaded; the message says why."""


@dataclass(frozen=True)
class Card:
    """Where a model comes from. `sha256` is that of its weights."""

    config: dict[str, Any]
    data: str
    trained_on: int
    version: str
    scikit_learn: str
    sha256: str


@dataclass(frozen=True)
class Model:
    """A loaded model."""

    pipeline: Pipeline
    card: Card

    @property
    def config(self) -> Config:
        """The recipe that made it."""
        return from_dict(self.card.config)

    def predict(self, images: NDArray[np.float64]) -> NDArray[np.int64]:
        """The digit of each row of `images` (n by 64, values from 0 to 16)."""
        return self.pipeline.predict(images)


def save(folder: Path, pipeline: Pipeline, config: Config, trained_on: Digits) -> Card:
    """Writes the model to `folder`, which is made if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(pipeline, folder / WEIGHTS, compress=3)
    card = Card(
        config=config.as_dict(),
        data=trained_on.fingerprint(),
        trained_on=len(trained_on),
        version=__version__,
        scikit_learn=sklearn.__version__,
        sha256=_sha256(folder / WEIGHTS),
    )
    (folder / CARD).write_text(json.dumps(asdict(card), indent=2) + "\n", encoding="utf-8")
    return card


def load(folder: Path) -> Model:
    """The model in `folder`. Raises ModelError.

    Weights are pickled Python, which runs code when it is loaded: they are loaded only if they are
    those that the card was written for, by the scikit-learn that is installed.
    """
    try:
        card = Card(**json.loads((folder / CARD).read_text(encoding="utf-8")))
        found = _sha256(folder / WEIGHTS)
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{folder} holds no model: {error}") from error
    if found != card.sha256:
        raise ModelError(f"{folder / WEIGHTS} is not the file that {CARD} was written for")
    if card.scikit_learn != sklearn.__version__:
        raise ModelError(
            f"trained with scikit-learn {card.scikit_learn}, {sklearn.__version__} is installed:"
            " train again"
        )
    return Model(joblib.load(folder / WEIGHTS), card)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
