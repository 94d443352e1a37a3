"""What the path-filtering orb computes: parameters for the next configuration, from the files that changed.

The rule is that of the orb's documentation: a line of the mapping holds a regular expression, a parameter and its
value (JSON), and may name a configuration; the expression must match the whole path of a changed file.
See https://circleci.com/developer/orbs/orb/circleci/path-filtering.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.text import patterns

_PAGE = "https://circleci.com/developer/orbs/orb/circleci/path-filtering"


@dataclass(frozen=True, slots=True)
class Filtered:
    """The parameters that are set, and the configurations to go on with."""

    parameters: dict[str, object]
    configurations: tuple[str, ...]


def filtered(mapping: str, changed: Iterable[str], fallback: str, at: Position, notes: Notes) -> Filtered:
    """What `mapping` (its text, one rule a line) gives for the paths `changed`; `fallback`: the usual configuration."""
    parameters: dict[str, object] = {}
    configurations: list[str] = []
    paths = tuple(changed)
    lines = [line.split() for line in mapping.splitlines() if line.strip() and not line.strip().startswith("#")]
    for words in lines:
        if len(words) not in {3, 4} or len(words) != len(lines[0]):
            message = f"a line of `mapping` has {len(words)} words: `{' '.join(words)}`"
            hint = "each line is a pattern, a parameter, a value and perhaps a configuration, without spaces in them"
            notes.error("path-mapping", message, at, hint, _PAGE)
            continue
        if _matches(words[0], paths, at, notes):
            parameters[words[1]] = _value(words[2], at, notes)
            configurations += [path for path in words[3:] if path not in configurations]
    return Filtered(parameters, tuple(configurations) or (fallback,))


def _matches(pattern: str, paths: tuple[str, ...], at: Position, notes: Notes) -> bool:
    if len(pattern) > patterns.LONGEST:
        message = f"the pattern `{pattern[:40]}…` of `mapping` is longer than {patterns.LONGEST:,} characters"
        notes.error("path-mapping", message, at, rule=_PAGE)
        return False
    try:
        # As the orb does it: an alternative that is not in brackets is bound at one end only.
        expression = re.compile(f"^{pattern}$")
    except (re.error, OverflowError, RecursionError) as error:
        notes.error("path-mapping", f"the pattern `{pattern}` of `mapping` can't be read: {error}", at, rule=_PAGE)
        return False
    try:
        return any(patterns.matches(expression, path, whole=False) for path in paths)
    except patterns.TooSlow as slow:
        notes.error("path-mapping", f"the pattern `{pattern}` of `mapping` can't be used: {slow}", at, rule=_PAGE)
        return False


def _value(word: str, at: Position, notes: Notes) -> object:
    try:
        value: object = json.loads(word)
    except (ValueError, RecursionError):
        hint = 'a string stands in double quotes: `"fast"`'
        notes.error("path-mapping", f"the value `{word}` of `mapping` is not JSON", at, hint, _PAGE)
        return None
    return value
