"""Texts with `${{ }}` in them."""

import pytest

from understudy.dialects.github.expression import Contexts, ExpressionError, template
from understudy.dialects.github.expression.template import Part
from understudy.dialects.github.expression.values import from_plain, to_plain

CONTEXTS = Contexts({"a": from_plain({"n": 1, "list": [1, 2], "t": True, "s": "text", "nothing": None})})


def test_a_text_is_cut_into_plain_pieces_and_expressions() -> None:
    pieces = template.parse("x ${{ a.n }} y ${{'}}'}}")
    assert [piece if isinstance(piece, str) else (piece.source, piece.offset) for piece in pieces] == [
        "x ",
        ("a.n", 6),
        " y ",
        ("'}}'", 18),
    ]


@pytest.mark.parametrize("raw", ["", "plain }} { $", "$ {{ a }}", "{{ a }}"])
def test_plain_text_stays_plain(raw: str) -> None:
    assert template.parse(raw) == ((raw,) if raw else ())
    assert template.value(raw, CONTEXTS) == raw


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("${{ a.n }}", 1),
        ("${{ a.list }}", [1, 2]),
        ("${{ a.t }}", True),
        ("${{ a.nothing }}", None),
        ("${{ a.n }} ", "1 "),
        ("<${{ a.t }}${{ a.list }}${{ a.nothing }}${{ a.s }}>", "<trueArraytext>"),
        ("${{ '${{ x }}' }}", "${{ x }}"),
        ("${{ '{0}' }} {0}", "{0} {0}"),
    ],
)
def test_one_expression_keeps_its_kind_and_more_become_text(raw: str, value: object) -> None:
    assert to_plain(template.value(raw, CONTEXTS)) == value


def test_text_is_asked_for() -> None:
    assert template.text("${{ a.n }}", CONTEXTS) == "1"
    assert template.text("${{ a.nothing }}", CONTEXTS) == ""
    with pytest.raises(ExpressionError, match="Expected a string"):
        template.text("${{ a.list }}", CONTEXTS)


@pytest.mark.parametrize(
    ("raw", "offset", "message"),
    [
        ("ab ${{ a.n", 3, "The expression is not closed."),
        ("ab ${{ }}", 6, "An expression was expected"),
        ("ab ${{ a b }}", 9, "Unexpected symbol: 'b'. Located at position 3 within expression: a b"),
        ("ab ${{ a.n }} ${{ nope.x }}", 18, "Unrecognized named-value: 'nope'"),
    ],
)
def test_errors_are_placed_in_the_whole_text(raw: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        template.parse(raw, names=("a",))
    assert caught.value.message.startswith(message)
    assert caught.value.offset == offset


def test_a_long_script_with_an_expression_is_refused_as_one_expression_would_be() -> None:
    assert template.parse("x" * 30_000) == ("x" * 30_000,)
    assert isinstance(template.parse("x" * 20_000 + "${{ a }}")[1], Part)
    with pytest.raises(ExpressionError, match="Exceeded max expression length 21000"):
        template.parse("x" * 21_000 + "${{ a }}")
