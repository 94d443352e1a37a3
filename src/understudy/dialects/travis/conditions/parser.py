"""Reads Travis's conditions, version 1, quirks included: what the service accepts is accepted, and read the same way.

https://docs.travis-ci.com/user/conditions-v1/
"""

import re
from functools import lru_cache

from understudy.dialects.travis.conditions.errors import ConditionError
from understudy.dialects.travis.conditions.nodes import (
    Among,
    And,
    Call,
    Equal,
    Is,
    Match,
    Not,
    Operand,
    Or,
    Predicate,
    Tree,
    Variable,
    Word,
)
from understudy.dialects.travis.conditions.patterntext import pattern_text, unslashed
from understudy.dialects.travis.conditions.scanner import Scanner

VARIABLES = (
    *("type", "repo", "head_repo", "os", "dist", "group", "sudo", "language", "sender", "fork", "draft"),
    *("branch", "head_branch", "tag", "commit_message"),
)
"""https://docs.travis-ci.com/user/conditions-v1/#attributes"""
LONGEST = 100_000
"""Characters of a condition."""
DEEPEST = 50
"""Parentheses, negations and calls inside one another."""

_VARIABLE = re.compile("|".join(VARIABLES))
_AFTER_VARIABLE = re.compile(r"[\s,=)|]|\Z", re.ASCII)
_FUNCTION = re.compile(r"env|concat", re.IGNORECASE | re.ASCII)
_AND = re.compile(r"and|&&", re.IGNORECASE | re.ASCII)
_OR = re.compile(r"or|\|\|", re.IGNORECASE | re.ASCII)
_NOT = re.compile(r"not|!", re.IGNORECASE | re.ASCII)
_IN = re.compile(r"in|not in", re.IGNORECASE | re.ASCII)
_IS = re.compile(r"is not|is", re.IGNORECASE | re.ASCII)
_PREDICATE = re.compile(r"present|blank|true|false", re.IGNORECASE | re.ASCII)
_EQUAL = re.compile(r"==|=|!=")
_MATCH = re.compile(r"=~|~=|!~")
_WORD = re.compile(r"""[^ \t\r\n\f\v()"',=!]+""")
_QUOTE = re.compile(r"[\"']")
_UP_TO_QUOTE = {"'": re.compile(r"[^']*"), '"': re.compile(r'[^"]*')}
_OPEN, _CLOSE, _COMMA = re.compile(r"\("), re.compile(r"\)"), re.compile(",")


@lru_cache(maxsize=1024)
def parse(text: str) -> Tree:
    """Reads a condition. Raises ConditionError with the offset, and nothing else, for what Travis does not accept."""
    if len(text) > LONGEST:
        raise ConditionError(f"a condition of more than {LONGEST:,} characters is not read", ours=True)
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.scan = Scanner(text)
        self.depth = 0

    def whole(self) -> Tree:
        tree = self._either()
        if not self.scan.ended:
            raise self.scan.error("`AND`, `OR` or the end of the condition is expected")
        return tree

    def _either(self) -> Tree:
        self.scan.skip_space()
        at = self.scan.offset()
        parts = [self._all()]
        while self.scan.take_spaced(_OR):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts), at)

    def _all(self) -> Tree:
        self.scan.skip_space()
        at = self.scan.offset()
        parts = [self._part()]
        while self.scan.take_spaced(_AND):
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else And(tuple(parts), at)

    def _part(self) -> Tree:
        if self._opened():
            self._deeper()
            inner = self._either()
            self._closed()
            return inner
        at = self.scan.offset()
        if self.scan.take_spaced(_NOT):
            self._deeper()
            negated = Not(self._part(), at)
            self.depth -= 1
            return negated
        return self._term()

    def _opened(self) -> bool:
        return self.scan.take_spaced(_OPEN) is not None

    def _closed(self) -> None:
        self.scan.skip_space()
        if self.scan.take(_CLOSE) is None:
            raise self.scan.error("`)` is expected")
        self.depth -= 1

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ConditionError(
                f"more than {DEEPEST} levels inside one another are not read", self.scan.offset(), ours=True
            )

    def _term(self) -> Tree:
        self.scan.skip_space()
        at = self.scan.offset()
        left = self._operand()
        if word := self.scan.take_spaced(_IN):
            return Among(left, self._choices(), negated=word.lower() != "in", at=at)
        # An `IS` that no predicate follows has been read all the same, and is lost: `a is = b` is read as `a = b`.
        if (word := self.scan.take_spaced(_IS)) and (predicate := self.scan.take_spaced(_PREDICATE)):
            return Is(left, Predicate(predicate.lower()), negated=word.lower() != "is", at=at)
        if sign := self.scan.take_spaced(_MATCH):
            return Match(left, self._pattern(), negated=sign == "!~", at=at)
        if sign := self.scan.take_spaced(_EQUAL):
            return Equal(left, self._operand(), negated=sign == "!=", at=at)
        return left

    def _operand(self) -> Operand:
        self.scan.skip_space()
        found = self._one()
        if found is None:
            raise self.scan.error("a variable, a text or a function is expected")
        self.scan.skip_space()
        return found

    def _one(self) -> Operand | None:
        return self._variable() or self._call() or self._word()

    def _variable(self) -> Variable | None:
        start = self.scan.at
        name = self.scan.take(_VARIABLE)
        if name and _AFTER_VARIABLE.match(self.scan.text, self.scan.at):
            return Variable(name, self.scan.offset(start))
        self.scan.at = start
        return None

    def _call(self) -> Call | None:
        """A call. The name of a function that no `(` follows has been read all the same, and is lost, as on Travis."""
        self.scan.skip_space()
        at = self.scan.offset()
        name = self.scan.take_spaced(_FUNCTION)
        if name is None or not self._opened():
            return None
        self._deeper()
        arguments = self._list()
        self._closed()
        return Call(name.lower(), arguments, at)

    def _word(self) -> Word | None:
        at = self.scan.at
        if quote := self.scan.take(_QUOTE):
            text = self.scan.take(_UP_TO_QUOTE[quote]) or ""
            if self.scan.take(_QUOTE) is None:
                raise self.scan.error(f"the text is never closed, `{quote}` is expected", at)
            return Word(text, self.scan.offset(at))
        self.scan.skip_space()
        at = self.scan.at
        word = self.scan.take_spaced(_WORD)
        if word and word.startswith("$"):
            hint = 'shell code means nothing here; a variable is `env("NAME")`, and other text with `$` needs quotes'
            raise self.scan.error(hint, at)
        return Word(word, self.scan.offset(at)) if word else None

    def _choices(self) -> tuple[Operand, ...] | None:
        if not self._opened():
            return None
        self._deeper()
        choices = self._list()
        if not choices:
            raise self.scan.error("a list of values is expected")
        self._closed()
        return choices

    def _list(self) -> tuple[Operand, ...]:
        """The items up to what is none. Travis passes over as many further commas as there are items."""
        found: list[Operand] = []
        while item := self._one():
            found.append(item)
            if self.scan.take_spaced(_COMMA) is None:
                break
        for _ in found:
            self.scan.take(_COMMA)
        return tuple(found)

    def _pattern(self) -> Word | Call | None:
        if call := self._call():
            return call
        self.scan.skip_space()
        at = self.scan.at
        text = pattern_text(self.scan.rest)
        if text is None:
            return None
        self.scan.at += _counted(text, self.scan)
        return Word(unslashed(text), self.scan.offset(at))


def _counted(text: str, scan: Scanner) -> int:
    """How many characters of what is left Travis takes `text` for: it counts characters, and goes on by bytes."""
    if text.isascii():
        return len(text)
    try:
        return len(scan.rest.encode()[: len(text)].decode())
    except UnicodeError:
        raise scan.error("a pattern with letters beyond ASCII can't be read; compare with `=`, or use `.`") from None
