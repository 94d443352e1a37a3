from pathlib import Path

import pytest

from digits import config
from digits.config import Classifier, Config, ConfigError


def test_the_released_recipe_can_be_read() -> None:
    root = Path(__file__).parents[2]
    recipe = config.read(root / "config" / "training.toml")
    assert recipe == Config(20, 0.25, Classifier("support-vectors", 10.0))


def test_what_a_file_leaves_out_is_as_by_default(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text("seed = 7\n")
    assert config.read(file) == Config(seed=7)


def test_a_recipe_survives_being_kept_as_plain_values() -> None:
    recipe = Config(seed=1, test_share=0.4, classifier=Classifier("logistic", 0.5))
    assert config.from_dict(recipe.as_dict()) == recipe


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("test_share = 1.0", "test_share is 1.0"),
        ("test_share = 0", "test_share is 0"),
        ('[classifier]\nkind = "oracle"', "classifier.kind is 'oracle'"),
        ("[classifier]\nregularisation = 0", "classifier.regularisation is 0"),
        ("sede = 20", "sede"),
        ("seed = ", "recipe.toml"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        config.read(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="absent.toml"):
        config.read(tmp_path / "absent.toml")
