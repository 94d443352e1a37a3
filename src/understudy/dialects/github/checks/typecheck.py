"""Finds out the type of an expression, and what is wrong with it on the way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from understudy.dialects.github.checks.contexttypes import Available
from understudy.dialects.github.checks.types import (
    ANY,
    BOOLEAN,
    NUMBER,
    TEXT,
    Array,
    Object,
    Plain,
    Type,
    described,
    kind_of,
    kind_words,
    merge,
    of_json,
    of_value,
)
from understudy.dialects.github.expression.nodes import (
    Call,
    Compare,
    Index,
    Literal,
    Logical,
    Name,
    Node,
    Not,
    Star,
    start,
)
from understudy.dialects.github.expression.signatures import SIGNATURES, STATUS_FUNCTIONS, Kind, Signature
from understudy.text.nearest import suggestion

_PRIMITIVES = frozenset({Kind.NULL, Kind.BOOLEAN, Kind.NUMBER, Kind.STRING})
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_EQUALITY = ("==", "!=")
_VARIABLE = re.compile(r"[a-z_][a-z0-9_]*")
_PLAIN_TYPES: dict[Kind, Type] = {kind: Plain(kind) for kind in (Kind.BOOLEAN, Kind.STRING, Kind.ANY)}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at `offset` of an expression."""

    code: str
    message: str
    offset: int
    hint: str = ""


class Checker:
    """Checks one expression where `contexts` are what they are and `available` says what can be used."""

    def __init__(self, contexts: Mapping[str, Type], available: Available) -> None:
        self._contexts = contexts
        self._available = available
        self.problems: list[Problem] = []

    def type(self, node: Node) -> Type:  # noqa: PLR0911 - one for each kind of node
        """The type of `node`; what is wrong in it is added to `problems`."""
        match node:
            case Literal(value=value):
                return of_value(value)
            case Name():
                return self._name(node)
            case Call():
                return self._call(node)
            case Index():
                return self._index(node)
            case Not(operand=operand):
                self.type(operand)
                return BOOLEAN
            case Compare():
                return self._compare(node)
            case Logical():
                return self._logical(node)
            case Star():
                return ANY
            case _:
                assert_never(node)

    def _add(self, code: str, message: str, node: Node, hint: str = "") -> Type:
        self.problems.append(Problem(code, message, start(node), hint))
        return ANY

    def _name(self, node: Name) -> Type:
        name = node.name.lower()
        found = self._contexts.get(name)
        if found is None:
            hint = suggestion(name, self._contexts)
            return self._add("unknown-context", f"there is no context `{node.name}`", node, hint)
        if name not in self._available.contexts:
            hint = f"here are {', '.join(f'`{one}`' for one in sorted(self._available.contexts))}"
            self._add("context-not-here", f"the context `{node.name}` can't be used here", node, hint)
        return found

    def _index(self, node: Index) -> Type:
        index = ANY if isinstance(node.index, Star | Literal) else self.type(node.index)
        subject = self.type(node.subject)
        if isinstance(node.index, Star):
            return self._star(node, subject)
        if isinstance(node.index, Literal):
            if isinstance(node.index.value, str):
                return self._property(node, subject, node.index.value)
            index = of_value(node.index.value)
        return self._element(node, subject, index)

    def _property(self, node: Index, subject: Type, name: str) -> Type:
        match subject:
            case Plain(kind=Kind.ANY):
                return ANY
            case Object():
                return self._of_object(node, subject, name)
            case Array(element=element, filtered=True):
                if isinstance(element, Object):
                    return Array(self._of_object(node, element, name), filtered=True)
                if element == ANY:
                    return subject
                what = f"`{name}` is asked of elements that are {described(element)}"
                return self._add("not-an-object", what, node)
            case _:
                what = f"`{name}` is asked of {described(subject)}, which has no properties"
                return self._add("not-an-object", what, node)

    def _of_object(self, node: Index, subject: Object, name: str) -> Type:
        found = subject.get(name)
        if isinstance(node.subject, Name) and node.subject.name.lower() == "vars":
            self._variable(node, name.lower())
        if found is None:
            where = f"the context `{node.subject.name}`" if isinstance(node.subject, Name) else described(subject)
            hint = suggestion(name, subject.properties)
            return self._add("unknown-property", f"there is no `{name}` in {where}", node, hint)
        return found

    def _variable(self, node: Index, name: str) -> None:
        """See https://docs.github.com/en/actions/reference/workflows-and-actions/variables#naming-conventions."""
        if name.startswith("github_") or not _VARIABLE.fullmatch(name):
            hint = "names have letters, digits and `_`, and don't start with `GITHUB_`"
            self._add("bad-variable-name", f"no configuration variable can be called `{name}`", node, hint)

    def _star(self, node: Index, subject: Type) -> Type:  # noqa: PLR0911 - one for each kind of type
        match subject:
            case Plain(kind=Kind.ANY):
                return Array(ANY, filtered=True)
            case Array(element=element):
                return Array(element, filtered=True)
            case Object(others=others) if others is not None:
                if others == ANY or isinstance(others, Object):
                    return Array(others, filtered=True)
                return self._add("not-an-object", f"`.*` looks into {described(others)}, not into objects", node)
            case Object(properties=properties):
                if any(isinstance(one, Object) or one == ANY for one in properties.values()):
                    return Array(ANY, filtered=True)
                return self._add("not-an-object", f"`.*` finds no object in {described(subject)}", node)
            case Plain():
                return self._add("not-an-object", f"`.*` needs a list or an object, not {described(subject)}", node)
            case _:
                assert_never(subject)

    def _element(self, node: Index, subject: Type, index: Type) -> Type:
        match subject:
            case Array(element=element):
                if index not in (ANY, NUMBER):
                    return self._add("bad-index", f"a list is asked for element {described(index)}", node.index)
                return element
            case Object(others=others, numbered=numbered):
                if index not in (ANY, TEXT) and not (numbered and index == NUMBER):
                    return self._add("bad-index", f"an object is asked for property {described(index)}", node.index)
                return ANY if others is None else others
            case Plain(kind=Kind.ANY):
                return ANY
            case Plain():
                return self._add("bad-index", f"{described(subject)} has no elements", node)
            case _:
                assert_never(subject)

    def _compare(self, node: Compare) -> Type:
        left, right = self.type(node.left), self.type(node.right)
        if not (_equatable if node.operator in _EQUALITY else _comparable)(left, right):
            what = f"`{node.operator}` between {described(left)} and {described(right)} is always the same"
            self._add("useless-comparison", what, node)
        return BOOLEAN

    def _logical(self, node: Logical) -> Type:
        found = self._narrowed(node.operands[0], node.operator == "||")
        for operand in node.operands[1:]:
            found = merge(found, self.type(operand))
        return found

    def _narrowed(self, node: Node, truth: bool) -> Type:  # noqa: FBT001 - the value of `node`, not an option
        """The type of `node` where its value is known to be `truth`: of `a && b` that is true it is that of `b`."""
        if isinstance(node, Not):
            self._narrowed(node.operand, not truth)
            return BOOLEAN
        if isinstance(node, Logical) and (node.operator == "&&") == truth:
            return [self.type(operand) for operand in node.operands][-1]
        return self.type(node)

    def _call(self, node: Call) -> Type:
        types = [self.type(argument) for argument in node.arguments]
        name = node.name.lower()
        signature = SIGNATURES.get(name)
        if signature is None:
            hint = suggestion(node.name, [one.name for one in SIGNATURES.values()])
            return self._add("unknown-function", f"there is no function `{node.name}`", node, hint)
        if not signature.everywhere and name not in self._available.functions:
            return self._add("function-not-here", f"the function `{node.name}` can't be used here", node)
        if name in STATUS_FUNCTIONS and types and "steps" in self._available.contexts:
            return self._add("bad-argument-count", f"`{signature.name}` takes nothing in the `if` of a step", node)
        if not self._arguments(node, signature, types):
            return ANY
        if name == "format":
            self._format(node)
        if name == "fromjson":
            return self._json(node)
        return _PLAIN_TYPES[signature.gives]

    def _arguments(self, node: Call, signature: Signature, types: list[Type]) -> bool:
        good = True
        for number, (argument, type_) in enumerate(zip(node.arguments, types, strict=True)):
            wanted = signature.argument(number)
            if signature.name == "case" and (number % 2 == 1 or number == len(types) - 1):
                continue
            if not _fits(kind_of(type_), wanted):
                what = f"`{signature.name}` takes {kind_words(wanted)} here, not {described(type_)}"
                self._add("bad-argument", what, argument)
                good = False
        if signature.name == "contains" and kind_of(types[0]) in _PRIMITIVES and kind_of(types[1]) not in _SINGLE:
            self._add("bad-argument", f"a text can't contain {described(types[1])}", node.arguments[1])
        return good

    def _format(self, node: Call) -> None:
        first = node.arguments[0]
        if not isinstance(first, Literal) or not isinstance(first.value, str):
            return
        used = {int(found[1]) for found in _PLACEHOLDER.finditer(first.value) if found[1]}
        given = set(range(len(node.arguments) - 1))
        if not given:
            self._add("unused-format", "`format` is given nothing to put into its text", node)
        for number in sorted(given - used):
            self._add("unused-argument", f"the text that `format` is given has no `{{{number}}}`", node)
        for number in sorted(used - given):
            self._add("bad-format", f"`format` is given nothing for `{{{number}}}`", node)

    def _json(self, node: Call) -> Type:
        first = node.arguments[0]
        if not isinstance(first, Literal) or not isinstance(first.value, str):
            return ANY
        try:
            return of_json(first.value)
        except (ValueError, RecursionError) as error:
            return self._add("bad-json", f"`fromJSON` is given what is no JSON: {error}", first)


_SINGLE = _PRIMITIVES | {Kind.ANY}


def _fits(kind: Kind, wanted: frozenset[Kind]) -> bool:
    return kind is Kind.ANY or Kind.ANY in wanted or kind in wanted


def _equatable(left: Type, right: Type) -> bool:
    """Whether `==` can be true: an object or a list equals only itself and never anything else."""
    match left, right:
        case (Array(), Array()):
            return _equatable(left.element, right.element)
        case (Object(), Object()):
            return True
        case (Plain(), Plain()):
            return True
        case (Plain(kind=kind), _) | (_, Plain(kind=kind)):
            return kind in (Kind.ANY, Kind.NULL)
        case _:
            return False


def _comparable(left: Type, right: Type) -> bool:
    """Whether `<` makes sense."""
    return all(type_ in (ANY, NUMBER, TEXT) for type_ in (left, right))


def is_constant(node: Node) -> bool:
    """Whether `node` has the same value in every run."""
    match node:
        case Literal():
            return True
        case Not(operand=operand):
            return is_constant(operand)
        case Compare(left=left, right=right):
            return is_constant(left) and is_constant(right)
        case Logical(operands=operands):
            return all(map(is_constant, operands))
        case Call(name=name, arguments=arguments):
            signature = SIGNATURES.get(name.lower())
            return signature is not None and signature.everywhere and all(map(is_constant, arguments))
        case _:
            return False
