"""What a workflow file and its jobs look like, and the check of a file's shape."""

from understudy.dialects.github.nodes import is_null
from understudy.dialects.github.notes import SYNTAX
from understudy.dialects.github.structure import Anything, Either, Keys, Late, Many, Place, Shape, Text
from understudy.dialects.github.structure import check as check_shape
from understudy.dialects.github.structure_events import ON
from understudy.dialects.github.structure_steps import STEPS
from understudy.dialects.github.structure_texts import (
    DEFAULTS,
    FILLED,
    FILLED_LIST,
    FLAG,
    JOB_CONCURRENCY,
    LATE_DEFAULTS,
    LATE_FLAG,
    LATE_NUMBER,
    LATE_TEXT,
    LATE_VALUES,
    NUMBER,
    ONE_OR_MANY,
    PERMISSIONS,
    SCALAR,
    TEXT,
    WORKFLOW_CONCURRENCY,
)
from understudy.findings import Finding, Position, Severity
from understudy.text import yaml

_CREDENTIALS = Keys({"username": FILLED, "password": FILLED}, rule=f"{SYNTAX}#jobsjob_idcontainercredentials")
_IMAGE: dict[str, Shape] = {
    "image": FILLED,
    "options": TEXT,
    "env": LATE_VALUES,
    "ports": FILLED_LIST,
    "volumes": FILLED_LIST,
    "credentials": Late(_CREDENTIALS),
}
_CONTAINER = Late(Either((TEXT, Keys(_IMAGE, rule=f"{SYNTAX}#jobsjob_idcontainer"))))
_SERVICE = Keys({**_IMAGE, "entrypoint": TEXT, "command": TEXT}, rule=f"{SYNTAX}#jobsjob_idservices")
_SERVICES = Late(Keys(others=Either((FILLED, _SERVICE)), noun="service"))


def _group_problem(name: str) -> str:
    """What is wrong with the name of a group of runners: before a `/` stands whose it is."""
    owner, slash, rest = name.partition("/")
    if not slash or (owner in _OWNERS and rest and "/" not in rest):
        return ""
    return "names no group: before the one `/` stands `organization` or `enterprise`, after it the name"


_OWNERS = ("org", "organization", "ent", "enterprise")
_GROUP = Text(filled=True, problem=_group_problem)
_RUNS_ON = Late(
    Either((FILLED, FILLED_LIST, Keys({"group": _GROUP, "labels": ONE_OR_MANY}, rule=f"{SYNTAX}#jobsjob_idruns-on")))
)
_VARIATION = Keys(others=Anything(), noun="value")
_MATRIX = Keys(
    {"include": Many(_VARIATION), "exclude": Many(_VARIATION)},
    others=Many(Anything(), filled=True),
    noun="axis",
    rule=f"{SYNTAX}#jobsjob_idstrategymatrix",
)
_STRATEGY = Late(
    Keys({"fail-fast": FLAG, "max-parallel": NUMBER, "matrix": _MATRIX}, rule=f"{SYNTAX}#jobsjob_idstrategy")
)
_ENVIRONMENT = Late(
    Either(
        (
            TEXT,
            Keys(
                {"name": TEXT, "url": TEXT, "deployment": FLAG},
                required=("name",),
                rule=f"{SYNTAX}#jobsjob_idenvironment",
            ),
        )
    )
)
_SNAPSHOT = Late(
    Either((FILLED, Keys({"image-name": FILLED, "if": TEXT, "version": FILLED}, required=("image-name",))))
)
_NEEDS = Either((FILLED, FILLED_LIST))
_JOB: dict[str, Shape] = {
    "name": LATE_TEXT,
    "needs": _NEEDS,
    "if": LATE_TEXT,
    "permissions": PERMISSIONS,
    "concurrency": JOB_CONCURRENCY,
    "strategy": _STRATEGY,
}
_RUNNING = Keys(
    {
        **_JOB,
        "runs-on": _RUNS_ON,
        "timeout-minutes": LATE_NUMBER,
        "cancel-timeout-minutes": LATE_NUMBER,
        "continue-on-error": LATE_FLAG,
        "container": _CONTAINER,
        "services": _SERVICES,
        "env": LATE_VALUES,
        "environment": _ENVIRONMENT,
        "outputs": Keys(others=LATE_TEXT, noun="output"),
        "defaults": LATE_DEFAULTS,
        "steps": STEPS,
        "snapshot": _SNAPSHOT,
    },
    required=("runs-on",),
    rule=f"{SYNTAX}#jobs",
)
_CALLING = Keys(
    {
        **_JOB,
        "uses": FILLED,
        "with": Keys(others=Late(SCALAR), noun="input"),
        "secrets": Either((Text(words=("inherit",)), Keys(others=Late(SCALAR), noun="secret"))),
    },
    required=("uses",),
)
_WORKFLOW = Keys(
    {
        "on": ON,
        "name": TEXT,
        "description": TEXT,
        "run-name": LATE_TEXT,
        "defaults": DEFAULTS,
        "env": LATE_VALUES,
        "permissions": PERMISSIONS,
        "concurrency": WORKFLOW_CONCURRENCY,
        "jobs": Keys(others=Either((_RUNNING, _CALLING)), noun="job", rule=f"{SYNTAX}#jobs"),
    },
    required=("on", "jobs"),
    rule=SYNTAX,
)


def check(root: yaml.Node | None, file: str) -> tuple[Finding, ...]:
    """What is wrong with the shape of the file whose document is `root` (None: it holds nothing).

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax.
    """
    if root is None or is_null(root):
        hint = "start with `on:` and `jobs:`"
        return (Finding(Severity.ERROR, "empty-file", "the file says nothing", Position(file, 1, 1), hint, SYNTAX),)
    return check_shape(_WORKFLOW, root, Place("the file", rule=SYNTAX))
