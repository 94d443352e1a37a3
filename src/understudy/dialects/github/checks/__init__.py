"""What a GitHub workflow means, as far as that can be wrong before anything runs."""

from understudy.dialects.base import ReadFile
from understudy.dialects.github.checks import (
    actions,
    amounts,
    anchors,
    background,
    emptiness,
    events,
    globs,
    ids,
    matrix,
    runners,
    schedule,
    shells,
    surroundings,
)
from understudy.dialects.github.checks.document import Document
from understudy.dialects.github.checks.expressions import Expressions
from understudy.dialects.github.checks.locator import Locator
from understudy.dialects.github.checks.metadata import Library
from understudy.dialects.github.checks.report import PERFORMED_ALL_THE_SAME, Report
from understudy.findings import Finding
from understudy.text import yaml

_CHECKS = (anchors, amounts, emptiness, ids, background, schedule, globs, events, shells, runners, matrix, surroundings)

__all__ = ["PERFORMED_ALL_THE_SAME", "check"]


def check(root: yaml.Node, path: str, files: ReadFile) -> tuple[Finding, ...]:
    """What is wrong with the meaning of the workflow whose document is `root`, in the file at `path`.

    The shape (keys, kinds of values) is checked elsewhere; what has not the right one is passed over. `files` gives
    the text of the file, for exact places, local actions and workflows by path, and remote ones by
    `github://owner/repository@ref/path`.
    """
    report = Report()
    document = Document(root, path)
    library = Library(files)
    for module in _CHECKS:
        module.check(document, report)
    actions.check(document, library, report)
    content = files(path)
    locator = Locator(content.decode("utf-8", "replace") if content is not None else None)
    Expressions(document, library, locator, report).check()
    return report.findings
