"""The syntax tree of an expression. Every node knows its `offset`: characters from the start of the expression."""

from collections.abc import Iterator
from dataclasses import dataclass

LiteralValue = None | bool | float | str


@dataclass(frozen=True, slots=True)
class Literal:
    """`null`, a boolean, a number or a text; also the property after a dot, which is the text of its name."""

    value: LiteralValue
    offset: int


@dataclass(frozen=True, slots=True)
class Name:
    """A context, as it was written: `github`."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments. `name` is as it was written; functions are known whatever the case."""

    name: str
    arguments: tuple["Node", ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Star:
    """`*` as an index: every element."""

    offset: int


@dataclass(frozen=True, slots=True)
class Index:
    """`subject.index` (`dotted`) or `subject[index]`. `offset` is that of the dot or the bracket."""

    subject: "Node"
    index: "Node"
    dotted: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Not:
    """`!operand`."""

    operand: "Node"
    offset: int


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right` with one of `== != < <= > >=`. `offset` is that of the operator."""

    operator: str
    left: "Node"
    right: "Node"
    offset: int


@dataclass(frozen=True, slots=True)
class Logical:
    """Two or more operands with `&&` or `||` between them. `offset` is that of the first operator."""

    operator: str
    operands: tuple["Node", ...]
    offset: int


Node = Literal | Name | Call | Star | Index | Not | Compare | Logical


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole expression: its text, without the `${{ }}` around it, and what that says."""

    text: str
    root: Node


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below `node`, in the order they are written."""
    match node:
        case Call(arguments=arguments):
            return arguments
        case Index(subject=subject, index=index):
            return (subject, index)
        case Not(operand=operand):
            return (operand,)
        case Compare(left=left, right=right):
            return (left, right)
        case Logical(operands=operands):
            return operands
        case Literal() | Name() | Star():
            return ()


def walk(node: Node) -> Iterator[Node]:
    """`node` and all below it, each before what is in it."""
    yield node
    for child in children(node):
        yield from walk(child)


def start(node: Node) -> int:
    """Where the text of `node` begins: for an operator that of its left operand (brackets around it not counted)."""
    while True:
        match node:
            case Index(subject=first) | Compare(left=first) | Logical(operands=(first, *_)):
                node = first
            case _:
                return node.offset
