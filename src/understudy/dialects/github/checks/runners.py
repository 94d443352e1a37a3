"""The labels of runners."""

import re
from collections.abc import Iterator

from understudy.dialects.github.checks.document import Document, Job, has_expression, items, pairs, scalar, texts
from understudy.dialects.github.checks.report import RUNNERS, SYNTAX, Report
from understudy.text import yaml
from understudy.text.nearest import nearest

_RULE = f"{SYNTAX}#jobsjob_idruns-on"
_OLDEST = {"ubuntu": 22.04, "macos": 14.0, "windows": 2022.0}
_VERSIONED = re.compile(r"(ubuntu|macos|windows)-(\d+(?:\.\d+)?)(?:-(?:x?large|arm|intel))?", re.IGNORECASE)
_HOSTED = (
    *("ubuntu-latest", "ubuntu-slim", "ubuntu-26.04", "ubuntu-24.04", "ubuntu-22.04"),
    *("ubuntu-26.04-arm", "ubuntu-24.04-arm", "ubuntu-22.04-arm"),
    *("macos-latest", "macos-latest-large", "macos-latest-xlarge", "macos-26", "macos-15", "macos-14"),
    *("macos-26-large", "macos-26-xlarge", "macos-15-large", "macos-15-xlarge", "macos-14-large", "macos-14-xlarge"),
    *("macos-26-intel", "macos-15-intel"),
    *("windows-latest", "windows-2025", "windows-2025-vs2026", "windows-2022", "windows-11-arm"),
)
_OWN = ("self-hosted", "linux", "macos", "windows", "x64", "arm", "arm64", "gpu")
_SAME = {"ubuntu-latest": "ubuntu-24.04", "macos-latest": "macos-15"}
_MATRIX = re.compile(r"\s*\$\{\{\s*matrix\.([A-Za-z_][\w-]*)\s*\}\}\s*")


def check(document: Document, report: Report) -> None:
    """A runner must exist: GitHub has one for each of its images, and one runner is of one system.

    Other labels may be those of runners of one's own, so that they are no error. See
    https://docs.github.com/en/actions/reference/runners/github-hosted-runners.
    """
    for job in document.jobs:
        choices = [list(_labels(label, job)) for label in job.labels]
        own = any(label.value.lower() == "self-hosted" for labels in choices for label in labels)
        for label in (one for labels in choices for one in labels):
            _known(label, report, own=own)
        if not own:
            _one_system([label for labels in choices if len(labels) == 1 for label in labels], report)


def _labels(label: yaml.Scalar, job: Job) -> Iterator[yaml.Scalar]:
    """What `label` can be: itself, or the values of the matrix that it stands for as far as the file tells them."""
    if not has_expression(label.value):
        yield label
        return
    found = _MATRIX.fullmatch(label.value)
    if found is None:
        return
    for name, values in pairs(job.matrix):
        if name.value.lower() == found[1].lower() and isinstance(values, yaml.Sequence):
            yield from (value for value in texts(values) if not has_expression(value.value))
    for entry in items(job.matrix, "include"):
        value = scalar(entry, found[1])
        if value and not has_expression(value.value):
            yield value


def _known(label: yaml.Scalar, report: Report, *, own: bool) -> None:
    word = label.value.lower()
    if not word or word in _HOSTED or word in _OWN or own:
        return
    versioned = _VERSIONED.fullmatch(word)
    if versioned and float(versioned[2]) < _OLDEST[versioned[1]] and word not in _HOSTED:
        message = f"GitHub has no runner `{label.value}` any more"
        newest = next(one for one in _HOSTED if one.startswith(versioned[1]))
        report.add("no-such-runner", message, label.at, hint=f"such as `{newest}`", rule=RUNNERS)
    elif not versioned:
        close = nearest(word, _HOSTED)
        hint = f"did you mean `{close}`?" if close else "a runner of one's own must have this label"
        message = f"GitHub has no runner `{label.value}` of its own"
        report.add("unknown-runner", message, label.at, hint=hint, rule=_RULE)


def _one_system(labels: list[yaml.Scalar], report: Report) -> None:
    first: yaml.Scalar | None = None
    for label in labels:
        word = label.value.lower()
        if word not in _HOSTED:
            continue
        if first is None:
            first = label
        elif _SAME.get(word, word) != _SAME.get(first.value.lower(), first.value.lower()):
            message = f"no runner is both `{first.value}` and `{label.value}`"
            hint = "all labels must be those of one runner; take a matrix to run on each"
            report.add("conflicting-labels", message, label.at, hint=hint, rule=_RULE)
