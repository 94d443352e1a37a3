"""The patterns of branch, tag and path filters."""

from collections.abc import Iterator
from dataclasses import replace

from understudy.dialects.github.checks.document import Document, child, has_expression, scalar, texts
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.filters import PatternError, compiled
from understudy.dialects.github.notes import SYNTAX
from understudy.text import yaml

_RULE = f"{SYNTAX}#filter-pattern-cheat-sheet"
_REFS = ("branches", "branches-ignore", "tags", "tags-ignore")
_PATHS = ("paths", "paths-ignore")
_NOT_IN_REFS = frozenset(" \t~^:")
_SPECIAL = "[?*"
_ESCAPABLE = "+\\!"

Problem = tuple[int, str]
"""Where in a pattern, counted from 0, and what is wrong there."""


def check(document: Document, report: Report) -> None:
    """Patterns of refs and paths must be ones that can match.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet.
    """
    for event in document.events:
        for key in (*_REFS, *_PATHS):
            for pattern in texts(event.settings, key):
                _check(pattern, report, ref=key in _REFS)
        if event.name.value == "image_version":
            for pattern in texts(event.settings, "versions"):
                _check(pattern, report, ref=True)
    for job in document.jobs:
        version = scalar(child(job.node, "snapshot"), "version")
        if version:
            _check(version, report, ref=True)


def _check(pattern: yaml.Scalar, report: Report, *, ref: bool) -> None:
    if not pattern.value or has_expression(pattern.value):
        return
    for offset, problem in tuple(problems(pattern.value, ref=ref)) or _refused(pattern.value):
        at = replace(pattern.at, column=pattern.at.column + offset + (not pattern.plain))
        hint = "these are glob patterns, not regular expressions"
        report.add("bad-pattern", f"the pattern `{pattern.value}` {problem}", at, hint=hint, rule=_RULE)


def _refused(pattern: str) -> Iterator[Problem]:
    """What the service can't make sense of when an event comes, where nothing else is wrong."""
    try:
        compiled(pattern.removeprefix("!"))
    except PatternError as error:
        yield 0, f"is refused: {error}"


def problems(pattern: str, *, ref: bool) -> Iterator[Problem]:
    """What is wrong with `pattern`, of branches and tags (`ref`) or of paths, each as the end of a sentence."""
    negated = pattern.startswith("!")
    bare = pattern.removeprefix("!")
    if not bare:
        yield 0, "excludes nothing: something must follow the `!`"
    elif not ref and pattern != pattern.strip():
        yield 0, "begins or ends with a space"
    elif not ref and (bare in (".", "..") or bare.startswith(("./", "../"))):
        yield 0, "never matches: paths start at the repository's root, without `.` and `..`"
    else:
        yield from ((offset + negated, problem) for offset, problem in _Scan(bare, ref=ref, fresh=not negated).run())


class _Scan:
    """One pass over a pattern. `_repeats`: what stands before can be repeated by `+` or made optional by `?`."""

    def __init__(self, text: str, *, ref: bool, fresh: bool) -> None:
        self._text, self._ref = text, ref
        self._at = 0
        self._repeats = False
        self._fresh = fresh

    def run(self) -> Iterator[Problem]:
        text = self._text
        if self._ref and self._fresh and text.startswith("/"):
            yield 0, "starts with `/`, and no branch or tag does"
        while self._at < len(text):
            letter, offset = text[self._at], self._at
            self._at += 1
            if letter in "?+":
                if not self._repeats:
                    yield offset, f"has `{letter}` where nothing stands before it that it could repeat"
                self._repeats = False
            elif letter == "[":
                yield from self._range(offset)
            else:
                self._repeats = letter != "*"
                yield from self._letter(letter, offset)
        if self._ref and text[-1] in "/." and not text.endswith(("\\/", "\\.")):
            yield len(text) - 1, f"ends with `{text[-1]}`, and no branch or tag does"

    def _letter(self, letter: str, offset: int) -> Iterator[Problem]:
        if letter in "\r\n":
            yield offset, "holds a line break"
        elif self._ref and letter in _NOT_IN_REFS:
            yield offset, f"holds `{letter}`, which no branch or tag can have"
        elif letter == "\\":
            escaped = self._text[self._at : self._at + 1]
            if escaped and escaped in _SPECIAL:
                self._at += 1
                if self._ref:
                    yield offset, f"asks for `{escaped}`, which no branch or tag can have"
            elif escaped and escaped in _ESCAPABLE:
                self._at += 1
            elif self._ref:
                yield offset, "has a `\\` before something that needs none"

    def _range(self, offset: int) -> Iterator[Problem]:
        end = self._text.find("]", self._at)
        self._repeats = True
        if end < 0:
            self._at = len(self._text)
            yield offset, "has a `[` without its `]`"
            return
        inside = self._text[self._at : end]
        self._at = end + 1
        if not inside:
            yield offset, "has a `[]` with nothing in it"
        elif len(inside) == 1:
            yield offset, f"has `[{inside}]`, which is the same as `{inside}`"
        elif inside.endswith("-"):
            yield offset, f"has the range `[{inside}]`, which lacks an end"
        else:
            for place in range(1, len(inside) - 1):
                first, last = inside[place - 1], inside[place + 1]
                if inside[place] == "-" and first > last:
                    yield offset, f"has the range `{first}-{last}`, which runs backwards"
