"""What steps, parallel groups, stages and lists of them look like in a Bitbucket file."""

from collections.abc import Iterable

from understudy.dialects.bitbucket import pages, structure_texts
from understudy.dialects.bitbucket.nodes import member, text_of
from understudy.dialects.bitbucket.structure_parts import (
    ARTIFACTS,
    CLONE,
    CONDITION,
    IGNORED,
    IMAGE,
    LAX,
    MAX_TIME,
    NAMED,
    RUNTIME,
    SCRIPT,
    SIZE,
    VARIABLES,
)
from understudy.findings import Finding, Severity
from understudy.text import yaml
from understudy.text.shape import (
    Anything,
    Chosen,
    Either,
    Flag,
    Many,
    Place,
    Rule,
    Shape,
    Table,
    Text,
    Whole,
    Words,
    is_null,
)

_LABEL = Text(structure_texts.label, lax=True, hint="take a shorter one")
_VARIABLE_NAME = Text(structure_texts.variable, lax=True, hint="rename it: `LIKE_THIS_1`")
_TRIGGER = Words(("automatic", "manual"))
_ON_FAIL = Table(
    keys={
        "strategy": Words(("fail", "ignore", "retry")),
        "max-retry-count": Whole(1),
        "maxRetryCount": Whole(1),
    },
    required=("strategy",),
    unknown=IGNORED,
    rule=pages.ON_FAIL,
)

_STEP_KEYS: dict[str, Shape] = {
    "name": LAX,
    "script": SCRIPT,
    "after-script": SCRIPT,
    "image": IMAGE,
    "caches": Many(NAMED, least=1),
    "services": Many(NAMED, least=1),
    "artifacts": ARTIFACTS,
    "trigger": _TRIGGER,
    "deployment": NAMED,
    "environment": NAMED,
    "condition": CONDITION,
    "size": SIZE,
    "max-time": MAX_TIME,
    "clone": CLONE,
    "oidc": Flag(),
    "runs-on": Either((_LABEL, Many(_LABEL, least=1)), "a label or a list of labels"),
    "runtime": RUNTIME,
    "fail-fast": Flag(),
    "output-variables": Many(_VARIABLE_NAME, least=1),
    "input-variables": VARIABLES,
    "on-fail": _ON_FAIL,
    "type": Words(("pipeline", "inline")),
    "custom": NAMED,
    "concurrency-group": _LABEL,
}

NOT_OF_A_CHILD = (
    *("script", "after-script", "image", "caches", "services", "size", "runtime", "runs-on", "clone", "oidc"),
    *("deployment", "output-variables"),
)
"""Keys that a step has no use for which starts a child pipeline.

See https://support.atlassian.com/bitbucket-cloud/docs/child-pipeline-step-options/.
"""


def is_child(step: yaml.Node | None) -> bool:
    """Whether the step starts a custom pipeline in place of a script."""
    kind = step.get("type") if isinstance(step, yaml.Mapping) else None
    return isinstance(kind, yaml.Scalar) and kind.value == "pipeline"


def is_manual(part: yaml.Node | None) -> bool:
    """Whether the step or stage waits for somebody to start it."""
    trigger = text_of(member(part, "trigger"))
    return trigger is not None and trigger.raw == "manual"


def _only_a_child(step: yaml.Mapping, place: Place) -> Iterable[Finding]:
    for key in (step.key(name) for name in NOT_OF_A_CHILD):
        if key is not None:
            message = f"{place.name} starts a child pipeline, and `{key.value}` says nothing to one"
            hint = f"remove `{key.value}`, or `type: pipeline`"
            yield Finding(Severity.ERROR, "conflicting-keys", message, key.at, hint, pages.CHILD)


def _no_child(step: yaml.Mapping, place: Place) -> Iterable[Finding]:
    for key in (step.key(name) for name in ("custom", "input-variables")):
        if key is not None:
            message = f"`{key.value}` is for a step that starts a child pipeline, and {place.name} has a script"
            yield Finding(Severity.WARNING, "ignored-key", message, key.at, "add `type: pipeline`", pages.CHILD)


_STEP = Table(keys=_STEP_KEYS, required=("script",), unknown=IGNORED, rules=(_no_child,), rule=pages.STEP)
_CHILD = Table(
    keys={**_STEP_KEYS, **dict.fromkeys(NOT_OF_A_CHILD, Anything())},
    required=("custom",),
    unknown=IGNORED,
    rules=(_only_a_child,),
    rule=pages.CHILD,
)


def _step(step: yaml.Mapping) -> Shape:
    return _CHILD if is_child(step) else _STEP


STEP: Shape = Chosen(_step)

_NOT_OF_A_FINAL = ("deployment", "environment", "fail-fast", "trigger", "type")


def _final(step: yaml.Mapping, place: Place) -> Iterable[Finding]:
    for key in (step.key(name) for name in _NOT_OF_A_FINAL):
        if key is not None:
            message = f"{place.name} is the final step, which has no `{key.value}`"
            yield Finding(Severity.ERROR, "not-of-a-final-step", message, key.at, f"remove `{key.value}`", pages.FINAL)


FINAL: Shape = Table(
    keys={**_STEP_KEYS, **dict.fromkeys(_NOT_OF_A_FINAL, Anything())},
    required=("script",),
    unknown=IGNORED,
    rules=(_final,),
    rule=pages.FINAL,
)
"""A step that is performed after all others, whatever has become of them."""

_ALONE = "indent what belongs to it further, and begin every item of the list with `- `"


def _sunk(item: yaml.Mapping, _place: Place) -> Iterable[Finding]:
    """Keys that stand beside `step` and are meant to stand in it."""
    name = next(key for key, value in item if is_null(value))
    others = [key for key, _ in item if key is not name]
    listed = ", ".join(f"`{key.value}`" for key in others[:5])
    message = f"`{name.value}` is empty, and {listed} beside it"
    hint = f"indent {listed} further than `{name.value}`"
    yield Finding(Severity.ERROR, "not-indented", message, others[0].at, hint, pages.START)


_NOT_INDENTED = Table(others=Anything(), rules=(_sunk,))


def _is_sunk(item: yaml.Mapping, name: str) -> bool:
    value = item.get(name)
    return value is not None and is_null(value) and len(item.pairs) > 1


def _misplaced(*names: str, where: str, rule: str) -> tuple[Rule, ...]:
    def check(item: yaml.Mapping, _place: Place) -> Iterable[Finding]:
        for key in (item.key(name) for name in names):
            if key is not None:
                message = f"`{key.value}` can't stand inside {where}"
                hint = f"put it beside {where}, or make steps of it"
                yield Finding(Severity.ERROR, f"{key.value}-inside", message, key.at, hint, rule)

    return (check,)


def _only_step(*wrong: str, where: str, rule: str) -> Shape:
    """An item that is a step, where other items can't stand."""
    good = Table(keys={"step": STEP}, required=("step",), single=_ALONE, rule=rule)
    bad = Table(
        keys=dict.fromkeys(wrong, Anything()), others=Anything(), rules=_misplaced(*wrong, where=where, rule=rule)
    )

    def choose(item: yaml.Mapping) -> Shape:
        if _is_sunk(item, "step"):
            return _NOT_INDENTED
        return bad if "step" not in item and any(name in item for name in wrong) else good

    return Chosen(choose)


_STEPS_OF_PARALLEL = Many(
    _only_step("parallel", "stage", "variables", where="`parallel`", rule=pages.PARALLEL), least=1
)
PARALLEL: Shape = Either(
    (
        _STEPS_OF_PARALLEL,
        Table(
            keys={"steps": _STEPS_OF_PARALLEL, "fail-fast": Flag()},
            required=("steps",),
            unknown=IGNORED,
            rule=pages.PARALLEL,
        ),
    ),
    "a list of steps, or a map with `steps`",
)

STAGE: Shape = Table(
    keys={
        "name": LAX,
        "steps": Many(_only_step("parallel", "stage", "variables", where="`stage`", rule=pages.STAGE), least=1),
        "deployment": NAMED,
        "environment": NAMED,
        "trigger": _TRIGGER,
        "condition": CONDITION,
        "on-fail": _ON_FAIL,
        "concurrency-group": _LABEL,
    },
    required=("steps",),
    unknown=IGNORED,
    rule=pages.STAGE,
)

_VARIABLE = Table(
    keys={
        "name": _VARIABLE_NAME,
        "default": LAX,
        "description": LAX,
        "allowed-values": Many(LAX, least=1),
    },
    required=("name",),
    unknown=IGNORED,
    rule=f"{pages.START}#Custom",
)
_PARTS: dict[str, Shape] = {"step": STEP, "parallel": PARALLEL, "stage": STAGE, "final": FINAL}
_OF_CUSTOM: dict[str, Shape] = {**_PARTS, "variables": Many(_VARIABLE, least=1)}


def _item_of(parts: dict[str, Shape]) -> Shape:
    known = {
        name: Table(keys={name: shape}, required=(name,), single=_ALONE, rule=pages.START)
        for name, shape in parts.items()
    }
    unknown = Table(keys=parts, single=_ALONE, rule=pages.START)

    def choose(item: yaml.Mapping) -> Shape:
        name = next((name for name in known if name in item), None)
        if name is not None and _is_sunk(item, name):
            return _NOT_INDENTED
        return unknown if name is None else known[name]

    return Chosen(choose)


_IMPORT = Table(
    keys={
        "import": Text(structure_texts.imported, hint="name all three parts, or a source of `definitions: imports:`")
    },
    required=("import",),
    rule=pages.SHARING,
)


def _no_list(pipeline: yaml.Mapping, place: Place) -> Iterable[Finding]:
    message = f"{place.name} must be {_LIST_OR_IMPORT}, not a map"
    hint = "put `- ` before each step"
    yield Finding(Severity.ERROR, "wrong-type", message, pipeline.at, hint, pages.START)


_NO_LIST = Table(others=Anything(), rules=(_no_list,))


def _map(pipeline: yaml.Mapping) -> Shape:
    return _IMPORT if "import" in pipeline else _NO_LIST


_LIST_OR_IMPORT = "a list of steps, or `import:`"
PIPELINE: Shape = Either((Many(_item_of(_PARTS), least=1), Chosen(_map)), _LIST_OR_IMPORT)
CUSTOM: Shape = Either((Many(_item_of(_OF_CUSTOM), least=1), Chosen(_map)), _LIST_OR_IMPORT)


def _pull_request(pipeline: yaml.Mapping) -> Shape:
    return _DESTINATIONS if "destinations" in pipeline else _map(pipeline)


_DESTINATIONS = Table(
    keys={"destinations": Table(others=PIPELINE, noun="destination", name_test=structure_texts.glob)},
    unknown=IGNORED,
    rule=pages.START,
)
PULL_REQUEST: Shape = Either(
    (Many(_item_of(_PARTS), least=1), Chosen(_pull_request)), "a list of steps, `import:` or `destinations:`"
)
