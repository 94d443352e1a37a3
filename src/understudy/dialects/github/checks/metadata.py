"""What actions and reusable workflows say of themselves, where their files are at hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from understudy.dialects.base import ReadFile
from understudy.dialects.github.actions.reference import FILES, Local, Remote, parse
from understudy.dialects.github.checks.actiontable import table
from understudy.dialects.github.checks.document import Document, pairs, scalar
from understudy.text import yaml


@dataclass(frozen=True, slots=True)
class Input:
    """One input: `required` when it must be given, `kind` (of a workflow's) is its type."""

    name: str
    required: bool = False
    deprecated: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Interface:
    """What can be given to an action or workflow and what comes of it, by name in lower case.

    `outputs` is None where they can't be known. `certain`: what isn't here doesn't exist; else it may be newer.
    `in_container`: it is an action that runs in a container.
    """

    inputs: Mapping[str, Input]
    outputs: frozenset[str] | None
    secrets: Mapping[str, Input] | None = None
    certain: bool = True
    in_container: bool = False


class Library:
    """Finds interfaces: of what `files` has, and of often used actions."""

    def __init__(self, files: ReadFile) -> None:
        self._files = files
        self._actions: dict[str, Interface | None] = {}
        self._workflows: dict[str, Interface | None] = {}

    def action(self, uses: str) -> Interface | None:
        """The interface of the action that a step names; None where nothing is known of it."""
        if uses not in self._actions:
            roots = (self._load(uses, name) for name in FILES)
            root = next(filter(None, roots), None)
            self._actions[uses] = _of_action(root) if root else _from_table(uses)
        return self._actions[uses]

    def workflow(self, uses: str) -> Interface | None:
        """The interface of the reusable workflow that a job calls; None where it is not at hand."""
        if uses not in self._workflows:
            root = self._load(uses, "")
            self._workflows[uses] = _of_workflow(Document(root, uses)) if root else None
        return self._workflows[uses]

    def _load(self, uses: str, name: str) -> yaml.Mapping | None:
        reference = parse(uses)
        if not isinstance(reference, Local | Remote):
            return None
        found = reference.address(name).rstrip("/")
        content = self._files(found)
        root = yaml.load(content, found).root if content is not None else None
        return root if isinstance(root, yaml.Mapping) else None


def _of_action(root: yaml.Mapping) -> Interface:
    """See https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax."""
    inputs = [
        Input(
            name.value,
            required=_true(node, "required") and scalar(node, "default") is None,
            deprecated=scalar(node, "deprecationMessage") is not None,
        )
        for name, node in pairs(root, "inputs")
    ]
    outputs = frozenset(name.value.lower() for name, _ in pairs(root, "outputs"))
    using = scalar(root, "runs", "using")
    in_container = using is not None and using.value.lower() == "docker"
    return Interface({one.name.lower(): one for one in inputs}, outputs, in_container=in_container)


def _of_workflow(document: Document) -> Interface | None:
    """See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_call."""
    event = document.event("workflow_call")
    if event is None:
        return None
    inputs = [_input(name, node) for name, node in pairs(event.settings, "inputs")]
    secrets = [_input(name, node) for name, node in pairs(event.settings, "secrets")]
    outputs = frozenset(name.value.lower() for name, _ in pairs(event.settings, "outputs"))
    return Interface(
        {one.name.lower(): one for one in inputs},
        outputs,
        {one.name.lower(): one for one in secrets},
    )


def _input(name: yaml.Scalar, node: yaml.Node) -> Input:
    kind = scalar(node, "type")
    required = _true(node, "required") and scalar(node, "default") is None
    return Input(name.value, required=required, kind=kind.value if kind else "")


def _true(node: yaml.Node, key: str) -> bool:
    value = scalar(node, key)
    return value is not None and value.value.lower() == "true"


_IN_CONTAINER = frozenset(
    {
        *("enricomi/publish-unit-test-result-action", "github/super-linter", "pypa/gh-action-pypi-publish"),
        *("reviewdog/action-golangci-lint", "reviewdog/action-misspell", "rtcamp/action-slack-notify"),
    }
)
"""Those of the table that run in a container, or did in some version."""


def _from_table(uses: str) -> Interface | None:
    name, _, ref = uses.partition("@")
    entries = table().get(name.lower(), ())
    wanted = (ref, ref.partition(".")[0])
    found = next((one for want in wanted for one in entries if want in one.refs), None)
    if found is None:
        return None
    newest = 0 < _major(wanted[1]) == max(_major(one) for entry in entries for one in entry.refs)
    inputs = [Input(word.rstrip("!~"), word.endswith("!"), word.endswith("~")) for word in found.inputs]
    return Interface(
        {one.name.lower(): one for one in inputs},
        None if newest or "*" in found.outputs else frozenset(word.lower() for word in found.outputs),
        certain=not newest,
        in_container=name.lower() in _IN_CONTAINER,
    )


def _major(ref: str) -> int:
    digits = ref.removeprefix("v")
    return int(digits) if digits.isascii() and digits.isdigit() else 0
