"""Works out what an expression is worth, within the memory that GitHub grants one."""

from collections.abc import Sequence

from understudy.dialects.github.expression.contexts import Contexts
from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.functions import FUNCTIONS
from understudy.dialects.github.expression.memory import MAX_MEMORY_BYTES, Memory
from understudy.dialects.github.expression.nodes import (
    Call,
    Compare,
    Index,
    Literal,
    Logical,
    Name,
    Node,
    Not,
    Star,
    Tree,
)
from understudy.dialects.github.expression.select import select, select_all
from understudy.dialects.github.expression.values import Value, equal, less, truthy


def evaluate(tree: Tree, contexts: Contexts, *, memory_bytes: int = MAX_MEMORY_BYTES) -> Value:
    """The value of `tree`. Raises ExpressionError, its offset that of the part that could not be worked out."""
    evaluation = _Evaluation(contexts, Memory(memory_bytes, tree.text))
    try:
        return evaluation.value(tree.root)
    except RecursionError:
        raise ExpressionError("evaluation", "A value is nested too deeply") from None


class _Evaluation:
    """One evaluation. Trees are at most 50 deep, so recursion is safe."""

    def __init__(self, contexts: Contexts, memory: Memory) -> None:
        self.contexts = contexts
        self.memory = memory

    def value(self, node: Node) -> Value:
        before = self.memory.held
        try:
            value = self._value(node)
        except ExpressionError as error:
            error.offset = error.offset or node.offset
            raise
        self.memory.settle(before, value)
        return value

    def _value(self, node: Node) -> Value:  # noqa: PLR0911 - one for each kind of node
        match node:
            case Literal(value=value):
                return value
            case Name(name=name):
                return self.contexts.get(name)
            case Index(subject=subject, index=index):
                found = self.value(subject)
                return select_all(found) if isinstance(index, Star) else select(found, self.value(index))
            case Not(operand=operand):
                return not truthy(self.value(operand))
            case Compare():
                return _compare(node.operator, self.value(node.left), self.value(node.right))
            case Logical():
                return self._logical(node)
            case Call():
                return self._call(node)
            case Star():
                return None

    def _logical(self, node: Logical) -> Value:
        """The first operand that decides, or the last; what follows it is not evaluated."""
        value: Value = None
        for operand in node.operands:
            value = self.value(operand)
            if truthy(value) is (node.operator == "||"):
                break
        return value

    def _call(self, node: Call) -> Value:
        function = FUNCTIONS.get(node.name.lower())
        if function is not None:
            return function(_Arguments(self, node.arguments), self.memory)
        return self.contexts.function(node.name)(tuple(self.value(argument) for argument in node.arguments))


class _Arguments(Sequence[Value]):
    """The arguments of a call, each evaluated when first asked for."""

    def __init__(self, evaluation: _Evaluation, nodes: tuple[Node, ...]) -> None:
        self._evaluation = evaluation
        self._nodes = nodes
        self._known: dict[int, Value] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, index: int) -> Value:  # type: ignore[override]  # nothing asks for a slice
        if index not in self._known:
            self._known[index] = self._evaluation.value(self._nodes[index])
        return self._known[index]


def _compare(operator: str, left: Value, right: Value) -> bool:
    match operator:
        case "==":
            return equal(left, right)
        case "!=":
            return not equal(left, right)
        case "<":
            return less(left, right)
        case "<=":
            return less(left, right) or equal(left, right)
        case ">":
            return less(right, left)
        case _:
            return less(right, left) or equal(left, right)
