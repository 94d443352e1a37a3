"""Errors, warnings and notices that a step tells of by its output: what the service shows beside the code."""

import posixpath
import re
from collections.abc import Mapping

from understudy.dialects.base import Annotation

LEVELS = ("error", "warning", "notice")

_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")


def shown(annotation: Annotation) -> str:
    """The line of the log that stands for `annotation`: `Error: src/app.py:3:1: Title: message`."""
    place = (annotation.file, annotation.line, annotation.column) if annotation.file else ()
    where = ":".join(str(part) for part in place if part is not None)
    parts = (annotation.level.capitalize(), where, annotation.title, annotation.message)
    return ": ".join(part for part in parts if part)


def from_command(level: str, message: str, properties: Mapping[str, str], workspace: str) -> Annotation:
    """What `::error file=...::message` and its like say; places that contradict one another are left out.

    Columns need one line; what only has an end begins there; nothing ends before it begins.
    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message.
    """
    line, end_line = _span(whole(properties.get("line")), whole(properties.get("endline")))
    column, _ = _span(whole(properties.get("col")), whole(properties.get("endcolumn")))
    one_line = line is not None and end_line in {None, line}
    return Annotation(
        level=level,
        message=message,
        file=relative(properties.get("file", ""), workspace),
        line=line,
        end_line=end_line,
        column=column if one_line else None,
        title=properties.get("title", ""),
    )


def _span(start: int | None, end: int | None) -> tuple[int | None, int | None]:
    if start is None or end is None:
        return (end, end) if start is None else (start, None)
    return (start, end) if start <= end else (None, None)


def whole(text: str | None) -> int | None:
    """The whole number that `text` says, if it says one."""
    return int(text) if text is not None and _WHOLE.fullmatch(text) else None


def relative(file: str, workspace: str) -> str:
    """`file` from the workspace, if it lies there; otherwise as it is."""
    if not workspace or not posixpath.isabs(file):
        return file
    path = posixpath.normpath(file)
    return posixpath.relpath(path, workspace) if path.startswith(workspace.rstrip("/") + "/") else file
