"""The images: scikit-learn's own copy of the UCI digits, which needs no network."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from digits.config import Config

SIDE = 8
DARKEST = 16
CLASSES = tuple(range(10))


class ImageError(ValueError):
    """Not an image that the model could read; the message says why."""


@dataclass(frozen=True)
class Digits:
    """Images as rows of 64 values from 0 (paper) to 16 (ink), and the digit that each shows."""

    images: NDArray[np.float64]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def fingerprint(self) -> str:
        """SHA-256 over images and labels: two data sets are the same if it is."""
        digest = hashlib.sha256(np.ascontiguousarray(self.images, dtype="<f8").tobytes())
        digest.update(np.ascontiguousarray(self.labels, dtype="<i8").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Split:
    """What the model learns from, and what it is judged by and never sees before."""

    train: Digits
    held_out: Digits


def load() -> Digits:
    """All 1,797 images."""
    bunch = load_digits()
    return Digits(bunch.data.astype(np.float64), bunch.target.astype(np.int64))


def split(digits: Digits, config: Config) -> Split:
    """Sets `config.test_share` of each digit's images aside, the same ones for the same seed."""
    train_images, test_images, train_labels, test_labels = train_test_split(
        digits.images,
        digits.labels,
        test_size=config.test_share,
        random_state=config.seed,
        stratify=digits.labels,
    )
    return Split(Digits(train_images, train_labels), Digits(test_images, test_labels))


def parse_image(text: str) -> NDArray[np.float64]:
    """One image from 64 numbers, eight lines of eight by custom, with commas or spaces between."""
    try:
        values = np.array([float(word) for word in text.replace(",", " ").split()])
    except ValueError as error:
        raise ImageError(f"an image is made of numbers: {error}") from error
    if values.size != SIDE * SIDE:
        raise ImageError(f"an image has {SIDE * SIDE} values, this one has {values.size}")
    if not ((values >= 0) & (values <= DARKEST)).all():
        raise ImageError(f"a value lies outside 0 to {DARKEST}")
    return values.reshape(1, -1)
