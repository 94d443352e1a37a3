"""What normalising a `.travis.yml` gives: the configuration in Travis's normal form, with places and messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from understudy.findings import NOWHERE, Position

Value = None | bool | int | float | str | tuple["Value", ...] | Mapping[str, "Value"]
Path = tuple[str | int, ...]
Level = Literal["debug", "info", "warn", "error", "alert"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the service may be asked to do beyond normalising; the defaults are what it does for a build.

    `alert` on secrets in plain text, fill in `defaults` and miss required keys, warn of `empty` sections, `fix` unknown
    keys and values, give `line` numbers with messages, tell what the language or system does not `support`, and `drop`
    what is unknown or invalid.
    """

    alert: bool = True
    defaults: bool = True
    empty: bool = False
    fix: bool = True
    line: bool = True
    support: bool = False
    drop: bool = False

    @classmethod
    def only(cls, names: Iterable[str]) -> "Options":
        """What can be told of a file as it stands, and those of `names` that there are: how its examples are run."""
        wanted = {*names, "fix", "alert", "support"}
        return cls(**{one.name: one.name in wanted for one in fields(cls)})


@dataclass(frozen=True, slots=True)
class Message:
    """One remark of the normalisation, in the service's terms: `(warn, deploy.on, unknown_key, {key: ...})`.

    `at` is the place of the offending key or value. `messages.finding` says it in our own words.
    """

    level: Level
    key: str
    code: str
    args: Mapping[str, Value] = field(default_factory=dict)
    at: Position = NOWHERE

    def as_list(self) -> list[object]:
        """`[level, key, code]`, and the arguments where there are any; names of kinds as Ruby shows them, `:str`."""
        args = {name: f":{value}" if name in _KINDS else value for name, value in self.args.items()}
        return [self.level, self.key, self.code, *([args] if args else [])]


_KINDS = ("expected", "actual", "type")


@dataclass(frozen=True, slots=True)
class Normal:
    """A configuration in normal form.

    `config` holds plain values: maps, tuples and scalars. What the form is, key by key, is told in `normalise`. A map
    that is exactly `{"secure": text}` is an encrypted value. `places` knows where each value of it was written, by its
    path: `("jobs", "include", 0, "script", 1)`.
    """

    config: Mapping[str, Value]
    places: Mapping[Path, Position]
    messages: tuple[Message, ...] = ()

    def place(self, *path: str | int) -> Position:
        """Where the value at `path` was written; of what was not written, the nearest thing around it."""
        for end in range(len(path), -1, -1):
            found = self.places.get(path[:end])
            if found is not None:
                return found
        return NOWHERE
