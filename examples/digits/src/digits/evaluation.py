"""How good a model is: accuracy, and for each digit what it is mistaken for."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from digits.data import CLASSES


@dataclass(frozen=True)
class ClassReport:
    """One digit. `mistaken_for` counts the wrong answers given for its images, by answer."""

    digit: int
    images: int
    precision: float
    recall: float
    f1: float
    mistaken_for: dict[str, int]


@dataclass(frozen=True)
class Report:
    """A whole evaluation."""

    accuracy: float
    images: int
    classes: tuple[ClassReport, ...]

    @property
    def worst(self) -> ClassReport:
        """The digit that is recognised least."""
        return min(self.classes, key=lambda one: one.recall)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, as JSON keeps it."""
        return {**asdict(self), "worst": self.worst.digit}


def evaluate(labels: NDArray[np.int64], answers: NDArray[np.int64]) -> Report:
    """Compares `answers` with the true `labels`, one by one."""
    confusion = confusion_matrix(labels, answers, labels=CLASSES)
    precision, recall, f1, images = precision_recall_fscore_support(
        labels, answers, labels=CLASSES, zero_division=0.0
    )
    return Report(
        accuracy=float(np.mean(labels == answers)),
        images=len(labels),
        classes=tuple(
            ClassReport(
                digit=digit,
                images=int(images[digit]),
                precision=float(precision[digit]),
                recall=float(recall[digit]),
                f1=float(f1[digit]),
                mistaken_for=_mistakes(digit, confusion[digit]),
            )
            for digit in CLASSES
        ),
    )


def _mistakes(digit: int, answers: NDArray[np.int64]) -> dict[str, int]:
    return {
        str(other): int(answers[other]) for other in CLASSES if other != digit and answers[other]
    }
