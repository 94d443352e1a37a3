"""Trees, their offsets, and what is refused: GitHub's page of expressions, and the limits its runner states."""

import pytest

from understudy.dialects.github.expression import ExpressionError, parse
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
    start,
    walk,
)
from understudy.dialects.github.expression.signatures import SIGNATURES, Signature


def _error(text: str, **known: tuple[str, ...]) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text, **known)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("false", False),
        ("711", 711.0),
        ("-9.2", -9.2),
        ("0xff", 255.0),
        ("-2.99e-2", -0.0299),
        ("'It''s open source!'", "It's open source!"),
        (" \t\n", None),
    ],
)
def test_literals(text: str, value: object) -> None:
    root = parse(text).root
    assert isinstance(root, Literal)
    assert root.value == value


def test_every_node_knows_where_it_stands() -> None:
    text = "!a.b[0] == fn(c.*, 'x')"
    assert parse(text).root == Compare(
        "==",
        Not(
            Index(
                Index(Name("a", 1), Literal("b", 3), dotted=True, offset=2),
                Literal(0.0, 5),
                dotted=False,
                offset=4,
            ),
            0,
        ),
        Call("fn", (Index(Name("c", 14), Star(16), dotted=True, offset=15), Literal("x", 19)), 11),
        8,
    )


def test_walking_a_tree_gives_every_node_in_the_order_of_writing() -> None:
    found = list(walk(parse("a && (b || c.d)").root))
    assert [node.name for node in found if isinstance(node, Name)] == ["a", "b", "c"]
    assert start(parse("(a.b == 1) && c").root) == 1


def _shape(node: Node) -> str:
    match node:
        case Logical(operator=operator, operands=operands):
            return "(" + f" {operator} ".join(map(_shape, operands)) + ")"
        case Compare(operator=operator, left=left, right=right):
            return f"({_shape(left)} {operator} {_shape(right)})"
        case Not(operand=operand):
            return "!" + _shape(operand)
        case Name(name=name):
            return name
        case _:
            return "?"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("a || b && c", "(a || (b && c))"),
        ("a && b || c", "((a && b) || c)"),
        ("a == b && c", "((a == b) && c)"),
        ("a == b < c", "(a == (b < c))"),
        ("!a == b", "(!a == b)"),
        ("a < b < c", "((a < b) < c)"),
        ("a == b != c", "((a == b) != c)"),
        ("a || b || c", "(a || b || c)"),
        ("(a || b) || c", "(a || b || c)"),
        ("(a || b) && c", "((a || b) && c)"),
    ],
)
def test_operators_bind_as_the_page_orders_them(text: str, shape: str) -> None:
    assert _shape(parse(text).root) == shape


@pytest.mark.parametrize(
    ("text", "phase", "offset"),
    [
        ('"double"', "lexing", 0),
        ("a + b", "lexing", 2),
        ("'open", "lexing", 0),
        ("a b", "parsing", 2),
        ("contains(a,)", "parsing", 11),
        ("()", "parsing", 1),
        ("'a'.b", "parsing", 3),
        ("a[0", "parsing", 2),
        ("a.", "parsing", 1),
        ("a ||", "parsing", 2),
        ("a)", "parsing", 1),
        ("(a]", "parsing", 2),
        ("a[]", "parsing", 2),
        ("*", "parsing", 0),
    ],
)
def test_what_is_no_expression_is_refused_where_it_goes_wrong(text: str, phase: str, offset: int) -> None:
    error = _error(text)
    assert (error.phase, error.offset) == (phase, offset)


def test_names_and_functions_are_checked_when_they_are_given() -> None:
    parse("any.thing && at_all()")
    parse("GitHub.x && Always()", names=("github",), functions=("always",))
    assert _error("a && b", names=("a",)).message.startswith("Unrecognized named-value: 'b'. Located at position 6 ")
    assert _error("always()", functions=()).message.startswith(
        "Unrecognized function: 'always'. Located at position 1 "
    )
    parse("contains('a', 'b')", functions=())


@pytest.mark.parametrize("known", SIGNATURES.values(), ids=lambda signature: signature.name)
def test_functions_take_as_many_arguments_as_their_signature_says(known: Signature) -> None:
    def call(count: int) -> str:
        return f"{known.name}({', '.join(['1'] * count)})"

    parse(call(known.least))
    parse(call(known.most))
    assert "Too many parameters" in _error(call(known.most + 1)).message
    if known.least:
        assert "Too few parameters" in _error(call(known.least - 1)).message


def test_depth_and_length_are_limited() -> None:
    parse("!" * 49 + "a")
    assert _error("!" * 50 + "a").message == "Exceeded max expression depth 50"
    parse("(" * 1000 + "a" + ")" * 1000)
    parse(" || ".join(["a"] * 4000))
    parse(" " * 20_999 + "a")
    assert _error(" " * 21_000 + "a").message == "Exceeded max expression length 21000"
