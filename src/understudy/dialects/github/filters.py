"""GitHub's patterns for branches, tags and paths, and what a list of them says of some names."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_ALNUM = re.compile(r"[A-Za-z0-9]")
_RANGE = re.compile(r"([A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9]|[^]-])", re.DOTALL)
_QUANTIFIERS = {"?": (0, 1), "+": (1, None)}

Bounds = tuple[int, int | None]
"""How often a part of a pattern may stand: at least, and at most (None: any number of times)."""


class PatternError(ValueError):
    """A pattern that the service refuses; the message is a clause that says why."""


def excluded(patterns: Sequence[str], names: Iterable[str]) -> bool:
    """Whether the list `patterns` (of `branches`, `tags`, `paths`) keeps an event with `names` out.

    The last pattern that matches a name decides about it, and one name let in is enough. No patterns let all in.
    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#example-including-and-excluding-branches-and-tags.
    Raises PatternError.
    """
    return bool(patterns) and not any(chosen(patterns, name) for name in names)


def ignored(patterns: Sequence[str], names: Iterable[str]) -> bool:
    """Whether the list `patterns` (of `branches-ignore` and the like) keeps an event out: it names every one.

    Here no later pattern takes back what one has named: `!` belongs to the lists above, and says nothing in this one.
    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#example-excluding-paths.
    Raises PatternError.
    """
    positive = [one for one in patterns if not _negative(one)]
    return bool(positive) and all(any(_fits(one, name) for one in positive) for name in names)


def chosen(patterns: Iterable[str], name: str) -> bool:
    """Whether the last of `patterns` that matches `name` is a positive one. Raises PatternError."""
    result = False
    for pattern in patterns:
        if _fits(pattern, name):
            result = not _negative(pattern)
    return result


def _negative(pattern: str) -> bool:
    return pattern.startswith("!")


def _fits(pattern: str, name: str) -> bool:
    """Whether `name` is what `pattern` is about, with or without its `!`."""
    return compiled(pattern.removeprefix("!")).fullmatch(name) is not None


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """What matches the names that `pattern` (without its `!`) means.

    `*` stands for all but a slash, `**` for all, `**/` for any number of folders, `?` and `+` repeat what stands before
    them, `[]` is one of some letters and digits, `\\` takes the meaning from what follows.
    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet.
    Raises PatternError.
    """
    parts: list[tuple[str, Bounds]] = []
    at = 0
    while at < len(pattern):
        bounds = _QUANTIFIERS.get(pattern[at]) if parts else None
        if bounds is not None:
            parts[-1] = (parts[-1][0], _both(parts[-1][1], bounds))
            at += 1
            continue
        part, at = _part(pattern, at)
        parts.append(part)
    return re.compile("".join(_written(part, bounds) for part, bounds in parts), re.DOTALL)


def _both(inner: Bounds, outer: Bounds) -> Bounds:
    """The bounds of a repetition of a repetition, of those that patterns have."""
    most = None if inner[1] is None or outer[1] is None else inner[1] * outer[1]
    return inner[0] * outer[0], most


def _part(pattern: str, at: int) -> tuple[tuple[str, Bounds], int]:
    """The next part of `pattern` from `at`, and where it ends."""
    if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
        return ("(?:.+/)", (0, 1)), at + 3
    if pattern.startswith("**", at):
        return (".", (0, None)), at + 2
    letter = pattern[at]
    if letter == "*":
        return ("[^/]", (0, None)), at + 1
    if letter == "[":
        return _set(pattern, at)
    if letter == "\\":
        if at + 1 == len(pattern):
            raise PatternError("nothing follows its last `\\`")
        return (re.escape(pattern[at + 1]), (1, 1)), at + 2
    return (re.escape(letter), (1, 1)), at + 1


def _set(pattern: str, at: int) -> tuple[tuple[str, Bounds], int]:
    end = pattern.find("]", at)
    if end < 0:
        raise PatternError("a `[` has no `]`")
    inside = pattern[at + 1 : end]
    if not inside:
        raise PatternError("there is nothing between `[` and `]`")
    pieces = [piece for piece in _RANGE.split(inside) if piece]
    for piece in pieces:
        if not all(_ALNUM.fullmatch(letter) for letter in piece.replace("-", "", 1)) or piece == "-":
            raise PatternError(f"`[{inside}]` may hold letters and digits only, and `a-z`, `A-Z`, `0-9`")
        if len(piece) > 1 and piece[0] > piece[-1]:
            raise PatternError(f"the range `{piece}` runs backwards")
    return (f"[{''.join(pieces)}]", (1, 1)), end + 1


def _written(part: str, bounds: Bounds) -> str:
    sign = {(1, 1): "", (0, 1): "?", (0, None): "*", (1, None): "+"}[bounds]
    return f"{part}{sign}"
