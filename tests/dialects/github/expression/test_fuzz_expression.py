"""Whatever the text: a value or an ExpressionError, and nothing else."""

import contextlib

from hypothesis import given
from hypothesis import strategies as some

from understudy.dialects.github.expression import Contexts, ExpressionError, evaluate, parse, template
from understudy.dialects.github.expression.contexts import by_status
from understudy.dialects.github.expression.json_reader import read_json
from understudy.dialects.github.expression.nodes import walk
from understudy.dialects.github.expression.values import from_plain, to_plain

WORDS = (
    *("a", "github", "b-c", "null", "true", "NaN", "Infinity", "1", "-.5", "0xff", "'t'", "''", "'{0}{{'", "'[1,2]'"),
    *("contains(", "format(", "join(", "toJSON(", "fromJSON(", "case(", "always(", "startsWith(", "nothing("),
    *(
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        "*",
        "!",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        " ",
        "\n",
        "'",
        "${{",
        "}}",
    ),
)
TEXTS = some.text(max_size=40) | some.lists(some.sampled_from(WORDS), max_size=25).map("".join)
JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.floats(-1e300, 1e300)
    | some.integers(-(10**40), 10**40)
    | some.text(max_size=9),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(TEXTS, JSON)
def test_an_expression_gives_a_value_or_an_expression_error(text: str, data: object) -> None:
    contexts = Contexts({"a": from_plain(data), "github": from_plain({"x": [data]})}, by_status("failure"))
    with contextlib.suppress(ExpressionError):
        tree = parse(text)
        assert all(0 <= node.offset <= len(text) for node in walk(tree.root))
        to_plain(evaluate(tree, contexts))


@given(TEXTS)
def test_an_error_has_its_place_in_the_text(text: str) -> None:
    offset = 0
    try:
        parse(text, names=("a",), functions=())
    except ExpressionError as error:
        offset = error.offset
    assert 0 <= offset <= len(text)


@given(TEXTS)
def test_a_template_gives_back_its_text(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        pieces = template.parse(text)
        for piece in pieces:
            if not isinstance(piece, str):
                assert text[piece.offset :].startswith(piece.source)


@given(some.text(alphabet="[]{}:,\"'\\/*0123x.eE+-u \ntrufalsn", max_size=30))
def test_any_text_is_json_or_an_error(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        read_json(text)


@given(JSON)
def test_what_is_written_as_json_can_be_read(data: object) -> None:
    contexts = Contexts({"a": from_plain(data)})
    with contextlib.suppress(ExpressionError):  # names that differ only in case can't be read together
        written = evaluate(parse("toJSON(a)"), contexts)
        assert written == evaluate(parse("toJSON(fromJSON(toJSON(a)))"), contexts)
