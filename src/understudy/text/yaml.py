"""YAML into nodes that know where they stand; what is wrong with it becomes findings. The one door to PyYAML."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from understudy.findings import Finding, Position, Severity
from understudy.text import words

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 128
MAX_NODES = 2_000_000
MISSING = "!missing"
"""The tag of what stands for an alias that leads nowhere: a finding has said so, nobody needs to say it again."""

Schema = words.Schema
PlainValue = None | bool | int | float | str | list["PlainValue"] | dict[str, "PlainValue"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar: `value` without quotes; `plain` when it had none, so that it may mean a number or a boolean."""

    value: str
    at: Position
    plain: bool = True
    tag: str | None = None
    anchor: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list of nodes."""

    items: tuple["Node", ...]
    at: Position
    tag: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """Pairs in the file's order, merges (`<<`) done, a key at most once (the last one wins).

    `repeated`: the keys that stood here before, and lost.
    """

    pairs: tuple[tuple[Scalar, "Node"], ...]
    at: Position
    tag: str | None = None
    anchor: str | None = None
    repeated: tuple[Scalar, ...] = ()

    def get(self, key: str) -> "Node | None":
        """The value of `key`, if there is one."""
        return next((value for name, value in self.pairs if name.value == key), None)

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its position."""
        return next((name for name, _ in self.pairs if name.value == key), None)

    def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        return tuple(name.value for name, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[Scalar, "Node"]]:
        return iter(self.pairs)

    def __contains__(self, key: str) -> bool:
        return any(name.value == key for name, _ in self.pairs)


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Loaded:
    """`root` is None when the text holds nothing or could not be parsed at all."""

    root: Node | None
    findings: tuple[Finding, ...]


def load(
    data: bytes | str, file: str, *, duplicates: Severity | None = Severity.ERROR, later_merges_win: bool = False
) -> Loaded:
    """The first document of `data`, with a finding for everything wrong in it.

    `duplicates`: how bad a repeated key is; None where the reader tells of it. `later_merges_win`: a merge (`<<`)
    replaces the keys above it, as Ruby's library has it; YAML's own rule is that keys beside a merge win.
    Bounds: 4 MiB of text, and 128 levels and 2,000,000 nodes after aliases are followed. Never raises.
    """
    text, problem = _decode(data, file)
    if text is None:
        return Loaded(None, (problem,) if problem else ())
    composer = _Composer(file, duplicates, _end(text, file), later_merges_win=later_merges_win)
    try:
        return composer.compose(text)
    except yaml.MarkedYAMLError as error:
        return Loaded(None, (*composer.findings, _syntax_finding(error, file, text)))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: what the C parser says of an impossible version line
        message = f"YAML can't be parsed: {error}"
        return Loaded(None, (*composer.findings, Finding(Severity.ERROR, "yaml-syntax", message, Position(file))))


_NOT_ALLOWED = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _decode(data: bytes | str, file: str) -> tuple[str | None, Finding | None]:
    if len(data) > MAX_BYTES:
        size = len(data) / 1024 / 1024
        message = f"the file has {size:.1f} MiB; more than {MAX_BYTES // 1024 // 1024} MiB are not read"
        return None, Finding(Severity.ERROR, "file-too-large", message, Position(file), "is it really a CI file?")
    text = data
    if isinstance(text, bytes):
        text = text.removeprefix(codecs.BOM_UTF8)
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode("utf-8", "replace")
            message = f"byte 0x{error.object[error.start]:02X} is not UTF-8"
            at = _position_at(good, file, len(good))
            return None, Finding(Severity.ERROR, "not-utf-8", message, at, "save the file as UTF-8")
    text = text.removeprefix("\ufeff")
    wrong = _NOT_ALLOWED.search(text)
    if wrong is None:
        return text, None
    message = f"the character `U+{ord(wrong[0]):04X}` is not allowed in YAML"
    at = _position_at(text, file, wrong.start())
    return None, Finding(Severity.ERROR, "yaml-syntax", message, at, "remove it, or write it as an escape")


def _position_at(text: str, file: str, index: int) -> Position:
    before = text[:index]
    return Position(file, before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def _end(text: str, file: str) -> Position:
    """Right behind the last thing said: the parser reports what it misses at the end a line too low."""
    lines = text.rstrip().splitlines() or [""]
    return Position(file, len(lines), len(lines[-1]) + 1)


def _syntax_finding(error: yaml.MarkedYAMLError, file: str, text: str) -> Finding:
    mark = error.problem_mark or error.context_mark
    at = min(Position(file, mark.line + 1, mark.column + 1), _end(text, file)) if mark else Position(file)
    problem = error.problem or "can't be parsed"
    context = f" {error.context}" if error.context else ""
    line = text.splitlines()[at.line - 1] if at.line and text else ""
    hint = "check the indentation, quotes and colons around this place"
    if "\t" in line[: max(at.column, 1)] or "'\\t'" in problem:
        hint = "indent with spaces: YAML allows no tabs there"
    return Finding(Severity.ERROR, "yaml-syntax", f"YAML can't be parsed{context}: {problem}", at, hint)


@dataclass(slots=True)
class _Open:
    """A collection whose end hasn't been seen."""

    at: Position
    mapping: bool
    tag: str | None
    anchor: str | None
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Extent:
    """How many nodes and levels a collection has with its aliases followed; holding `node` keeps its id its own."""

    node: Node
    size: int
    depth: int


class _Composer:
    """Builds nodes from parser events with an explicit stack, so that depth is ours to bound."""

    def __init__(self, file: str, duplicates: Severity | None, end: Position, *, later_merges_win: bool) -> None:
        self._file = file
        self._duplicates = duplicates
        self._later_merges_win = later_merges_win
        self._end = end
        self._anchors: dict[str, Node | None] = {}
        self._stack: list[_Open] = []
        self._extents: dict[int, _Extent] = {}
        self._size = 0
        self.findings: list[Finding] = []

    def compose(self, text: str) -> Loaded:
        root: Node | None = None
        documents = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._note(Severity.WARNING, "several-documents", "only the first YAML document is read", event)
                    break
                continue
            node, anchor = self._take(event)
            if node is not None:
                self._size += self._weigh(node, alias=isinstance(event, yaml.AliasEvent))
            if len(self._stack) + (self._extent(node).depth if node else 0) > MAX_DEPTH:
                message = f"nested deeper than {MAX_DEPTH} levels"
                return self._refuse("too-deep", message, event)
            if node is None:
                continue
            if anchor:
                self._anchors[anchor] = node
            if self._size > MAX_NODES:
                message = f"aliases make more than {MAX_NODES:,} nodes of this file"
                return self._refuse("alias-bomb", message, event)
            if self._stack:
                self._stack[-1].items.append(node)
            else:
                root = node
        return Loaded(root, tuple(self.findings))

    def _take(self, event: yaml.Event) -> tuple[Node | None, str | None]:
        """The node that `event` completes, if it does, with its anchor."""
        match event:
            case yaml.ScalarEvent():
                tag = event.tag if event.tag and not event.tag.startswith("tag:yaml.org,2002:str") else None
                plain = event.style in (None, "") and not (event.tag or "").endswith(":str")
                return Scalar(event.value, self._at(event), plain, tag, event.anchor), event.anchor
            case yaml.AliasEvent():
                return self._alias(event), None
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                if event.anchor:
                    self._anchors[event.anchor] = None
                mapping = isinstance(event, yaml.MappingStartEvent)
                self._stack.append(_Open(self._at(event), mapping, event.tag, event.anchor))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                done = self._stack.pop()
                if done.mapping:
                    return self._mapping(done), done.anchor
                return Sequence(tuple(done.items), done.at, done.tag, done.anchor), done.anchor
            case _:
                pass
        return None, None

    def _alias(self, event: yaml.AliasEvent) -> Node:
        anchor = event.anchor or ""
        node = self._anchors.get(anchor)
        if node is not None:
            return node
        if anchor in self._anchors:
            message, hint = f"the alias `*{anchor}` stands inside its own anchor", "an anchor can't hold itself"
        else:
            message, hint = f"there is no anchor `&{anchor}` above this alias", "define the anchor first"
        self.findings.append(Finding(Severity.ERROR, "unknown-anchor", message, self._at(event), hint))
        return Scalar("", self._at(event), plain=False, tag=MISSING)

    def _weigh(self, node: Node, *, alias: bool) -> int:
        """How many nodes `node` adds to the walked tree: those behind an alias count wherever they are seen."""
        if alias or isinstance(node, Scalar):
            return self._extent(node).size
        children = node.items if isinstance(node, Sequence) else [value for _, value in node.pairs]
        extents = [self._extent(child) for child in children]
        depth = 1 + max((one.depth for one in extents), default=0)
        self._extents[id(node)] = _Extent(node, 1 + sum(one.size for one in extents), depth)
        return 1

    def _extent(self, node: Node) -> _Extent:
        return self._extents.get(id(node)) or _Extent(node, 1, 0)

    def _mapping(self, done: _Open) -> Mapping:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        merges: list[Node] = []
        own: set[str] = set()
        repeated: list[Scalar] = []
        for key, value in zip(done.items[::2], done.items[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.findings.append(Finding(Severity.ERROR, "complex-key", "a key must be a single word", key.at))
            elif key.value == "<<" and key.plain and self._later_merges_win:
                merged: dict[str, tuple[Scalar, Node]] = {}
                for pair in self._merged([value]):
                    merged.setdefault(pair[0].value, pair)
                pairs.update(merged)
            elif key.value == "<<" and key.plain:
                merges.append(value)
            else:
                if key.value in own:
                    repeated.append(pairs[key.value][0])
                    self._tell_repeated(key, pairs[key.value][0].at)
                    del pairs[key.value]
                own.add(key.value)
                pairs[key.value] = (key, value)
        for pair in self._merged(merges):
            pairs.setdefault(pair[0].value, pair)
        return Mapping(tuple(pairs.values()), done.at, done.tag, done.anchor, tuple(repeated))

    def _tell_repeated(self, key: Scalar, first: Position) -> None:
        if self._duplicates is not None:
            message = f"the key `{key.value}` stands twice here; the first is in line {first.line}"
            hint = "the last one wins: remove or rename one of them"
            self.findings.append(Finding(self._duplicates, "duplicate-key", message, key.at, hint))

    def _merged(self, merges: list[Node]) -> Iterator[tuple[Scalar, Node]]:
        for node in merges:
            for source in node.items if isinstance(node, Sequence) else (node,):
                if isinstance(source, Mapping):
                    yield from source.pairs
                else:
                    message = "a merge (`<<`) takes a map or a list of maps"
                    self.findings.append(Finding(Severity.ERROR, "bad-merge", message, source.at))

    def _at(self, event: yaml.Event) -> Position:
        mark = event.start_mark
        return min(Position(self._file, mark.line + 1, mark.column + 1), self._end) if mark else Position(self._file)

    def _note(self, severity: Severity, code: str, message: str, event: yaml.Event) -> None:
        self.findings.append(Finding(severity, code, message, self._at(event)))

    def _refuse(self, code: str, message: str, event: yaml.Event) -> Loaded:
        self._note(Severity.ERROR, code, message, event)
        return Loaded(None, tuple(self.findings))


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def scalar_value(node: Scalar, schema: Schema) -> bool | int | float | str | None:
    """What a scalar means: its own text when quoted; else a null, boolean or number where it looks like one."""
    return words.meaning(node.value, schema) if node.plain else node.value


def plain(node: Node | None, schema: Schema) -> PlainValue:
    """`node` as ordinary Python values; keys are text."""
    match node:
        case None:
            return None
        case Scalar():
            return scalar_value(node, schema)
        case Sequence():
            return [plain(item, schema) for item in node.items]
        case Mapping():
            return {key.value: plain(value, schema) for key, value in node.pairs}


def dump(node: Node) -> str:
    """`node` as YAML text: scalars keep their exact words and whether they were quoted; aliases are written out."""
    events: list[yaml.Event] = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
    events += _events(node)
    events += [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()]
    text: str = yaml.emit(events, Dumper=_DUMPER, width=2**30, allow_unicode=True)
    return text


_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _events(node: Node) -> Iterator[yaml.Event]:
    match node:
        case Scalar():
            style = None if node.plain else ("|" if "\n" in node.value else '"')
            yield yaml.ScalarEvent(None, None, (node.plain, True), node.value, style=style)
        case Sequence():
            yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=not node.items)
            for item in node.items:
                yield from _events(item)
            yield yaml.SequenceEndEvent()
        case Mapping():
            yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=not node.pairs)
            for key, value in node.pairs:
                yield from _events(key)
                yield from _events(value)
            yield yaml.MappingEndEvent()
