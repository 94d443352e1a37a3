"""Whether an `if` holds, and why, for people."""

from collections.abc import Iterator

from understudy.dialects.base import EvaluationError, Scope
from understudy.dialects.github.contexts import contexts, status
from understudy.dialects.github.expression import parser
from understudy.dialects.github.expression.contexts import Contexts
from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.evaluate import evaluate
from understudy.dialects.github.expression.functions import STATUS_FUNCTIONS
from understudy.dialects.github.expression.nodes import Call, Index, Literal, Name, Node, children, walk
from understudy.dialects.github.expression.values import is_primitive, to_text, truthy
from understudy.model.pipeline import Condition
from understudy.model.results import Outcome

_MOST_SHOWN = 3
_LONGEST_SHOWN = 60
_NEVER_SHOWN = frozenset({"secrets", "github.token"})

_STATUS = {
    Outcome.PASSED: "nothing has failed",
    Outcome.FAILED: "something has failed",
    Outcome.ERRORED: "something has failed",
    Outcome.CANCELLED: "the run was cancelled",
    Outcome.SKIPPED: "something before it was skipped",
}


def holds(condition: Condition, scope: Scope) -> tuple[bool, str]:
    """Whether `condition` holds, and why, in a clause.

    `success()` is implied where no status function is called: that is in `Condition.after`, for the engine to judge, as
    are the conditions of the jobs that call the workflow. See https://docs.github.com/actions/reference/workflows-and-actions/expressions#status-check-functions.
    Raises EvaluationError.
    """
    if condition.expression is None:
        return True, ""
    source = condition.expression.raw
    seen = contexts(scope)
    try:
        tree = parser.parse(source)
        value = truthy(evaluate(tree, seen))
    except ExpressionError as error:
        raise EvaluationError(f"`if: {_short(source)}` can't be evaluated: {error.message}") from None
    told = [*_told_status(tree.root, scope), *_told(tree.root, seen)][:_MOST_SHOWN]
    facts = f" ({', '.join(told)})" if told else ""
    return value, f"`if` is {'true' if value else 'false'}: {_short(source)}{facts}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 2 * _LONGEST_SHOWN else f"{flat[: 2 * _LONGEST_SHOWN - 3]}..."


def _told_status(root: Node, scope: Scope) -> Iterator[str]:
    asked = {node.name.lower() for node in walk(root) if isinstance(node, Call)} & (STATUS_FUNCTIONS - {"always"})
    if asked:
        yield _STATUS[Outcome.PASSED] if status(scope) == "success" else _STATUS[scope.status]


def _told(root: Node, seen: Contexts) -> Iterator[str]:
    """What the contexts that `root` names say: of secrets nothing."""
    shown: set[str] = set()
    for node in _paths(root):
        path = _written(node)
        if path is None or path in shown or path in _NEVER_SHOWN or path.partition(".")[0] in _NEVER_SHOWN:
            continue
        shown.add(path)
        try:
            value = evaluate(parser.parse(path), seen)
        except EvaluationError:  # of a part that the expression itself did not come to
            continue
        if is_primitive(value):
            text = to_text(value)
            short = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."
            yield f"{path} is `{short}`" if text else f"{path} is empty"


def _paths(node: Node) -> Iterator[Node]:
    """The longest chains of properties in `node`, from the left."""
    if isinstance(node, Index) and _written(node) is not None:
        yield node
        return
    for child in children(node):
        yield from _paths(child)


def _written(node: Node) -> str | None:
    """`github.event.action` for a chain of properties that are names; None for anything else."""
    names: list[str] = []
    while isinstance(node, Index):
        if not node.dotted or not isinstance(node.index, Literal):
            return None
        names.append(to_text(node.index.value))
        node = node.subject
    return ".".join([node.name, *reversed(names)]) if isinstance(node, Name) and names else None
