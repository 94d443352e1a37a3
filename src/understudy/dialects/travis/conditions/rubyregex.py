"""Ruby's regular expressions, which conditions and branch lists are written in, on Python's `re`."""

import re
import warnings
from functools import lru_cache

from understudy.dialects.travis.conditions.errors import ConditionError
from understudy.dialects.travis.conditions.rubysyntax import NoEqual, translated
from understudy.text import patterns


@lru_cache(maxsize=512)
def compiled(pattern: str, at: int = 0) -> re.Pattern[str]:
    """Ruby's `pattern` as one of Python's, to be used with `found`. Raises ConditionError, which points at `at`.

    `^` and `$` are the ends of each line, and classes of characters are ASCII, as in Ruby:
    https://docs.ruby-lang.org/en/3.2/regexp_rdoc.html.
    """
    if len(pattern) > patterns.LONGEST:
        raise ConditionError(f"a regular expression of more than {patterns.LONGEST:,} characters is not read", at)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(translated(pattern), re.ASCII | re.MULTILINE)
    except NoEqual as why:
        raise ConditionError(f"the regular expression `{pattern}` can't be used: {why}", at, pattern) from None
    except (re.error, OverflowError, RecursionError) as error:
        raise ConditionError(f"the regular expression `{pattern}` is none: {error}", at, pattern) from None


def found(pattern: re.Pattern[str], text: str, at: int = 0) -> bool:
    """Whether `pattern` matches anywhere in `text`. Raises ConditionError where that takes too long to tell."""
    try:
        return patterns.occurs(pattern, text)
    except patterns.TooSlow as slow:
        raise ConditionError(f"the regular expression `{pattern.pattern}` can't be used: {slow}", at) from None
