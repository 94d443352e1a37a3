"""The values of a `.travis.yml` while they are brought into form: a tree that may be changed, and knows its places."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from understudy.dialects.travis.normalise.normal import Level, Message, Options, Value
from understudy.dialects.travis.normalise.words import meaning
from understudy.findings import NOWHERE, Position
from understudy.text import yaml

Kind = Literal["none", "bool", "num", "str", "seq", "map", "secure"]
Content = None | bool | int | float | str | list["Item"] | dict[str, "Item"]


class Key(str):
    """A key that knows where it stands. Those that are filled in are ordinary text."""

    __slots__ = ("at",)
    at: Position


def key_at(text: str, at: Position) -> Key:
    """`text` as a key that stands `at`."""
    key = Key(text)
    key.at = at
    return key


def place_of(key: str | None) -> Position:
    """Where `key` stands; NOWHERE if it was filled in."""
    return key.at if isinstance(key, Key) else NOWHERE


@dataclass(slots=True)
class Run:
    """One normalisation: what was asked for, and what has been said."""

    options: Options
    file: str
    anchored: set[str] = field(default_factory=set)
    unique: list[Value] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)

    def say(self, message: Message) -> None:
        """Adds `message`, once."""
        self.messages.setdefault(repr((message.level, message.key, message.code, message.args)), message)


class Item:
    """A value, with its key and what holds it. `detected`: the key that has chosen its form among several."""

    __slots__ = ("at", "content", "detected", "errored", "key", "kind", "parent", "run")

    def __init__(self, run: Run, parent: "Item | None", key: str | None, at: Position, content: Content) -> None:
        self.run = run
        self.parent = parent
        self.key = key
        self.at = at
        self.detected = ""
        self.errored = False
        self.content: Content = content
        self.kind: Kind = _kind(content)
        self._adopt()

    def _adopt(self) -> None:
        if isinstance(self.content, dict):
            for key, child in self.content.items():
                child.parent, child.key = self, key
        elif isinstance(self.content, list):
            for child in self.content:
                child.parent, child.key = self, self.key

    def rebuilt(self, content: Content) -> "Item":
        """In the same place, with other content. Maps within that hold nothing but `secure` are secrets from now on."""
        new = Item(self.run, self.parent, self.key, self.at, content)
        new.detected = self.detected
        for child in new.children():
            if child.kind == "map":
                child.kind = _kind(child.content)
        return new

    def copied(self) -> "Item":
        """All of it anew, so that a trial leaves no trace."""
        content: Content = self.content
        if isinstance(content, dict):
            content = {key: child.copied() for key, child in content.items()}
        elif isinstance(content, list):
            content = [child.copied() for child in content]
        return self.rebuilt(content)

    @property
    def map(self) -> dict[str, "Item"]:
        """What a map or secret holds."""
        return self.content if isinstance(self.content, dict) else {}

    @property
    def items(self) -> list["Item"]:
        """What a list holds."""
        return self.content if isinstance(self.content, list) else []

    @property
    def text(self) -> str:
        """What a text says."""
        return self.content if isinstance(self.content, str) else ""

    @property
    def plain(self) -> bool:
        """Whether it is neither a list nor a map nor a secret."""
        return self.kind not in ("seq", "map", "secure")

    @property
    def given(self) -> bool:
        """Whether there is something in it."""
        if self.kind == "secure":
            inner = self.get("secure")
            return inner is not None and inner.kind == "str"
        return self.content is not None and self.content not in ("", [], {})

    @property
    def missing(self) -> bool:
        """Whether there is nothing, or a map of nothing."""
        return self.content is None or (self.kind == "map" and not self.content)

    def get(self, key: str) -> "Item | None":
        """What a map holds under `key`."""
        return self.map.get(key)

    def children(self) -> "Iterator[Item]":
        """What is directly in it."""
        return iter(self.items or tuple(self.map.values()))

    def encoded(self) -> bool:
        """Whether the text of a secret may be an encrypted one."""
        inner = self.get("secure")
        text = re.sub(r"\s", "", inner.text) if inner is not None else ""
        try:
            return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
        except (binascii.Error, ValueError):
            return False

    def keys(self) -> list[str]:
        """The keys on the way to it, none twice."""
        above = self.parent.keys() if self.parent is not None else []
        return above if self.key is None or self.key in above else [*above, self.key]

    def full_key(self) -> str:
        """What messages call it."""
        name = ".".join(self.keys()) or "root"
        return f"{name}.secure" if self.kind == "secure" else name

    def root(self) -> "Item":
        """What holds everything."""
        item = self
        while item.parent is not None:
            item = item.parent
        return item

    def supporting(self) -> Mapping[str, tuple[str, ...]]:
        """The language, systems and distribution that hold here."""
        found = dict(self.parent.supporting()) if self.parent is not None else {}
        for key in ("language", "os", "dist"):
            item = self.get(key) if self.kind == "map" else None
            if item is not None and item.given:
                found[key] = tuple(str(one.content) for one in item.items) if item.items else (str(item.content),)
        return found

    def say(self, level: Level, code: str, args: Mapping[str, Value] | None = None, at: Position = NOWHERE) -> None:
        """Adds a message about it; `at` where not the value itself is the offender."""
        given = dict(args or {})
        detected = self.get(self.detected) if self.detected and self.kind == "map" else None
        if detected is not None:
            given[self.detected] = detected.value()
        place = at if at.line else self.at
        if self.run.options.line:
            _locate(given, at if at.line else place_of(self.key), self.run.file)
        if level == "error":
            self.errored = True
        self.run.say(Message(level, self.full_key(), code, given, place))

    def value(self) -> Value:
        """As plain values that don't change."""
        if isinstance(self.content, dict):
            return {str(key): child.value() for key, child in self.content.items()}
        if isinstance(self.content, list):
            return tuple(child.value() for child in self.content)
        return self.content


def _locate(args: dict[str, Value], at: Position, file: str) -> None:
    """The line as the service counts it, from 0, and the file where it is another one."""
    if at.line:
        args["line"] = at.line - 1
        if at.file != file:
            args["src"] = at.file


def _kind(content: Content) -> Kind:
    match content:
        case None:
            return "none"
        case bool():
            return "bool"
        case int() | float():
            return "num"
        case str():
            return "str"
        case list():
            return "seq"
        case dict():
            return "secure" if len(content) == 1 and "secure" in content else "map"


def read(root: yaml.Node | None, run: Run) -> Item:
    """`root` as a tree; a map, empty where there is nothing. Repeated keys and anchors are noted."""
    at = root.at if root is not None else Position(run.file, 1, 1)
    if not isinstance(root, yaml.Mapping):
        return Item(run, None, None, at, {})
    item = _read(root, run)
    _tell_repeated(root, item)
    return item


def _read(node: yaml.Node, run: Run) -> Item:
    match node:
        case yaml.Scalar():
            return Item(run, None, None, node.at, meaning(node))
        case yaml.Sequence():
            return Item(run, None, None, node.at, [_read(one, run) for one in node.items])
        case yaml.Mapping():
            content: dict[str, Item] = {}
            for name, value in node:
                if value.anchor and value.at > name.at:
                    run.anchored.add(name.value)
                content[key_at(name.value.removeprefix(":"), name.at)] = _read(value, run)
            return Item(run, None, None, node.at, content)


def _tell_repeated(node: yaml.Node, item: Item) -> None:
    """Says what keys stand twice: the last of them counts."""
    if isinstance(node, yaml.Mapping):
        for name in node.repeated:
            item.say("error", "duplicate_key", {"key": name.value}, name.at)
        for name, value in node:
            child = item.get(name.value.removeprefix(":"))
            if child is not None:
                _tell_repeated(value, child)
    elif isinstance(node, yaml.Sequence):
        for value, child in zip(node.items, item.items, strict=True):
            _tell_repeated(value, child)
