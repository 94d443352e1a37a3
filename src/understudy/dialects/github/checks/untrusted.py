"""Values that anyone can choose, such as the title of an issue: in a script they can become commands.

See https://docs.github.com/en/actions/reference/security/secure-use#good-practices-for-mitigating-script-injection-attacks.
"""

from collections.abc import Iterator, Mapping
from typing import Union

from understudy.dialects.github.expression.nodes import Call, Compare, Index, Literal, Name, Node, Not, Star, children

_Paths = Mapping[str, Union["_Paths", None]]
_AUTHOR: _Paths = {"email": None, "name": None}
_ISSUE: _Paths = {"title": None, "body": None}
_BODY: _Paths = {"body": None}
_PATHS: _Paths = {
    "github": {
        "event": {
            "issue": _ISSUE,
            "pull_request": {
                **_ISSUE,
                "head": {"ref": None, "label": None, "repo": {"default_branch": None}},
            },
            "comment": _BODY,
            "review": _BODY,
            "review_comment": _BODY,
            "pages": {"*": {"page_name": None}},
            "commits": {"*": {"message": None, "author": _AUTHOR}},
            "head_commit": {"message": None, "author": _AUTHOR},
            "discussion": _ISSUE,
        },
        "head_ref": None,
    }
}
_SAFE = ("contains", "startswith", "endswith")
_Found = tuple[str, _Paths | None]


def untrusted(node: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Each part of `node` that gives such a value to it, with the paths that it stands for.

    Comparisons and tests give true or false, which are harmless.
    """
    if isinstance(node, Compare | Not) or (isinstance(node, Call) and node.name.lower() in _SAFE):
        return
    if isinstance(node, Name | Index):
        paths = tuple(path for path, rest in _reached(node) if rest is None)
        if paths:
            yield node, paths
        for index in _indexes(node):
            yield from untrusted(index)
        return
    for child in children(node):
        yield from untrusted(child)


def _indexes(node: Node) -> Iterator[Node]:
    """What stands in the brackets of a chain, and what it starts from unless that is a context."""
    while isinstance(node, Index):
        if not isinstance(node.index, Literal | Star):
            yield node.index
        node = node.subject
    if not isinstance(node, Name):
        yield node


def _reached(node: Node) -> list[_Found]:
    """The paths that `node` leads along, each with what may follow; None: it is a value that can't be trusted."""
    match node:
        case Name(name=name):
            return _step([("", _PATHS)], name.lower())
        case Index(subject=subject, index=Star()):
            return [one for path, rest in _reached(subject) for one in _all(path, rest)]
        case Index(subject=subject, index=Literal(value=str() as name)):
            return _step(_reached(subject), name.lower())
        case Index(subject=subject):
            before = _reached(subject)
            # An index into what `.*` gave takes one of the values that it stands for.
            return before if _filtered(subject) else _step(before, "*")
        case _:
            return []


def _filtered(node: Node) -> bool:
    while isinstance(node, Index):
        if isinstance(node.index, Star):
            return True
        node = node.subject
    return False


def _step(found: list[_Found], name: str) -> list[_Found]:
    return [(f"{path}.{name}".lstrip("."), rest[name]) for path, rest in found if rest is not None and name in rest]


def _all(path: str, rest: _Paths | None) -> Iterator[_Found]:
    if rest is None:
        return
    if "*" in rest:
        yield f"{path}.*", rest["*"]
        return
    for name, below in rest.items():
        yield f"{path}.{name}", below
