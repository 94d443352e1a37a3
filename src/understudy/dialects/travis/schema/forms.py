"""The forms that a value of a `.travis.yml` may have, as data; nothing here looks at a file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Kind = Literal["any", "seq", "map", "secure", "str", "num", "bool"]
Words = tuple[str, ...]
Attributes = Mapping[str, Words]
"""Values of `language`, `os` or `dist`, by that key."""


@dataclass(frozen=True, slots=True)
class Support:
    """Where something is supported: on one of `only`, on more than `excluding`. Without both: everywhere."""

    only: Attributes = field(default_factory=dict)
    excluding: Attributes = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.only or self.excluding)


EVERYWHERE = Support()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a scalar may have; `deprecated` says why it shouldn't any more."""

    value: str | bool
    aliases: Words = ()
    support: Support = EVERYWHERE
    deprecated: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Node:
    """What all forms have.

    `aliases`: other names of a key with this form. `changes`: rewritings that are its own (`cache`, `enable`,
    `env_vars`, `inherit`). `normal`: of several forms, the one that others are brought into. `kind`:
    what messages call it.
    """

    aliases: Words = ()
    changes: frozenset[str] = frozenset()
    deprecated: str = ""
    flags: frozenset[str] = frozenset()
    normal: bool = False
    support: Support = EVERYWHERE
    kind: Kind

    @property
    def all_aliases(self) -> Words:
        """Its aliases, and those of the forms within."""
        return self.aliases

    @property
    def all_support(self) -> Support:
        """Its support, and that of the forms within."""
        return self.support

    @property
    def has_default(self) -> bool:
        """Whether a key with this form is filled in where it is missing."""
        return False


@dataclass(frozen=True, eq=False, kw_only=True)
class Scalar(Node):
    """Text, a number or a boolean. With `choices` it is one of them; `variables` may stand in it as `%{name}`."""

    kind: Kind = "str"
    choices: tuple[Choice, ...] = ()
    defaults: tuple[Choice, ...] = ()
    downcase: bool = False
    ignore_case: bool = False
    format: str = ""
    variables: Words = ()

    @property
    def has_default(self) -> bool:
        """See `Node`."""
        return bool(self.defaults)

    @cached_property
    def values(self) -> tuple[str | bool, ...]:
        """What its choices are."""
        return tuple(one.value for one in self.choices)

    @cached_property
    def value_aliases(self) -> Mapping[str, str | bool]:
        """The choice that each alias of a choice stands for."""
        return {alias: one.value for one in self.choices for alias in one.aliases}

    def choice(self, value: object) -> Choice | None:
        """The choice that is `value` itself."""
        return next((one for one in self.choices if one.value == value and type(one.value) is type(value)), None)

    def allows(self, value: object) -> bool:
        """Whether `value` is one of its choices."""
        if self.ignore_case and isinstance(value, str):
            return any(isinstance(one, str) and one.casefold() == value.casefold() for one in self.values)
        return self.choice(value) is not None


@dataclass(frozen=True, eq=False, kw_only=True)
class Secret(Node):
    """An encrypted value, `{secure: ...}`, or text. `strict`: text is alarming there, since it should be secret."""

    strict: bool = True
    kind: Kind = "secure"


@dataclass(frozen=True, eq=False, kw_only=True)
class Sequence(Node):
    """A list of values of one form."""

    item: Node
    kind: Kind = "seq"

    @cached_property
    def all_aliases(self) -> Words:
        """See `Node`."""
        return (*self.aliases, *self.item.all_aliases)

    @cached_property
    def all_support(self) -> Support:
        """See `Node`."""
        return merged(self.support, self.item.all_support)

    @property
    def has_default(self) -> bool:
        """See `Node`."""
        return self.item.has_default


@dataclass(frozen=True, eq=False, kw_only=True)
class Map(Node):
    """A map with known `keys`; others have the form `rest`, where there is one.

    `strict`: other keys are mistakes. `prefix`: the key that a value which is no such map is put under; `prefix_only`:
    only values of these kinds are.
    """

    keys: Mapping[str, Node] = field(default_factory=dict)
    rest: Node | None = None
    format: re.Pattern[str] | None = None
    prefix: str = ""
    prefix_only: Words = ()
    required: Words = ()
    strict: bool = True
    kind: Kind = "map"

    @property
    def all_support(self) -> Support:
        """None: its keys have their own, and the service asks no more of the map."""
        return EVERYWHERE

    @cached_property
    def key_aliases(self) -> Mapping[str, str]:
        """The key that each alias stands for."""
        return {alias: key for key, node in self.keys.items() for alias in node.all_aliases}

    @cached_property
    def default_keys(self) -> Words:
        """The keys that are filled in where they are missing."""
        return tuple(key for key, node in self.keys.items() if node.has_default)

    @cached_property
    def unique_keys(self) -> Words:
        """The keys whose values should differ between the maps of a list."""
        return tuple(key for key, node in self.keys.items() if "unique" in node.flags)


@dataclass(frozen=True, eq=False, kw_only=True)
class OneOf(Node):
    """One of several forms. `detect`: the form is chosen by the value of this key."""

    forms: tuple[Node, ...]
    detect: str = ""
    kind: Kind = "any"

    @cached_property
    def all_aliases(self) -> Words:
        """See `Node`."""
        return (*self.aliases, *(alias for form in self.forms for alias in form.all_aliases))

    @cached_property
    def all_support(self) -> Support:
        """See `Node`."""
        return merged(self.support, *(form.all_support for form in self.forms))

    @cached_property
    def has_default(self) -> bool:
        """See `Node`."""
        return any(form.has_default for form in self.forms)

    @cached_property
    def normal_forms(self) -> tuple[Node, ...]:
        """The forms that values are brought into; all of them where none is the normal one."""
        return tuple(form for form in self.forms if form.normal) or self.forms


def all_keys(node: Node) -> frozenset[str]:
    """All keys that `node` knows, however deep, but not those of free maps."""
    found: set[str] = set()
    waiting, seen = [node], {id(node)}
    while waiting:
        one = waiting.pop()
        inner: Iterable[Node] = ()
        match one:
            case Map():
                found.update(one.keys)
                inner = one.keys.values()
            case OneOf():
                inner = one.forms
            case Sequence():
                inner = (one.item,)
            case _:
                pass
        new = {id(child): child for child in inner if id(child) not in seen}
        seen.update(new)
        waiting += new.values()
    return frozenset(found)


def merged(*supports: Support) -> Support:
    """Supported where any of them is, with the exceptions of all."""
    if sum(1 for one in supports if one) == 1:
        return next(one for one in supports if one)
    only: dict[str, Words] = {}
    excluding: dict[str, Words] = {}
    for one in supports:
        for into, given in ((only, one.only), (excluding, one.excluding)):
            for key, words in given.items():
                into[key] = tuple(dict.fromkeys((*into.get(key, ()), *words)))
    return Support(only, excluding) if only or excluding else EVERYWHERE
