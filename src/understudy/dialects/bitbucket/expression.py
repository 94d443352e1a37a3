"""The service's expressions, as `condition: state:` has them: parsed, and evaluated with the values of variables.

See https://support.atlassian.com/bitbucket-cloud/docs/expression-language/.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from understudy.dialects.bitbucket.globs import GlobError, fits

Value = str | float | bool
_MOST_LEVELS = 100
_MOST_TOKENS = 1000
_COMPARISONS = ("==", "!=", ">=", "<=", ">", "<")
_TOKEN = re.compile(
    r"""(?P<blank>\s+)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))"""
    r"""|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>==|!=|>=|<=|&&|\|\||[><!(),])""",
    re.DOTALL,
)


class ExpressionError(Exception):
    """An expression that can't be parsed or evaluated; `offset` is where in it, `message` a clause."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number or a boolean."""

    value: Value


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable by its name, without `$`."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Not:
    """`!`."""

    operand: "Tree"
    offset: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands with `&&`, `||` or a comparison between them."""

    sign: str
    left: "Tree"
    right: "Tree"
    offset: int


@dataclass(frozen=True, slots=True)
class Glob:
    """`glob(value, "pattern")`."""

    value: "Tree"
    pattern: "Tree"
    offset: int


Tree = Literal | Variable | Not | Binary | Glob


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def parse(text: str) -> Tree:
    """The tree of `text`. Raises ExpressionError, also for one that can't come out true or false."""
    parser = _Parser(text)
    tree = parser.whole()
    if isinstance(tree, Literal) and not isinstance(tree.value, bool):
        raise ExpressionError("it comes out neither true nor false")
    return tree


def holds(tree: Tree, values: Mapping[str, str]) -> bool:
    """Whether `tree` is true with these variables; one that is not set is an empty text. Raises ExpressionError."""
    return _truth(_evaluate(tree, values), tree)


def _evaluate(tree: Tree, values: Mapping[str, str]) -> Value:
    match tree:
        case Literal(value):
            return value
        case Variable(name):
            return values.get(name, "")
        case Not(operand):
            return not _truth(_evaluate(operand, values), operand)
        case Binary():
            return _combined(tree, values)
        case Glob():
            return _fits(tree, values)
        case _:
            assert_never(tree)


def _combined(tree: Binary, values: Mapping[str, str]) -> bool:
    left = _evaluate(tree.left, values)
    if tree.sign in _COMPARISONS:
        return _compared(tree.sign, left, _evaluate(tree.right, values))
    if _truth(left, tree.left) is (tree.sign == "||"):
        return tree.sign == "||"
    return _truth(_evaluate(tree.right, values), tree.right)


def _fits(tree: Glob, values: Mapping[str, str]) -> bool:
    try:
        return fits(_written(_evaluate(tree.pattern, values)), _written(_evaluate(tree.value, values)))
    except GlobError as error:
        raise ExpressionError(f"its pattern can't be used: {error.message}", tree.offset) from None


def _truth(value: Value, tree: Tree) -> bool:
    """A variable is a text: it says `true` or `false`, or it is no boolean."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if isinstance(tree, Variable):
        raise ExpressionError(f"`{tree.name}` is `{value}`, which is neither true nor false", tree.offset)
    raise ExpressionError(f"`{_written(value)}` is neither true nor false")


def _compared(sign: str, left: Value, right: Value) -> bool:
    """Numbers where both look like one, texts otherwise."""
    one, other = _number(left), _number(right)
    if one is not None and other is not None:
        order = (one > other) - (one < other)
    else:
        words = _written(left), _written(right)
        order = (words[0] > words[1]) - (words[0] < words[1])
    return {
        "==": order == 0,
        "!=": order != 0,
        ">": order > 0,
        ">=": order >= 0,
        "<": order < 0,
        "<=": order <= 0,
    }[sign]


def _number(value: Value) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"\s*-?\d{1,300}(?:\.\d+)?\s*", value) else None
    return value


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return value


class _Parser:
    """`!` binds closest, then comparisons, then `&&`, then `||`."""

    def __init__(self, text: str) -> None:
        self._tokens = [token for token in _tokens(text) if token.kind != "blank"]
        if len(self._tokens) > _MOST_TOKENS:
            raise ExpressionError(f"it has more than {_MOST_TOKENS} parts")
        self._next = 0
        self._depth = 0
        self._end = len(text)

    def whole(self) -> Tree:
        tree = self._either()
        left = self._peek()
        if left is not None:
            raise ExpressionError(f"`{left.text}` is not expected there", left.offset)
        return tree

    def _either(self) -> Tree:
        tree = self._both()
        while (token := self._taken("||")) is not None:
            tree = Binary("||", tree, self._both(), token.offset)
        return tree

    def _both(self) -> Tree:
        tree = self._comparison()
        while (token := self._taken("&&")) is not None:
            tree = Binary("&&", tree, self._comparison(), token.offset)
        return tree

    def _comparison(self) -> Tree:
        tree = self._operand()
        token = self._peek()
        if token is not None and token.kind == "sign" and token.text in _COMPARISONS:
            self._next += 1
            return Binary(token.text, tree, self._operand(), token.offset)
        return tree

    def _operand(self) -> Tree:
        token = self._peek()
        if token is None:
            raise ExpressionError("it ends where something is missing", self._end)
        self._next += 1
        if token.kind == "text":
            return Literal(re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL))
        if token.kind == "number":
            return Literal(float(token.text))
        if token.kind == "name":
            return self._named(token)
        if token.text == "!":
            return Not(self._deeper(self._operand), token.offset)
        if token.text == "(":
            tree = self._deeper(self._either)
            self._expect(")")
            return tree
        raise ExpressionError(f"`{token.text}` is not expected there", token.offset)

    def _named(self, token: _Token) -> Tree:
        if token.text in {"true", "false"}:
            return Literal(token.text == "true")
        if self._taken("(") is None:
            return Variable(token.text, token.offset)
        if token.text != "glob":
            raise ExpressionError(f"there is no function `{token.text}`, only `glob`", token.offset)
        value = self._deeper(self._either)
        self._expect(",")
        pattern = self._deeper(self._either)
        self._expect(")")
        return Glob(value, pattern, token.offset)

    def _deeper(self, part: Callable[[], Tree]) -> Tree:
        self._depth += 1
        if self._depth > _MOST_LEVELS:
            raise ExpressionError(f"it is nested deeper than {_MOST_LEVELS} levels")
        tree = part()
        self._depth -= 1
        return tree

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _taken(self, sign: str) -> _Token | None:
        token = self._peek()
        if token is None or token.kind != "sign" or token.text != sign:
            return None
        self._next += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._taken(sign) is None:
            token = self._peek()
            where = f"before `{token.text}`" if token else "at its end"
            raise ExpressionError(f"`{sign}` is missing {where}", token.offset if token else self._end)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(f"`{text[at]}` means nothing there", at)
        yield _Token(str(found.lastgroup), found[0], at)
        at = found.end()
