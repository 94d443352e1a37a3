"""A small language for what a file may look like, and the check of nodes against it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from understudy.findings import Finding, Position, Severity
from understudy.text import yaml
from understudy.text.nearest import suggestion

Test = Callable[[str], str]
"""Says what is wrong with a text, as the end of a sentence about it ("must be a digest"); empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at: `name` as messages say it ("job `test`"), where it stands, the page with its rule."""

    name: str
    at: Position
    rule: str = ""


Rule = Callable[[yaml.Mapping, Place], Iterable[Finding]]
"""Something to hold for a table as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Anything:
    """No demands."""


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A text. Numbers and booleans are taken with a warning, unless `lax`. `hint`: for one that `test` is against."""

    test: Test | None = None
    lax: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A whole number between `least` and `most`, both included."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """One of a few words; `severity` is how bad another one is."""

    words: tuple[str, ...]
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """A list."""

    item: "Shape"
    least: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A map with known `keys`. `others`: the shape of values under further keys; None: `unknown` says how bad they are.

    `noun` is what a value under a further key is called. `single`: exactly one key may stand in it, and this is the
    hint where there are more; `several` is how bad that is.
    """

    keys: Mapping[str, "Shape"] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    others: "Shape | None" = None
    noun: str = ""
    name_test: Test | None = None
    unknown: Severity = Severity.ERROR
    single: str = ""
    several: Severity = Severity.ERROR
    rules: tuple[Rule, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """One of several shapes of different kinds (scalar, list, map), called `expected` together; or `nothing`."""

    shapes: tuple["Shape", ...]
    expected: str
    nothing: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A map whose shape depends on what stands in it."""

    choose: Callable[[yaml.Mapping], "Shape"]


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """A shape that holds itself somewhere."""

    shape: Callable[[], "Shape"]


Shape = Anything | Text | Whole | Flag | Words | Many | Table | Either | Chosen | Later


def names(noun: str, value: Shape, *, test: Test | None = None) -> Table:
    """A map from names the user chose to things that are each a `noun`."""
    return Table(others=value, noun=noun, name_test=test)


def check(shape: Shape, node: yaml.Node, place: Place, stands_for_any: Callable[[str], bool]) -> tuple[Finding, ...]:
    """What is wrong with `node`, in the order of the walk; nothing twice where aliases show it again.

    `stands_for_any` tells texts that are replaced by something else later (an expression): no demand is made on them.
    """
    checker = _Checker(stands_for_any)
    checker.check(shape, node, place)
    return tuple(checker.findings)


class _Checker:
    def __init__(self, stands_for_any: Callable[[str], bool]) -> None:
        self._any = stands_for_any
        self._seen: set[tuple[int, int]] = set()
        self.findings: list[Finding] = []

    def check(self, shape: Shape, node: yaml.Node, place: Place) -> None:
        if (id(shape), id(node)) in self._seen:
            return
        self._seen.add((id(shape), id(node)))
        if isinstance(node, yaml.Scalar) and (node.tag == yaml.MISSING or self._any(node.value)):
            return
        match shape:
            case Anything():
                pass
            case Text() | Whole() | Flag() | Words():
                self._scalar(shape, node, place)
            case Many():
                self._many(shape, node, place)
            case Table():
                self._table(shape, node, place)
            case Either():
                self._either(shape, node, place)
            case Chosen():
                if isinstance(node, yaml.Mapping):
                    self.check(shape.choose(node), node, place)
                else:
                    self._wrong_type("a map", node, place)
            case Later():
                self.check(shape.shape(), node, place)
            case _:
                assert_never(shape)

    def _scalar(self, shape: Text | Whole | Flag | Words, node: yaml.Node, place: Place) -> None:
        if not isinstance(node, yaml.Scalar):
            self._wrong_type(_expected(shape), node, place)
            return
        value = yaml.scalar_value(node, yaml.Schema.YAML_1_1)
        match shape:
            case Text():
                self._text(shape, node, value, place)
            case Whole():
                if isinstance(value, bool) or not isinstance(value, int):
                    self._wrong_type(_expected(shape), node, place)
                elif (shape.least is not None and value < shape.least) or (
                    shape.most is not None and value > shape.most
                ):
                    self._add("bad-value", f"{place.name} is {value}; it must be {_expected(shape)}", node.at, place)
            case Flag():
                self._flag(node, value, place)
            case Words():
                self._word(shape, node, place)

    def _text(self, shape: Text, node: yaml.Scalar, value: object, place: Place) -> None:
        if value is None:
            self._wrong_type("a text", node, place)
        elif not isinstance(value, str) and not shape.lax:
            hint = f'write "{node.value}"'
            message = f"{place.name} should be a text, and is {described(node)}"
            self._add("not-a-text", message, node.at, place, hint=hint, severity=Severity.WARNING)
        problem = shape.test(node.value) if shape.test else ""
        if problem:
            message = f"{place.name} is `{shorten(node.value)}`, which {problem}"
            self._add("bad-value", message, node.at, place, hint=shape.hint)

    def _flag(self, node: yaml.Scalar, value: object, place: Place) -> None:
        if isinstance(value, bool):
            return
        if isinstance(value, str) and value.lower() in ("true", "false"):
            message, hint = f"{place.name} is a text; `{value}` is meant without quotes", "remove the quotes"
            self._add("not-a-boolean", message, node.at, place, hint=hint, severity=Severity.WARNING)
        else:
            self._wrong_type("true or false", node, place)

    def _word(self, shape: Words, node: yaml.Scalar, place: Place) -> None:
        if node.value in shape.words:
            return
        message = f"{place.name} is `{shorten(node.value)}`; it must be {_expected(shape)}"
        hint = suggestion(node.value, shape.words)
        self._add("bad-value", message, node.at, place, hint=hint, severity=shape.severity)

    def _many(self, shape: Many, node: yaml.Node, place: Place) -> None:
        if not isinstance(node, yaml.Sequence):
            self._wrong_type("a list", node, place, hint="put `- ` before each item")
            return
        if len(node.items) < shape.least:
            self._add("bad-value", f"{place.name} is an empty list", node.at, place)
        for number, item in enumerate(node.items, 1):
            self.check(shape.item, item, Place(f"item {number} of {place.name}", item.at, place.rule))

    def _table(self, shape: Table, node: yaml.Node, place: Place) -> None:
        if shape.rule:
            place = replace(place, rule=shape.rule)
        if not isinstance(node, yaml.Mapping):
            self._wrong_type("a map", node, place)
            return
        if shape.single and len(node.pairs) != 1:
            self._several(shape, node, place)
        for name in shape.required:
            value = node.get(name)
            if value is None or is_null(value):
                key = node.key(name)
                what = f"`{name}` is empty in {place.name}" if key else f"`{name}` is missing in {place.name}"
                self._add("missing-key", what, key.at if key else place.at, place, hint=f"add `{name}:`")
        for key, value in node:
            self._entry(shape, key, value, place)
        for rule in shape.rules:
            self.findings += rule(node, place)

    def _several(self, shape: Table, node: yaml.Mapping, place: Place) -> None:
        listed = ", ".join(f"`{shorten(name)}`" for name in node.keys()[:5])
        message = (
            f"{place.name} has {len(node.pairs)} keys ({listed}); it must have one"
            if node.pairs
            else (f"{place.name} is an empty map")
        )
        self._add("several-keys", message, node.at, place, hint=shape.single, severity=shape.several)

    def _entry(self, shape: Table, key: yaml.Scalar, value: yaml.Node, place: Place) -> None:
        known = shape.keys.get(key.value)
        if known is not None:
            if not is_null(value):
                self.check(known, value, Place(f"`{key.value}`", key.at, place.rule))
        elif shape.others is None:
            hint = suggestion(key.value, shape.keys, f"known here: {', '.join(shape.keys)}")
            message = f"unknown key `{shorten(key.value)}` in {place.name}"
            self._add("unknown-key", message, key.at, place, hint=hint, severity=shape.unknown)
        elif not self._any(key.value):
            problem = shape.name_test(key.value) if shape.name_test else ""
            if problem:
                message = f"the name `{shorten(key.value)}` of a {shape.noun} {problem}"
                self._add("bad-name", message, key.at, place)
            called = f"{shape.noun} `{key.value}`" if shape.noun else f"`{key.value}`"
            self.check(shape.others, value, Place(called, key.at, place.rule))

    def _either(self, shape: Either, node: yaml.Node, place: Place) -> None:
        for one in shape.shapes:
            if _takes(one, node):
                self.check(one, node, place)
                return
        if not (shape.nothing and is_null(node)):
            self._wrong_type(shape.expected, node, place)

    def _wrong_type(self, expected: str, node: yaml.Node, place: Place, *, hint: str = "") -> None:
        at = place.at if is_null(node) else node.at
        self._add("wrong-type", f"{place.name} must be {expected}, not {described(node)}", at, place, hint=hint)

    def _add(
        self,
        code: str,
        message: str,
        at: Position,
        place: Place,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.findings.append(Finding(severity, code, message, at, hint, place.rule))


def _takes(shape: Shape, node: yaml.Node) -> bool:
    """Whether `node` is of the kind that `shape` is about."""
    if isinstance(shape, Later):
        return _takes(shape.shape(), node)
    if isinstance(shape, Either):
        return any(_takes(one, node) for one in shape.shapes)
    match node:
        case yaml.Mapping():
            return isinstance(shape, Table | Chosen | Anything)
        case yaml.Sequence():
            return isinstance(shape, Many | Anything)
        case yaml.Scalar():
            return _takes_value(shape, yaml.scalar_value(node, yaml.Schema.YAML_1_1))


def _takes_value(shape: Shape, value: object) -> bool:
    if isinstance(shape, Flag):
        return isinstance(value, bool)
    if isinstance(shape, Whole):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(shape, Anything) or (isinstance(shape, Text | Words) and value is not None)


def _expected(shape: Text | Whole | Flag | Words) -> str:
    match shape:
        case Text():
            return "a text"
        case Flag():
            return "true or false"
        case Words():
            return "one of " + ", ".join(f"`{word}`" for word in shape.words)
        case Whole(least=None, most=None):
            return "a whole number"
        case Whole(least=least, most=None):
            return f"a whole number of at least {least}"
        case Whole(least=least, most=most):
            return f"a whole number from {least} to {most}"
        case _:
            assert_never(shape)


def is_null(node: yaml.Node) -> bool:
    """Whether `node` is YAML's nothing: an empty plain scalar, `~` or `null`."""
    return isinstance(node, yaml.Scalar) and yaml.scalar_value(node, yaml.Schema.YAML_1_1) is None


def described(node: yaml.Node) -> str:
    """What `node` is, for a message: "the number `3`", "a list"."""
    match node:
        case yaml.Mapping():
            return "a map"
        case yaml.Sequence():
            return "a list"
        case yaml.Scalar():
            value = yaml.scalar_value(node, yaml.Schema.YAML_1_1)
            kind = {bool: "the boolean", int: "the number", float: "the number"}.get(type(value), "the text")
            return "empty" if value is None else f"{kind} `{shorten(node.value)}`"


def shorten(text: str, length: int = 60) -> str:
    """`text` on one line, cut to `length` letters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"
