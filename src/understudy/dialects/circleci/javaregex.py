"""Java regular expressions, which CircleCI's filters and `matches` are written in, on Python's `re`."""

import re
import warnings
from functools import lru_cache

from understudy.dialects.base import EvaluationError
from understudy.text import patterns

_POSIX = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": r"\t-\r ",
    "IsAlphabetic": "a-zA-Z",
    "IsDigit": "0-9",
    "IsLowercase": "a-z",
    "IsUppercase": "A-Z",
    "L": "a-zA-Z",
    "Lu": "A-Z",
    "Ll": "a-z",
    "N": "0-9",
    "Nd": "0-9",
}
"""Java's names of character sets. Beyond ASCII they are not reproduced: names of branches and tags hardly leave it."""

_SETS = {"h": r" \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000", "v": r"\n-\r\x85\u2028\u2029"}
_SAME = frozenset("dDwWsSbBAnrtfa")
_CONTROL = {"e": r"\x1b", "z": r"\Z", "Z": r"(?=\n?\Z)", "R": r"(?:\r\n|[\n-\r\x85\u2028\u2029])"}
_QUANTIFIER = re.compile(r"\{\d+(?:,\d*)?\}")
_FLAGS = re.compile(r"\(\?([idmsuxU]*)(?:-([idmsuxU]*))?([:)])")
_GROUP_NAME = re.compile(r"\(\?<([A-Za-z][A-Za-z0-9]*)>")
_PLAIN_GROUP = re.compile(r"\((?!\?)|\(\?(?:[:=!>]|<[=!])")
_KEPT_FLAGS = "imsx"


class _Translator:
    """Walks a Java pattern once and writes the same one for Python.

    `open_flags` holds, for each open group, the scoped flag groups that stand for Java's flags in mid-pattern.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.out: list[str] = []
        self.open_flags: list[list[str]] = [[]]

    def translate(self) -> str:
        while self.at < len(self.pattern):
            self._one()
        self.out.append(")" * len(self.open_flags[0]))
        return "".join(self.out)

    def _one(self) -> None:
        char = self.pattern[self.at]
        if char == "\\":
            self.out.append(self._escape(inside=False))
        elif char == "[":
            self.out.append(self._class())
        elif char == "(":
            self._group()
        elif char == ")":
            self._close()
        elif char == "|":
            flags = self.open_flags[-1]
            self.out.append(")" * len(flags) + "|" + "".join(flags))
            self.at += 1
        elif char == "{":
            self._quantifier()
        else:
            self.out.append(char)
            self.at += 1

    def _quantifier(self) -> None:
        found = _QUANTIFIER.match(self.pattern, self.at)
        if not found:
            raise self._wrong("`{` begins no repetition")
        self.out.append(found.group())
        self.at = found.end()

    def _group(self) -> None:
        if named := _GROUP_NAME.match(self.pattern, self.at):
            self.out.append(f"(?P<{named.group(1)}>")
            self.at = named.end()
        elif (flags := _FLAGS.match(self.pattern, self.at)) and flags.group() != "(?:":
            self._flags(flags)
            return
        elif plain := _PLAIN_GROUP.match(self.pattern, self.at):
            self.out.append(plain.group())
            self.at = plain.end()
        else:
            raise self._wrong("`(?` begins no group")
        self.open_flags.append([])

    def _flags(self, found: re.Match[str]) -> None:
        if "U" in found.group():
            raise self._wrong("the flag `U` is not reproduced here")
        on = "".join(sorted(set(found.group(1)) & set(_KEPT_FLAGS)))
        off = "".join(sorted(set(found.group(2) or "") & set(_KEPT_FLAGS)))
        group = f"(?{on}-{off}:" if off else f"(?{on}:"
        self.out.append(group)
        self.at = found.end()
        if found.group(3) == ":":
            self.open_flags.append([])
        else:
            self.open_flags[-1].append(group)

    def _close(self) -> None:
        if len(self.open_flags) == 1:
            raise self._wrong("a `)` too many")
        self.out.append(")" * (len(self.open_flags.pop()) + 1))
        self.at += 1

    def _class(self) -> str:
        start = self.at
        self.at += 1
        parts = ["["]
        if self.pattern.startswith("^", self.at):
            parts.append("^")
            self.at += 1
        first = True
        while self.at < len(self.pattern):
            char = self.pattern[self.at]
            if char == "]" and not first:
                self.at += 1
                return "".join([*parts, "]"])
            parts.append(self._in_class(char))
            first = False
        self.at = start
        raise self._wrong("a `[` is never closed")

    def _in_class(self, char: str) -> str:
        if char == "\\":
            return self._escape(inside=True)
        if char == "[":
            raise self._wrong("a set inside a set is not reproduced here")
        if self.pattern.startswith("&&", self.at):
            raise self._wrong("`&&` in a set is not reproduced here")
        self.at += 1
        return "\\" + char if char in "]~|&" else char

    def _escape(self, *, inside: bool) -> str:
        rest = self.pattern[self.at + 1 :]
        if not rest:
            raise self._wrong("it ends with a lone `\\`")
        char = rest[0]
        if char == "Q":
            return self._quoted()
        if char in "pP":
            return self._property(negated=char == "P", inside=inside)
        if char in "xu0ck":
            return self._coded(char, rest)
        self.at += 2
        return self._letter(char, inside=inside)

    def _letter(self, char: str, *, inside: bool) -> str:
        if char in _SETS:
            return _SETS[char] if inside else f"[{_SETS[char]}]"
        if char in "HV" and not inside:
            return f"[^{_SETS[char.lower()]}]"
        if char == "e" or (char in _CONTROL and not inside):
            return _CONTROL[char]
        if char in _SAME or not (char.isascii() and char.isalpha()):
            return "\\" + char
        raise self._wrong(f"`\\{char}` is not reproduced here")

    def _quoted(self) -> str:
        end = self.pattern.find("\\E", self.at + 2)
        stop = len(self.pattern) if end < 0 else end
        text = self.pattern[self.at + 2 : stop]
        self.at = stop if end < 0 else end + 2
        return re.escape(text)

    def _property(self, *, negated: bool, inside: bool) -> str:
        found = re.compile(r"\\[pP](?:\{(\w+)\}|(\w))").match(self.pattern, self.at)
        name = (found.group(1) or found.group(2)) if found else ""
        if found is None or name not in _POSIX or (negated and inside):
            raise self._wrong(f"`{self.pattern[self.at : self.at + 12]}` is not reproduced here")
        self.at = found.end()
        if inside:
            return _POSIX[name]
        return f"[^{_POSIX[name]}]" if negated else f"[{_POSIX[name]}]"

    def _coded(self, char: str, rest: str) -> str:
        if char == "k":
            named = re.match(r"k<([A-Za-z][A-Za-z0-9]*)>", rest)
            if not named:
                raise self._wrong("`\\k` names no group")
            self.at += 1 + named.end()
            return f"(?P={named.group(1)})"
        forms = {"x": r"x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))", "u": "u([0-9a-fA-F]{4})", "0": "0([0-3]?[0-7]{1,2})"}
        found = re.match(forms.get(char, "c(.)"), rest, re.DOTALL)
        if not found:
            raise self._wrong(f"`\\{char}` names no character")
        self.at += 1 + found.end()
        digits = next(group for group in found.groups() if group is not None)
        code = ord(digits) ^ 64 if char == "c" else int(digits, 8 if char == "0" else 16)
        if code > 0x10FFFF:
            raise self._wrong(f"`{found.group()}` is no character")
        return re.escape(chr(code))

    def _wrong(self, why: str) -> EvaluationError:
        return EvaluationError(f"the pattern `{self.pattern}` can't be used: {why} (at character {self.at + 1})")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """A Java `pattern` as one of Python's, to be used with `fullmatch`.

    Character sets are ASCII, as Java's are. Raises EvaluationError for what is no pattern in Java or has no equal here.
    See https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html.
    """
    if len(pattern) > patterns.LONGEST:
        raise EvaluationError(f"the pattern `{pattern[:40]}…` can't be used: it is longer than {patterns.LONGEST:,}")
    translated = _Translator(pattern).translate()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise EvaluationError(f"the pattern `{pattern}` can't be used: {error}") from None


def matches_whole(pattern: str, value: str) -> bool:
    """Whether the Java `pattern` matches the whole of `value`, as CircleCI asks. Raises EvaluationError."""
    try:
        return patterns.matches(compiled(pattern), value, whole=True)
    except patterns.TooSlow as slow:
        raise EvaluationError(f"the pattern `{pattern}` can't be used: {slow}") from None


def problem(pattern: str) -> str | None:
    """Why `pattern` can't be used, None when it can: for readers, who report it with its position."""
    try:
        compiled(pattern)
    except EvaluationError as error:
        return error.message
    return None
