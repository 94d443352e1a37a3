"""Conditions and branch patterns that can't be judged, here or on Travis either, or mean something unexpected."""

from collections.abc import Iterator, Mapping

from understudy.dialects.travis import branches
from understudy.dialects.travis.conditions import (
    ConditionError,
    Data,
    Tree,
    Value,
    holds,
    merged,
    misread,
    parse,
    problem,
)
from understudy.dialects.travis.known_data import data
from understudy.dialects.travis.normalise import Normal, Path
from understudy.findings import Finding, Severity
from understudy.model.results import Facts

_VALUES = "https://docs.travis-ci.com/user/conditions-v1/#values"
PAGE = "https://docs.travis-ci.com/user/conditions-v1/#regular-expressions"

_UNJUDGED = "condition-not-judged"
_FAILS = "condition-fails"
_MISREAD = "condition-misread"
_HINT = "say it with a simpler regular expression, or without one"


def findings(normal: Normal, facts: Facts) -> Iterator[Finding]:
    """What is to be said for the event of `facts`. What is no condition at all, `messages` tells of."""
    known = data(facts)
    for path, condition, config in _conditions(normal.config):
        try:
            tree = parse(condition)
            yield from _of_words(condition, tree, normal, path)
            holds(tree, Data.of(merged(known, config)))
        except ConditionError as error:
            if error.ours or problem(condition) is None:
                yield _of_condition(condition, error, normal, path)
    yield from _of_branches(normal)


def _of_words(condition: str, tree: Tree, normal: Normal, path: Path) -> Iterator[Finding]:
    for offset, sentence in misread(condition, tree):
        message = f"in `if: {condition}` {sentence} (at character {offset + 1})"
        yield Finding(Severity.WARNING, _MISREAD, message, normal.place(*path), rule=_VALUES)


def _of_condition(condition: str, error: ConditionError, normal: Normal, path: Path) -> Finding:
    at = normal.place(*path)
    where = f"{error.message} (at character {error.offset + 1})"
    if error.ours:
        message = f"`if: {condition}` can't be judged, and counts as not met: {where}"
        return Finding(Severity.UNSUPPORTED, _UNJUDGED, message, at, _HINT, PAGE)
    message = f"Travis can't judge `if: {condition}` for this event, and takes it for not met: {where}"
    return Finding(Severity.WARNING, _FAILS, message, at, rule=PAGE)


def _of_branches(normal: Normal) -> Iterator[Finding]:
    lists = normal.config.get("branches")
    for name in ("only", "except"):
        entries = lists.get(name) if isinstance(lists, Mapping) else None
        for number, entry in enumerate(entries if isinstance(entries, tuple) else ()):
            error = branches.problem(entry) if isinstance(entry, str) else None
            if error is not None:
                severity = Severity.UNSUPPORTED if error.ours else Severity.ERROR
                message = f"`{entry}` can't be used: {error.message}"
                at = normal.place("branches", name, number)
                yield Finding(severity, "branch-pattern", message, at, rule=branches.PATTERNS)


def _conditions(config: Mapping[str, Value]) -> Iterator[tuple[Path, str, Mapping[str, Value]]]:
    """Every `if` with its path, and what its variables and attributes come from."""
    yield from _of((), config, config)
    for name in ("stages", "import"):
        entries = config.get(name)
        for number, entry in enumerate(entries if isinstance(entries, tuple) else ()):
            yield from _of((name, number), entry, config)
    jobs = config.get("jobs")
    for name in ("include", "exclude", "allow_failures"):
        entries = jobs.get(name) if isinstance(jobs, Mapping) else None
        for number, entry in enumerate(entries if isinstance(entries, tuple) else ()):
            yield from _of(("jobs", name, number), entry, entry if isinstance(entry, Mapping) else {})


def _of(path: Path, value: Value, config: Mapping[str, Value]) -> Iterator[tuple[Path, str, Mapping[str, Value]]]:
    condition = value.get("if") if isinstance(value, Mapping) else None
    if isinstance(condition, str):
        yield (*path, "if"), condition, config
