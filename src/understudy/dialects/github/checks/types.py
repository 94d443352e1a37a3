"""Types of expressions, as far as the file tells them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from understudy.dialects.github.expression.signatures import Kind


@dataclass(frozen=True, slots=True)
class Plain:
    """A type without parts; of the kind ANY when nothing is known."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Array:
    """A list of `element`. `filtered`: made by `.*`, so that a property of it is that of each element."""

    element: "Type"
    filtered: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """An object with the properties `properties`, by name in lower case.

    `others`: the type of further properties; None: there are none. `numbered`: their names are numbers.
    """

    properties: Mapping[str, "Type"] = field(default_factory=dict)
    others: "Type | None" = None
    numbered: bool = False

    def get(self, name: str) -> "Type | None":
        """The type of the property `name`, whatever its case; None: there is no such property."""
        return self.properties.get(name.lower(), self.others)


Type = Plain | Array | Object

ANY = Plain(Kind.ANY)
NULL = Plain(Kind.NULL)
BOOLEAN = Plain(Kind.BOOLEAN)
NUMBER = Plain(Kind.NUMBER)
TEXT = Plain(Kind.STRING)
LOOSE = Object(others=ANY)
TEXTS = Object(others=TEXT)
EMPTY = Object()

_SHOWN_PROPERTIES = 8


def strict(properties: Iterable[tuple[str, Type]]) -> Object:
    """An object with these properties and no others."""
    return Object({name.lower(): type_ for name, type_ in properties})


def merge(one: Type, other: Type) -> Type:
    """The type of a value that is of one of both types."""
    if one == other:
        return one
    match one, other:
        case Object(), Object():
            return _merge_objects(one, other)
        case Array(), Array():
            return Array(merge(one.element, other.element))
        case Plain(), Plain():
            kinds = {one.kind, other.kind}
            if Kind.STRING in kinds and kinds <= {Kind.STRING, Kind.NUMBER, Kind.BOOLEAN}:
                return TEXT
        case _:
            pass
    return ANY


def merged(types: Iterable[Type]) -> Type:
    """The type of a value that is of one of `types`; nothing is known of one that is of none."""
    found = list(types)
    return reduce(merge, found) if found else ANY


def _merge_objects(one: Object, other: Object) -> Object:
    others = one.others or other.others
    if one.others is not None and other.others is not None:
        others = merge(one.others, other.others)
    properties = dict(one.properties)
    for name, type_ in other.properties.items():
        properties[name] = merge(properties[name], type_) if name in properties else type_
    if others is not None and (one.others is None or other.others is None):
        others = merged([others, *properties.values()])
    return Object(properties, others)


def of_json(text: str) -> Type:
    """The type of what `text` says. Raises ValueError where it is no JSON."""
    return of_value(json.loads(text, parse_constant=_refuse))


def _refuse(word: str) -> None:
    raise ValueError(f"`{word}` is no JSON")


def of_value(value: object) -> Type:
    """The type of a value that is known: of a literal, of what YAML or JSON says."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOLEAN
        case int() | float():
            return NUMBER
        case list():
            return Array(merged(map(of_value, value)))
        case dict():
            return strict((str(name), of_value(one)) for name, one in value.items())
        case _:
            return TEXT


def described(type_: Type) -> str:
    """A type in words, for a message: "a number", "an object with `os` and `node`"."""
    match type_:
        case Plain(kind=kind):
            return _WORDS[kind]
        case Array(element=element):
            return "a list" if element == ANY else f"a list of {_WORDS_FOR_MANY.get(kind_of(element), 'values')}"
        case Object(properties=properties, others=None):
            names = sorted(properties)
            shown = ", ".join(f"`{name}`" for name in names[:_SHOWN_PROPERTIES])
            more = ", …" if len(names) > _SHOWN_PROPERTIES else ""
            return f"an object with {shown}{more}" if names else "an object without properties"
        case Object():
            return "an object"


def kind_of(type_: Type) -> Kind:
    """What kind of value a type is of."""
    match type_:
        case Plain(kind=kind):
            return kind
        case Array():
            return Kind.ARRAY
        case Object():
            return Kind.OBJECT


_WORDS = {
    Kind.ANY: "anything",
    Kind.NULL: "null",
    Kind.BOOLEAN: "a boolean",
    Kind.NUMBER: "a number",
    Kind.STRING: "a text",
    Kind.ARRAY: "a list",
    Kind.OBJECT: "an object",
}
_WORDS_FOR_MANY = {
    Kind.BOOLEAN: "booleans",
    Kind.NUMBER: "numbers",
    Kind.STRING: "texts",
    Kind.ARRAY: "lists",
    Kind.OBJECT: "objects",
}


def kind_words(kinds: Iterable[Kind]) -> str:
    """The kinds in words: "a list or a single value"."""
    return " or ".join(sorted(_WORDS[kind] for kind in kinds))
