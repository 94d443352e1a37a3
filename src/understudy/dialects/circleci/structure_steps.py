"""What steps, logic statements and declared parameters look like in a CircleCI file."""

from collections.abc import Iterable

from understudy.dialects.circleci import structure_texts as texts
from understudy.findings import Finding, Severity
from understudy.text import yaml
from understudy.text.shape import (
    Anything,
    Chosen,
    Either,
    Flag,
    Later,
    Many,
    Place,
    Rule,
    Shape,
    Table,
    Text,
    Whole,
    Words,
    is_null,
    names,
    shorten,
)

PAGE = "https://circleci.com/docs/reference/configuration-reference/"
REUSE_PAGE = "https://circleci.com/docs/reference/reusing-config/"

TEXT = Text()
LAX_TEXT = Text(lax=True)
TEXTS = Either((TEXT, Many(TEXT)), "a text or a list of texts")
_VALUE = Either((LAX_TEXT,), "a text, a number or a boolean", nothing=True)
WHEN = Words(("always", "on_success", "on_fail"))
ENVIRONMENT = Either(
    (LAX_TEXT, Many(Either((LAX_TEXT, names("variable", _VALUE)), "`NAME=value` or a map")), names("variable", _VALUE)),
    "a map of names to values",
)
SHELL = TEXTS


def _operator(statement: yaml.Mapping, place: Place) -> Iterable[Finding]:
    if len(statement.pairs) > 1:
        listed = ", ".join(f"`{shorten(key.value)}`" for key, _ in statement)
        message = f"{place.name} has {len(statement.pairs)} operators: {listed}"
        hint = "put them as a list below one `and` or `or`"
        yield Finding(Severity.ERROR, "several-keys", message, statement.at, hint, place.rule)


_LOGIC_LATER = Later(lambda: LOGIC)
LOGIC: Shape = Either(
    (
        LAX_TEXT,
        Table(
            keys={
                "and": Many(_LOGIC_LATER, least=1),
                "or": Many(_LOGIC_LATER, least=1),
                "not": _LOGIC_LATER,
                "equal": Many(Anything(), least=1),
                "matches": Table(keys={"pattern": TEXT, "value": LAX_TEXT}, required=("pattern", "value")),
            },
            rules=(_operator,),
            rule=f"{PAGE}#logic-statements",
        ),
    ),
    "a value or a logic statement",
)


def _reruns(step: yaml.Mapping, place: Place) -> Iterable[Finding]:
    """Reruns as https://circleci.com/docs/guides/orchestrate/automatic-reruns/ allows them."""
    delay, background = step.key("auto_rerun_delay"), step.get("background")
    if delay and "max_auto_reruns" not in step:
        message = "`auto_rerun_delay` does nothing without `max_auto_reruns`"
        yield Finding(Severity.ERROR, "missing-key", message, delay.at, "add `max_auto_reruns: 1`", place.rule)
    reruns = step.key("max_auto_reruns")
    if reruns and isinstance(background, yaml.Scalar) and background.value == "true":
        message = "a step in the background is not rerun: nobody waits for it to fail"
        yield Finding(Severity.WARNING, "conflicting-keys", message, reruns.at, "remove `max_auto_reruns`", place.rule)


def _bare_timeout(step: yaml.Mapping, place: Place) -> Iterable[Finding]:
    value = step.get("no_output_timeout")
    if isinstance(value, yaml.Scalar) and value.value.isdecimal():
        message = f"`no_output_timeout` is `{value.value}`, without a unit"
        yield Finding(Severity.WARNING, "bad-value", message, value.at, f"write `{value.value}s`", place.rule)


def _some_key(step: yaml.Mapping, place: Place) -> Iterable[Finding]:
    if "key" not in step and "keys" not in step:
        message = f"`keys` is missing in {place.name}"
        yield Finding(Severity.ERROR, "missing-key", message, place.at, "add `keys:`", place.rule)


_RUN = Either(
    (
        TEXT,
        Table(
            keys={
                "command": TEXT,
                "name": LAX_TEXT,
                "shell": SHELL,
                "environment": ENVIRONMENT,
                "background": Flag(),
                "working_directory": TEXT,
                "no_output_timeout": Text(test=texts.duration, lax=True),
                "when": WHEN,
                "max_auto_reruns": Whole(1, 5),
                "auto_rerun_delay": Text(test=texts.rerun_delay),
            },
            required=("command",),
            rules=(_reruns, _bare_timeout),
            rule=f"{PAGE}#run",
        ),
    ),
    "a command or a map with `command`",
)


def _special(keys: dict[str, Shape], *required: str, anchor: str, rules: tuple[Rule, ...] = ()) -> Table:
    """A step the service provides: further keys do nothing there, so they are warned about only."""
    shared: dict[str, Shape] = {"name": LAX_TEXT, "when": WHEN}
    rule = f"{PAGE}#{anchor}"
    return Table(keys={**keys, **shared}, required=required, unknown=Severity.WARNING, rules=rules, rule=rule)


_RESTORE_KEYS: dict[str, Shape] = {
    "key": LAX_TEXT,
    "keys": Either((LAX_TEXT, Many(LAX_TEXT, least=1)), "a list of keys"),
}
_CONDITIONAL = Table(
    keys={"condition": LOGIC, "steps": Later(lambda: STEPS_OR_ONE)},
    required=("condition", "steps"),
    rule=f"{PAGE}#the-when-step",
)

BUILT_IN: dict[str, Shape] = {
    "run": _RUN,
    "deploy": _RUN,
    "when": _CONDITIONAL,
    "unless": _CONDITIONAL,
    "checkout": _special({"path": TEXT, "method": Words(("blobless", "full")), "depth": Whole(1)}, anchor="checkout"),
    "setup_remote_docker": _special(
        {"docker_layer_caching": Flag(), "prefer_same_region": Flag(), "version": LAX_TEXT},
        anchor="setupremotedocker",
    ),
    "save_cache": _special({"key": LAX_TEXT, "paths": TEXTS}, "key", "paths", anchor="savecache"),
    "restore_cache": _special(_RESTORE_KEYS, anchor="restorecache", rules=(_some_key,)),
    "store_artifacts": _special({"path": TEXT, "destination": LAX_TEXT}, "path", anchor="storeartifacts"),
    "store_test_results": _special({"path": TEXT}, "path", anchor="storetestresults"),
    "persist_to_workspace": _special({"root": TEXT, "paths": TEXTS}, "root", "paths", anchor="persisttoworkspace"),
    "attach_workspace": _special({"at": TEXT}, "at", anchor="attachworkspace"),
    "add_ssh_keys": _special({"fingerprints": TEXTS}, anchor="add-ssh-keys"),
    "install_signing_bundle": _special({}, anchor="install-signing-bundle"),
}
"""The steps that CircleCI provides, see https://circleci.com/docs/reference/configuration-reference/#steps."""

_ALONE = ("checkout", "setup_remote_docker", "add_ssh_keys", "install_signing_bundle")
_SPLIT = "indent the keys below it by two more blanks, or start a new item with `- `"


def _step_word(text: str) -> str:
    if text in BUILT_IN and text not in _ALONE:
        return "needs more than its name: it takes a map"
    return "" if text.strip() else "names no step"


def _step_map(step: yaml.Mapping) -> Shape:
    alone = step.pairs[0] if len(step.pairs) == 1 else None
    return _EMPTY_STEP if alone and is_null(alone[1]) and _step_word(alone[0].value) else _STEP_MAP


def _empty_step(step: yaml.Mapping, place: Place) -> Iterable[Finding]:
    key = step.pairs[0][0]
    message = f"the step `{key.value}` is empty"
    yield Finding(Severity.ERROR, "missing-key", message, key.at, "say below it what to do", place.rule)


_STEP_MAP = Table(keys=BUILT_IN, others=Anything(), noun="step", single=_SPLIT, rule=f"{PAGE}#steps")
_EMPTY_STEP = Table(rules=(_empty_step,), others=Anything(), rule=f"{PAGE}#steps")
STEP = Either((Text(test=_step_word), Chosen(_step_map)), "the name of a step or a map")
STEPS = Many(STEP)
STEPS_OR_ONE: Shape = Either((Many(STEP), STEP), "a list of steps")


def _enum(parameter: yaml.Mapping, place: Place) -> Iterable[Finding]:
    kind, words = parameter.get("type"), parameter.get("enum")
    if not isinstance(kind, yaml.Scalar) or texts.holds_expression(kind.value):
        return
    if kind.value == "enum" and words is None:
        message = f"`enum` is missing in {place.name}: it lists the values allowed"
        yield Finding(Severity.ERROR, "missing-key", message, place.at, "add `enum: [one, another]`", place.rule)
    if kind.value != "enum" and words is not None:
        message = f"{place.name} has an `enum` and is of type `{kind.value}`, where nothing looks at it"
        yield Finding(Severity.WARNING, "conflicting-keys", message, words.at, "make it `type: enum`", place.rule)


def parameters(*types: str) -> Table:
    """Declared parameters, each of one of `types`."""
    keys: dict[str, Shape] = {
        "type": Words(types),
        "description": LAX_TEXT,
        "default": Anything(),
        "enum": Many(LAX_TEXT, least=1),
    }
    rule = f"{REUSE_PAGE}#parameter-syntax"
    return names("parameter", Table(keys=keys, required=("type",), rules=(_enum,), rule=rule), test=texts.name)


PIPELINE_PARAMETERS = parameters("string", "boolean", "integer", "enum")
PARAMETERS = parameters("string", "boolean", "integer", "enum", "executor", "steps", "env_var_name")
