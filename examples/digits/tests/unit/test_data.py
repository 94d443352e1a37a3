import numpy as np
import pytest

from digits import data
from digits.config import Config
from digits.data import Digits, ImageError


def test_the_images_are_as_the_data_set_says(digits: Digits) -> None:
    assert digits.images.shape == (1797, 64)
    assert digits.images.min() == 0
    assert digits.images.max() == 16
    assert set(digits.labels) == set(data.CLASSES)


def test_a_split_shares_the_images_out_without_loss(digits: Digits) -> None:
    shares = data.split(digits, Config(test_share=0.25))
    assert len(shares.held_out) == 450
    assert len(shares.train) == 1347
    together = np.concatenate([shares.train.images, shares.held_out.images])
    assert together.sum() == digits.images.sum()


def test_each_digit_is_held_out_in_the_same_share(digits: Digits) -> None:
    held_out = data.split(digits, Config(test_share=0.25)).held_out
    for digit in data.CLASSES:
        share = (held_out.labels == digit).sum() / (digits.labels == digit).sum()
        assert share == pytest.approx(0.25, abs=0.01)


def test_a_seed_decides_the_split(digits: Digits) -> None:
    first, again, other = (data.split(digits, Config(seed=seed)).train for seed in (1, 1, 2))
    assert first.fingerprint() == again.fingerprint()
    assert first.fingerprint() != other.fingerprint()


def test_a_fingerprint_tells_labels_apart(digits: Digits) -> None:
    assert Digits(digits.images, digits.labels[::-1]).fingerprint() != digits.fingerprint()


def test_an_image_is_read_from_lines_of_numbers() -> None:
    text = "\n".join(", ".join(str(column) for column in range(8)) for _ in range(8))
    image = data.parse_image(text)
    assert image.shape == (1, 64)
    assert list(image[0, 8:16]) == [0, 1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1 2 3", "this one has 3"),
        ("", "this one has 0"),
        ("ink " * 64, "numbers"),
        ("17 " * 64, "outside 0 to 16"),
        ("-1 " * 64, "outside 0 to 16"),
        ("nan " * 64, "outside 0 to 16"),
    ],
)
def test_what_is_no_image_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ImageError, match=complaint):
        data.parse_image(text)
