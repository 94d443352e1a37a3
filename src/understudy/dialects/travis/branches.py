"""Which branches and tags are built: `branches`, with `only` and `except`.

https://docs.travis-ci.com/user/customizing-the-build/#building-specific-branches
"""

import re
from collections.abc import Mapping

from understudy.dialects.travis.conditions import ConditionError, Value, rubyregex

PATTERNS = "https://docs.travis-ci.com/user/customizing-the-build/#regular-expressions"

_PATTERN = re.compile(r"^/(.*)/$", re.MULTILINE)
_PAGES = re.compile(r"gh[-_]pages", re.IGNORECASE)


def built(branches: Value, name: str, kind: str = "branch") -> tuple[bool, str]:
    """Whether the branch or tag `name` is built by the value of `branches`, and why, in one clause.

    `kind` is what the clause calls it. Tags count as branches. A safelist goes before a blocklist, and without one
    `gh-pages` is left out. Raises ConditionError for a regular expression that can't be used.
    """
    only, excluded = _lists(branches)
    if only is not None:
        found = _first(only, name)
        if found is None:
            return False, f"{kind} `{name}` does not match `only: {', '.join(only)}`"
        return True, f"{kind} `{name}` matches `only: {found}`"
    if excluded is not None and (found := _first(excluded, name)) is not None:
        return False, f"{kind} `{name}` matches `except: {found}`"
    if _PAGES.search(name):
        return False, f"{kind} `{name}` is not built unless `branches: only` names it"
    return True, f"{kind} `{name}` is built"


def problem(entry: str) -> ConditionError | None:
    """Why an entry of the lists can't be used, None when it can."""
    try:
        _matches(entry, "")
    except ConditionError as error:
        return error
    return None


def _lists(branches: Value) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    if isinstance(branches, Mapping):
        return _names(branches.get("only")), _names(branches.get("except"))
    return _names(branches), None


def _names(value: Value) -> tuple[str, ...] | None:
    if value is None or isinstance(value, Mapping):
        return None
    entries = value if isinstance(value, tuple) else (value,)
    return tuple(str(one) for one in entries if isinstance(one, str | int | float)) or None


def _first(entries: tuple[str, ...], name: str) -> str | None:
    return next((one for one in entries if _matches(one, name)), None)


def _matches(entry: str, name: str) -> bool:
    """A regular expression stands between slashes, and need not match the whole of the name."""
    pattern = _PATTERN.search(entry)
    return rubyregex.found(rubyregex.compiled(pattern[1]), name) if pattern else entry == name
