"""Conditions that Travis reads otherwise than they look."""

from collections.abc import Iterator

from understudy.dialects.travis.conditions.nodes import (
    Among,
    And,
    Call,
    Equal,
    Is,
    Match,
    Not,
    Or,
    Tree,
    Variable,
    Word,
)

_FUNCTIONS = ("env", "concat")


def misread(text: str, tree: Tree) -> Iterator[tuple[int, str]]:
    """What in `text`, which was read as `tree`, is probably not what was meant: the offset, and a sentence."""
    for word, is_pattern in _words(tree):
        if is_pattern and text.startswith("/", word.at) and not _is_closed(text, word.at):
            yield word.at, "the regular expression has no second `/`, so that all that follows is part of it"
        before = text[: word.at].rstrip().lower()
        lost = next((name for name in _FUNCTIONS if before.endswith(name)), None)
        if lost is not None:
            start = len(before) - len(lost)
            meant = text[start : word.at] + word.text
            quoted = f"/{meant}/" if is_pattern else f'"{meant}"'
            yield start, f"`{meant}` is read as `{word.text}`, for it begins like a function; write `{quoted}`"


def _is_closed(text: str, at: int) -> bool:
    escaped = False
    for char in text[at + 1 :]:
        if char == "/" and not escaped:
            return True
        escaped = char == "\\"
    return False


def _words(tree: Tree) -> Iterator[tuple[Word, bool]]:
    """The texts in `tree`, and whether each is a regular expression."""
    if isinstance(tree, Word):
        yield tree, False
    elif isinstance(tree, Match) and isinstance(tree.pattern, Word):
        yield from _words(tree.value)
        yield tree.pattern, True
    else:
        yield from (found for one in _inner(tree) for found in _words(one))


def _inner(tree: Tree) -> tuple[Tree, ...]:  # noqa: PLR0911 - one for each kind of node
    match tree:
        case Call():
            return tree.arguments
        case And() | Or():
            return tree.parts
        case Not():
            return (tree.inner,)
        case Equal():
            return (tree.left, tree.right)
        case Match():
            return (tree.value,) if tree.pattern is None else (tree.value, tree.pattern)
        case Among():
            return (tree.value, *(tree.choices or ()))
        case Is():
            return (tree.value,)
        case Variable() | Word():
            return ()
