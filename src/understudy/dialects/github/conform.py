"""Answers what patterns match and what command files say, for a comparison with the test cases of others."""

from collections.abc import Mapping
from typing import Any

from understudy.dialects.github.command_files import CommandFileError, folders, variables
from understudy.dialects.github.filters import PatternError, excluded, ignored

_NO_VARIABLES = "GITHUB_PATH"


def filtered(question: Mapping[str, Any]) -> dict[str, Any]:
    """{patterns, inputs} -> {skip, filter}: kept out by `branches` and the like, and by `branches-ignore`."""
    patterns, names = ([str(one) for one in question.get(key) or ()] for key in ("patterns", "inputs"))
    try:
        return {"skip": excluded(patterns, names), "filter": ignored(patterns, names)}
    except PatternError as error:
        return {"error": str(error)}


def command_file(question: Mapping[str, Any]) -> dict[str, Any]:
    """{kind, lines, newline} -> {values} or {error}: what a file of `GITHUB_ENV` and the like sets.

    `newline` stands between the lines: a line feed where it is null, or is a word and not space.
    """
    newline = question.get("newline")
    between = newline if isinstance(newline, str) and not newline.strip() and newline else "\n"
    text = between.join(str(line) for line in question.get("lines") or ())
    kind = question.get("kind")
    if kind == _NO_VARIABLES:
        return {"values": list(folders(text))}
    try:
        found = variables(text)
    except CommandFileError as error:
        return {"error": error.message}
    return {"values": found.free if kind == "GITHUB_ENV" else found.all}
