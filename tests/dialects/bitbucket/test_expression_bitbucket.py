"""The expressions of conditions: https://support.atlassian.com/bitbucket-cloud/docs/expression-language/."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from understudy.dialects.bitbucket.expression import ExpressionError, holds, parse

VALUES = {"var_1": "150", "var_2": "no", "var_3": "true", "BITBUCKET_BRANCH": "feature/a", "version": "v1.2", "n": "9"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("!false", True),
        ('var_2 == "no"', True),
        ("var_2 == 'no'", True),
        ('var_2 != "no"', False),
        ("var_1 > 100 && var_1 <= 200", True),
        ('(var_1 > 100 && var_1 <= 200) || var_2 == "ok" && var_3 == true', True),
        ("var_1 == 150", True),
        ("var_1 == 150.0", True),
        ("n < 10", True),
        ("var_3 == true", True),
        ("var_3", True),
        ("!var_3", False),
        ("absent == ''", True),
        ('absent == "x"', False),
        ('glob(BITBUCKET_BRANCH, "feature/*")', True),
        ('glob(BITBUCKET_BRANCH, "{main,develop,staging}")', False),
        ('glob(version, "v1.*") && var_2 != "ok"', True),
        ('!glob(version, "v2.*")', True),
        ("false && true || true", True),
        ("true || false && false", True),
        ("-1 < 0", True),
        (r'"a\"b" == "a\"b"', True),
    ],
)  # fmt: skip
def test_values(text: str, *, value: bool) -> None:
    assert holds(parse(text), VALUES) is value


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("", 0, "ends"),
        ("a ==", 4, "ends"),
        ("a = 1", 2, "`=` means nothing"),
        ("a == 1 b", 7, "`b` is not expected"),
        ("(a == 1", 7, "`)` is missing"),
        ('contains(a, "b")', 0, "no function `contains`"),
        ('glob(a "b")', 7, "`,` is missing"),
        ('"a', 0, "means nothing"),
        ("&& a", 0, "`&&` is not expected"),
        ('"text"', 0, "neither true nor false"),
        ("3", 0, "neither true nor false"),
        ("$a == 1", 0, "`$` means nothing"),
    ],
)
def test_what_can_not_be_read(text: str, offset: int, words: str) -> None:
    with pytest.raises(ExpressionError) as found:
        parse(text)
    assert found.value.offset == offset
    assert words in found.value.message


def test_a_variable_that_is_no_boolean() -> None:
    with pytest.raises(ExpressionError, match="`var_2` is `no`"):
        holds(parse("var_2 && true"), VALUES)


def test_what_is_not_reached_is_not_asked() -> None:
    assert holds(parse("true || var_2"), VALUES)
    assert not holds(parse("false && var_2"), VALUES)


def test_bounds() -> None:
    assert holds(parse(" && ".join(["true"] * 400)), {})
    for text in ("(" * 200 + "true" + ")" * 200, "!" * 5000 + "true", " && ".join(["true"] * 5000)):
        with pytest.raises(ExpressionError, match=r"more than|deeper than"):
            parse(text)


@given(some.text(alphabet="abc\"'!&|=<>()., 01$\\\n", max_size=30) | some.text(max_size=20))
def test_any_text_is_an_expression_or_told_to_be_none(text: str) -> None:
    told: ExpressionError | None = None
    try:
        holds(parse(text), VALUES)
    except ExpressionError as error:
        told = error
    assert told is None or (told.message and 0 <= told.offset <= len(text))
