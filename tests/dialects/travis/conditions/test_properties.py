"""Whatever the text: a tree or a ConditionError with a place in it, and the tree says what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.dialects.travis.conditions import ConditionError, Data, Tree, Value, holds, parse, problem
from understudy.dialects.travis.conditions.nodes import (
    Among,
    And,
    Call,
    Equal,
    Is,
    Match,
    Not,
    Operand,
    Or,
    Predicate,
    Variable,
    Word,
)
from understudy.dialects.travis.conditions.parser import VARIABLES

SIGNS = ("(", ")", " ", "\n", "\\\n", ",", "'", '"', "/", "\\", "=", "==", "!=", "=~", "!~", "!", "&&", "||", "$", "^")
WORDED = ("and", "OR ", "NOT ", "in", "not in", "IS ", "is not", "present", "blank", "true", "false", "env(", "concat(")
OTHER = ("é", "[", "]", "{2}", "(?i)", "*", "+", "x", "1")
PIECES = st.sampled_from((*SIGNS, *WORDED, *OTHER, *VARIABLES))
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(0, 2), st.text("ab/\"' ", max_size=4))
ENVS = st.one_of(
    st.none(),
    st.text("AB=\"' $()`\\", max_size=12),
    st.dictionaries(st.sampled_from("AB"), SCALARS),
    st.lists(st.one_of(st.text("AB= ", max_size=6), st.dictionaries(st.sampled_from("AB"), SCALARS))).map(tuple),
)


@given(TEXTS, st.dictionaries(st.sampled_from(VARIABLES), SCALARS), ENVS)
def test_any_text_is_judged_or_refused_at_a_place_in_it(text: str, attributes: dict[str, Value], env: Value) -> None:
    refused: ConditionError | None = None
    try:
        holds(parse(text), Data.of({**attributes, "env": env}))
    except ConditionError as error:
        refused = error
    assert refused is None or (refused.message and 0 <= refused.offset <= len(text))


@pytest.mark.parametrize("version", ["v0", "v1"])
@given(text=TEXTS)
def test_a_problem_has_a_place(version: str, text: str) -> None:
    error = problem(text, version)
    assert error is None or 0 <= error.offset <= len(text)


@pytest.mark.parametrize("text", ["(" * 5000, "not " * 5000, "env(" * 5000, "concat(a," * 5000, "a=b or " * 20_000])
@pytest.mark.parametrize("version", ["v0", "v1"])
def test_depth_and_length_have_an_end(text: str, version: str) -> None:
    assert problem(text, version) is not None


def test_places_are_told_beyond_many_joined_lines() -> None:
    text = "a = b or \\ \n" * 8000
    refused = problem(text)
    assert refused is not None
    assert refused.offset == len(text)


def test_many_alternatives_are_no_depth() -> None:
    assert holds(parse(" or ".join(["branch = x"] * 5000) + " or true"), Data())


BARE = st.from_regex(r"\A[a-z0-9_^.*-]{1,6}\Z").filter(
    lambda text: text[:2] not in {"en", "co"} and text not in VARIABLES
)
WORDS = st.one_of(BARE.map(lambda text: (text, Word(text))), BARE.map(lambda text: (f'"{text} )"', Word(f"{text} )"))))
NAMES = st.sampled_from(VARIABLES).map(lambda name: (name, Variable(name)))
Written = tuple[str, Tree]


def _call(arguments: list[tuple[str, Operand]]) -> tuple[str, Operand]:
    text = ", ".join(text for text, _ in arguments)
    return f"concat({text})", Call("concat", tuple(one for _, one in arguments))


OPERANDS: st.SearchStrategy[tuple[str, Operand]] = st.recursive(
    st.one_of(NAMES, WORDS), lambda inner: st.lists(inner, max_size=3).map(_call), max_leaves=4
)


@st.composite
def terms(draw: st.DrawFn) -> Written:
    text, left = draw(OPERANDS)
    negated = draw(st.booleans())
    match draw(st.sampled_from(["equal", "match", "among", "is", "bare"])):
        case "equal":
            other, right = draw(OPERANDS)
            return f"{text} {'!=' if negated else '='} {other}", Equal(left, right, negated)
        case "match":
            pattern = draw(BARE)
            return f"{text} {'!~' if negated else '=~'} /{pattern} )/", Match(left, Word(f"{pattern} )"), negated)
        case "among":
            choices = draw(st.lists(OPERANDS, min_size=1, max_size=3))
            listed = ", ".join(choice for choice, _ in choices)
            word = "NOT IN" if negated else "in"
            return f"{text} {word} ({listed})", Among(left, tuple(one for _, one in choices), negated)
        case "is":
            predicate = draw(st.sampled_from(list(Predicate)))
            return f"{text} {'is NOT' if negated else 'IS'} {predicate.value}", Is(left, predicate, negated)
        case _:
            return text, left


def _joined(inner: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    several = st.lists(inner, min_size=2, max_size=3)

    def both(parts: list[Written], word: str) -> str:
        return f" {word} ".join(f"({text})" for text, _ in parts)

    return st.one_of(
        several.map(lambda parts: (both(parts, "AND"), And(tuple(tree for _, tree in parts)))),
        several.map(lambda parts: (both(parts, "||"), Or(tuple(tree for _, tree in parts)))),
        inner.map(lambda one: (f"NOT ({one[0]})", Not(one[1]))),
    )


@given(st.recursive(terms(), _joined, max_leaves=5))
def test_what_was_written_is_what_is_read(written: Written) -> None:
    text, tree = written
    assert without_places(parse(text)) == tree


def without_places(tree: Tree) -> Tree:  # noqa: PLR0911 - one for each kind of node
    """The same tree with every node at 0."""
    match tree:
        case Variable(name):
            return Variable(name)
        case Word(text):
            return Word(text)
        case Call(name, arguments):
            return Call(name, tuple(operand(one) for one in arguments))
        case Equal():
            return Equal(operand(tree.left), operand(tree.right), tree.negated)
        case Match():
            assert isinstance(tree.pattern, Word)
            return Match(operand(tree.value), Word(tree.pattern.text), tree.negated)
        case Among():
            return Among(operand(tree.value), tuple(operand(one) for one in tree.choices or ()), tree.negated)
        case Is():
            return Is(operand(tree.value), tree.predicate, tree.negated)
        case Not(inner):
            return Not(without_places(inner))
        case And(parts):
            return And(tuple(without_places(one) for one in parts))
        case Or(parts):
            return Or(tuple(without_places(one) for one in parts))


def operand(node: Operand) -> Operand:
    found = without_places(node)
    assert isinstance(found, Variable | Word | Call)
    return found
