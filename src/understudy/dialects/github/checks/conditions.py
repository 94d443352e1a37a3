"""Conditions that are the same in every run."""

from understudy.dialects.github.checks.document import has_expression
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.checks.typecheck import is_constant
from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.nodes import Name
from understudy.dialects.github.expression.parser import parse
from understudy.dialects.github.notes import SYNTAX
from understudy.text import yaml
from understudy.text.shape import shorten

_RULE = f"{SYNTAX}#jobsjob_idif"


def constant(condition: yaml.Scalar, report: Report) -> None:
    """Tells a condition that is always true because there is something around its `${{ }}`, or has no variable in it.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idif.
    """
    text = condition.value
    inside = text
    if has_expression(text) and "}}" in text:
        if not text.startswith("${{") or not text.endswith("}}") or text.count("${{") > 1:
            message = f"the condition `{shorten(text)}` is always true: there is something around its `${{{{ }}}}`"
            hint = "put all of it into one `${{ }}`, or leave that out"
            report.add("always-true", message, condition.at, hint=hint, rule=_RULE)
            return
        inside = text[3:-2]
    try:
        tree = parse(inside)
    except ExpressionError:
        return
    # A context is an object, and so true, whatever it holds.
    if inside.strip() and (is_constant(tree.root) or isinstance(tree.root, Name)):
        message = f"the condition `{shorten(inside)}` is the same in every run"
        report.add("constant-condition", message, condition.at, hint="remove the `if`", rule=_RULE)
