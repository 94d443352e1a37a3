"""The labels of runners."""

import re
from collections.abc import Iterator

from understudy.dialects.github.checks.document import Document, Job, has_expression, items, pairs, scalar, texts
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.notes import RUNNERS, SYNTAX
from understudy.text import yaml
from understudy.text.nearest import suggestion

_RULE = f"{SYNTAX}#jobsjob_idruns-on"
_OLDEST = {"ubuntu": 22.04, "macos": 14.0, "windows": 2022.0}
_NEWEST = {"ubuntu": 26.04, "macos": 26.0, "windows": 2025.0}
_VERSIONED = re.compile(r"(ubuntu|macos|windows)-(\d+(?:\.\d+)?)(?:-(?:x?large|arm|intel))?", re.IGNORECASE)
_UBUNTU = (
    *("ubuntu-slim", "ubuntu-26.04", "ubuntu-24.04", "ubuntu-22.04"),
    *("ubuntu-26.04-arm", "ubuntu-24.04-arm", "ubuntu-22.04-arm"),
)
_MACOS = (
    *("macos-26", "macos-15", "macos-14", "macos-26-intel", "macos-15-intel"),
    *("macos-26-large", "macos-26-xlarge", "macos-15-large", "macos-15-xlarge", "macos-14-large", "macos-14-xlarge"),
)
_WINDOWS = ("windows-2025", "windows-2025-vs2026", "windows-2022", "windows-11-arm")
_LATEST = {
    "ubuntu-latest": ("ubuntu-26.04", "ubuntu-24.04"),
    "macos-latest": ("macos-26", "macos-15"),
    "macos-latest-large": ("macos-26-large", "macos-15-large"),
    "macos-latest-xlarge": ("macos-26-xlarge", "macos-15-xlarge"),
    "windows-latest": ("windows-2025", "windows-2025-vs2026", "windows-2022"),
}
"""The images that a label of no version stood for lately: it moves on over weeks."""
_HOSTED = (*_LATEST, *_UBUNTU, *_MACOS, *_WINDOWS)
_SYSTEMS = {"linux": (*_UBUNTU, "ubuntu-latest"), "macos": _MACOS, "windows": _WINDOWS}
_OWN = ("self-hosted", *_SYSTEMS, "x64", "arm", "arm64", "gpu")
_IMAGES = {
    **{label: frozenset({label}) for label in _HOSTED},
    **{label: frozenset({label, *images}) for label, images in _LATEST.items()},
    **{label: frozenset(images) for label, images in _SYSTEMS.items()},
}
"""By label, the images that a runner with it has."""
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
        _one_system(choices, report, own=own)


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
    if versioned and float(versioned[2]) < _OLDEST[versioned[1]]:
        message = f"GitHub has no runner `{label.value}` any more"
        newest = next(one for one in _HOSTED if one.startswith(versioned[1]))
        report.add("no-such-runner", message, label.at, hint=f"such as `{newest}`", rule=RUNNERS)
    elif not versioned or float(versioned[2]) <= _NEWEST[versioned[1]]:
        hint = suggestion(word, _HOSTED, "a runner of one's own must have this label")
        message = f"GitHub has no runner `{label.value}` of its own"
        report.add("unknown-runner", message, label.at, hint=hint, rule=_RULE)


def _one_system(choices: list[list[yaml.Scalar]], report: Report, *, own: bool) -> None:
    """Tells each label that no runner has beside one before it; the values of a matrix are no neighbours."""
    before: list[yaml.Scalar] = []
    for labels in choices:
        known = [label for label in labels if label.value.lower() in _IMAGES]
        good = [label for label in known if not _conflicts(label, before, report, own=own)]
        before += good


def _conflicts(label: yaml.Scalar, before: list[yaml.Scalar], report: Report, *, own: bool) -> bool:
    images = _IMAGES[label.value.lower()]
    other = next((one for one in before if not images & _IMAGES[one.value.lower()]), None)
    if other is not None:
        message = f"no runner is both `{other.value}` and `{label.value}`"
        hint = "all labels must be those of one runner; take a matrix to run on each"
        # A runner of one's own can be given any label.
        report.add("odd-labels" if own else "conflicting-labels", message, label.at, hint=hint, rule=_RULE)
    return other is not None
