"""The recipe of a model: read from TOML, checked, and kept beside the model it made."""

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

KINDS = ("support-vectors", "logistic")


class ConfigError(ValueError):
    """A recipe that can't be followed; the message says why."""


@dataclass(frozen=True)
class Classifier:
    """Which classifier, and how closely it fits (larger `regularisation`: more closely)."""

    kind: str = "support-vectors"
    regularisation: float = 10.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(f"classifier.kind is {self.kind!r}, not one of {', '.join(KINDS)}")
        if not self.regularisation > 0:
            raise ConfigError(f"classifier.regularisation is {self.regularisation}, not above 0")


@dataclass(frozen=True)
class Config:
    """Everything that decides what a training yields."""

    seed: int = 20
    test_share: float = 0.25
    classifier: Classifier = field(default_factory=Classifier)

    def __post_init__(self) -> None:
        if not 0 < self.test_share < 1:
            raise ConfigError(f"test_share is {self.test_share}, not between 0 and 1")

    def as_dict(self) -> dict[str, Any]:
        """The recipe as plain values, as JSON keeps it."""
        return asdict(self)


def from_dict(values: dict[str, Any]) -> Config:
    """The recipe that `values` describe; the rest is as by default. Raises ConfigError."""
    try:
        return Config(**{**values, "classifier": Classifier(**values.get("classifier", {}))})
    except TypeError as error:
        raise ConfigError(str(error)) from error


def read(path: Path) -> Config:
    """The recipe in a TOML file. Raises ConfigError where it can't be read or followed."""
    try:
        return from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
