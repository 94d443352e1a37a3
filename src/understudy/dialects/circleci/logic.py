"""CircleCI's two languages of conditions: logic statements (nested maps) and expressions (text)."""

import json
from collections.abc import Mapping
from typing import Any

from understudy.dialects.base import EvaluationError
from understudy.dialects.circleci.expression import evaluate, names_in, same, truthy
from understudy.dialects.circleci.javaregex import matches_whole
from understudy.dialects.circleci.values import pipeline_values

__all__ = [
    "evaluate_expression",
    "evaluate_logic",
    "expression_statement",
    "expression_value",
    "pipeline_values",
    "shortened",
    "show",
    "truthy",
]

_MAX_DEPTH = 100
_MAX_SHOWN = 120


def evaluate_logic(tree: Any) -> bool:
    """Whether a logic statement holds, its `<< >>` already replaced. Raises EvaluationError for what is none.

    `tree` is a bare value, or a map of one operator (`and`, `or`, `not`, `equal`, `matches`), or what
    `expression_statement` made. At most 100 levels. See
    https://circleci.com/docs/reference/configuration-reference/#logic-statements.
    """
    return _evaluate(tree, 0)


def _evaluate(tree: object, depth: int) -> bool:
    if depth > _MAX_DEPTH:
        raise EvaluationError(f"a logic statement is nested deeper than {_MAX_DEPTH} levels")
    if isinstance(tree, list | tuple):
        raise EvaluationError(f"`{show(tree)}` is a list, which is no logic statement: put it under `and` or `or`")
    if not isinstance(tree, Mapping):
        return truthy(tree)
    if not tree:
        return False
    if set(tree) == {"expression", "values"}:
        return evaluate_expression(str(tree["expression"]), tree["values"])
    if len(tree) > 1:
        named = ", ".join(f"`{key}`" for key in tree)
        raise EvaluationError(f"a logic statement has one operator, here are {len(tree)}: {named}")
    ((operator, argument),) = tree.items()
    return _operate(str(operator), argument, depth + 1)


def _operate(operator: str, argument: object, depth: int) -> bool:
    match operator:
        case "and":
            return argument is not None and False not in _each(operator, argument, depth)
        case "or":
            return argument is not None and True in _each(operator, argument, depth)
        case "not":
            return not _evaluate(argument, depth)
        case "equal":
            values = _listed(operator, argument)
            return all(same(values[0], other) for other in values[1:])
        case "matches":
            return _matches(argument)
        case _:
            raise EvaluationError(
                f"`{operator}` is no operator of a logic statement (`and`, `or`, `not`, `equal`, `matches`)"
            )


def _each(operator: str, argument: object, depth: int) -> list[bool]:
    """Every argument is evaluated, so that a wrong one is told of whatever stands before it."""
    return [_evaluate(one, depth) for one in _listed(operator, argument)]


def _listed(operator: str, argument: object) -> list[object]:
    if not isinstance(argument, list | tuple) or not argument:
        raise EvaluationError(f"`{operator}` takes a list that is not empty, not `{show(argument)}`")
    return list(argument)


def _matches(argument: object) -> bool:
    if not isinstance(argument, Mapping) or set(argument) != {"pattern", "value"}:
        raise EvaluationError(f"`matches` takes a map of `pattern` and `value`, not `{show(argument)}`")
    pattern, value = argument["pattern"], argument["value"]
    if not isinstance(pattern, str):
        raise EvaluationError(f"the `pattern` of `matches` is a string, not `{show(pattern)}`")
    if value is None:
        value = ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise EvaluationError(f"the `value` of `matches` is a string, not `{show(value)}`")
    return matches_whole(pattern, str(value))


def show(tree: object) -> str:
    """A statement or value in one line, for people."""
    if isinstance(tree, Mapping) and set(tree) == {"expression", "values"}:
        text = " ".join(str(tree["expression"]).split())
    else:
        text = json.dumps(tree, default=str, ensure_ascii=False)
    return shortened(text)


def shortened(text: str) -> str:
    """`text`, cut where it is too long to be told in a sentence."""
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def evaluate_expression(text: str, values: Mapping[str, object]) -> bool:
    """Whether an expression (`pipeline.git.branch == "main" and not pipeline.parameters.quick`) holds.

    `values`: by dotted name. Raises EvaluationError for a name that is not among them and for operands of a wrong type.
    See https://circleci.com/docs/reference/configuration-reference/#using-expressions-in-your-configuration.
    """
    return truthy(evaluate(text, values))


def expression_value(text: str, values: Mapping[str, object]) -> object:
    """What an expression amounts to where it stands for a value: `and` and `or` give one of their operands."""
    return evaluate(text, values)


def expression_statement(text: str, values: Mapping[str, object]) -> dict[str, object]:
    """An expression with the values it asks for, as `Condition.expression` holds it and `evaluate_logic` takes it.

    A name without a value is left out, so that evaluating it fails with its name. Raises EvaluationError for bad text.
    """
    return {"expression": text, "values": {name: values[name] for name in names_in(text) if name in values}}
