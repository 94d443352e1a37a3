"""What actions that are built in are made of: scripts, groups, caches, and sentences about what differs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache

from understudy.dialects.github.actions.resolved import SH, Asked, Resolved
from understudy.findings import Finding, Severity
from understudy.model.pipeline import (
    ON_SUCCESS,
    Action,
    Condition,
    Group,
    Script,
    Step,
    Text,
)

BuiltIn = Callable[[Asked], Resolved]
"""What a step becomes that uses an action which is built in."""


@cache
def source(*names: str) -> str:
    """Scripts of this package, one after another, the common part first. None of them holds an expression."""
    from importlib.resources import files as package_files  # noqa: PLC0415 - needed by built-in actions alone

    folder = package_files("understudy.dialects.github.actions") / "scripts"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in ("common.sh", *names))


def variables(asked: Asked, names: Mapping[str, str]) -> dict[str, Text]:
    """The inputs `names`, with what each is where it isn't given, as `INPUT_NAME`: `-` becomes `_`."""
    return {f"INPUT_{name.upper().replace('-', '_')}": asked.text(name, otherwise) for name, otherwise in names.items()}


def script(asked: Asked, names: tuple[str, ...], inputs: Mapping[str, str]) -> Step:
    """The step with a script of this package in place of the action; it has the `inputs` as variables."""
    body = Text(source(*names), asked.step.at)
    env = {**asked.step.env, **variables(asked, inputs)}
    return replace(asked.step, action=Script(body, SH), env=env)


def inner(asked: Asked, id_: str, name: str, action: Action, when: Condition = ON_SUCCESS) -> Step:
    """A step of a group that stands for the action of `asked`."""
    return Step(id_, Text(name, asked.step.at), asked.step.at, action, when=when)


def inside(asked: Asked, id_: str, name: str, names: tuple[str, ...], inputs: Mapping[str, str]) -> Step:
    """A script of this package as a step of a group, called `name`, with the group's inputs as variables."""
    given = {name: expression(asked, f"inputs.{name}") for name in inputs}
    step = Step(id_, Text(name, asked.step.at), asked.step.at, asked.use)
    return script(Asked(step, asked.use, given), names, inputs)


def expression(asked: Asked, text: str) -> Text:
    """`text` as an expression, at the place of the step."""
    return Text(f"${{{{ {text} }}}}", asked.step.at)


def only_if(asked: Asked, text: str) -> Condition:
    """After success, and where the expression `text` holds."""
    return Condition(expression=Text(text, asked.step.at), written=text)


def group(
    asked: Asked, steps: Iterable[Step], inputs: Mapping[str, Text], outputs: Mapping[str, str], **also: Text
) -> Step:
    """The step with a group in place of the action. `outputs`: expressions, without `${{ }}`."""
    values = {name: expression(asked, text) for name, text in outputs.items()}
    return replace(asked.step, action=Group(tuple(steps), {**inputs, **also}, values))


def carried(asked: Asked, name: str, texts: Iterable[Text]) -> tuple[dict[str, Text], tuple[Text, ...]]:
    """Texts as inputs of a group, `name_1` and so on, and what names them inside of it.

    Inside a group there are no steps but its own: what a file says must be evaluated where the step stands.
    """
    inputs = {f"{name}_{number}": text for number, text in enumerate(texts, 1)}
    return inputs, tuple(expression(asked, f"inputs.{key}") for key in inputs)


def told(
    asked: Asked, severity: Severity, code: str, message: str, hint: str = "", *, at: Text | None = None
) -> Finding:
    """A remark on the action, at one of its inputs or at its name."""
    return Finding(severity, code, message, (at or asked.use.ref).at, hint)


def ignored(asked: Asked, names: Mapping[str, str]) -> tuple[Finding, ...]:
    """A note for each input that is given and makes no difference here; `names` say why."""
    return tuple(
        told(asked, Severity.NOTE, "input-ignored", f"`{name}` makes no difference here: {why}", at=asked.given[name])
        for name, why in names.items()
        if name in asked.given
    )
