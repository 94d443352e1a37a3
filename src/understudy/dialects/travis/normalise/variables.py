"""Variables in one line of `env`, as Travis takes them apart: `FOO=foo BAR="b a r"`.

https://docs.travis-ci.com/user/environment-variables/#defining-multiple-variables-per-item
"""

import re

Pairs = tuple[tuple[str, str], ...]

_BLANKS = " \t\r\n\f\v"
_NAME = re.compile(r"[^\s=]+", re.ASCII)
_LETTER = re.compile(r"\\.|(?!\s|\"|'|`|\$\{|\$\().", re.ASCII)
_SPACE = re.compile(r"\s+", re.ASCII)
_OPEN = re.compile(r"\$[({]")
_CLOSE = {"$(": ")", "${": "}"}
_UNQUOTED = re.compile(r'[^"\\]+')
_DEEPEST = 50


class VariableError(Exception):
    """A line can't be taken apart: a quote isn't closed."""


def variables(line: str) -> Pairs:
    """The names and values in `line`, quotes kept. Raises VariableError."""
    return _Scanner(line.strip(_BLANKS)).pairs()


class _Scanner:
    """Reads from the left; `_quotes` are those that are open."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._quotes: list[str] = []
        self._depth = 0

    def pairs(self) -> Pairs:
        if not self._text:
            return ()
        found: list[tuple[str, str]] = []
        while True:
            pair = self.pair()
            if pair is not None:
                found.append(pair)
            if not self._take(_SPACE):
                break
        if self._at < len(self._text):
            raise VariableError
        return tuple(found)

    def pair(self) -> tuple[str, str] | None:
        """`NAME=value`, the whole of it in double quotes, or a word alone."""
        whole = self._double_quoted()
        if whole is not None:
            return _Scanner((_Scanner(whole).unquoted() or "").strip(_BLANKS)).pair()
        name = self._take(_NAME)
        if not name:
            return None
        return name, self._joined(spaces=False) if self._eat("=") else ""

    def unquoted(self) -> str | None:
        """What stands between double quotes; quotes within lose the backslashes that they have for those around."""
        level = len(self._quotes)
        quote = "\\\\" * level + '"'
        if level >= _DEEPEST or not self._eat(quote):
            return None
        self._quotes.append(quote)
        inner = self._unescaped() + (self.unquoted() or "") + self._unescaped()
        self._quotes.pop()
        self._need(quote)
        mark = "\\" * level + '"' if level else ""
        return mark + inner + mark

    def _unescaped(self) -> str:
        level = len(self._quotes)
        escaped, bare = "\\" * (2 * level - 1) + '"', "\\" * (level - 1) + self._quotes[-1]
        parts: list[str] = []
        while part := self._take(_UNQUOTED) or (bare if self._eat(escaped) else ""):
            parts.append(part)
        return "".join(parts)

    def _joined(self, *, spaces: bool) -> str:
        parts: list[str] = []
        while part := self._value() or (self._take(_SPACE) if spaces else ""):
            parts.append(part)
        return "".join(parts)

    def _value(self) -> str:
        return self._parenthesis() or self._quoted() or self._word()

    def _parenthesis(self) -> str:
        opened = self._take(_OPEN)
        if not opened:
            return ""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise VariableError
        inner = self._joined(spaces=True)
        self._depth -= 1
        return opened + inner + self._eat(_CLOSE[opened])

    def _quoted(self) -> str:
        double = self._double_quoted()
        return double if double is not None else self._plainly_quoted("'") or self._plainly_quoted("`")

    def _plainly_quoted(self, quote: str) -> str:
        if not self._eat(quote):
            return ""
        inner = self._take(re.compile(f"[^{quote}]*"))
        self._need(quote)
        return quote + inner + quote

    def _double_quoted(self) -> str | None:
        """In double quotes; those within are escaped once more at each level."""
        quote = "\\\\" * len(self._quotes) + '"'
        if not self._eat(quote):
            return None
        if len(self._quotes) >= _DEEPEST:
            raise VariableError
        self._quotes.append(quote)
        inner = self._inside() + self._joined(spaces=True) + self._inside()
        self._quotes.pop()
        self._need(quote)
        return quote + inner + quote

    def _inside(self) -> str:
        escaped = "\\" * (2 * len(self._quotes) - 1) + '"'
        parts: list[str] = []
        while part := self._take(_UNQUOTED) or self._eat(escaped):
            parts.append(part)
        return "".join(parts)

    def _word(self) -> str:
        letters: list[str] = []
        while not (self._quotes and self._text.startswith(self._quotes[-1], self._at)):
            letter = self._take(_LETTER)
            if not letter:
                break
            letters.append(letter)
        return "".join(letters)

    def _take(self, shape: re.Pattern[str]) -> str:
        found = shape.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _eat(self, literal: str) -> str:
        if not self._text.startswith(literal, self._at):
            return ""
        self._at += len(literal)
        return literal

    def _need(self, literal: str) -> None:
        if not self._eat(literal):
            raise VariableError
