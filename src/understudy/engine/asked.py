"""What the texts and conditions of a step or a job come to, as far as that is the engine's to ask."""

from dataclasses import replace

from understudy.dialects.base import Dialect, EvaluationError, Scope
from understudy.model.pipeline import Condition, Step, Text
from understudy.model.results import Outcome

_MINUTE_S = 60.0


def minutes_s(value: str, text: Text) -> float | None:
    """The seconds of a time limit in minutes; None for no limit. Raises EvaluationError for what is no number."""
    try:
        minutes = float(value)
    except ValueError:
        raise EvaluationError(f"`{text.raw}` is to be a number of minutes, and is `{value}`") from None
    return minutes * _MINUTE_S if minutes > 0 else None


def asks_dialect(when: Condition) -> bool:
    """Whether `when` has parts that a dialect judges."""
    return any(part is not None for part in (when.expression, when.events, when.branches, when.tags, when.paths))


def outlasts(step: Step, scope: Scope, dialect: Dialect) -> bool:
    """Whether `step` goes on when its job is cancelled while it runs: its condition holds then, too.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation.
    """
    if Outcome.CANCELLED not in step.when.after:
        return False
    try:
        return not asks_dialect(step.when) or dialect.holds(step.when, replace(scope, status=Outcome.CANCELLED))[0]
    except EvaluationError:
        return False
