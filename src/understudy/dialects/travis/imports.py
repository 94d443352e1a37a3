"""Gathers what a `.travis.yml` imports, and merges it: https://docs.travis-ci.com/user/build-config-imports/"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from understudy.dialects.base import ReadFile
from understudy.dialects.travis import conditions, document, merging
from understudy.dialects.travis.normalise import Message, Options, Value, normalise
from understudy.findings import Finding, Position, Severity
from understudy.text import yaml

MOST = 25
"""So many files are read in all: https://docs.travis-ci.com/user/build-config-imports/"""

_RULE = "https://docs.travis-ci.com/user/build-config-imports/"
_REMOTE = re.compile(r"(?P<repository>[^/]+/[^/]+):(?P<path>.+?.yml)(?:@(?P<ref>.+))?")
_LOCAL = re.compile(r"(?P<path>.+.yml)(?:@(?P<ref>[^@]+))?")
_PLACEHOLDER = re.compile(r"%{[^}]*}")
_SILENT = Options(alert=False, defaults=False, fix=False, line=False)


@dataclass(frozen=True, slots=True)
class Imported:
    """A file with all that it imports. `messages` are Travis's, `findings` what is ours to tell."""

    root: yaml.Node | None
    messages: tuple[Message, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to import: in `repository` (empty: this one) at `ref` (empty: as it is here)."""

    path: str
    repository: str = ""
    ref: str = ""

    @property
    def address(self) -> str:
        """What `files` is asked for."""
        return f"github://{self.repository}@{self.ref or 'HEAD'}/{self.path}" if self.repository else self.path

    def __str__(self) -> str:
        where = f"{self.repository}:{self.path}" if self.repository else self.path
        return f"{where}@{self.ref}" if self.ref else where


def load(root: yaml.Node | None, path: str, files: ReadFile, data: Mapping[str, Value] | None = None) -> Imported:
    """`root`, the content of the file at `path`, merged with what it imports; for `normalise`.

    `files` gives files of the repository, by their path, and of others as `github://owner/repository@ref/path`; one
    that isn't to be had is a finding. `data` are the attributes that conditions ask for; without them all hold.
    """
    if not isinstance(root, yaml.Mapping) or root.get("import") is None:
        return Imported(root)
    gathering = _Gathering(files, data)
    return Imported(gathering.gathered(root, _Source(path)), tuple(gathering.messages), tuple(gathering.findings))


@dataclass(slots=True)
class _Gathering:
    """What has been read so far. Files that are imported twice are read once, depth first."""

    files: ReadFile
    data: Mapping[str, Value] | None
    seen: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def gathered(self, root: yaml.Mapping, source: _Source) -> yaml.Mapping:
        """`root` merged with its imports: each goes under what comes before it, the last one lowest."""
        self.seen.add(str(source))
        parts = [(root, merging.Mode.MERGE), *self._parts(root, source)]
        result, how = parts.pop()
        while parts:
            part, mode = parts.pop()
            result, how = merging.merged(part, result, how), mode
        return result

    def _parts(self, root: yaml.Mapping, source: _Source) -> list[tuple[yaml.Mapping, merging.Mode]]:
        """The imports of `root` and all that these import, with the mode of each."""
        parts: list[tuple[yaml.Mapping, merging.Mode]] = []
        for written, at in _imports(root, source):
            found = self._found(written, source, at)
            if found is None or str(found) in self.seen or not self._wanted(written, found, at):
                continue
            if len(self.seen) >= MOST:
                self._say("error", "too_many_imports", {"max": MOST}, at)
                break
            self.seen.add(str(found))
            content = self._read(found, at)
            if content is not None:
                parts.append((content, merging.mode(str(written.get("mode") or ""))))
                parts += self._parts(content, found)
        return parts

    def _found(self, written: Mapping[str, Value], importer: _Source, at: Position) -> _Source | None:
        text = str(written.get("source") or "")
        remote = _REMOTE.fullmatch(text)
        local = None if remote else _LOCAL.fullmatch(text)
        if remote:
            return _Source(remote["path"], remote["repository"], remote["ref"] or "")
        if local is None:
            self._say("error", "invalid_ref", {"ref": text}, at)
            return None
        path = local["path"]
        if path.startswith("./"):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(importer.path), path))
        return replace(importer, path=path, ref=local["ref"] or importer.ref)

    def _wanted(self, written: Mapping[str, Value], source: _Source, at: Position) -> bool:
        condition = written.get("if")
        if self.data is None or not isinstance(condition, str):
            return True
        try:
            given = conditions.Data.of(conditions.merged(self.data, written))
            if conditions.holds(conditions.parse(condition), given):
                return True
        except conditions.ConditionError:
            pass  # Travis takes what it can't judge for false; what is wrong with it is told with the other keys
        self._say("info", "skip_import", {"source": str(source), "condition": condition}, at)
        return False

    def _read(self, source: _Source, at: Position) -> yaml.Mapping | None:
        if _PLACEHOLDER.search(source.path):
            self._not_here(f"`{source}` takes its name from the commit message, which is not reproduced here", at)
            return None
        elsewhere = bool(source.ref or source.repository)
        content = self.files(source.address) if source.repository or not source.ref else None
        if content is None and elsewhere:
            self._not_here(f"`{source}` is not here", at)
        elif content is None:
            self._say("error", "unknown_import", {"source": str(source)}, at)
        if content is None:
            return None
        loaded = document.load(content, source.address)
        self.findings += loaded.findings
        return loaded.root if isinstance(loaded.root, yaml.Mapping) else None

    def _not_here(self, message: str, at: Position) -> None:
        hint = "what it says is missing from this build; fetch the repository once, or copy the file into this one"
        self.findings.append(Finding(Severity.UNSUPPORTED, "not-here", message, at, hint, _RULE))

    def _say(self, level: str, code: str, args: Mapping[str, Value], at: Position) -> None:
        self.messages.append(Message("error" if level == "error" else "info", "import", code, args, at))


def _imports(root: yaml.Mapping, source: _Source) -> list[tuple[Mapping[str, Value], Position]]:
    """The imports of a file in normal form, with their places."""
    key, value = root.key("import"), root.get("import")
    if key is None or value is None:
        return []
    only = yaml.Mapping(((key, value),), root.at)
    normal = normalise(only, source.address, _SILENT)
    listed = normal.config.get("import")
    entries = listed if isinstance(listed, tuple) else ()
    return [(one, normal.place("import", index)) for index, one in enumerate(entries) if isinstance(one, Mapping)]
