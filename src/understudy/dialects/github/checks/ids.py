"""Ids of jobs and steps, and the jobs that others need."""

import re
from collections.abc import Iterable

from understudy.dialects.github.checks.document import Document, Job, has_expression
from understudy.dialects.github.checks.report import Report, listed
from understudy.dialects.github.notes import SYNTAX
from understudy.text import yaml
from understudy.text.nearest import suggestion

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST = 100
_JOB_RULE = f"{SYNTAX}#jobsjob_id"
_STEP_RULE = f"{SYNTAX}#jobsjob_idstepsid"
_NEEDS_RULE = f"{SYNTAX}#jobsjob_idneeds"


def check(document: Document, report: Report) -> None:
    """Ids must be of letters, digits, `-` and `_`, and be there once; `needs` must lead somewhere and not in a circle.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_id.
    """
    _unique((job.id for job in document.jobs), "job", _JOB_RULE, report)
    for job in document.jobs:
        _well_formed(job.id, "job", _JOB_RULE, report)
        ids = [step.id for step in job.steps if step.id]
        for one in ids:
            _well_formed(one, "step", _STEP_RULE, report)
        _unique(ids, "step", _STEP_RULE, report)
    known = [_needs_known(job, document, report) for job in document.jobs]
    if all(known):
        _circle(document, report)


def _well_formed(id_: yaml.Scalar, what: str, rule: str, report: Report) -> None:
    text = id_.value
    if has_expression(text) or not text:
        return
    if not _ID.fullmatch(text):
        hint = "an id starts with a letter or `_` and is made of letters, digits, `-` and `_`"
        report.add("bad-id", f"`{text}` can't be the id of a {what}", id_.at, hint=hint, rule=rule)
    elif text.startswith("__") or len(text) >= _LONGEST:
        why = "ids that start with `__` are reserved" if text.startswith("__") else "ids have less than 100 letters"
        report.add("bad-id", f"`{text}` can't be the id of a {what}", id_.at, hint=why, rule=rule)


def _unique(ids: Iterable[yaml.Scalar], what: str, rule: str, report: Report) -> None:
    seen: dict[str, yaml.Scalar] = {}
    for id_ in ids:
        first = seen.setdefault(id_.value.lower(), id_)
        if first is not id_ and first.at != id_.at:
            message = f"the {what} id `{id_.value}` is there twice; the first is in line {first.at.line}"
            hint = "upper and lower case are the same in ids; rename one of them"
            report.add("duplicate-id", message, id_.at, hint=hint, rule=rule)


def _needs_known(job: Job, document: Document, report: Report) -> bool:
    seen: set[str] = set()
    known = True
    for need in job.needs:
        key = need.value.lower()
        if key in seen:
            message = f"the job `{job.id.value}` needs `{need.value}` twice"
            hint = "upper and lower case are the same in ids"
            report.add("duplicate-need", message, need.at, hint=hint, rule=_NEEDS_RULE)
        seen.add(key)
        if key not in document.by_key and not has_expression(key):
            known = False
            message = f"the job `{job.id.value}` needs `{need.value}`, and there is no such job"
            hint = suggestion(need.value, [one.id.value for one in document.jobs])
            report.add("unknown-need", message, need.at, hint=hint, rule=_NEEDS_RULE)
    return known


def _circle(document: Document, report: Report) -> None:
    """Tells the first circle that `needs` makes, at the job of it that comes first in the file."""
    jobs = document.by_key
    done: set[str] = set()
    for start in jobs:
        path: list[str] = []
        trails = [iter([start])]
        while trails:
            key = next(trails[-1], None)
            if key is None:
                trails.pop()
                if path:
                    done.add(path.pop())
            elif key in path:
                _tell(path[path.index(key) :], document, report)
                return
            elif key not in done:
                path.append(key)
                trails.append(iter([need.value.lower() for need in jobs[key].needs if need.value.lower() in jobs]))


def _tell(circle: list[str], document: Document, report: Report) -> None:
    first = min(circle, key=lambda key: document.by_key[key].id.at)
    at = circle.index(first)
    names = [document.by_key[key].id.value for key in (*circle[at:], *circle[:at], first)]
    message = f"jobs need one another in a circle: {' needs '.join(f'`{name}`' for name in names)}"
    hint = f"take one of {listed(names[:-1])} out of the `needs` of another"
    report.add("needs-cycle", message, document.by_key[first].id.at, hint=hint, rule=_NEEDS_RULE)
