"""GitHub's expressions: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions."""

from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.parser import parse

__all__ = ["ExpressionError", "parse"]
