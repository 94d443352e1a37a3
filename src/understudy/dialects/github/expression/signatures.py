"""What functions there are: how many arguments they take, of which kinds, and what they give."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value is; ANY stands for all of them."""

    NULL = "null"
    BOOLEAN = "boolean"
    NUMBER = "number"
    STRING = "string"
    ARRAY = "array"
    OBJECT = "object"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Signature:
    """One function.

    `arguments`: the kinds that make sense for each (others are taken, and give false or an empty text); the last one
    stands for all that follow. `everywhere`: it exists wherever there are expressions; the others only in some places.
    `odd`: it takes an odd number of arguments.
    """

    name: str
    least: int
    most: int
    arguments: tuple[frozenset[Kind], ...]
    gives: Kind
    everywhere: bool = True
    odd: bool = False

    def argument(self, index: int) -> frozenset[Kind]:
        """The kinds that make sense for the argument at `index`, from 0."""
        return self.arguments[min(index, len(self.arguments) - 1)] if self.arguments else frozenset()


_ANY = frozenset({Kind.ANY})
_LIST = frozenset({Kind.ARRAY})
_TEXT = frozenset({Kind.STRING, Kind.NUMBER})
_BOOLEAN = frozenset({Kind.BOOLEAN})
_MANY = 255

SIGNATURES: dict[str, Signature] = {
    signature.name.lower(): signature
    for signature in (
        Signature("contains", 2, 2, (_LIST | _TEXT, _ANY), Kind.BOOLEAN),
        Signature("startsWith", 2, 2, (_TEXT, _TEXT), Kind.BOOLEAN),
        Signature("endsWith", 2, 2, (_TEXT, _TEXT), Kind.BOOLEAN),
        Signature("format", 1, _MANY, (_TEXT, _ANY), Kind.STRING),
        Signature("join", 1, 2, (_LIST, _TEXT), Kind.STRING),
        Signature("toJSON", 1, 1, (_ANY,), Kind.STRING),
        Signature("fromJSON", 1, 1, (_TEXT,), Kind.ANY),
        Signature("case", 3, _MANY, (_BOOLEAN, _ANY), Kind.ANY, odd=True),
        Signature("hashFiles", 1, _MANY, (_TEXT,), Kind.STRING, everywhere=False),
        Signature("always", 0, 0, (), Kind.BOOLEAN, everywhere=False),
        Signature("cancelled", 0, 0, (), Kind.BOOLEAN, everywhere=False),
        Signature("success", 0, _MANY, (_TEXT,), Kind.BOOLEAN, everywhere=False),
        Signature("failure", 0, _MANY, (_TEXT,), Kind.BOOLEAN, everywhere=False),
    )
}
"""By name in lower case.

See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#functions. `success` and `failure`
take the ids of jobs in the `if` of a job, and nothing in that of a step.
"""

STATUS_FUNCTIONS = frozenset({"always", "cancelled", "success", "failure"})
"""Those that look at what has run so far; an `if` without any of them is taken with `success() &&` before it."""
