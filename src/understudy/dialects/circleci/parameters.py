"""Parameters of commands, jobs, executors and pipelines: what is declared, what is given, and whether they fit."""

import re
from collections.abc import Callable
from collections.abc import Mapping as Pairs
from dataclasses import dataclass

from understudy.dialects.circleci.nodes import entries, is_null, literal, text, text_of, value_of
from understudy.dialects.circleci.notes import REUSING, did_you_mean
from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.text.nearest import suggestion
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

KINDS = ("string", "boolean", "integer", "enum", "executor", "steps", "env_var_name")
PIPELINE_KINDS = ("string", "boolean", "integer", "enum")

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES = REUSING + "#parameter-types"


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared parameter; `default` None: it must be given."""

    name: str
    kind: str
    at: Position
    default: Node | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called (`command \\`say\\``) and where. `lenient`: its source is not here, so more may be given."""

    what: str
    at: Position
    lenient: bool = False


Prepare = Callable[[Declared, Node], Node]
"""Turns an executor's name or a list of steps into what they mean at the place where they are written."""


def declared(element: Mapping, notes: Notes, kinds: tuple[str, ...] = KINDS) -> dict[str, Declared]:
    """The parameters that `element` declares, by name, in order."""
    found = {}
    for key, node in entries(element.get("parameters")):
        if isinstance(node, Mapping):
            one = _declared(key, node, notes, kinds)
            if one:
                found[key.value] = one
    return found


def _declared(key: Scalar, node: Mapping, notes: Notes, kinds: tuple[str, ...]) -> Declared | None:
    kind = node.get("type")
    if not isinstance(kind, Scalar) or kind.value not in kinds:
        shown = kind.value if isinstance(kind, Scalar) else ""
        message = f"the parameter `{key.value}` has the type `{shown}`" if shown else f"`{key.value}` has no `type`"
        hint = did_you_mean(shown, kinds, "the types are " + ", ".join(f"`{one}`" for one in kinds))
        notes.error("parameter-type", message, kind.at if kind else key.at, hint, _TYPES)
        return None
    listed = node.get("enum")
    items = listed.items if isinstance(listed, Sequence) else ()
    choices = tuple(text_of(item) for item in items if isinstance(item, Scalar))
    default = node.get("default")
    one = Declared(key.value, kind.value, key.at, default, choices)
    if kind.value == "enum" and not choices:
        notes.error("enum-without-values", f"`{key.value}` is an enum without `enum` values", key.at, rule=_TYPES)
        return None
    if default is not None:
        problem = misfit(one, default)
        if problem:
            message = f"the default of `{key.value}` {problem}"
            notes.error("parameter-default", message, default.at, _quote_hint(one, default), _TYPES)
            return Declared(key.value, kind.value, key.at, _stand_in(one), choices)
    return one


def misfit(one: Declared, node: Node) -> str | None:
    """Why `node` can't be a value of `one`, as the end of a sentence; None when it can.

    See https://circleci.com/docs/reference/reusing-config/#parameter-types.
    """
    match one.kind:
        case "steps":
            return None if isinstance(node, Sequence) else "must be a list of steps"
        case "executor":
            named = node.get("name") if isinstance(node, Mapping) else node
            return None if isinstance(named, Scalar) and named.value else "must name an executor"
        case _:
            pass
    if not isinstance(node, Scalar):
        return f"must be a {one.kind}, not a {'list' if isinstance(node, Sequence) else 'map'}"
    return _scalar_misfit(one, node)


def _scalar_misfit(one: Declared, node: Scalar) -> str | None:
    value = value_of(node)
    match one.kind:
        case "boolean":
            return None if isinstance(value, bool) else f"must be true or false, not `{node.value}`"
        case "integer":
            whole = isinstance(value, int) and not isinstance(value, bool)
            return None if whole else f"must be a whole number, not `{node.value}`"
        case "enum":
            listed = ", ".join(f"`{choice}`" for choice in one.choices)
            return None if text_of(node) in one.choices else f"is `{node.value}`, which is none of {listed}"
        case "env_var_name":
            named = isinstance(value, str) and _VARIABLE.fullmatch(value)
            return None if named else f"must be the name of an environment variable, not `{node.value}`"
        case _:
            if value is None or isinstance(value, str):
                return None
            return f"must be a string, and YAML reads `{node.value}` as a {_kind_of(value)}"


def _kind_of(value: object) -> str:
    return "boolean" if isinstance(value, bool) else "number"


def _quote_hint(one: Declared, node: Node) -> str:
    if one.kind in {"string", "env_var_name"} and isinstance(node, Scalar) and not isinstance(value_of(node), str):
        return f'put it in quotes: "{node.value}"'
    if one.kind == "boolean" and isinstance(node, Scalar) and not node.plain:
        return "write it without quotes"
    if one.kind == "enum" and isinstance(node, Scalar):
        return suggestion(node.value, one.choices)
    return ""


def _stand_in(one: Declared) -> Node:
    """A value that keeps the rest readable where the given one is wrong."""
    match one.kind:
        case "steps":
            return Sequence((), one.at)
        case "boolean":
            return literal(value=False, at=one.at)
        case "integer":
            return literal(1, one.at)
        case "enum":
            return text(one.choices[0] if one.choices else "", one.at)
        case _:
            return text("", one.at)


def normal(one: Declared, node: Node) -> Node:
    """A fitting `node` with its type made plain: a string is one whatever it looks like, `yes` is `true`."""
    if not isinstance(node, Scalar) or one.kind == "executor":
        return node
    if one.kind in {"boolean", "integer"}:
        return literal(value_of(node), node.at)
    return text("" if is_null(node) else text_of(node), node.at)


def bind(
    parameters: Pairs[str, Declared],
    given: Pairs[str, tuple[Scalar, Node]],
    call: Call,
    notes: Notes,
    prepare: tuple[Prepare, Prepare],
) -> dict[str, Node]:
    """The value of each parameter: what is given, else its default, with a finding for each that doesn't fit.

    `prepare` is for given values and for defaults: names in them mean what they mean to the caller, or to the called.
    """
    _unexpected(parameters, given, call, notes)
    values: dict[str, Node] = {}
    missing = []
    for name, one in parameters.items():
        pair = given.get(name)
        if pair is not None:
            values[name] = _given(one, pair, call, notes, prepare[0])
        elif one.default is not None:
            values[name] = prepare[1](one, normal(one, one.default))
        else:
            missing.append(name)
            values[name] = _stand_in(one)
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        message = f"{call.what} needs {listed}, which {'is' if len(missing) == 1 else 'are'} not given"
        hint = f"give `{missing[0]}:` a value here, or a `default` where it is declared"
        notes.error("missing-parameter", message, call.at, hint, REUSING + "#parameter-syntax")
    return values


def _given(one: Declared, pair: tuple[Scalar, Node], call: Call, notes: Notes, prepare: Prepare) -> Node:
    key, node = pair
    problem = misfit(one, node)
    if problem is None:
        return prepare(one, normal(one, node))
    message = f"`{one.name}` of {call.what} {problem}"
    at = node.at if node.at.line else key.at
    notes.error("parameter-value", message, at, _quote_hint(one, node), _TYPES)
    return _stand_in(one)


def _unexpected(
    parameters: Pairs[str, Declared], given: Pairs[str, tuple[Scalar, Node]], call: Call, notes: Notes
) -> None:
    if call.lenient:
        return
    for name, (key, _) in given.items():
        if name not in parameters:
            hint = did_you_mean(name, parameters, "it has no parameters" if not parameters else "")
            notes.error("unknown-parameter", f"`{name}` is no parameter of {call.what}", key.at, hint, REUSING)
