"""Writes a regular expression of Ruby's as one of Python's `re`: where both mean the same, it stays as it is."""

import re

_POSIX = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "ascii": r"\x00-\x7f",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t-\r ",
    "upper": "A-Z",
    "word": "a-zA-Z0-9_",
    "xdigit": "0-9a-fA-F",
}
"""Names of sets of characters. Beyond ASCII they are not reproduced: what conditions compare hardly leaves it."""
_SHORT = {"l": "alpha", "lu": "upper", "ll": "lower", "n": "digit", "nd": "digit"}

_SAME = frozenset("dDwWsSbBAnrtfav")
_OUTSIDE = {
    "z": r"\Z",
    "Z": r"(?=\n?\Z)",
    "h": "[0-9a-fA-F]",
    "H": "[^0-9a-fA-F]",
    "R": r"(?:\r\n|[\n-\r\x85\u2028\u2029])",
    "e": r"\x1b",
    "K": "",  # only moves where the match is said to begin
}
_INSIDE = {"h": "0-9a-fA-F", "e": r"\x1b", "R": "R", "z": "z", "Z": "Z", "A": "A", "B": "B", "K": "K"}
_NAMED = re.compile(r"\(\?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')")
_FLAGS = re.compile(r"\(\?([mix]*)(?:-([mix]*))?([:)])")
_COMMENT = re.compile(r"\(\?#[^)]*\)")
_GROUP = re.compile(r"\((?!\?)|\(\?(?:[:=!>]|<[=!])")
_COUNT = re.compile(r"\{(?:\d+(?:,\d*)?|,\d+)\}")
_CODES = {
    "x": re.compile(r"\\x([0-9a-fA-F]{1,2})"),
    "u": re.compile(r"\\u(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}))"),
    "0": re.compile(r"\\0([0-7]{0,2})"),
    "c": re.compile(r"\\c([\x20-\x7e])"),
}
_BACK = re.compile(r"\\(?:k<([A-Za-z_]\w*|\d+)>|k'([A-Za-z_]\w*|\d+)'|([1-9]\d*))")
_PROPERTY = re.compile(r"\\([pP])\{(\^?)(\w+)\}")
_POSIX_SET = re.compile(r"\[:(\^?)(\w+):\]")


class NoPattern(Exception):  # noqa: N818 - a verdict on a pattern
    """A pattern is none in Ruby."""


class NoEqual(Exception):  # noqa: N818 - a verdict on a pattern
    """A pattern uses what is not reproduced here."""


def translated(pattern: str) -> str:
    """`pattern` for Python's `re`, with the flags ASCII and MULTILINE. Raises NoPattern and NoEqual."""
    return _Translator(pattern).whole()


class _Translator:
    """Walks the pattern once. `open_flags`: for each open group, how many groups stand for flags set inside of it."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.out: list[str] = []
        self.open_flags = [0]

    def whole(self) -> str:
        while self.at < len(self.pattern):
            self._piece()
        if len(self.open_flags) > 1:
            raise NoPattern("a `(` is never closed")
        return "".join(self.out) + ")" * self.open_flags[0]

    def _piece(self) -> None:
        char = self.pattern[self.at]
        if char == "\\":
            self.out.append(self._escape(inside=False))
        elif char == "[":
            self.out.append(self._set())
        elif char == "(":
            self._group()
        elif char == ")":
            self._close()
        elif char == "*" and self.out[-1:] == ["*"]:
            self.at += 1  # Ruby takes `a**` for `a*`
        elif counted := _COUNT.match(self.pattern, self.at):
            self._counted(counted)
        else:
            self.out.append("\\{" if char == "{" else char)
            self.at += 1

    def _counted(self, found: re.Match[str]) -> None:
        self.out.append(found.group())
        self.at = found.end()
        if self.pattern.startswith("+", self.at):
            raise NoEqual(f"the `+` after `{found.group()}` has no equal here")

    def _group(self) -> None:
        if comment := _COMMENT.match(self.pattern, self.at):
            self.at = comment.end()
            return
        if named := _NAMED.match(self.pattern, self.at):
            self.out.append(f"(?P<{named[1] or named[2]}>")
            self.at = named.end()
        elif flags := _FLAGS.match(self.pattern, self.at):
            self._flags(flags)
            return
        elif plain := _GROUP.match(self.pattern, self.at):
            self.out.append(plain.group())
            self.at = plain.end()
        elif self.pattern.startswith("(?~", self.at):
            raise NoEqual("what is absent (`(?~`) can't be said")
        else:
            raise NoPattern(f"`{self.pattern[self.at : self.at + 4]}` begins no group")
        self.open_flags.append(0)

    def _flags(self, found: re.Match[str]) -> None:
        on, off = (_python_flags(found[group]) for group in (1, 2))
        self.out.append(f"(?{on}-{off}:" if off else f"(?{on}:")
        self.at = found.end()
        if found[3] == ":":
            self.open_flags.append(0)
        else:
            self.open_flags[-1] += 1  # up to the end of the group around it, over any `|`

    def _close(self) -> None:
        if len(self.open_flags) == 1:
            raise NoPattern("a `)` too many")
        self.out.append(")" * (self.open_flags.pop() + 1))
        self.at += 1

    def _set(self) -> str:
        parts = ["["]
        self.at += 1
        if self.pattern.startswith("^", self.at):
            parts.append("^")
            self.at += 1
        first = True
        while self.at < len(self.pattern):
            char = self.pattern[self.at]
            if char == "]" and not first:
                self.at += 1
                return "".join([*parts, "]"])
            parts.append(self._in_set(char))
            first = False
        raise NoPattern("a `[` is never closed")

    def _in_set(self, char: str) -> str:
        if char == "\\":
            return self._escape(inside=True)
        if posix := _POSIX_SET.match(self.pattern, self.at):
            self.at = posix.end()
            return _members(posix[2], negated=bool(posix[1]))
        if char == "[" or self.pattern.startswith("&&", self.at):
            raise NoEqual("sets inside sets, and `&&` in a set, have no equal here")
        self.at += 1
        return "\\" + char if char in "]~|&" else char

    def _escape(self, *, inside: bool) -> str:
        if self.at + 1 >= len(self.pattern):
            raise NoPattern("it ends with a lone `\\`")
        char = self.pattern[self.at + 1]
        if found := _PROPERTY.match(self.pattern, self.at):
            return self._property(found, inside=inside)
        if char in _CODES:
            return self._coded(char)
        if not inside and (back := _BACK.match(self.pattern, self.at)):
            self.at = back.end()
            name = back[1] or back[2] or back[3]
            return f"(?:\\{name})" if name.isdigit() else f"(?P={name})"
        self.at += 2
        return _letter(char, inside=inside)

    def _property(self, found: re.Match[str], *, inside: bool) -> str:
        self.at = found.end()
        negated = (found[1] == "P") != bool(found[2])
        members = _members(found[3], negated=inside and negated)
        if inside:
            return members
        return f"[^{members}]" if negated else f"[{members}]"

    def _coded(self, char: str) -> str:
        found = _CODES[char].match(self.pattern, self.at)
        if found is None:
            raise NoPattern(f"`\\{char}` names no character")
        self.at = found.end()
        digits = next((group for group in found.groups() if group is not None), "")
        if char == "c":
            return re.escape(chr(ord(digits) & 0x1F))
        code = int(digits or "0", 8 if char == "0" else 16)
        if code > 0x10FFFF:
            raise NoPattern(f"`{found.group()}` is no character")
        return re.escape(chr(code))


def _letter(char: str, *, inside: bool) -> str:
    """What `\\` and `char` mean. Outside of ASCII's letters, and for most of them, the character itself."""
    special = _INSIDE if inside else _OUTSIDE
    if char in special:
        return special[char]
    if char in _SAME or not (char.isascii() and char.isalnum()):
        return "\\" + char
    if char in "GXgkCMpPH":
        raise NoEqual(f"`\\{char}` has no equal here")
    return char


def _members(name: str, *, negated: bool) -> str:
    name = name.lower()
    members = _POSIX.get(_SHORT.get(name, name))
    if members is None or negated:
        raise NoEqual(f"the set `{name}` has no equal here" if not negated else "a set is left out inside a set")
    return members


def _python_flags(flags: str | None) -> str:
    """Ruby's `m` lets `.` match the ends of lines, which is Python's `s`."""
    return "".join(sorted(set((flags or "").replace("m", "s"))))
