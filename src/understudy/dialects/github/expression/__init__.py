"""GitHub's expressions: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions."""

from understudy.dialects.github.expression.contexts import Contexts
from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.evaluate import evaluate
from understudy.dialects.github.expression.nodes import Tree
from understudy.dialects.github.expression.parser import parse
from understudy.dialects.github.expression.values import Array, Object, Value

__all__ = ["Array", "Contexts", "ExpressionError", "Object", "Tree", "Value", "evaluate", "parse"]
