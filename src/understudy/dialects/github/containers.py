"""How the container of a Docker action is started: its entrypoint, arguments and variables."""

import shlex
from collections.abc import Mapping
from dataclasses import replace

from understudy.dialects.base import EvaluationError, Invocation, Scope
from understudy.dialects.github.contexts import contexts, environment
from understudy.dialects.github.expression import template
from understudy.dialects.github.expression.contexts import Contexts
from understudy.dialects.github.variables import HOME, home_path
from understudy.model.pipeline import Group, RunContainer, Text


def invocation(action: RunContainer, scope: Scope, own: Mapping[str, str], leaves: tuple[str, ...]) -> Invocation:
    """`own`: what no step can overwrite. All paths are those of the room. Raises EvaluationError.

    See https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs-for-docker-container-actions
    and, of the variables, #inputs and #runsenv of the same page.
    """
    inputs = {name: _text(text, contexts(scope)) for name, text in action.inputs.items()}
    inside = contexts(replace(scope, group=scope.group or Group(()), inputs=inputs))
    known = environment(scope)
    env = {"CI": "true"} | {name: _text(text, inside) for name, text in action.env.items()}
    env = {name: value for name, value in env.items() if name not in known}
    env |= {f"INPUT_{name.replace(' ', '_').upper()}": value for name, value in inputs.items()}
    if scope.place is not None:
        env["HOME"] = home_path(scope.place, HOME)
    return Invocation(
        argv=_arguments(action, inside),
        script=b"",
        env={**env, **own},
        leaves=leaves,
        entrypoint=_split(action.entrypoint, inside),
    )


def _arguments(action: RunContainer, seen: Contexts) -> tuple[str, ...]:
    if action.arguments:
        return tuple(_text(text, seen) for text in action.arguments)
    return _split(action.words, seen)


def _split(text: Text | None, seen: Contexts) -> tuple[str, ...]:
    if text is None:
        return ()
    line = _text(text, seen)
    try:
        return tuple(shlex.split(line))
    except ValueError as error:
        raise EvaluationError(f"`{line}` can't be split into words: {error}") from None


def _text(text: Text, seen: Contexts) -> str:
    return template.text(text.raw, seen) if template.OPEN in text.raw else text.raw
