"""Regular expressions of files that nobody vouches for: matched within bounds of time. The one door to `regex`.

Python's own matcher tries every way there is, and `(a+)+b` has exponentially many. What can't take long is left to it;
the rest goes to the `regex` library, which gives up when told to.
"""

import re
import time
from functools import lru_cache
from math import comb
from typing import Any

LONGEST = 10_000
"""Characters of a pattern."""
LIMIT_S = 0.5
"""What one match may take."""
TOTAL_S = 5.0
"""What all slow matches of a process may take together: a file can hold thousands of them."""
_LEAST_S = 0.01
_FEW_STEPS = 10_000_000
_MANY = 40
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_REPEAT = re.compile(r"[*+{]")
_CHOICE = re.compile(r"(?<!\()\?|\|")
_LITERAL_BRACE = re.compile(r"(\\N\{[^}]*\}|\\.)|\{(?![\d,])", re.DOTALL)


class TooSlow(Exception):  # noqa: N818 - a verdict on a pattern, no error of ours
    """Whether a pattern matches can't be told in the time there is."""


class _Spent:
    """Seconds that slow matches have taken in this process so far."""

    seconds = 0.0


def matches(pattern: re.Pattern[str], text: str, *, whole: bool) -> bool:
    """Whether `pattern` matches `text` from its start, and up to its end where `whole`. Raises TooSlow."""
    if is_harmless(pattern.pattern, len(text)):
        return (pattern.fullmatch(text) if whole else pattern.match(text)) is not None
    return _bounded(pattern, text, whole=whole)


def occurs(pattern: re.Pattern[str], text: str) -> bool:
    """Whether `pattern` matches anywhere in `text`. Raises TooSlow."""
    # Where the match begins is one more thing that the matcher has to try out: as a repetition in front would be.
    if is_harmless(".*" + pattern.pattern, len(text)):
        return pattern.search(text) is not None
    return _bounded(pattern, text, whole=False, anywhere=True)


def is_harmless(pattern: str, length: int) -> bool:
    """Whether the matcher takes few steps for any text of `length`, as far as a glance can tell."""
    if _REPEATED_GROUP.search(pattern):
        return False
    repeats, choices = len(_REPEAT.findall(pattern)), len(_CHOICE.findall(pattern))
    # So many ways there are to share `length` characters out among the repetitions.
    return choices + repeats < _MANY and 2**choices * comb(length + repeats, repeats) <= _FEW_STEPS


@lru_cache(maxsize=4096)
def _bounded(pattern: re.Pattern[str], text: str, *, whole: bool, anywhere: bool = False) -> bool:
    other = _compiled(pattern.pattern, pattern.flags)
    limit_s = max(_LEAST_S, min(LIMIT_S, TOTAL_S - _Spent.seconds))
    started = time.monotonic()
    try:
        matcher = other.search if anywhere else other.fullmatch if whole else other.match
        found = matcher(text, timeout=limit_s)
    except TimeoutError:
        raise TooSlow(f"it takes longer than {LIMIT_S} s to match; repeat no group that holds a repetition") from None
    except MemoryError:
        raise TooSlow("it takes too much memory to match") from None
    finally:
        _Spent.seconds += time.monotonic() - started
    return found is not None


def _compiled(pattern: str, flags: int) -> Any:
    """The same pattern for the other library, to which `{e}` would mean something."""
    import regex  # noqa: PLC0415 - slow to import, and hardly ever needed

    same = _LITERAL_BRACE.sub(lambda found: found[1] or r"\{", pattern)
    kept = regex.ASCII if flags & re.ASCII else 0
    return regex.compile(same, regex.V0 | kept | (regex.MULTILINE if flags & re.MULTILINE else 0))
