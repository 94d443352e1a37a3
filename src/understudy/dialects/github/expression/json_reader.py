"""JSON as `fromJSON` reads it: more forgiving than the standard, as GitHub's own reader is.

Texts may stand in single quotes and hold line ends, names of properties may go without, a comma may follow the last
element, there may be comments, and what follows the value is not looked at.
See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#fromjson.
"""

import math
import re

from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.values import Array, Object, Value, fold

_SPACE = re.compile(r"(?:\s|/\*.*?\*/|//[^\r\n]*)*", re.DOTALL)
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", '"': '"', "'": "'", "/": "/"}
_WORD = re.compile(r"[^\s,\[\]{}()/:\"']+")
_NAME = re.compile(r"[\w$]+")
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_OCTAL = re.compile(r"-?0[0-7]{1,21}")
_HEXADECIMAL = re.compile(r"-?0[xX][0-9a-fA-F]{1,16}")
_WORDS: dict[str, Value] = {
    "null": None,
    "undefined": None,
    "true": True,
    "false": False,
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}
_MAX_DEPTH = 64


def read_json(text: str) -> Value:
    """The value that `text` says. Raises ExpressionError, telling line and position."""
    return _Reader(text).value(0)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self, depth: int) -> Value:
        sign = self._peek()
        if sign in ("[", "{"):
            if depth == _MAX_DEPTH:
                raise self._error(f"The reader's MaxDepth of {_MAX_DEPTH} has been exceeded.")
            self._at += 1
            return self._array(depth + 1) if sign == "[" else self._object(depth + 1)
        return self._string() if sign in ('"', "'") else self._word()

    def _array(self, depth: int) -> Array:
        items: list[Value] = []
        while self._peek() != "]":
            items.append(self.value(depth))
            self._separator("]")
        self._at += 1
        return Array(tuple(items))

    def _object(self, depth: int) -> Object:
        entries: dict[str, Value] = {}
        spelled: dict[str, str] = {}
        while self._peek() != "}":
            name = self._name()
            if self._peek() != ":":
                raise self._error("Invalid character after parsing property name. Expected ':'.")
            self._at += 1
            value = self.value(depth)
            if spelled.setdefault(fold(name), name) != name:
                raise self._error(f"An item with the same key has already been added. Key: {name}.")
            entries[name] = value
            self._separator("}")
        self._at += 1
        return Object(entries)

    def _separator(self, end: str) -> None:
        sign = self._peek()
        if sign == ",":
            self._at += 1
        elif sign != end:
            raise self._error("After parsing a value an unexpected character was encountered.")

    def _name(self) -> str:
        if self._peek() in ('"', "'"):
            return self._string()
        return self._take(_NAME, "Invalid property identifier character.")[0]

    def _string(self) -> str:
        found = self._take(_STRING, "Unterminated string.")
        text = _ESCAPE.sub(self._unescaped, found[2] if found[1] is None else found[1])
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if "\\u" in found[0] else text

    def _unescaped(self, found: re.Match[str]) -> str:
        code = found[1]
        if len(code) > 1:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise self._error(f"Bad JSON escape sequence: {found[0]}.")
        return _ESCAPES[code]

    def _word(self) -> Value:
        word = self._take(_WORD, "Unexpected character encountered while parsing value.")[0]
        if word in _WORDS:
            return _WORDS[word]
        if _OCTAL.fullmatch(word):
            return float(int(word, 8))
        if _HEXADECIMAL.fullmatch(word):
            return float(int(word, 16))
        if _NUMBER.fullmatch(word):
            return float(word)
        self._at -= len(word)
        raise self._error(f"Unexpected value `{word[:40]}`.")

    def _take(self, pattern: re.Pattern[str], otherwise: str) -> re.Match[str]:
        self._peek()
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self._error(otherwise)
        self._at = found.end()
        return found

    def _peek(self) -> str:
        """The next character that is neither space nor comment. Raises ExpressionError at the end."""
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        if self._at >= len(self._text):
            raise self._error("Unexpected end of content.")
        return self._text[self._at]

    def _error(self, message: str) -> ExpressionError:
        before = self._text[: self._at]
        line, position = before.count("\n") + 1, len(before) - before.rfind("\n")
        return ExpressionError("evaluation", f"Error parsing fromJson: {message} Line {line}, position {position}.")
