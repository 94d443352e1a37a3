"""What an `action.yml` says: inputs, outputs, and how the action is run.

See https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax.
"""

from collections.abc import Callable
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field

from understudy.dialects.base import ReadFile
from understudy.dialects.github.actions.reference import FILES, Local, Remote
from understudy.dialects.github.nodes import as_text, entries, is_null, member, table, text_of, texts, value_of
from understudy.dialects.notes import Notes
from understudy.findings import Finding, Position, has_errors
from understudy.model.pipeline import Text
from understudy.text.nearest import suggestion
from understudy.text.yaml import Mapping, Node, Scalar, Sequence, load

PAGE = "https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax"
NODES = ("node12", "node16", "node20", "node24")
"""What `using` may say of JavaScript; the runner gives the older ones its newest Node."""

_WAYS = "composite, docker, node20 or node24"
_TOP = ("name", "author", "description", "inputs", "outputs", "runs", "branding")
_RUNS = {
    "composite": ("using", "steps"),
    "node": ("using", "main", "pre", "pre-if", "post", "post-if"),
    "docker": (
        "using", "image", "env", "entrypoint", "args", "pre-entrypoint", "pre-if", "post-entrypoint", "post-if",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """An input of an action. `deprecated`: the message for who gives it; empty for one that isn't."""

    name: str
    required: bool = False
    default: Text | None = None
    deprecated: str = ""


@dataclass(frozen=True, slots=True)
class Composite:
    """Steps, as nodes: they are turned into the model where the action is used."""

    steps: Sequence


@dataclass(frozen=True, slots=True)
class JavaScript:
    """Scripts, from the action's folder; `pre` and `post` are None where there is none."""

    using: str
    main: Text
    pre: Text | None = None
    pre_if: Text | None = None
    post: Text | None = None
    post_if: Text | None = None


@dataclass(frozen=True, slots=True)
class Docker:
    """An image, as `docker://NAME` or the path of a Dockerfile, and what is started in it.

    `arguments` None: those of the step's `args` count.
    """

    image: Text
    entrypoint: Text | None = None
    arguments: tuple[Text, ...] | None = None
    env: Pairs[str, Text] = field(default_factory=dict)
    pre: Text | None = None
    pre_if: Text | None = None
    post: Text | None = None
    post_if: Text | None = None


Runs = Composite | JavaScript | Docker


@dataclass(frozen=True, slots=True)
class Metadata:
    """An action. Inputs by their names as written; `outputs` are those with a value: of composite actions."""

    name: str
    path: str
    runs: Runs
    inputs: Pairs[str, Input] = field(default_factory=dict)
    outputs: Pairs[str, Text] = field(default_factory=dict)

    def input(self, name: str) -> Input | None:
        """The input of that name; capitals don't matter."""
        return next((one for one in self.inputs.values() if one.name.lower() == name.lower()), None)


def read_action(reference: Local | Remote, files: ReadFile) -> tuple[Metadata | None, tuple[Finding, ...], bool]:
    """What the action says of itself, what is wrong with that, and whether there is such a file at all."""
    for name in FILES:
        data = files(reference.address(name))
        if data is not None:
            return *read(data, reference.address(name)), True
    return None, (), False


def read(data: bytes, path: str) -> tuple[Metadata | None, tuple[Finding, ...]]:
    """What `data`, the file at `path`, says; None with an error among the findings where it can't be run."""
    loaded = load(data, path)
    if has_errors(loaded.findings):
        return None, loaded.findings
    notes = Notes()
    found = _metadata(loaded.root, path, notes)
    return found, (*loaded.findings, *notes.findings)


def _metadata(root: Node | None, path: str, notes: Notes) -> Metadata | None:
    if not isinstance(root, Mapping):
        notes.error("action-empty", f"`{path}` describes no action", Position(path), rule=PAGE)
        return None
    _keys(root, _TOP, "an action", notes)
    runs = _runs(root, path, notes)
    if runs is None:
        return None
    name = as_text(root.get("name"))
    return Metadata(name.raw if name else "", path, runs, _inputs(root, notes), _outputs(root, runs, notes))


def _keys(node: Mapping, known: tuple[str, ...], what: str, notes: Notes) -> None:
    for key, _ in node.pairs:
        if key.value not in known:
            hint = suggestion(key.value, known, f"known: {', '.join(known)}")
            notes.warning("action-key", f"`{key.value}` is no key of {what}", key.at, hint, PAGE)


def _inputs(root: Mapping, notes: Notes) -> dict[str, Input]:
    node = root.get("inputs")
    if node is not None and not is_null(node) and not isinstance(node, Mapping):
        notes.error("action-inputs", "`inputs` must be a map of names", node.at, rule=f"{PAGE}#inputs")
    found = {}
    for key, body in entries(node):
        message = as_text(member(body, "deprecationMessage"))
        required = value_of(member(body, "required")) is True
        default = member(body, "default")
        text = Text(text_of(default), default.at) if isinstance(default, Scalar) else None
        found[key.value] = Input(key.value, required, text, " ".join(message.raw.split()) if message else "")
    return found


def _outputs(root: Mapping, runs: Runs, notes: Notes) -> dict[str, Text]:
    found = {}
    for key, body in entries(root.get("outputs")):
        value = as_text(member(body, "value"))
        if value is not None:
            found[key.value] = value
        elif isinstance(runs, Composite):
            message = f"the output `{key.value}` of a composite action needs a `value`"
            rule = f"{PAGE}#outputs-for-composite-actions"
            notes.error("action-output", message, key.at, "write `value: ${{ steps.ID.outputs.NAME }}`", rule)
    return found


def _runs(root: Mapping, path: str, notes: Notes) -> Runs | None:
    runs = root.get("runs")
    rule = f"{PAGE}#runs"
    if not isinstance(runs, Mapping):
        at = runs.at if runs else root.at
        notes.error("action-runs", f"`{path}` doesn't say what it `runs`", at, rule=rule)
        return None
    using = as_text(runs.get("using"))
    if using is None:
        notes.error("action-using", "`runs` needs `using`", runs.at, _WAYS, rule)
        return None
    kind = using.raw.lower()
    family = "node" if kind in NODES else kind
    if family not in _RUNS:
        hint = suggestion(kind, (*NODES, "composite", "docker"), _WAYS)
        notes.error("action-using", f"`{using.raw}` is no way to run an action", using.at, hint, rule)
        return None
    _keys(runs, _RUNS[family], f"`runs` of a {family} action", notes)
    return _MAKERS[family](runs, kind, notes)


def _composite(runs: Mapping, _using: str, notes: Notes) -> Composite | None:
    steps = runs.get("steps")
    if isinstance(steps, Sequence):
        return Composite(steps)
    _missing("steps", runs, notes)
    return None


def _docker(runs: Mapping, _using: str, notes: Notes) -> Docker | None:
    image = as_text(runs.get("image"))
    if image is None:
        _missing("image", runs, notes)
        return None
    return Docker(
        image,
        as_text(runs.get("entrypoint")),
        texts(runs.get("args")) if runs.key("args") is not None else None,
        table(runs.get("env")),
        as_text(runs.get("pre-entrypoint")),
        as_text(runs.get("pre-if")),
        as_text(runs.get("post-entrypoint")),
        as_text(runs.get("post-if")),
    )


def _javascript(runs: Mapping, using: str, notes: Notes) -> JavaScript | None:
    main, pre, post = (as_text(runs.get(key)) for key in ("main", "pre", "post"))
    for key in ("pre", "post"):
        condition = runs.key(f"{key}-if")
        if condition is not None and key not in runs:
            message = f"`{key}-if` has no `{key}` to be for"
            notes.warning("action-condition", message, condition.at, f"give `{key}`, or remove it", f"{PAGE}#runs")
    if main is None:
        _missing("main", runs, notes)
        return None
    return JavaScript(using, main, pre, as_text(runs.get("pre-if")), post, as_text(runs.get("post-if")))


def _missing(key: str, runs: Mapping, notes: Notes) -> None:
    notes.error("action-runs", f"`runs` of this action needs `{key}`", runs.at, rule=f"{PAGE}#runs")


_MAKERS: Pairs[str, Callable[[Mapping, str, Notes], Runs | None]] = {
    "composite": _composite,
    "docker": _docker,
    "node": _javascript,
}
