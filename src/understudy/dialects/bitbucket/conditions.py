"""Whether a step or a stage is performed: by the files that changed, by what came before it in its script.

See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Condition.
"""

from collections.abc import Sequence
from dataclasses import replace

from understudy.dialects.base import EvaluationError, Place, Scope
from understudy.dialects.bitbucket import expression, scripts
from understudy.dialects.bitbucket.globs import GlobError, fits
from understudy.dialects.bitbucket.texts import evaluated
from understudy.dialects.bitbucket.variables import built_in
from understudy.model.pipeline import Condition, Patterns, Text
from understudy.model.results import Facts

_MOST_SHOWN = 3


def holds(condition: Condition, scope: Scope) -> tuple[bool, str]:
    """Whether `condition` holds, and why, in a clause. Raises EvaluationError."""
    if condition.expression is not None:
        found = scripts.goes_on(condition.expression.raw, scope) or _state(condition.expression, scope)
        if not found[0] or condition.paths is None:
            return found
    if condition.paths is None:
        return True, ""
    return changed(condition.paths, scope.facts)


def _state(text: Text, scope: Scope) -> tuple[bool, str]:
    """By the variables of the step. See https://support.atlassian.com/bitbucket-cloud/docs/expression-language/."""
    known = dict(scope.secrets)
    if scope.job is not None:
        place = scope.place or Place("", "", 0)
        known |= built_in(scope.facts, scope.job, place)
        given = {**(scope.pipeline.env if scope.pipeline else {}), **scope.job.env}
        known |= {name: evaluated(value, replace(scope, env=known)) for name, value in given.items()}
    try:
        fits_now = expression.holds(expression.parse(text.raw), known)
    except expression.ExpressionError as error:
        raise EvaluationError(f"`{text.raw}` can't be evaluated: {error.message}") from None
    return fits_now, f"`{text.raw}` {'holds' if fits_now else 'does not hold'}"


def changed(patterns: Patterns, facts: Facts) -> tuple[bool, str]:
    """Whether any of the files that changed is among `patterns`: the included ones, but for those excluded.

    Where it can't be told what changed nothing keeps a step out. Raises EvaluationError. See
    https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Condition.
    """
    if facts.changed_files is None:
        return True, "which files changed can't be told, so its `changesets` are not asked"
    only = None if patterns.only is None else [text.raw for text in patterns.only]
    ignore = [text.raw for text in patterns.ignore]
    try:
        meant = [path for path in facts.changed_files if _meant(path, only, ignore)]
    except GlobError as error:
        raise EvaluationError(f"a pattern of `changesets` can't be used: {error.message}") from None
    if meant:
        return True, f"`{meant[0]}` changed" + (f" and {len(meant) - 1} more" if len(meant) > 1 else "")
    return False, _why(facts.changed_files, only, ignore)


def _meant(path: str, only: Sequence[str] | None, ignore: Sequence[str]) -> bool:
    included = only is None or any(fits(pattern, path) for pattern in only)
    return included and not any(fits(pattern, path) for pattern in ignore)


def _why(changed_files: Sequence[str], only: Sequence[str] | None, ignore: Sequence[str]) -> str:
    if not changed_files:
        return "no file changed"
    shown = ", ".join(f"`{path}`" for path in changed_files[:_MOST_SHOWN])
    more = f" and {len(changed_files) - _MOST_SHOWN} more" if len(changed_files) > _MOST_SHOWN else ""
    kinds = (("includePaths", only), ("excludePaths", ignore))
    said = " and ".join(f"`{name}: {', '.join(patterns)}`" for name, patterns in kinds if patterns)
    return f"none of the changed files ({shown}{more}) is meant by {said}"
