"""Problem matchers: patterns by which lines of output become errors, warnings and notices.

See https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from understudy.dialects.base import Annotation, EvaluationError
from understudy.dialects.github.annotations import LEVELS, relative

_GROUPS = ("file", "line", "column", "severity", "code", "message", "fromPath")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m?")
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")

LONGEST = 10_000
"""Letters of a line that is compared: the service ends a comparison that takes a second, we can't."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line's expression, and which of its groups says what. `loop`: it may match many lines in a row."""

    expression: re.Pattern[str]
    groups: Mapping[str, int]
    loop: bool = False


@dataclass(slots=True)
class Matcher:
    """One matcher. `written`: as its file has it. `begun`: what the lines before said, by the pattern that they met."""

    owner: str
    patterns: tuple[Pattern, ...]
    severity: str = ""
    from_path: str = ""
    written: Mapping[str, Any] = field(default_factory=dict)
    begun: dict[int, Mapping[str, str]] = field(default_factory=dict)

    def match(self, line: str) -> Mapping[str, str] | None:
        """What the lines up to `line` say, if it completes a match."""
        last = len(self.patterns) - 1
        for index in range(last, -1, -1):
            before = self.begun.get(index - 1) if index else {}
            if before is None:
                continue
            pattern = self.patterns[index]
            found = pattern.expression.search(line)
            if found is None:
                self.begun.pop(index if index < last else index - 1, None)
                continue
            said = {**_said(pattern, found), **before}
            if index < last:
                self.begun[index] = said
                continue
            self.begun = {index - 1: before} if pattern.loop else {}
            return said
        return None


def _said(pattern: Pattern, found: re.Match[str]) -> dict[str, str]:
    return {name: found.group(number) or "" for name, number in pattern.groups.items()}


def read(content: bytes) -> tuple[Matcher, ...]:
    """The matchers of a file for `::add-matcher::`. Raises EvaluationError where it isn't as it must be."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"it is no JSON: {error}") from None
    found = document.get("problemMatcher") if isinstance(document, dict) else None
    entries = found if isinstance(found, list) else []
    matchers = tuple(_matcher(entry) for entry in entries if isinstance(entry, dict))
    owners = [matcher.owner.lower() for matcher in matchers]
    twice = next((owner for owner in owners if owners.count(owner) > 1), None)
    if twice is not None:
        raise EvaluationError(f"two matchers have the owner `{twice}`")
    return matchers


def _matcher(entry: Mapping[str, Any]) -> Matcher:
    owner = str(entry.get("owner") or "")
    if not owner:
        raise EvaluationError("a matcher has no `owner`")
    severity = str(entry.get("severity") or "")
    if severity and severity.lower() not in LEVELS:
        raise EvaluationError(f"the matcher `{owner}` has the unknown severity `{severity}`")
    written = entry.get("pattern")
    entries = [one for one in written if isinstance(one, dict)] if isinstance(written, list) else []
    if not entries:
        raise EvaluationError(f"the matcher `{owner}` has no patterns")
    patterns = tuple(_pattern(owner, one) for one in entries)
    _check(owner, patterns)
    return Matcher(owner, patterns, severity, str(entry.get("fromPath") or ""), entry)


def kept(matchers: Iterable[Matcher]) -> str:
    """`matchers` as a text that `read` takes: they go on to hold for the later steps of the job."""
    return json.dumps({"problemMatcher": [matcher.written for matcher in matchers]}, separators=(",", ":"))


def _check(owner: str, patterns: tuple[Pattern, ...]) -> None:
    set_already: set[str] = set()
    for index, pattern in enumerate(patterns):
        if pattern.loop and (index == 0 or index < len(patterns) - 1):
            raise EvaluationError(f"in the matcher `{owner}` only the last of several patterns may have `loop`")
        if pattern.loop and "message" not in pattern.groups:
            raise EvaluationError(f"in the matcher `{owner}` the pattern with `loop` has no `message`")
        for name in pattern.groups:
            if name in set_already:
                raise EvaluationError(f"the matcher `{owner}` sets `{name}` twice")
            set_already.add(name)
    if "message" not in set_already:
        raise EvaluationError(f"no pattern of the matcher `{owner}` has a `message`")


def _pattern(owner: str, entry: Mapping[str, Any]) -> Pattern:
    written = str(entry.get("regexp") or "")
    try:
        expression = re.compile(_NAMED_GROUP.sub("(?P<", written), re.ASCII)
    except (re.error, RecursionError) as error:
        raise EvaluationError(f"the pattern `{written}` of the matcher `{owner}` can't be used: {error}") from None
    groups = {name: entry[name] for name in _GROUPS if isinstance(entry.get(name), int)}
    for name, number in groups.items():
        if not 0 <= number <= expression.groups:
            raise EvaluationError(f"in the matcher `{owner}`, `{name}` is {number}, which is out of range")
    return Pattern(expression, groups, bool(entry.get("loop")))


def added(matchers: tuple[Matcher, ...], more: Iterable[Matcher]) -> tuple[Matcher, ...]:
    """`matchers` with `more` before them; those of an owner that is among both are replaced."""
    for matcher in more:
        matchers = (matcher, *removed(matchers, {matcher.owner}))
    return matchers


def removed(matchers: tuple[Matcher, ...], owners: Iterable[str]) -> tuple[Matcher, ...]:
    """`matchers` without those of `owners`, whatever the case of their letters."""
    gone = {owner.lower() for owner in owners}
    return tuple(matcher for matcher in matchers if matcher.owner.lower() not in gone)


def uncoloured(line: str) -> str:
    """`line` without the codes by which terminals colour it."""
    return _COLOUR.sub("", line) if "\x1b[" in line else line


def heard(matchers: tuple[Matcher, ...], plain: str, workspace: str) -> Annotation | None:
    """What the line `plain` is the end of, by the first of `matchers` that knows it."""
    if len(plain) > LONGEST:
        return None
    for matcher in matchers:
        said = matcher.match(plain)
        if said is None:
            continue
        for other in matchers:
            if other is not matcher:
                other.begun = {}
        found = _annotation(matcher, said, workspace)
        if found is not None:
            return found
    return None


def _annotation(matcher: Matcher, said: Mapping[str, str], workspace: str) -> Annotation | None:
    message = said.get("message", "")
    level = (said.get("severity") or matcher.severity or "error").lower()
    if not message.strip() or level not in LEVELS:
        return None
    return Annotation(
        level=level,
        message=message,
        file=_file(said.get("file", ""), said.get("fromPath") or matcher.from_path, workspace),
        line=_number(said.get("line", "")),
        column=_number(said.get("column", "")),
        title=said.get("code", "").strip(),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _file(file: str, from_path: str, workspace: str) -> str:
    """`file` from the workspace; empty where it lies elsewhere. The service also wants it to be there."""
    if not file.strip():
        return ""
    path = posixpath.join(workspace, posixpath.dirname(from_path), file)
    found = relative(posixpath.normpath(path), workspace)
    return "" if posixpath.isabs(found) or found.startswith("../") else found
