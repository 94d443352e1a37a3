"""Tells whether a text is a condition of Travis's first conditions language, which `conditions: v0` asks for.

Only that: whichever version a file asks for, Travis judges its conditions by version 1.
https://docs.travis-ci.com/user/conditions-v0/
"""

import re
from collections.abc import Callable

from understudy.dialects.travis.conditions.errors import ConditionError
from understudy.dialects.travis.conditions.parser import DEEPEST, LONGEST

_ATTRIBUTES = ("type", "fork", "repo", "head_repo", "branch", "head_branch", "tag", "draft", "sender", "env")


def _words(*words: str) -> str:
    """Each in small letters or in capitals, nothing in between."""
    return "|".join(form for word in words for form in (word, word.upper()))


_NEGATION = re.compile(rf"(?:{_words('not')})?\s+", re.ASCII)
_OPEN, _CLOSE = re.compile(r"\(\s*", re.ASCII), re.compile(r"\s*\)", re.ASCII)
_AND, _OR = (re.compile(rf"\s*(?:{_words(word)})\s*", re.ASCII) for word in ("and", "or"))
_LEFT = rf"(?:(?:{_words('env')})\(\s*[\w-]+\s*\)|{_words(*_ATTRIBUTES)})\s*"
_VALUE = r"""(?:[^\s"'(),]+|"[^"]*"|'[^']*')"""
_TERMS = tuple(
    re.compile(_LEFT + rest, re.ASCII)
    for rest in (
        rf"(?:{_words('in')})\s*\(\s*{_VALUE}(?:,\s*{_VALUE})*\s*\)",
        rf"(?:{_words('is')})\s*(?:{_words('present', 'blank')})",
        r"(?:=~|!~)\s*(?:/[^/]*/|\S+)",
        rf"(?:=|!=)\s*{_VALUE}",
    )
)


def check(text: str) -> None:
    """Raises ConditionError, with the offset, where `text` is no condition of version 0."""
    if len(text) > LONGEST:
        raise ConditionError(f"a condition of more than {LONGEST:,} characters is not read", ours=True)
    reader = _Reader(text)
    end = reader.either(0)
    if end != len(text):
        raise ConditionError("this is no condition of version 0", reader.furthest)


class _Reader:
    """Each method takes where to begin, and gives where the piece ends, None where there is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.furthest = 0
        self.depth = 0

    def either(self, at: int) -> int | None:
        return self._chain(at, self._all, _OR)

    def _all(self, at: int) -> int | None:
        return self._chain(at, self._part, _AND)

    def _chain(self, at: int, piece: Callable[[int], int | None], between: re.Pattern[str]) -> int | None:
        end = piece(at)
        while end is not None and (joint := self._skip(between, end)) is not None:
            further = piece(joint)
            if further is None:
                break
            end = further
        return end

    def _part(self, at: int) -> int | None:
        negated = self._skip(_NEGATION, at)
        found = None if negated is None else self._term(negated)
        return self._term(at) if found is None else found

    def _term(self, at: int) -> int | None:
        opened = self._skip(_OPEN, at)
        if opened is not None:
            return self._nested(opened)
        return next((end for term in _TERMS if (end := self._skip(term, at)) is not None), None)

    def _nested(self, at: int) -> int | None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ConditionError(f"more than {DEEPEST} levels inside one another are not read", at, ours=True)
        inner = self.either(at)
        self.depth -= 1
        return None if inner is None else self._skip(_CLOSE, inner)

    def _skip(self, pattern: re.Pattern[str], at: int) -> int | None:
        found = pattern.match(self.text, at)
        if found is None:
            return None
        self.furthest = max(self.furthest, found.end())
        return found.end()
