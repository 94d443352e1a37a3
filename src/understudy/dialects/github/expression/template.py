"""Texts with `${{ }}` in them: cut into what is plain and what is an expression, and put together again."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from understudy.dialects.github.expression.contexts import Contexts
from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.evaluate import evaluate
from understudy.dialects.github.expression.nodes import Tree
from understudy.dialects.github.expression.numbers import trim
from understudy.dialects.github.expression.parser import MAX_LENGTH
from understudy.dialects.github.expression.parser import parse as parse_expression
from understudy.dialects.github.expression.values import Value, is_primitive, kind, to_text

OPEN = "${{"
CLOSE = "}}"
_MOST_PARTS = 254


@dataclass(frozen=True, slots=True)
class Part:
    """One expression of a text: `source` without `${{ }}` and the space inside; `offset`: where `source` begins."""

    source: str
    offset: int
    tree: Tree


def parse(
    raw: str,
    *,
    names: Collection[str] | None = None,
    functions: Collection[str] | None = None,
) -> tuple[str | Part, ...]:
    """The pieces of `raw`, none of them empty; `names` and `functions` as for `parser.parse`.

    Raises ExpressionError for the first expression that is wrong, `offset` counted from the start of `raw`. A text of
    several pieces must not be longer than one expression may be: GitHub makes one call of `format` of it.
    """
    pieces: list[str | Part] = []
    at = 0
    while (begin := raw.find(OPEN, at)) >= 0:
        end = _end(raw, begin)
        if begin > at:
            pieces.append(raw[at:begin])
        pieces.append(_part(raw[begin + len(OPEN) : end - len(CLOSE)], begin + len(OPEN), names, functions))
        at = end
    if at < len(raw):
        pieces.append(raw[at:])
    _check_size(pieces)
    return tuple(pieces)


@lru_cache(maxsize=4096)
def known(raw: str) -> tuple[str | Part, ...]:
    """As `parse` with all names allowed; remembers what it has read."""
    return parse(raw)


def _end(raw: str, begin: int) -> int:
    """The index after the `}}` that closes what opens at `begin`; none inside of a text in quotes does."""
    in_string = False
    for index in range(begin + len(OPEN), len(raw)):
        if raw[index] == "'":
            in_string = not in_string
        elif not in_string and raw[index] == "}" and raw[index - 1] == "}":
            return index + 1
    message = (
        "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found."
    )
    raise ExpressionError("lexing", message, begin)


def _part(inside: str, begin: int, names: Collection[str] | None, functions: Collection[str] | None) -> Part:
    source = trim(inside)
    offset = begin + (inside.index(source) if source else 0)
    if not source:
        raise ExpressionError("parsing", "An expression was expected", offset)
    try:
        return Part(source, offset, parse_expression(source, names=names, functions=functions))
    except ExpressionError as error:
        raise ExpressionError(error.phase, error.message, offset + error.offset) from None


def _check_size(pieces: list[str | Part]) -> None:
    """See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#format for what is escaped."""
    parts = [piece for piece in pieces if isinstance(piece, Part)]
    if len(pieces) < 2 or not parts:
        return
    if len(parts) > _MOST_PARTS:
        raise ExpressionError("parsing", "Too many parameters supplied: 'format'", parts[_MOST_PARTS].offset)
    plain = "".join(piece for piece in pieces if isinstance(piece, str))
    size = len("format('')") + len(plain) + sum(plain.count(sign) for sign in "'{}")
    size += sum(len(f"{{{index}}}, {part.source}") for index, part in enumerate(parts))
    if size > MAX_LENGTH:
        raise ExpressionError("parsing", f"Exceeded max expression length {MAX_LENGTH}", parts[0].offset)


def value(raw: str, contexts: Contexts) -> Value:
    """What `raw` is worth: a text that is one expression and nothing else keeps its kind. Raises ExpressionError."""
    pieces = known(raw)
    if len(pieces) == 1 and isinstance(pieces[0], Part):
        return _evaluated(pieces[0], contexts)
    return "".join(piece if isinstance(piece, str) else to_text(_evaluated(piece, contexts)) for piece in pieces)


def text(raw: str, contexts: Contexts) -> str:
    """As `value`, where only text makes sense. Raises ExpressionError for an array or an object."""
    found = value(raw, contexts)
    if not is_primitive(found):
        raise ExpressionError("evaluation", f"Expected a string and not an {kind(found).lower()}")
    return to_text(found)


def _evaluated(part: Part, contexts: Contexts) -> Value:
    try:
        return evaluate(part.tree, contexts)
    except ExpressionError as error:
        raise ExpressionError(error.phase, error.message, part.offset + error.offset) from None
