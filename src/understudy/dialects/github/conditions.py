"""What stands behind `if`: the condition of a job or a step."""

import re

from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.nodes import Call, walk
from understudy.dialects.github.expression.parser import parse
from understudy.dialects.github.expression.signatures import STATUS_FUNCTIONS
from understudy.dialects.github.nodes import as_text, holds_expression
from understudy.model.pipeline import ON_SUCCESS, Condition, Text
from understudy.model.results import Outcome
from understudy.text.yaml import Node

PART = re.compile(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}", re.DOTALL)
"""One `${{ }}` in a text, with what is inside of it."""
_MENTIONED = re.compile(r"\b(?:always|cancelled|success|failure)\s*\(", re.IGNORECASE)


def read_condition(node: Node | None) -> Condition:
    """The condition that `if` gives: after success, unless it asks for the status itself.

    Whether it asks is a matter of the functions it calls, not of their value. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions.
    """
    text = as_text(node)
    expression = bare(text.raw) if text else ""
    if text is None or not expression.strip():
        return ON_SUCCESS
    after = frozenset(Outcome) if asks_for_status(expression) else ON_SUCCESS.after
    return Condition(after=after, expression=Text(expression, text.at), written=text.raw)


def bare(raw: str) -> str:
    """The one expression that `raw` is for an `if`, where `${{ }}` may be left out.

    With text beside a `${{ }}` GitHub makes all of it a text, which is true whatever the expressions give: `format`
    says just that. See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idif.
    """
    if not holds_expression(raw):
        return raw
    whole = PART.fullmatch(raw)
    if whole:
        return whole[1].strip()
    words: list[str] = []
    values: list[str] = []
    at = 0
    for part in PART.finditer(raw):
        words.append(_escaped(raw[at : part.start()]) + f"{{{len(values)}}}")
        values.append(part[1].strip())
        at = part.end()
    words.append(_escaped(raw[at:]))
    return "format('" + ", ".join(["".join(words) + "'", *values]) + ")"


def _escaped(text: str) -> str:
    return text.replace("'", "''").replace("{", "{{").replace("}", "}}")


def asks_for_status(expression: str) -> bool:
    """Whether `expression` calls `always`, `cancelled`, `success` or `failure`."""
    try:
        root = parse(expression).root
    except ExpressionError:
        return _MENTIONED.search(expression) is not None
    return any(isinstance(node, Call) and node.name.lower() in STATUS_FUNCTIONS for node in walk(root))
