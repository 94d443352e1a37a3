import json

import numpy as np
import pytest

from digits.evaluation import evaluate

LABELS = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 8])


def test_all_right() -> None:
    report = evaluate(LABELS, LABELS)
    assert report.accuracy == 1.0
    assert all(one.recall == one.precision == one.f1 == 1.0 for one in report.classes)
    assert all(one.mistaken_for == {} for one in report.classes)


def test_mistakes_are_counted_by_the_answer_given() -> None:
    answers = LABELS.copy()
    answers[[10, 11]] = [1, 3]
    report = evaluate(LABELS, answers)
    assert report.accuracy == pytest.approx(10 / 12)
    assert report.worst.digit == 8
    assert report.worst.images == 3
    assert report.worst.recall == pytest.approx(1 / 3)
    assert report.worst.precision == 1.0
    assert report.worst.mistaken_for == {"1": 1, "3": 1}
    assert report.classes[1].precision == pytest.approx(1 / 2)


def test_a_digit_without_images_counts_as_not_recognised() -> None:
    report = evaluate(np.array([0, 1]), np.array([0, 1]))
    assert report.classes[9].images == 0
    assert report.classes[9].recall == 0.0


def test_a_report_can_be_kept_as_json() -> None:
    kept = json.loads(json.dumps(evaluate(LABELS, LABELS[::-1]).as_dict()))
    assert kept["images"] == 12
    assert [one["digit"] for one in kept["classes"]] == list(range(10))
