"""What the texts of a job take from the settings of the project on the service: secrets, variables, the token."""

import dataclasses
from collections.abc import Iterator, Mapping

from understudy.dialects.base import Asked, Setting
from understudy.dialects.github.expression import template
from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.nodes import Compare, Index, Literal, Logical, Name, Node, Not, children
from understudy.findings import Position
from understudy.model.pipeline import Caller, Condition, Job, Pipeline, Text

TOKEN = "GITHUB_TOKEN"  # noqa: S105 - its name
_CONTEXTS = {"secrets": Setting.SECRET, "vars": Setting.VARIABLE}


def asked(job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
    """What `job` asks for that its texts can't do without, each once.

    A text can that says what to take instead (`||`), or looks whether there is anything. What the defaults of an
    action's inputs ask for is not the workflow's own. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#secrets-context.
    """
    found: dict[tuple[Setting, str], Asked] = {}
    job_alone = dataclasses.replace(job, caller=None)
    for text in (*_texts(job_alone), *pipeline.env.values()):
        if text.at.file == job.at.file:
            for one in _mentioned(text, job.caller):
                found.setdefault((one.setting, one.name.lower()), one)
    return tuple(found.values())


def _texts(value: object) -> Iterator[Text]:
    """All texts in `value`; a condition's expression as a text of that expression alone."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Condition):
        if value.expression is not None:
            yield Text(f"{template.OPEN}{value.expression.raw}{template.CLOSE}", value.expression.at)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts(one)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))


def _mentioned(text: Text, caller: Caller | None) -> Iterator[Asked]:
    """What `text` asks for; the secrets of a called workflow are what its caller makes of its own."""
    if template.OPEN not in text.raw:
        return
    try:
        parts = template.known(text.raw)
    except ExpressionError:
        return
    for part in parts:
        if not isinstance(part, str):
            for context, name in _needed(part.tree.root):
                yield from _traced(context, name, text.at, caller)


def _traced(context: str, name: str, at: Position, caller: Caller | None) -> Iterator[Asked]:
    if context == "github" or (context == "secrets" and name.upper() == TOKEN):
        yield Asked(Setting.TOKEN, TOKEN, at)
    elif context == "vars" or caller is None:
        yield Asked(_CONTEXTS[context], name, at)
    elif caller.secrets is None:
        yield from _traced(context, name, at, caller.caller)
    else:
        for key, text in caller.secrets.items():
            if key.lower() == name.lower():
                yield from _mentioned(text, caller.caller)


def _needed(node: Node) -> Iterator[tuple[str, str]]:
    """The contexts and names in `node` whose absence it doesn't provide for."""
    match node:
        case Logical(operator="||", operands=operands):
            yield from _needed(operands[-1])
        case Not():
            return
        case Compare(left=left, right=right) if _is_empty(left) or _is_empty(right):
            return
        case Index(subject=Name(name=context), index=Literal(value=str(name))):
            if context.lower() in _CONTEXTS or (context.lower(), name.lower()) == ("github", "token"):
                yield context.lower(), name
        case _:
            for child in children(node):
                yield from _needed(child)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Literal) and node.value in ("", None)
