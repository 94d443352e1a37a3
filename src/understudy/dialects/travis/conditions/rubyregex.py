"""Ruby's regular expressions, which conditions and branch lists are written in, on Python's `re`."""

import re
import warnings
from functools import lru_cache

from understudy.dialects.travis.conditions.errors import ConditionError
from understudy.dialects.travis.conditions.rubysyntax import NoEqual, NoPattern, translated
from understudy.text import patterns


@lru_cache(maxsize=512)
def compiled(pattern: str, at: int = 0) -> re.Pattern[str]:
    """Ruby's `pattern` as one of Python's, to be used with `found`. Raises ConditionError, which points at `at`.

    `^` and `$` are the ends of each line, and classes of characters are ASCII, as in Ruby:
    https://docs.ruby-lang.org/en/3.2/regexp_rdoc.html.
    """
    if len(pattern) > patterns.LONGEST:
        message = f"a regular expression of more than {patterns.LONGEST:,} characters is not read"
        raise ConditionError(message, at, ours=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(translated(pattern), re.ASCII | re.MULTILINE)
    except NoPattern as why:
        raise ConditionError(f"the regular expression `{pattern}` is none: {why}", at, pattern) from None
    except (NoEqual, OverflowError, RecursionError) as why:
        raise _ours(pattern, why, at) from None
    except re.error as error:
        raise _refused(pattern, error, at) from None


_ONLY_PYTHONS = (
    "multiple repeat",
    "look-behind",
    "min repeat",
    "redefinition",
    "bad character range \\",
    "cannot refer",
)


def _refused(pattern: str, error: re.error, at: int) -> ConditionError:
    """What Python refuses, and Ruby takes or doesn't."""
    if error.msg.startswith(_ONLY_PYTHONS) or (error.msg.startswith("bad character range") and "-\\" in error.msg):
        return _ours(pattern, error, at)
    return ConditionError(f"the regular expression `{pattern}` is none: {error}", at, pattern)


def _ours(pattern: str, why: Exception, at: int) -> ConditionError:
    return ConditionError(f"the regular expression `{pattern}` is not reproduced here: {why}", at, ours=True)


def found(pattern: re.Pattern[str], text: str, at: int = 0) -> bool:
    """Whether `pattern` matches anywhere in `text`. Raises ConditionError where that takes too long to tell."""
    try:
        return patterns.occurs(pattern, text)
    except patterns.TooSlow as slow:
        raise ConditionError(f"the regular expression `{pattern.pattern}` is given up: {slow}", at, ours=True) from None
