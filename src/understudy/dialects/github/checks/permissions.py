"""What `permissions` grants."""

from understudy.dialects.github.checks.document import Document, child, scalar
from understudy.dialects.github.checks.report import SYNTAX, Report, listed
from understudy.text import yaml
from understudy.text.nearest import suggestion

_RULE = f"{SYNTAX}#permissions"
_ANY = ("read", "write", "none")
_WRITE, _READ = ("write", "none"), ("read", "none")
SCOPES: dict[str, tuple[str, ...]] = {
    "actions": _ANY,
    "artifact-metadata": _ANY,
    "attestations": _ANY,
    "checks": _ANY,
    "code-quality": _ANY,
    "contents": _ANY,
    "copilot-requests": _WRITE,
    "deployments": _ANY,
    "discussions": _ANY,
    "drives": _ANY,
    "id-token": _WRITE,
    "issues": _ANY,
    "models": _READ,
    "packages": _ANY,
    "pages": _ANY,
    "pull-requests": _ANY,
    "repository-projects": _ANY,
    "security-events": _ANY,
    "statuses": _ANY,
    "vulnerability-alerts": _READ,
}
_ALL = ("read-all", "write-all")


def check(document: Document, report: Report) -> None:
    """Scopes must be known ones, with a level that they have.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions.
    """
    for node in (document.root, *(job.node for job in document.jobs)):
        _check(node, report)


def _check(node: yaml.Node, report: Report) -> None:
    word = scalar(node, "permissions")
    if word and word.value not in _ALL:
        message = f"`permissions` can't be `{word.value}`"
        hint = suggestion(word.value, _ALL, f"{listed(_ALL)}, `{{}}` or a map of scopes")
        report.add("bad-permission", message, word.at, hint=hint, rule=_RULE)
    found = child(node, "permissions")
    for name, level in found.pairs if isinstance(found, yaml.Mapping) else ():
        levels = SCOPES.get(name.value)
        if levels is None:
            message = f"there is no permission `{name.value}`"
            hint = suggestion(name.value, SCOPES, f"known are {listed(SCOPES)}")
            report.add("unknown-permission", message, name.at, hint=hint, rule=_RULE)
        elif isinstance(level, yaml.Scalar) and level.value not in levels:
            message = f"the permission `{name.value}` can't be `{level.value}`"
            hint = suggestion(level.value, levels, f"one of {listed(levels)}")
            report.add("bad-permission", message, level.at, hint=hint, rule=_RULE)
