"""CircleCI's branch and tag filters: which jobs of a workflow run for the branch or tag that was pushed."""

from collections.abc import Iterable

from understudy.dialects.base import EvaluationError
from understudy.dialects.circleci.javaregex import matches_whole, problem
from understudy.model.pipeline import Patterns, Text
from understudy.model.results import Facts

NOTHING = Patterns(only=())
"""Matches no name: the tag filter of every job that has none of its own, and of one without `only` and `ignore`."""


def job_filters(branches: Patterns | None, tags: Patterns | None) -> tuple[Patterns | None, Patterns]:
    """The branch and tag patterns of a job, with the service's default for tags: it runs for none.

    To be called by the reader for every job of a workflow whose `filters` are no expression.
    See https://circleci.com/docs/reference/configuration-reference/#tags.
    """
    if tags is None or (tags.only is None and not tags.ignore):
        return branches, NOTHING
    return branches, tags


def pattern_problem(pattern: str) -> str | None:
    """Why a branch or tag pattern can't be used, None when it can: for readers, who report it with its position."""
    return problem(pattern[1:-1]) if _is_regex(pattern) else None


def _is_regex(pattern: str) -> bool:
    return len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/")


def matches(pattern: str, name: str) -> bool:
    """Whether `pattern`, a plain name or a Java `/regex/`, is the whole of `name`. Raises EvaluationError.

    See https://circleci.com/docs/guides/orchestrate/workflows/#using-regular-expressions-to-filter-tags-and-branches.
    """
    return matches_whole(pattern[1:-1], name) if _is_regex(pattern) else pattern == name


def _first_match(patterns: Iterable[Text], name: str) -> str | None:
    return next((pattern.raw for pattern in patterns if matches(pattern.raw, name)), None)


def allows(patterns: Patterns, name: str, noun: str) -> tuple[bool, str]:
    """Whether `patterns` let `name` through, and why, in a clause: `only` is asked first, `ignore` after it.

    See https://circleci.com/docs/reference/configuration-reference/#branches. Raises EvaluationError.
    """
    found = ""
    if patterns.only is not None:
        match = _first_match(patterns.only, name)
        if match is None:
            shown = ", ".join(pattern.raw for pattern in patterns.only)
            return False, f"{noun} `{name}` does not match `only: {shown}`" if shown else f"it runs for no {noun}"
        found = f"{noun} `{name}` matches `only: {match}`"
    ignored = _first_match(patterns.ignore, name)
    if ignored is not None:
        return False, f"{noun} `{name}` matches `ignore: {ignored}`"
    return True, found or (f"{noun} `{name}` is not ignored" if patterns.ignore else "")


def filtered(branches: Patterns | None, tags: Patterns | None, facts: Facts) -> tuple[bool, str]:
    """Whether what was pushed passes: a tag is asked of `tags` alone, a branch of `branches` alone. None lets all pass.

    So a job with nothing but a tag filter runs for every branch. See
    https://circleci.com/docs/guides/orchestrate/workflows/#executing-workflows-for-a-git-tag. Raises EvaluationError.
    """
    if facts.tag:
        if tags is not None and tags.only == ():
            return False, f"it has no tag filter, and tag `{facts.tag}` was pushed"
        return allows(tags, facts.tag, "tag") if tags else (True, "")
    if branches is None:
        return True, ""
    if facts.branch is None:
        raise EvaluationError("it is filtered by branch, and no branch is checked out: name one with `--branch`")
    return allows(branches, facts.branch, "branch")
