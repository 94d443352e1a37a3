"""What an expression gets wrong, and when GitHub notices it."""

from typing import Literal

from understudy.dialects.base import EvaluationError

Phase = Literal["lexing", "parsing", "evaluation"]
"""`lexing` and `parsing` refuse the workflow before anything runs; `evaluation` fails what holds the expression."""


class ExpressionError(EvaluationError):
    """An expression that can't be read or evaluated. `offset`: where, in characters from the start of its text."""

    def __init__(self, phase: Phase, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.phase: Phase = phase
        self.offset = offset
