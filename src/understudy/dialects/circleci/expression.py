"""CircleCI's expressions: a hand-written tokenizer, a parser by precedence, and an evaluator that always ends.

Operators, precedence and literals are those of
https://circleci.com/docs/reference/configuration-reference/#expression-operators and
https://circleci.com/docs/guides/security/contexts/#expression-restrictions, weakest first: `or`, `and`, `== !=`,
`starts-with matches`, `>= > <= <`, `not !`.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from understudy.dialects.base import EvaluationError
from understudy.dialects.circleci.javaregex import matches_whole

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<pattern>/(?:[^/\\]|\\.)*/)
    | (?P<number>-?[0-9]+(?![A-Za-z0-9_.]))
    | (?P<name>[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)
    | (?P<sign>==|!=|>=|<=|>|<|!|\(|\))
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = frozenset({"and", "or", "not", "starts-with", "matches", "true", "false"})
_MAX_DEPTH = 40
_MAX_DIGITS = 19

_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"==", "!="}),
    frozenset({"starts-with", "matches"}),
    frozenset({">=", ">", "<=", "<"}),
)


def truthy(value: object) -> bool:
    """Whether a value counts as true: all do but false, null, 0, NaN, the empty string and an empty statement.

    See https://circleci.com/docs/reference/configuration-reference/#logic-statements.
    """
    if value is None or value is False or value in ("", {}):
        return False
    return not (isinstance(value, int | float) and (value == 0 or math.isnan(value)))


def same(one: object, other: object) -> bool:
    """Whether two values are equal: numbers by value, the rest by type too, so that `true` is not `1`."""
    kinds = [float if type(value) is int else type(value) for value in (one, other)]
    return kinds[0] is kinds[1] and one == other


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class _Literal:
    value: object


@dataclass(frozen=True, slots=True)
class _Name:
    name: str


@dataclass(frozen=True, slots=True)
class _Not:
    operand: "_Node"


@dataclass(frozen=True, slots=True)
class _Chain:
    """`first` and then pairs of an operator and an operand, all of one level, from left to right."""

    first: "_Node"
    rest: tuple[tuple[str, "_Node"], ...]


_Node = _Literal | _Name | _Not | _Chain


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if not token or token.lastgroup is None:
            rest = text[at:].lstrip()
            raise EvaluationError(f"the expression `{_short(text)}` can't be read from `{rest[:20]}` on")
        kind, word = token.lastgroup, token.group(token.lastgroup)
        found.append(_Token("word" if kind == "name" and word in _WORDS else kind, word, token.start(kind)))
        at = token.end()
    return found


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def whole(self) -> _Node:
        node = self._level(0)
        if self.at < len(self.tokens):
            raise self._wrong("an operator is missing before")
        return node

    def _peek(self) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at].kind in {"word", "sign"}:
            return self.tokens[self.at].text
        return ""

    def _level(self, level: int) -> _Node:
        if level == len(_LEVELS):
            return self._unary()
        first = self._level(level + 1)
        rest: list[tuple[str, _Node]] = []
        while (operator := self._peek()) in _LEVELS[level]:
            self.at += 1
            rest.append((operator, self._level(level + 1)))
        return _Chain(first, tuple(rest)) if rest else first

    def _unary(self) -> _Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise EvaluationError(f"the expression `{_short(self.text)}` is nested deeper than {_MAX_DEPTH} levels")
        try:
            if self._peek() in {"not", "!"}:
                self.at += 1
                return _Not(self._unary())
            return self._primary()
        finally:
            self.depth -= 1

    def _primary(self) -> _Node:
        if self.at >= len(self.tokens):
            raise EvaluationError(f"the expression `{_short(self.text)}` ends where a value should follow")
        token = self.tokens[self.at]
        if token.text == "(" and token.kind == "sign":
            return self._grouped()
        node = self._value(token)
        self.at += 1
        return node

    def _grouped(self) -> _Node:
        self.at += 1
        node = self._level(0)
        if self._peek() != ")":
            raise EvaluationError(f"a `(` of the expression `{_short(self.text)}` is never closed")
        self.at += 1
        return node

    def _value(self, token: _Token) -> _Node:
        match token.kind:
            case "string":
                return _Literal(re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL))
            case "pattern":
                return _Literal(token.text[1:-1].replace("\\/", "/"))
            case "number" if len(token.text.lstrip("-")) <= _MAX_DIGITS:
                return _Literal(int(token.text))
            case "name":
                return _Name(token.text)
            case "word" if token.text in {"true", "false"}:
                return _Literal(token.text == "true")
            case _:
                raise self._wrong("a value should stand in place of")

    def _wrong(self, why: str) -> EvaluationError:
        token = self.tokens[self.at]
        return EvaluationError(f"the expression `{_short(self.text)}` can't be read: {why} `{token.text[:20]}`")


def _compute(node: _Node, values: Mapping[str, object]) -> object:
    match node:
        case _Literal(value):
            return value
        case _Name(name):
            if name not in values:
                raise EvaluationError(f"`{name}` has no value in this pipeline")
            return values[name]
        case _Not(operand):
            return not truthy(_compute(operand, values))
        case _Chain(first, rest):
            result = _compute(first, values)
            for operator, operand in rest:
                result = _apply(operator, result, partial(_compute, operand, values))
            return result


def _apply(operator: str, left: object, right: Callable[[], object]) -> object:
    if operator in {"and", "or"}:
        return right() if truthy(left) is (operator == "and") else left
    if operator in {"==", "!="}:
        return same(left, right()) is (operator == "==")
    if operator == "starts-with":
        return _text(operator, left).startswith(_text(operator, right()))
    if operator == "matches":
        return matches_whole(_text(operator, right()), _text(operator, left))
    return _compare(operator, _number(operator, left), _number(operator, right()))


def _compare(operator: str, left: float, right: float) -> bool:
    match operator:
        case ">=":
            return left >= right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case _:
            return left < right


def _text(operator: str, value: object) -> str:
    if not isinstance(value, str):
        raise EvaluationError(f"`{operator}` takes strings, not `{value}`")
    return value


def _number(operator: str, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EvaluationError(f"`{operator}` takes numbers, not `{value}`")
    return value


def evaluate(text: str, values: Mapping[str, object]) -> object:
    """The value of an expression; `values` by dotted name. Raises EvaluationError, and nothing else, for bad text.

    `and` and `or` give one of their operands and leave the second alone where the first decides. A value is false
    when it is false, null, 0 or empty.
    """
    try:
        return _compute(_Parser(text).whole(), values)
    except RecursionError:
        raise EvaluationError(f"the expression `{_short(text)}` is nested too deeply") from None


def names_in(text: str) -> tuple[str, ...]:
    """The names that an expression asks for, each once, in order. Raises EvaluationError for bad text."""
    parser = _Parser(text)
    parser.whole()
    return tuple(dict.fromkeys(token.text for token in parser.tokens if token.kind == "name"))
