"""Cuts an expression into tokens, one at a time: what a dot begins depends on what stands before it."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from understudy.dialects.github.expression.errors import ExpressionError, Phase
from understudy.dialects.github.expression.nodes import LiteralValue
from understudy.dialects.github.expression.numbers import SPACE, parse_number

_SPACE = re.compile(f"[{SPACE}]*")
_STRING = re.compile(r"'((?:[^']|'')*)(')?")
_SIGN = re.compile(r"==|!=|<=|>=|&&|\|\||[!<>()\[\],*]")
_NUMBER = re.compile(rf"[-+.0-9][^{SPACE}()\[\],!<>=&|]*")
_OTHER = re.compile(rf".[^{SPACE}()\[\],!<>=&|.]*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LITERALS: dict[str, LiteralValue] = {
    "null": None,
    "true": True,
    "false": False,
    "NaN": math.nan,
    "Infinity": math.inf,
}


class Kind(StrEnum):
    """What a token is; of signs, `text` says which."""

    LITERAL = "literal"
    NAME = "name"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `text` as written; `value` that of a literal."""

    kind: Kind
    text: str
    offset: int
    value: LiteralValue = None


class Lexer:
    """The tokens of one expression, from the left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at = 0

    def next(self, *, operand: bool, property_name: bool = False) -> Token:
        """The next token; the last is of kind END.

        `operand`: here a value may begin, so that `.5` is a number. `property_name`: it follows a dot, where `true` is
        a name like any other. Raises ExpressionError in phase `lexing`.
        """
        self._at = _match(_SPACE, self.text, self._at).end()
        offset = self._at
        first = self.text[offset : offset + 1]
        if not first:
            return Token(Kind.END, "", offset)
        if first == "'":
            return self._string(offset)
        if first == "." and not operand:
            return self._take(Kind.SIGN, ".", offset)
        if first in "+-.0123456789":
            return self._number(offset)
        if sign := _SIGN.match(self.text, offset):
            return self._take(Kind.SIGN, sign[0], offset)
        return self._word(offset, property_name=property_name)

    def opens_call(self) -> bool:
        """Whether the next thing is a bracket, which makes a function of the name before it."""
        return self.text.startswith("(", _match(_SPACE, self.text, self._at).end())

    def _take(self, kind: Kind, text: str, offset: int, value: LiteralValue = None) -> Token:
        self._at = offset + len(text)
        return Token(kind, text, offset, value)

    def _string(self, offset: int) -> Token:
        found = _match(_STRING, self.text, offset)
        if not found[2]:
            raise unexpected("lexing", found[0], offset, self.text)
        return self._take(Kind.LITERAL, found[0], offset, found[1].replace("''", "'"))

    def _number(self, offset: int) -> Token:
        text = _match(_NUMBER, self.text, offset)[0]
        value = parse_number(text)
        if math.isnan(value):
            raise unexpected("lexing", text, offset, self.text)
        return self._take(Kind.LITERAL, text, offset, value)

    def _word(self, offset: int, *, property_name: bool) -> Token:
        text = _match(_OTHER, self.text, offset)[0]
        if not _NAME.fullmatch(text):
            raise unexpected("lexing", text, offset, self.text)
        if text in _LITERALS and not property_name:
            return self._take(Kind.LITERAL, text, offset, _LITERALS[text])
        return self._take(Kind.NAME, text, offset)


def _match(pattern: re.Pattern[str], text: str, offset: int) -> re.Match[str]:
    """The match of a pattern that fits anything that can stand there."""
    found = pattern.match(text, offset)
    assert found is not None
    return found


def located(phase: Phase, what: str, token: str, offset: int, text: str) -> ExpressionError:
    """The error `what` about `token`, worded with its place as GitHub does."""
    message = f"{what}: '{token}'. Located at position {offset + 1} within expression: {text}"
    return ExpressionError(phase, message, offset)


def unexpected(phase: Phase, token: str, offset: int, text: str) -> ExpressionError:
    """The error about a symbol that can't stand where it does."""
    return located(phase, "Unexpected symbol", token, offset, text)
