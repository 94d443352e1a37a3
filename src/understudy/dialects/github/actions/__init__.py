"""Actions, which steps name by `uses`: what each performs, built in or from the action's own files."""

from understudy.dialects.github.actions.resolve import resolve, resolve_late
from understudy.dialects.github.actions.resolved import Resolved

__all__ = ["Resolved", "resolve", "resolve_late"]
