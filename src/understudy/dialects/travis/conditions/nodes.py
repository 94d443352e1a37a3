"""A condition that has been read: frozen nodes, each with the place in the text where it begins."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Variable:
    """What is known of the build by a name of Travis's own: `branch`."""

    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A text, quoted or not."""

    text: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """`env(NAME)` or `concat(...)`; `name` is in small letters."""

    name: str
    arguments: tuple["Operand", ...]
    at: int = 0


Operand = Variable | Word | Call


@dataclass(frozen=True, slots=True)
class Equal:
    """Both sides are the same; `negated`: they are not."""

    left: Operand
    right: Operand
    negated: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """`pattern`, a regular expression, is found in `value`. None: the text ends where it should stand."""

    value: Operand
    pattern: Word | Call | None
    negated: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class Among:
    """`value` is one of `choices`. None: no list follows, which Travis notices only when it judges the condition."""

    value: Operand
    choices: tuple[Operand, ...] | None
    negated: bool
    at: int = 0


class Predicate(Enum):
    """What `IS` may ask."""

    PRESENT = "present"
    BLANK = "blank"
    TRUE = "true"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Is:
    """`value` is as `predicate` says."""

    value: Operand
    predicate: Predicate
    negated: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class Not:
    """`inner` does not hold."""

    inner: "Tree"
    at: int = 0


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts` hold; judged from the left until one does not."""

    parts: tuple["Tree", ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Or:
    """One of `parts` holds; judged from the left until one does."""

    parts: tuple["Tree", ...]
    at: int = 0


Tree = Operand | Equal | Match | Among | Is | Not | And | Or
