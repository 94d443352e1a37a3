"""Names of shells."""

from understudy.dialects.github.checks.document import Document, Job, has_expression, scalar
from understudy.dialects.github.checks.report import Report, listed
from understudy.dialects.github.notes import SYNTAX
from understudy.text import yaml
from understudy.text.nearest import suggestion

_RULE = f"{SYNTAX}#jobsjob_idstepsshell"
_EVERYWHERE = ("bash", "pwsh", "python")
_UNIX = (*_EVERYWHERE, "sh")
_WINDOWS = (*_EVERYWHERE, "cmd", "powershell")
_ALL = (*_UNIX, "cmd", "powershell")
_PREFIXES = {"windows-": _WINDOWS, "macos-": _UNIX, "ubuntu-": _UNIX}
_NAMES = {"windows": _WINDOWS, "macos": _UNIX, "linux": _UNIX}


def check(document: Document, report: Report) -> None:
    """A shell is one that GitHub knows on the runner's system, or a command with `{0}` for the script.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell.
    """
    _check(scalar(document.root, "defaults", "run", "shell"), _ALL, report)
    for job in document.jobs:
        known = _shells(job)
        _check(scalar(job.node, "defaults", "run", "shell"), known, report)
        for step in job.steps:
            if step.run:
                _check(scalar(step.node, "shell"), known, report)


def _shells(job: Job) -> tuple[str, ...]:
    """The shells on the runner of `job`; all where the labels don't tell its system."""
    found = set()
    for label in job.labels:
        word = label.value.lower()
        found |= {shells for prefix, shells in _PREFIXES.items() if word.startswith(prefix)}
        if word in _NAMES:
            found.add(_NAMES[word])
    return found.pop() if len(found) == 1 else _ALL


def _check(shell: yaml.Scalar | None, known: tuple[str, ...], report: Report) -> None:
    if shell is None or "{0}" in shell.value or has_expression(shell.value) or shell.value.lower() in known:
        return
    hint = suggestion(shell.value, known, f"one of {listed(known)}, or a command with `{{0}}` for the script")
    if shell.value.lower() in _ALL:
        report.add("shell-elsewhere", f"this runner has no shell `{shell.value}`", shell.at, hint=hint, rule=_RULE)
    else:
        report.add("bad-shell", f"there is no shell `{shell.value}`", shell.at, hint=hint, rule=_RULE)
