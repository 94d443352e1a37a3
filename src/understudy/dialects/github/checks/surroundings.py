"""Names of variables, passwords in the open, and commands that scripts should not print any more."""

import re

from understudy.dialects.github.checks.document import Document, has_expression, is_expression, scalar
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.notes import COMMANDS, SYNTAX
from understudy.text import yaml

_NOT_IN_NAMES = frozenset("&= \t")
_PRINTED = re.compile(r"::(set-output|save-state|set-env)\s+name=[^:\n]*::|::(add-path)::")
_INSTEAD = {
    "set-output": 'echo "name=value" >> "$GITHUB_OUTPUT"',
    "save-state": 'echo "name=value" >> "$GITHUB_STATE"',
    "set-env": 'echo "name=value" >> "$GITHUB_ENV"',
    "add-path": 'echo "path" >> "$GITHUB_PATH"',
}


def check(document: Document, report: Report) -> None:
    """Names, passwords and printed commands."""
    for node in document.environments:
        _names(node, report)
    for job in document.jobs:
        for what, container in job.containers:
            password = scalar(container, "credentials", "password")
            if password and not is_expression(password.value):
                message = f"the password of {what} stands in the file"
                hint = "keep it in a secret: `${{ secrets.NAME }}`"
                rule = f"{SYNTAX}#jobsjob_idcontainercredentials"
                report.add("password-in-file", message, password.at, hint=hint, rule=rule)
        for step in job.steps:
            if step.run:
                _commands(step.run, report)


def _names(env: yaml.Node, report: Report) -> None:
    """See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#env."""
    for name, _ in env.pairs if isinstance(env, yaml.Mapping) else ():
        if _NOT_IN_NAMES & set(name.value) and not has_expression(name.value):
            message = f"`{name.value}` can't be the name of a variable"
            report.add("bad-variable-name", message, name.at, hint="take letters, digits and `_`", rule=f"{SYNTAX}#env")


def _commands(script: yaml.Scalar, report: Report) -> None:
    """See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands."""
    for found in _PRINTED.finditer(script.value):
        name = found[1] or found[2]
        message = f"the command `::{name}::` must not be printed any more"
        report.add("old-command", message, script.at, hint=f"write `{_INSTEAD[name]}`", rule=COMMANDS)
