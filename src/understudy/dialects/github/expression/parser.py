"""Turns an expression into its tree, without recursion: no text is too long or too deep to be answered with an error.

Operators, literals and limits: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.lexer import Kind, Lexer, Token, located, unexpected
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
    children,
)
from understudy.dialects.github.expression.signatures import SIGNATURES, Signature

MAX_LENGTH = 21_000
MAX_DEPTH = 50

_POWER = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "!": 5}
"""How strongly operators bind; what follows a value (`.name`, `[index]`) binds strongest of all."""
_IN_A_ROW = ("&&", "||")
"""Operators of which several in a row are one node, as GitHub counts depth."""
_CLOSERS = {"(": ")", "[": "]"}


def parse(
    text: str,
    *,
    names: Collection[str] | None = None,
    functions: Collection[str] | None = None,
) -> Tree:
    """The tree of `text`, which has no `${{ }}` around it. Nothing but white space is `null`.

    `names`: the contexts there are; `functions`: those there are beside the ones that exist everywhere (`contains`,
    `format`, ...). With None whatever is named is taken for one that exists. Known functions are always checked for
    the number of their arguments. Raises ExpressionError in phase `lexing` or `parsing`.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError("parsing", f"Exceeded max expression length {MAX_LENGTH}")
    return _Parser(text, _folded(names), _folded(functions)).parse()


def _folded(names: Collection[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(name.lower() for name in names)


@dataclass(slots=True)
class _Frame:
    """What is open: the whole text, or the inside of a bracket that `opener` opened.

    `function` or `subject`: what stands before the bracket. `values` and `operators` wait for their other half.
    """

    opener: Token | None = None
    function: Token | None = None
    subject: Node | None = None
    values: list[Node] = field(default_factory=list)
    operators: list[Token] = field(default_factory=list)
    arguments: list[Node] = field(default_factory=list)

    @property
    def untouched(self) -> bool:
        return not (self.values or self.operators or self.arguments)


class _Parser:
    """Reads one token after the other; `_depths` knows how deep each node is that no other holds yet."""

    def __init__(self, text: str, names: frozenset[str] | None, functions: frozenset[str] | None) -> None:
        self._lexer = Lexer(text)
        self._text = text
        self._names = names
        self._functions = functions
        self._frames = [_Frame()]
        self._depths: dict[int, int] = {}
        self._last: Token | None = None

    def parse(self) -> Tree:
        operand = True
        while (token := self._lexer.next(operand=operand)).kind is not Kind.END:
            operand = self._operand(token) if operand else self._operator(token)
            if self._last is None or self._last.offset < token.offset:
                self._last = token
        if self._last is None:
            return Tree(self._text, Literal(None, 0))
        if operand or len(self._frames) > 1:
            raise self._end()
        root = self._whole(self._frames[-1])
        if self._depths[id(root)] > MAX_DEPTH:
            raise ExpressionError("parsing", f"Exceeded max expression depth {MAX_DEPTH}")
        return Tree(self._text, root)

    def _operand(self, token: Token) -> bool:
        """Takes up a token where a value may begin. Returns whether one may begin after it, too."""
        frame = self._frames[-1]
        match token.kind, token.text:
            case Kind.LITERAL, _:
                frame.values.append(self._made(Literal(token.value, token.offset)))
            case Kind.NAME, _:
                return self._name(token)
            case Kind.SIGN, "!":
                frame.operators.append(token)
                return True
            case Kind.SIGN, "(":
                self._frames.append(_Frame(token))
                return True
            case Kind.SIGN, "*" if frame.subject is not None and frame.untouched:
                frame.values.append(self._made(Star(token.offset)))
            case Kind.SIGN, ")" if frame.function is not None and frame.untouched:
                self._close(token)
            case _:
                raise self._unexpected(token)
        return False

    def _operator(self, token: Token) -> bool:
        """Takes up a token that follows a value. Returns whether a value may begin after it."""
        frame = self._frames[-1]
        if token.kind is not Kind.SIGN:
            raise self._unexpected(token)
        if token.text == ".":
            self._property(frame, token)
            return False
        if token.text == "[":
            self._check_subject(frame, token)
            self._frames.append(_Frame(token, subject=frame.values.pop()))
            return True
        if token.text in (")", "]"):
            self._close(token)
            return False
        if token.text == ",":
            if frame.function is None:
                raise self._unexpected(token)
            frame.arguments.append(self._whole(frame))
            return True
        if token.text not in _POWER or token.text == "!":
            raise self._unexpected(token)
        in_a_row = token.text in _IN_A_ROW
        self._fold(frame, _POWER[token.text] + in_a_row)
        frame.operators.append(token)
        return True

    def _name(self, token: Token) -> bool:
        name = token.text.lower()
        if self._lexer.opens_call():
            if self._functions is not None and name not in self._functions and not _everywhere(name):
                raise located("parsing", "Unrecognized function", token.text, token.offset, self._text)
            self._last = self._lexer.next(operand=True)
            self._frames.append(_Frame(self._last, function=token))
            return True
        if self._names is not None and name not in self._names:
            raise located("parsing", "Unrecognized named-value", token.text, token.offset, self._text)
        self._frames[-1].values.append(self._made(Name(token.text, token.offset)))
        return False

    def _property(self, frame: _Frame, dot: Token) -> None:
        """`.name` or `.*` after a value."""
        self._check_subject(frame, dot)
        token = self._lexer.next(operand=False, property_name=True)
        if token.kind is Kind.END:
            self._last = dot
            raise self._end()
        index: Node
        if token.kind is Kind.NAME:
            index = Literal(token.text, token.offset)
        elif token.text == "*":
            index = Star(token.offset)
        else:
            raise self._unexpected(token)
        self._last = token
        frame.values.append(self._made(Index(frame.values.pop(), self._made(index), dotted=True, offset=dot.offset)))

    def _check_subject(self, frame: _Frame, token: Token) -> None:
        """Literals and `[*` have no properties, unless they stand in brackets of their own."""
        last = self._last
        if isinstance(frame.values[-1], Literal | Star) and (last is None or last.text != ")"):
            raise self._unexpected(token)

    def _close(self, token: Token) -> None:
        """Ends what is open, which becomes one value of what is around it."""
        frame = self._frames[-1]
        if frame.opener is None or _CLOSERS[frame.opener.text] != token.text:
            raise self._unexpected(token)
        value: Node
        if frame.function is not None:
            value = self._call(frame, frame.function)
        elif frame.subject is not None:
            value = self._made(Index(frame.subject, self._whole(frame), dotted=False, offset=frame.opener.offset))
        else:
            value = self._whole(frame)
        self._frames.pop()
        self._frames[-1].values.append(value)

    def _call(self, frame: _Frame, function: Token) -> Node:
        if frame.values:
            frame.arguments.append(self._whole(frame))
        signature = SIGNATURES.get(function.text.lower())
        what = signature and _wrong_count(signature, len(frame.arguments))
        if what:
            raise located("parsing", what, function.text, function.offset, self._text)
        return self._made(Call(function.text, tuple(frame.arguments), function.offset))

    def _whole(self, frame: _Frame) -> Node:
        """The value that is finished at a comma, a bracket's end or the end."""
        self._fold(frame, 0)
        return frame.values.pop()

    def _fold(self, frame: _Frame, power: int) -> None:
        """Gives operators that bind as strongly as `power` or more their operands."""
        while frame.operators and _POWER[frame.operators[-1].text] >= power:
            operator = frame.operators.pop()
            right = frame.values.pop()
            if operator.text == "!":
                node: Node = Not(right, operator.offset)
            elif operator.text in _IN_A_ROW:
                node = _row(frame, operator, right)
            else:
                node = Compare(operator.text, frame.values.pop(), right, operator.offset)
            frame.values.append(self._made(node))

    def _made(self, node: Node) -> Node:
        self._depths[id(node)] = 1 + max((self._depths[id(child)] for child in children(node)), default=0)
        return node

    def _unexpected(self, token: Token) -> ExpressionError:
        return unexpected("parsing", token.text, token.offset, self._text)

    def _end(self) -> ExpressionError:
        last = self._last
        assert last is not None
        return located("parsing", "Unexpected end of expression", last.text, last.offset, self._text)


def _everywhere(name: str) -> bool:
    signature = SIGNATURES.get(name)
    return signature is not None and signature.everywhere


def _row(frame: _Frame, operator: Token, last: Node) -> Logical:
    """All operands of `operator` and of its equals right before it; those of brackets with the same among them."""
    operands = [last, frame.values.pop()]
    while frame.operators and frame.operators[-1].text == operator.text:
        operator = frame.operators.pop()
        operands.append(frame.values.pop())
    flat: list[Node] = []
    for one in reversed(operands):
        flat += one.operands if isinstance(one, Logical) and one.operator == operator.text else (one,)
    return Logical(operator.text, tuple(flat), operator.offset)


def _wrong_count(signature: Signature, count: int) -> str:
    """What is wrong with calling a function with `count` arguments; empty if nothing is."""
    if count < signature.least:
        return "Too few parameters supplied"
    if count > signature.most:
        return "Too many parameters supplied"
    if signature.odd and count % 2 == 0:
        return "Even number of parameters supplied, requires an odd number of parameters"
    return ""
