"""Globs of names and paths with slashes in them, as several services have them: `*`, `?`, `**`, `[...]`, `{a,b}`."""

import re
from collections.abc import Iterator
from functools import lru_cache

from understudy.text.patterns import TooSlow, matches

_MOST_ALTERNATIVES = 1000
_SPECIAL = "*?[{\\"


class GlobError(Exception):
    """A pattern that can't be used; `message` says why, in a clause."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def fits(pattern: str, name: str) -> bool:
    """Whether `pattern` is meant for `name`, as a whole. Raises GlobError.

    `*` and `?` stay within a part between slashes, `**` goes beyond, `{a,b}` is either. Where it stands between
    slashes `**` may be no folder at all.
    """
    try:
        return any(matches(_compiled(one), name, whole=True) for one in alternatives(pattern))
    except TooSlow as error:
        raise GlobError(str(error)) from None


def is_pattern(text: str) -> bool:
    """Whether `text` may fit more than one name."""
    return any(letter in text for letter in _SPECIAL)


def root_of(pattern: str) -> str:
    """The folder that all lie in which `pattern` fits, as far as that is plain from it; empty for none."""
    plain = next((at for at, letter in enumerate(pattern) if letter in _SPECIAL), len(pattern))
    return pattern[:plain].rpartition("/")[0]


@lru_cache(maxsize=1024)
def alternatives(pattern: str) -> tuple[str, ...]:
    """`pattern` with each of its `{a,b}` chosen. Raises GlobError for more than a file can mean."""
    found: list[str] = []
    for one in _chosen(pattern):
        if len(found) == _MOST_ALTERNATIVES:
            raise GlobError(f"it stands for more than {_MOST_ALTERNATIVES} patterns")
        found.append(one)
    return tuple(found)


def _chosen(pattern: str) -> Iterator[str]:
    waiting = [pattern]
    while waiting:
        one = waiting.pop()
        opening, closing = _first_braces(one)
        if closing < 0:
            yield one
            continue
        lead, inside, rest = one[:opening], one[opening + 1 : closing], one[closing + 1 :]
        waiting += [f"{lead}{choice}{rest}" for choice in reversed(_split(inside))]


def _first_braces(text: str) -> tuple[int, int]:
    """Where the first braces that close begin and end; -1 for none."""
    start = text.find("{")
    while start >= 0:
        depth = 0
        for at in range(start, len(text)):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if depth == 0:
                return start, at
        start = text.find("{", start + 1)
    return -1, -1


def _split(inside: str) -> list[str]:
    """The parts between the commas that no further braces hold."""
    parts, depth = [""], 0
    for letter in inside:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    written, at = "", 0
    while at < len(pattern):
        found, size = _piece(pattern, at)
        written += found
        at += size
    return re.compile(written, re.DOTALL)


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """The expression of what stands at `at`, and how many letters that is."""
    if pattern.startswith("**", at):
        begins = at == 0 or pattern[at - 1] == "/"
        if begins and pattern.startswith("**/", at):
            return "(?:.*/)?", 3
        return ".*", 2
    letter = pattern[at]
    if letter == "[" and (end := pattern.find("]", at + 2)) > 0:
        inside = pattern[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
        return (f"[^{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]"), end + 1 - at
    if letter == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1]), 2
    return {"*": "[^/]*", "?": "[^/]"}.get(letter, re.escape(letter)), 1
