"""Workflows that a job calls: where they are, whether the call fits, and what they may do."""

import re
from dataclasses import dataclass, field, replace

from understudy.dialects.base import ReadFile
from understudy.dialects.github.faults import faults
from understudy.dialects.github.nodes import entries, holds_expression, member
from understudy.dialects.github.notes import REUSE, REUSING
from understudy.dialects.github.reusable_permissions import RESTRICTED, Permissions, beyond, read_permissions
from understudy.dialects.github.structure_document import load
from understudy.dialects.notes import Notes
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Caller
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

MAX_LEVELS = 10
"""Of workflows, the first one included. See the limitations in `REUSE`."""
MAX_WORKFLOWS = 50
"""Different ones that a file may call, those called by them included."""
MAX_CALLS = 1000
"""In the whole tree of calls: our own bound, since ten levels of ten calls each would have no end."""
_FOLDER = re.compile(r"\.github/workflows/[^/]+")
_LOCAL = re.compile(r"\./(?P<path>[^@\s]+\.ya?ml)")
_REMOTE = re.compile(r"(?P<repository>[^/@\s]+/[^/@\s]+)/(?P<path>[^@\s]+\.ya?ml)@(?P<ref>[^@\s][^@]*)")
_FORMAT = "`./.github/workflows/FILE.yml`, or `OWNER/REPOSITORY/.github/workflows/FILE.yml@REF`"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file that was found.

    `origin`: the repository it is from, `owner/repository@ref`, empty for this one. `name`: its path, and for one from
    elsewhere the repository before it and the ref behind it.
    """

    root: Mapping
    name: str
    origin: str = ""


@dataclass(slots=True)
class Level:
    """Where in the tree of calls a file is read.

    `prefix` stands before the ids of its jobs; `chain` names the files from the first to this one; `allowed` is what
    the calling job may do, None where nobody says; `found` names all files that were called so far, `calls` all
    calls that were followed.
    """

    files: ReadFile
    notes: Notes
    prefix: str = ""
    caller: Caller | None = None
    chain: tuple[Workflow, ...] = ()
    allowed: Permissions | None = None
    found: dict[str, Workflow | None] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def inside(self, workflow: Workflow, caller: Caller, allowed: Permissions | None, prefix: str) -> "Level":
        """The level of a workflow that is called here."""
        return replace(self, prefix=prefix, caller=caller, chain=(*self.chain, workflow), allowed=allowed)


def resolve(uses: Scalar, level: Level) -> Workflow | None:
    """The workflow that `uses` names, None (with a finding) when it can't be called or is not here.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_iduses.
    """
    named = _named(uses, level.chain[-1].origin)
    if named is None and holds_expression(uses.value):
        message = f"what `{uses.value}` calls is not known here"
        level.notes.unsupported("late-structure", message, uses.at, f"write {_FORMAT}", REUSING)
        return None
    if named is None:
        message = f"`{uses.value}` names no workflow"
        level.notes.error("bad-workflow", message, uses.at, f"write {_FORMAT}", REUSING)
        return None
    name, address, origin = named
    if not _FOLDER.fullmatch(name.partition("@")[0].removeprefix(origin.partition("@")[0]).lstrip("/")):
        message = f"`{uses.value}` is not in `.github/workflows`, from where alone workflows are called"
        level.notes.warning("bad-workflow", message, uses.at, f"write {_FORMAT}", REUSING)
    if _endless(name, uses, level):
        return None
    if name not in level.found:
        level.found[name] = _loaded(name, address, origin, uses, level)
        if len(level.found) == MAX_WORKFLOWS + 1:
            message = f"more than {MAX_WORKFLOWS} different workflows are called"
            level.notes.error("too-many-workflows", message, uses.at, rule=REUSE)
    return level.found[name] if len(level.found) <= MAX_WORKFLOWS else None


def _endless(name: str, uses: Scalar, level: Level) -> bool:
    """Whether calls go too far at `uses`: in a circle, too deep, too often."""
    level.calls.append(name)
    chain = [one.name for one in level.chain]
    if name in chain:
        way = " -> ".join(f"`{one}`" for one in (*chain, name))
        level.notes.error("recursive-workflow", f"workflows call one another without end: {way}", uses.at, rule=REUSING)
    elif len(chain) >= MAX_LEVELS:
        message = f"more than {MAX_LEVELS} levels of workflows call one another"
        level.notes.error("too-many-levels", message, uses.at, rule=REUSE)
    elif len(level.calls) == MAX_CALLS + 1:
        message = f"workflows are called more than {MAX_CALLS:,} times"
        level.notes.error("too-many-calls", message, uses.at, rule=REUSE)
    return name in chain or len(chain) >= MAX_LEVELS or len(level.calls) > MAX_CALLS


def _named(uses: Scalar, origin: str) -> tuple[str, str, str] | None:
    """What a call names: the file for people, for `files`, and where it is from."""
    local, remote = _LOCAL.fullmatch(uses.value), _REMOTE.fullmatch(uses.value)
    if local:
        path = local["path"]
        if not origin:
            return path, path, ""
        repository, _, ref = origin.partition("@")
        return f"{repository}/{path}@{ref}", f"github://{origin}/{path}", origin
    if remote:
        origin = f"{remote['repository']}@{remote['ref']}"
        return uses.value, f"github://{origin}/{remote['path']}", origin
    return None


def _loaded(name: str, address: str, origin: str, uses: Scalar, level: Level) -> Workflow | None:
    data = level.files(address)
    if data is None and origin:
        message = f"the workflow `{name}` is not here"
        hint = "`understudy actions add` fetches it where there is a network"
        level.notes.unsupported("not-here", message, uses.at, hint, REUSING)
        return None
    if data is None:
        message = f"there is no workflow `{name}` in this repository"
        level.notes.error("unknown-workflow", message, uses.at, "mind the path and its ending", REUSING)
        return None
    loaded = load(data, name)
    wrong = [one for one in faults(loaded, name, _there(level.files, origin, name, data)) if _is_error(one)]
    level.notes.findings += wrong
    if wrong:
        worst = min(wrong, key=lambda one: one.tolerated)
        message = f"the workflow `{name}`, which is called here, has errors; the first is in line {worst.at.line}"
        broken = Finding(Severity.ERROR, "broken-workflow", message, uses.at, worst.message, REUSING, worst.tolerated)
        level.notes.findings.append(broken)
    if not isinstance(loaded.root, Mapping):
        return None
    if not _is_callable(loaded.root.get("on")):
        message = f"the workflow `{name}` can't be called: `workflow_call` is not among its events"
        level.notes.error("not-callable", message, uses.at, "add `workflow_call:` to its `on:`", REUSING)
    return Workflow(loaded.root, name, origin)


def _is_error(one: Finding) -> bool:
    return one.severity is Severity.ERROR


def _there(files: ReadFile, origin: str, name: str, data: bytes) -> ReadFile:
    """`files` as seen from the repository `origin`, in which the file `name` holds `data`."""

    def read(path: str) -> bytes | None:
        if path == name:
            return data
        return files(path if not origin or path.startswith("github://") else f"github://{origin}/{path}")

    return read


def _is_callable(on: Node | None) -> bool:
    match on:
        case Scalar():
            return on.value == "workflow_call"
        case Sequence():
            return any(isinstance(item, Scalar) and item.value == "workflow_call" for item in on.items)
        case Mapping():
            return "workflow_call" in on
        case None:
            return False


def allowed_inside(key: Scalar, node: Mapping, called: Workflow, level: Level) -> Permissions | None:
    """Findings for permissions that go too far; what the called workflow's jobs may do at most, None where nobody says.

    Whether inputs and secrets fit is looked at in `checks`.
    """
    own = read_permissions(node.get("permissions"))
    if own is None:
        own = read_permissions(level.chain[-1].root.get("permissions"))
    allowed = own if own is not None else level.allowed
    asked = read_permissions(called.root.get("permissions"))
    _check_permissions(key, f"the workflow `{called.name}`", asked, allowed, level.notes)
    for job, body in entries(called.root.get("jobs")):
        of_job = read_permissions(member(body, "permissions"))
        name = member(body, "name")
        shown = name.value if isinstance(name, Scalar) else job.value
        _check_permissions(key, f"the job `{shown}` of `{called.name}`", of_job, allowed, level.notes)
    return asked if asked is not None else allowed


def _check_permissions(
    key: Scalar, who: str, asked: Permissions | None, allowed: Permissions | None, notes: Notes
) -> None:
    wanted, given = beyond(asked or {}, RESTRICTED if allowed is None else allowed)
    if not wanted:
        return
    hint = "give the calling job these `permissions`, or ask for less"
    if allowed is None:
        message = f"{who} asks for `{wanted}`, and nothing here gives it: whether it may depends on the repository"
        notes.warning("permissions-beyond", message, key.at, hint, REUSE)
    else:
        message = f"{who} asks for `{wanted}`, and is allowed only `{given}`"
        notes.error("permissions-beyond", message, key.at, hint, REUSE)
