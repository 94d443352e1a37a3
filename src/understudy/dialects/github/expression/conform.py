"""Answers what an expression is worth, for a comparison with GitHub's own test cases."""

import math
from collections.abc import Mapping
from typing import Any

from understudy.dialects.github.expression.contexts import Contexts, by_status
from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.evaluate import evaluate
from understudy.dialects.github.expression.numbers import format_number
from understudy.dialects.github.expression.parser import parse
from understudy.dialects.github.expression.values import from_plain, kind, to_plain

_MEMORY_BYTES = 1024 * 1024
"""What an expression by itself may take; one in a workflow may take more."""


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """{expr, contexts?, status?} -> {kind, value} or {error: {phase, message, offset}}.

    Numbers that JSON can't say are `{"$": "NaN"}`, `{"$": "Infinity"}` and `{"$": "-Infinity"}`.
    With a `status` (of the job: `success`, `failure`, `cancelled`, or null) there are the status functions, too.
    """
    given = question.get("contexts")
    values = {str(name): from_plain(value) for name, value in given.items()} if isinstance(given, Mapping) else {}
    status = question.get("status")
    known = by_status(status if status in ("failure", "cancelled") else None) if "status" in question else None
    contexts = Contexts(values, known)
    text = question.get("expr")
    if not isinstance(text, str):
        return {"unsupported": "the question has no `expr`"}
    try:
        tree = parse(text, names=contexts.names, functions=contexts.functions)
        value = evaluate(tree, contexts, memory_bytes=_MEMORY_BYTES)
    except ExpressionError as error:
        return {"error": {"phase": error.phase, "message": error.message, "offset": error.offset}}
    return {"kind": kind(value), "value": _finite(to_plain(value))}


def _finite(value: object) -> object:
    match value:
        case list():
            return [_finite(one) for one in value]
        case dict():
            return {name: _finite(one) for name, one in value.items()}
        case float() if not math.isfinite(value):
            return {"$": format_number(value)}
        case _:
            return value
