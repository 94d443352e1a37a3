"""What is wrong with the shape of a CircleCI file, before anybody asks what it means."""

from collections.abc import Iterable

from understudy.dialects.circleci import structure_texts as texts
from understudy.dialects.circleci.structure_jobs import COMMANDS, EXECUTORS, JOBS
from understudy.dialects.circleci.structure_steps import LAX_TEXT, PAGE, PIPELINE_PARAMETERS
from understudy.dialects.circleci.structure_workflows import JOB_GROUPS, WORKFLOWS
from understudy.findings import Finding, Position, Severity
from understudy.text import yaml
from understudy.text.nearest import nearest
from understudy.text.shape import Anything, Either, Flag, Later, Place, Shape, Table, Text, is_null, names
from understudy.text.shape import check as check_shape

_VERSION_RULE = f"{PAGE}#version"
_ORB = Table(
    keys={
        "orbs": Later(lambda: _ORBS),
        "commands": COMMANDS,
        "executors": EXECUTORS,
        "jobs": JOBS,
        "description": LAX_TEXT,
        "display": Anything(),
        "examples": Anything(),
        "version": Anything(),
    },
    unknown=Severity.WARNING,
    rule="https://circleci.com/docs/orbs/use/orb-intro/",
)
_ORBS: Shape = names("orb", Either((Text(test=texts.orb), _ORB), "`namespace/orb@version` or a map"), test=texts.name)

_NEW_IN_2_1 = ("orbs", "commands", "executors", "parameters", "job-groups", "setup")
_KEYS: dict[str, Shape] = {
    "version": Anything(),
    "setup": Flag(),
    "orbs": _ORBS,
    "commands": COMMANDS,
    "parameters": PIPELINE_PARAMETERS,
    "executors": EXECUTORS,
    "jobs": JOBS,
    "workflows": WORKFLOWS,
    "job-groups": JOB_GROUPS,
    "description": LAX_TEXT,
    "display": Anything(),
    "examples": Anything(),
    "experimental": Anything(),
    "notify": Anything(),
}
_FILE = Table(keys=_KEYS, others=Anything(), rule=PAGE)


def check(root: yaml.Node | None, file: str) -> tuple[Finding, ...]:
    """What is wrong with the shape of the file whose document is `root` (None: it holds nothing).

    Keys at the top that CircleCI does not know are left alone, since files keep anchors there. A text with `<< >>` is
    taken for a value of any type. See https://circleci.com/docs/reference/configuration-reference/.
    """
    if root is None or is_null(root):
        hint = "start with `version: 2.1`, `jobs:` and `workflows:`"
        return (Finding(Severity.ERROR, "empty-file", "the file says nothing", Position(file, 1, 1), hint, PAGE),)
    place = Place("the file", root.at, PAGE)
    if not isinstance(root, yaml.Mapping):
        return check_shape(Table(), root, place, texts.holds_expression)
    shape = check_shape(_FILE, root, place, texts.holds_expression)
    return (*_version(root), *_misspelt(root), *shape, *_same_but_case(root), *_nothing_to_run(root))


def _version(root: yaml.Mapping) -> Iterable[Finding]:
    key, value = root.key("version"), root.get("version")
    hint = "write `version: 2.1`"
    if key is None or value is None:
        yield Finding(Severity.ERROR, "missing-key", "`version` is missing", root.at, hint, _VERSION_RULE)
        return
    text = value.value if isinstance(value, yaml.Scalar) else ""
    if text not in ("2", "2.0", "2.1"):
        message = f"the version `{text}` is none of 2, 2.0 and 2.1" if text else "`version` must be 2, 2.0 or 2.1"
        yield Finding(
            Severity.ERROR, "bad-version", message, key.at if is_null(value) else value.at, hint, _VERSION_RULE
        )
    if text in ("2", "2.0"):
        for new in filter(None, (root.key(name) for name in _NEW_IN_2_1)):
            message = f"`{new.value}` needs version 2.1; in version {text} it does nothing"
            yield Finding(Severity.WARNING, "needs-2.1", message, new.at, hint, _VERSION_RULE)


def _misspelt(root: yaml.Mapping) -> Iterable[Finding]:
    for key, _ in root:
        meant = None if key.value in _KEYS else nearest(key.value, _KEYS)
        if meant is not None and meant not in root:
            message = f"the key `{key.value}` does nothing at the top of a file"
            yield Finding(Severity.WARNING, "unknown-key", message, key.at, f"did you mean `{meant}`?", PAGE)


def _same_but_case(root: yaml.Mapping) -> Iterable[Finding]:
    """Names of jobs are unique whatever their case: https://circleci.com/docs/reference/configuration-reference/#job-name."""
    jobs = root.get("jobs")
    seen: dict[str, str] = {}
    for key, _ in jobs if isinstance(jobs, yaml.Mapping) else ():
        other = seen.setdefault(key.value.casefold(), key.value)
        if other != key.value:
            message = f"the jobs `{other}` and `{key.value}` differ only in case, which does not tell jobs apart"
            hint = "give one of them another name"
            yield Finding(Severity.WARNING, "same-but-case", message, key.at, hint, f"{PAGE}#job-name")


def _nothing_to_run(root: yaml.Mapping) -> Iterable[Finding]:
    """Without workflows one job starts: `build`, see the page on workflows of CircleCI's configuration reference."""
    if "workflows" in root:
        return
    jobs = root.get("jobs")
    if not (isinstance(jobs, yaml.Mapping) and "build" in jobs):
        message = "nothing would start: there are no `workflows` and no job called `build`"
        hint = "add `workflows:` with a workflow that starts the jobs"
        yield Finding(Severity.WARNING, "nothing-to-run", message, root.at, hint, PAGE)
