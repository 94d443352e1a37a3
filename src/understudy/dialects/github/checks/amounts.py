"""What must be there for a job to start, and numbers that must be large enough."""

from understudy.dialects.github.checks.document import Document, Job, child, has_expression, pairs, scalar
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.notes import EVENTS, SYNTAX
from understudy.text import yaml
from understudy.text.shape import is_null


def check(document: Document, report: Report) -> None:
    """Jobs have steps, containers images, logins both parts, schedules times; limits are more than nothing."""
    event = document.event("schedule")
    if event is not None and (_is_nothing(event.settings) or isinstance(event.settings, yaml.Scalar)):
        hint = "write `- cron: '30 5 * * *'` below it"
        report.add("missing-schedule", "`schedule` says no time", event.name.at, hint=hint, rule=f"{EVENTS}#schedule")
    for job in document.jobs:
        limit = scalar(job.node, "strategy", "max-parallel")
        _positive(limit, "`max-parallel`", f"{SYNTAX}#jobsjob_idstrategymax-parallel", report, whole=True)
        for node in (job.node, *(step.node for step in job.steps)):
            rule = f"{SYNTAX}#jobsjob_idtimeout-minutes"
            _positive(scalar(node, "timeout-minutes"), "`timeout-minutes`", rule, report)
        if _without_steps(job):
            report.add("missing-steps", f"the job `{job.id.value}` has no steps", job.id.at, rule=f"{SYNTAX}#jobs")
        for what, container in job.containers:
            _container(what, container, report)


def _without_steps(job: Job) -> bool:
    """Whether a job has keys, and neither steps nor anything that steps or the job itself could come from."""
    if not pairs(job.node) or any(child(job.node, key) is not None for key in ("uses", "with", "secrets", "<<")):
        return False
    return _is_nothing(child(job.node, "steps"))


def _is_nothing(node: yaml.Node | None) -> bool:
    return node is None or (isinstance(node, yaml.Sequence) and not node.items)


def _positive(node: yaml.Scalar | None, what: str, rule: str, report: Report, *, whole: bool = False) -> None:
    if node is None or has_expression(node.value):
        return
    value = yaml.scalar_value(node, yaml.Schema.YAML_1_2)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if value <= 0 or (whole and value != int(value)):
        number = "a whole number" if whole else "a number"
        message = f"{what} is {node.value}; it must be {number} of more than 0"
        report.add("bad-amount", message, node.at, rule=rule)


def _container(what: str, node: yaml.Mapping, report: Report) -> None:
    rule = f"{SYNTAX}#jobsjob_idcontainer"
    if "image" not in node:
        report.add("missing-image", f"{what} names no image", node.at, hint="add `image:`", rule=rule)
    credentials = child(node, "credentials")
    if not isinstance(credentials, yaml.Mapping):
        return
    for key in ("username", "password"):
        value = credentials.get(key)
        if value is None or is_null(value):
            at = (node.key("credentials") or credentials).at
            message = f"the credentials of {what} have no `{key}`"
            report.add("missing-credential", message, at, hint=f"add `{key}:`", rule=f"{rule}credentials")
