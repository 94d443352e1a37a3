"""The language in which `structure_workflow` says what a workflow file may look like, and the check against it.

It follows the order and the places of GitHub's own reader: a scalar that fits no shape is named where it stands, a key
that none of the shapes has where the key stands, a key that is missing where the map begins.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass, field

from understudy.dialects.github.nodes import holds_expression, is_null, value_of
from understudy.findings import Finding, Position, Severity
from understudy.text import yaml
from understudy.text.nearest import suggestion
from understudy.text.shape import shorten

_FEW = 12


@dataclass(frozen=True, slots=True, eq=False)
class Anything:
    """No demands."""


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A text; numbers, booleans and nothing are taken for one. `words`: one of these. `filled`: not empty.

    `problem`: what is wrong with a text, as the end of a sentence about it; empty when nothing is.
    """

    words: tuple[str, ...] = ()
    filled: bool = False
    problem: Callable[[str], str] = lambda _text: ""


@dataclass(frozen=True, slots=True, eq=False)
class Flag:
    """True or false, without quotes."""


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A number, without quotes."""


@dataclass(frozen=True, slots=True, eq=False)
class Nothing:
    """An empty value."""


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """A list; `noun` is what an item is called, `filled`: it has one at least."""

    item: "Shape"
    noun: str = "item"
    filled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """A map with known `keys`. `others`: the shape of values under further keys, which are each a `noun`.

    `unknown`: how bad a further key is where there are no `others`.
    """

    keys: Table[str, "Shape"] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    others: "Shape | None" = None
    noun: str = ""
    unknown: Severity = Severity.ERROR
    rule: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """One of several shapes. Among several maps the keys decide, in the order they are written."""

    shapes: tuple["Shape", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Late:
    """A shape in which expressions may stand, in it and in all that is in it."""

    shape: "Shape"


@dataclass(frozen=True, slots=True, eq=False)
class Again:
    """The shape that is found under `name` in `shapes`: for one that holds itself."""

    shapes: Table[str, "Shape"]
    name: str


Shape = Anything | Text | Flag | Number | Nothing | Many | Keys | Either | Late | Again
_Plain = Anything | Text | Flag | Number | Nothing | Many | Keys


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at: `name` as messages say it, whether expressions may stand there, the page with its rule."""

    name: str
    late: bool = False
    rule: str = ""


def check(shape: Shape, node: yaml.Node, place: Place) -> tuple[Finding, ...]:
    """What is wrong with `node`, in the order of the walk; nothing twice where aliases show it again."""
    checker = _Checker()
    checker.check(shape, node, place)
    return tuple(checker.findings)


def _plain(shape: Shape) -> tuple[tuple[_Plain, ...], bool]:
    """The alternatives that `shape` stands for, and whether expressions may stand in them."""
    match shape:
        case Late(shape=inner):
            return _plain(inner)[0], True
        case Again(shapes=shapes, name=name):
            return _plain(shapes[name])
        case Either(shapes=several):
            found = [_plain(one) for one in several]
            return tuple(one for plain, _ in found for one in plain), any(late for _, late in found)
        case _:
            return (shape,), False


class _Checker:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._seen: set[tuple[int, int, bool]] = set()

    def check(self, shape: Shape, node: yaml.Node, place: Place) -> None:
        plain, late = _plain(shape)
        place = Place(place.name, place.late or late, place.rule)
        if (id(shape), id(node), place.late) in self._seen:
            return
        self._seen.add((id(shape), id(node), place.late))
        if any(isinstance(one, Anything) for one in plain):
            self._anything(node, place)
            return
        match node:
            case yaml.Scalar():
                self._scalar(plain, node, place)
            case yaml.Sequence():
                self._many(plain, node, place)
            case yaml.Mapping():
                self._map([one for one in plain if isinstance(one, Keys)], plain, node, place)

    def _anything(self, node: yaml.Node, place: Place) -> None:
        """Any shape is taken, but expressions only where they may stand."""
        match node:
            case yaml.Scalar():
                self._expression_allowed(node, place)
            case yaml.Sequence():
                for item in node.items:
                    self.check(_ANYTHING, item, place)
            case yaml.Mapping():
                for key, value in node.pairs:
                    if self._expression_allowed(key, place):
                        self.check(_ANYTHING, value, place)

    def _expression_allowed(self, node: yaml.Scalar, place: Place) -> bool:
        if place.late or not is_expression(node):
            return True
        message = f"no expression may stand here: {place.name} is read before anything has a value"
        self._add("expression-not-allowed", message, node.at, place, "write the value itself")
        return False

    def _scalar(self, plain: tuple[_Plain, ...], node: yaml.Scalar, place: Place) -> None:
        if node.tag == yaml.MISSING:
            return
        if is_expression(node):
            self._expression_allowed(node, place)
        elif not any(_fits(one, node) for one in plain):
            words = [word for one in plain if isinstance(one, Text) for word in one.words]
            hint = suggestion(node.value, words) if node.value else ""
            code = "bad-value" if words and not is_null(node) else "wrong-type"
            message = f"{place.name} must be {_expected(plain)}, not {described(node)}"
            self._add(code, message, node.at, place, hint or _quotes(plain, node))
        else:
            problem = next((one.problem(node.value) for one in plain if isinstance(one, Text)), "")
            if problem:
                self._add("bad-value", f"{place.name} is `{shorten(node.value)}`, which {problem}", node.at, place)

    def _many(self, plain: tuple[_Plain, ...], node: yaml.Sequence, place: Place) -> None:
        many = next((one for one in plain if isinstance(one, Many)), None)
        if many is None:
            self._add("wrong-type", f"{place.name} must be {_expected(plain)}, not a list", node.at, place)
            return
        if many.filled and not node.items:
            self._add("empty-list", f"{place.name} is an empty list", node.at, place, "give it a value, or remove it")
        for number, item in enumerate(node.items, 1):
            self.check(many.item, item, Place(f"{many.noun} {number} of {place.name}", place.late, place.rule))

    def _map(self, maps: list[Keys], plain: tuple[_Plain, ...], node: yaml.Mapping, place: Place) -> None:
        if not maps:
            self._add("wrong-type", f"{place.name} must be {_expected(plain)}, not a map", node.at, place)
            return
        place = Place(place.name, place.late, next((one.rule for one in maps if one.rule), place.rule))
        left = list(maps)
        seen: dict[str, yaml.Scalar] = {}
        decided: str = ""
        for key, value in node.pairs:
            if is_expression(key):
                if self._expression_allowed(key, place):
                    self.check(left[0].others or _ANYTHING, value, place)
                continue
            name = "" if is_null(key) else key.value
            first = seen.setdefault(name.casefold(), key)
            if first is not key:
                self._twice(first, key, place)
                if not any(name in one.keys for one in left):
                    continue
            having = [one for one in left if name in one.keys]
            if having:
                if len(having) < len(left):
                    decided = name
                left = having
                self.check(left[0].keys[name], value, Place(f"`{name}`", place.late, place.rule))
            elif left[0].others is not None:
                self._named(left[0], left[0].others, key, value, place)
            else:
                self._unknown(maps, left, key, decided, place)
        self._missing(left, node, seen, place)

    def _twice(self, first: yaml.Scalar, key: yaml.Scalar, place: Place) -> None:
        message = f"the key `{key.value}` stands twice here: `{first.value}` in line {first.at.line} is the same"
        self._add("duplicate-key", message, key.at, place, "keys are the same whatever their case: rename one")

    def _named(self, one: Keys, others: Shape, key: yaml.Scalar, value: yaml.Node, place: Place) -> None:
        if key.value == "<<" and not isinstance(value, yaml.Scalar):
            self._merge(key, place)
            return
        if not key.value or is_null(key):
            self._add("bad-name", f"the name of a {one.noun or 'key'} is empty", key.at, place)
        named = f"{one.noun} `{shorten(key.value)}`" if one.noun else f"`{shorten(key.value)}`"
        self.check(others, value, Place(named, place.late, place.rule))

    def _unknown(self, maps: list[Keys], left: list[Keys], key: yaml.Scalar, decided: str, place: Place) -> None:
        if decided and any(key.value in one.keys for one in maps):
            message = f"`{key.value}` can't stand beside `{decided}` in {place.name}"
            self._add("conflicting-keys", message, key.at, place, f"remove `{key.value}` or `{decided}`")
            return
        if key.value == "<<":
            self._merge(key, place)
            return
        known = list(dict.fromkeys(name for one in left for name in one.keys))
        few = f"known here: {', '.join(known)}" if 0 < len(known) <= _FEW else "remove it"
        message = f"unknown key `{shorten(key.value)}` in {place.name}"
        severity = left[0].unknown
        self._add("unknown-key", message, key.at, place, suggestion(key.value, known, few), severity=severity)

    def _merge(self, key: yaml.Scalar, place: Place) -> None:
        hint = "name what is repeated with an anchor and use it whole: `env: *shared`"
        self._add("merge-key", "GitHub knows anchors, but no merging with `<<`", key.at, place, hint)

    def _missing(self, left: list[Keys], node: yaml.Mapping, seen: Table[str, yaml.Scalar], place: Place) -> None:
        if any(is_expression(key) for key, _ in node.pairs):
            return
        if len(left) > 1:
            deciding = " or ".join(f"`{name}`" for one in left for name in one.required[:1])
            message = f"{place.name} has none of the keys that say what it is: {deciding}"
            self._add("missing-key", message, node.at, place, f"add {deciding}")
            return
        for name in left[0].required:
            if name.casefold() not in seen:
                message = f"`{name}` is missing in {place.name}"
                self._add("missing-key", message, node.at, place, f"add `{name}:`")

    def _add(
        self,
        code: str,
        message: str,
        at: Position,
        place: Place,
        hint: str = "",
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.findings.append(Finding(severity, code, message, at, hint, place.rule))


_ANYTHING = Anything()
_LITERAL = re.compile(r"\$\{\{\s*'(?:[^']|'')*'\s*\}\}")


def is_expression(node: yaml.Scalar) -> bool:
    """Whether a scalar holds a `${{`, and isn't just a text written so: `${{ 'text' }}` may stand anywhere."""
    value = value_of(node)
    return isinstance(value, str) and holds_expression(value) and not _LITERAL.fullmatch(value)


def _fits(shape: _Plain, node: yaml.Scalar) -> bool:
    value = value_of(node)
    match shape:
        case Text(words=words, filled=filled):
            return node.value in words if words else not filled or value not in (None, "")
        case Flag():
            return isinstance(value, bool)
        case Number():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Nothing():
            return value is None
        case _:
            return isinstance(shape, Anything)


def _quotes(plain: tuple[_Plain, ...], node: yaml.Scalar) -> str:
    """A hint for what is right but for its quotes."""
    bare = yaml.Scalar(node.value, node.at)
    unquoted = not node.plain and not is_null(bare) and any(_fits(one, bare) for one in plain)
    return "remove the quotes" if unquoted else ""


def _expected(plain: tuple[_Plain, ...]) -> str:
    words = [word for one in plain if isinstance(one, Text) for word in one.words]
    kinds = [_kind(one) for one in plain if not (isinstance(one, Text) and one.words)]
    if words:
        listed = ", ".join(f"`{word}`" for word in dict.fromkeys(words))
        kinds.insert(0, listed if len(words) == 1 else f"one of {listed}")
    unique = list(dict.fromkeys(kinds))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"


_KINDS: dict[type, str] = {
    Anything: "anything",
    Text: "a text",
    Flag: "true or false",
    Number: "a number",
    Nothing: "empty",
    Many: "a list",
    Keys: "a map",
}


def _kind(shape: _Plain) -> str:
    if isinstance(shape, Text) and shape.filled:
        return "a text that is not empty"
    return _KINDS[type(shape)]


def described(node: yaml.Scalar) -> str:
    """What a scalar is, for a message: "the number `3`", "empty"."""
    value = value_of(node)
    if value is None or value == "":
        return "empty"
    kinds = {bool: "the boolean", int: "the number", float: "the number"}
    return f"{kinds.get(type(value), 'the text')} `{shorten(node.value)}`"
