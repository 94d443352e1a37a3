"""`hashFiles`: one hash for all files of the workspace that some patterns match."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from understudy.dialects.base import ReadFile, Scope
from understudy.dialects.tracked import tracked

_WILD = re.compile(r"[*?\[]")


def hash_files(patterns: Sequence[str], scope: Scope) -> str:
    """The hash of the files that `patterns` (each may be several lines) match; empty where none does.

    Files are found among those that git tracks in the workspace, and by name where a pattern has no wildcards: the
    service also finds those with wildcards that the job has made.
    See https://docs.github.com/actions/reference/workflows-and-actions/expressions#hashfiles. Raises EvaluationError.
    """
    from hashlib import sha256  # noqa: PLC0415 - loads a cryptographic library

    lines = [line.strip() for pattern in patterns for line in pattern.splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    workspace = scope.place.workdir if scope.place else ""
    globs = [Glob.of(line, workspace) for line in wanted]
    whole = sha256()
    found = False
    for path in _matched([one for one in globs if one is not None], scope.read_file):
        content = scope.read_file(path)
        if content is not None:
            found = True
            whole.update(sha256(content).digest())
    return whole.hexdigest() if found else ""


class Glob:
    """One pattern: a path and all below it, or (with a `!`) none of these."""

    def __init__(self, path: str, *, negative: bool) -> None:
        """`path` from the workspace, plain."""
        self.negative = negative
        self.path = path
        self.literal = not _WILD.search(path)
        parts = path.split("/")
        plain = next((index for index, part in enumerate(parts) if _WILD.search(part)), len(parts))
        self.root = "/".join(parts[:plain])
        self._expression = _compiled(path)

    @classmethod
    def of(cls, line: str, workspace: str) -> "Glob | None":
        """The pattern of `line`; None for one that looks outside of the workspace, where nothing counts."""
        negative = line.startswith("!")
        path = line.lstrip("!").strip()
        if path.startswith("/"):
            lead = workspace.rstrip("/") + "/"
            if not path.startswith(lead):
                return None
            path = path[len(lead) :]
        path = posixpath.normpath(path)
        if path.startswith("../") or path == "..":
            return None
        return cls("" if path == "." else path, negative=negative)

    def matches(self, path: str) -> bool:
        """Whether `path` is meant, by itself or by a folder that it is in."""
        return not self.path or self._expression.match(path) is not None


@lru_cache(maxsize=256)
def _compiled(path: str) -> re.Pattern[str]:
    written = "".join(_parts(path.split("/")))
    return re.compile(f"{written}(?:/|\\Z)", re.DOTALL)


def _parts(parts: list[str]) -> Iterator[str]:
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            yield ".+" if last else "(?:[^/]+/)*"
        else:
            yield _part(part) + ("" if last else "/")


def _part(part: str) -> str:
    written = ""
    at = 0
    while at < len(part):
        letter = part[at]
        end = part.find("]", at + 2) if letter == "[" else -1
        if letter in "*?":
            written += "[^/]*" if letter == "*" else "[^/]"
        elif end > 0:
            inside = part[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            written += f"[^{inside[1:]}]" if inside[0] == "!" else f"[{inside}]"
            at = end
        elif letter == "\\" and at + 1 < len(part):
            at += 1
            written += re.escape(part[at])
        else:
            written += re.escape(letter)
        at += 1
    return written


def _matched(globs: list[Glob], files: ReadFile) -> Iterator[str]:
    """The files in the order in which the service goes through them: each folder that patterns begin at, by name."""
    roots = list(dict.fromkeys(one.root for one in globs if not one.negative))
    outermost = [root for root in roots if not any(_is_within(root, other) for other in roots if other != root)]
    known = tracked(files)
    literal = [one.path for one in globs if one.literal and not one.negative and one.path not in known]
    every = sorted({*known, *literal}, key=lambda path: path.split("/"))
    for root in outermost:
        for path in every:
            if (path == root or _is_within(path, root)) and _chosen(globs, path):
                yield path


def _is_within(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _chosen(globs: list[Glob], path: str) -> bool:
    chosen = False
    for one in globs:
        if one.matches(path):
            chosen = not one.negative
    return chosen
