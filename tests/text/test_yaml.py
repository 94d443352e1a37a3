"""The YAML layer: every kind of bad text is a finding at its place, good text means what PyYAML says."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from understudy.findings import Severity
from understudy.text import yaml
from understudy.text.yaml import (
    MAX_BYTES,
    MAX_DEPTH,
    Loaded,
    Mapping,
    Node,
    Scalar,
    Schema,
    Sequence,
    dump,
    load,
    plain,
)

FILE = "ci.yml"


def seen(loaded: Loaded) -> list[tuple[str, int, int]]:
    return [(one.code, one.at.line, one.at.column) for one in loaded.findings]


def value(text: str | bytes, schema: Schema = Schema.YAML_1_1) -> Any:
    loaded = load(text, FILE)
    assert not loaded.findings
    return plain(loaded.root, schema)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", [("yaml-syntax", 2, 1)]),
        ("a: 1\nb: 2\na: 3\n", [("duplicate-key", 3, 1)]),
        ("a: {x: 1, x: 2}\n", [("duplicate-key", 1, 11)]),
        ("a: [1, 2\nb: 3\n", [("yaml-syntax", 2, 2)]),
        ('a: "open\n', [("yaml-syntax", 1, 9)]),
        ("a: *b\n", [("unknown-anchor", 1, 4)]),
        ("a: &a\n  b: *a\n", [("unknown-anchor", 2, 6)]),
        ("? [1, 2]\n: x\n", [("complex-key", 1, 3)]),
        ("a: 1\n<<: 2\n", [("bad-merge", 2, 5)]),
        ("a: 1\n---\nb: 2\n", [("several-documents", 2, 1)]),
        ("a: \x07\n", [("yaml-syntax", 1, 4)]),
        ("a: \x00\n", [("yaml-syntax", 1, 4)]),
        ("ä: é\nb: \ud800\n", [("yaml-syntax", 2, 4)]),
        (b"a: 1\nb: caf\xe9\n", [("not-utf-8", 2, 7)]),
        (b"\xef\xbb\xbfa: 1\nb: \xff\n", [("not-utf-8", 2, 4)]),
        (b"\xff\xfea\x00", [("not-utf-8", 1, 1)]),
        ("%YAML 9999999999999999999999.1\n---\na: 1\n", [("yaml-syntax", 1, 1)]),
    ],
)
def test_bad_text_is_a_finding_where_it_stands(text: str | bytes, expected: list[tuple[str, int, int]]) -> None:
    found = seen(load(text, FILE))
    assert [code for code, *_ in found] == [code for code, *_ in expected]
    assert [place for place in found if place[0] != "yaml-syntax"] == [
        place for place in expected if place[0] != "yaml-syntax"
    ]
    assert [line for code, line, _ in found if code == "yaml-syntax"] == [
        line for code, line, _ in expected if code == "yaml-syntax"
    ]


def test_a_tab_is_called_a_tab() -> None:
    (finding,) = load("a:\n\tb: 1\n", FILE).findings
    assert "tabs" in finding.hint


def test_the_last_of_two_equal_keys_wins_and_both_are_named() -> None:
    loaded = load("a: 1\na: 2\n", FILE, duplicates=Severity.WARNING)
    assert plain(loaded.root, Schema.YAML_1_2) == {"a": 2}
    assert [(one.severity, "line 1" in one.message) for one in loaded.findings] == [(Severity.WARNING, True)]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "\ufeff", b"", b"\xef\xbb\xbf# note\n"])
def test_a_text_without_content_has_no_root(text: str | bytes) -> None:
    assert load(text, FILE) == Loaded(None, ())


def test_line_ends_and_marks_of_windows_change_nothing() -> None:
    unix, windows = (
        b"a:\n  - 1\n  - |\n    x\n    y\nb: 2\n",
        b"\xef\xbb\xbfa:\r\n  - 1\r\n  - |\r\n    x\r\n    y\r\nb: 2\r\n",
    )
    assert value(windows) == value(unix) == {"a": [1, "x\ny\n"], "b": 2}
    root = load(windows, FILE).root
    assert isinstance(root, Mapping)
    assert [(key.at.line, key.at.column) for key, _ in root] == [(1, 1), (6, 1)]


def test_columns_count_letters_not_bytes() -> None:
    root = load("🎉: 1\nkey: [é, ü]\n", FILE).root
    assert isinstance(root, Mapping)
    items = root.get("key")
    assert isinstance(items, Sequence)
    assert [(item.at.line, item.at.column) for item in items.items] == [(2, 7), (2, 10)]


def test_merges_fill_in_what_is_not_said_and_the_first_of_a_list_wins() -> None:
    text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nboth:\n  <<: [*one, *two]\n  c: 3\n"
    assert value(text)["both"] == {"c": 3, "a": 1, "b": 1}
    assert value(text) == pyyaml.safe_load(text)


def test_a_merge_behind_a_key_does_not_replace_it() -> None:
    assert value("base: &b {a: 1}\nx:\n  a: 2\n  <<: *b\n")["x"] == {"a": 2}


def test_a_later_merge_replaces_the_keys_above_it_where_the_reader_wants_that() -> None:
    text = "x: &x {a: 1, b: 1}\ny: &y {a: 2, c: 2}\nz:\n  a: 0\n  <<: [*x, *y]\n  b: 0\n"
    root = load(text, FILE, later_merges_win=True).root
    assert plain(root, Schema.YAML_1_2)["z"] == {"a": 1, "b": 0, "c": 2}  # type: ignore[index, call-overload]
    assert plain(load(text, FILE).root, Schema.YAML_1_2)["z"] == {"a": 0, "b": 0, "c": 2}  # type: ignore[index, call-overload]


def test_a_key_beside_a_merge_is_no_repeat_of_it() -> None:
    loaded = load("x: &x {a: 1}\nz:\n  <<: *x\n  a: 2\n", FILE, later_merges_win=True)
    assert loaded.findings == ()


def test_repeated_keys_are_left_to_a_reader_that_wants_them() -> None:
    loaded = load("a: 1\nb: 2\na: 3\n", FILE, duplicates=None)
    assert loaded.findings == ()
    assert isinstance(loaded.root, Mapping)
    assert [(key.value, key.at.line) for key in loaded.root.repeated] == [("a", 1)]
    assert plain(loaded.root, Schema.YAML_1_2) == {"a": 3, "b": 2}


def test_tags_and_anchors_of_collections_are_kept() -> None:
    root = load("a: &one !x [1]\nb: &two !y {c: &three 1}\nd: *one\n", FILE).root
    assert isinstance(root, Mapping)
    one, two, same = root.get("a"), root.get("b"), root.get("d")
    assert isinstance(one, Sequence)
    assert isinstance(two, Mapping)
    assert (one.tag, one.anchor, two.tag, two.anchor) == ("!x", "one", "!y", "two")
    assert getattr(two.get("c"), "anchor", None) == "three"
    assert same is one


def test_a_quoted_merge_sign_is_a_key() -> None:
    assert value("'<<': 1\n") == {"<<": 1}


def test_deep_nesting_is_refused_whatever_writes_it() -> None:
    flow = "[" * 1000 + "]" * 1000
    block = "".join(f"{' ' * level}a:\n" for level in range(1000))
    aliases = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 1000))
    merges = "a0: &a0 {k: x}\n" + "".join(f"a{n}: &a{n} {{k: {{<<: *a{n - 1}}}}}\n" for n in range(1, 1000))
    for text in (flow, block, aliases, merges):
        loaded = load(text, FILE)
        assert [(one.code, one.severity) for one in loaded.findings] == [("too-deep", Severity.ERROR)]
        assert loaded.root is None


def test_nesting_up_to_the_bound_is_read_dumped_and_turned_into_values() -> None:
    depth = MAX_DEPTH - 1
    loaded = load("[" * depth + "x" + "]" * depth, FILE)
    assert loaded.root is not None
    assert not loaded.findings
    again = load(dump(loaded.root), FILE)
    assert plain(again.root, Schema.YAML_1_2) == plain(loaded.root, Schema.YAML_1_2)


def test_an_alias_bomb_is_refused_before_anybody_walks_it() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    loaded = load("\n".join(lines), FILE)
    assert [one.code for one in loaded.findings] == ["alias-bomb"]
    assert loaded.root is None


def test_merges_that_grow_are_bounded_too() -> None:
    lines = ["a0: &a0 {k0: x}"] + [f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: x}}" for n in range(1, 5000)]
    assert [one.code for one in load("\n".join(lines), FILE).findings] == ["alias-bomb"]


def test_many_uses_of_one_anchor_are_fine() -> None:
    text = "base: &b {a: 1}\nuses:\n" + "  - *b\n" * 1000
    assert len(value(text)["uses"]) == 1000


def test_a_huge_file_is_not_parsed() -> None:
    loaded = load(b"a: 1\n" * 10_000_000, FILE)
    assert [one.code for one in loaded.findings] == ["file-too-large"]
    assert "47.7 MiB" in loaded.findings[0].message
    assert not load("#" + " " * (MAX_BYTES - 2), FILE).findings


@pytest.mark.parametrize(
    ("word", "old", "new"),
    [
        ("yes", True, "yes"),
        ("Off", False, "Off"),
        ("true", True, True),
        ("~", None, None),
        ("", None, None),
        ("'yes'", "yes", "yes"),
        ("010", 8, 10),
        ("0o17", 15, 15),
        ("0x1F", 31, 31),
        ("1_000", 1000, "1_000"),
        ("3.10", 3.1, 3.1),
        ("-.5", -0.5, -0.5),
        ("1.2.3", "1.2.3", "1.2.3"),
        (".", ".", "."),
        ("-", "-", "-"),
        ("!!str 3", "3", "3"),
        (".inf", math.inf, math.inf),
        ("9" * 401, "9" * 401, "9" * 401),
        ("0x_", "0x_", "0x_"),
    ],
)
def test_plain_words_mean_what_their_version_of_yaml_says(word: str, old: object, new: object) -> None:
    root = load(f"- {word}" if word != "-" else "- '-'", FILE).root
    assert plain(root, Schema.YAML_1_1) == [old]
    assert plain(root, Schema.YAML_1_2) == [new]


NAMES = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=6)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), max_size=20),
    st.sampled_from(
        ["yes", "no", "on", "~", "null", "1.0", "0x10", "<<", "- a", "a: b", "#", "a\nb\n", "  x", "x  ", "*a"]
    ),
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)


@given(TREES)
@settings(max_examples=150, deadline=None)
def test_what_pyyaml_writes_is_read_as_it_was(tree: Any) -> None:
    text = pyyaml.safe_dump(tree, allow_unicode=True)
    loaded = load(text, FILE)
    assert not [one for one in loaded.findings if one.severity is Severity.ERROR]
    keyed = tree
    if isinstance(tree, dict):
        keyed = {str(key): item for key, item in tree.items()}
    assert plain(loaded.root, Schema.YAML_1_1) == keyed


@given(TREES)
@settings(max_examples=150, deadline=None)
def test_what_is_dumped_means_the_same_to_pyyaml(tree: Any) -> None:
    root = load(pyyaml.safe_dump(tree, allow_unicode=True), FILE).root
    assert root is not None
    assert pyyaml.safe_load(dump(root)) == tree


def nodes(root: Node | None) -> list[Node]:
    found: list[Node] = []
    waiting = [root] if root is not None else []
    known: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in known:
            continue
        known.add(id(node))
        found.append(node)
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += [part for pair in node for part in pair]
    return found


LETTERS = "a0[]{}\"'#\t\n\r\x00\x85\u2028\ufeffé🎉"
SIGNS = ["b: ", "- ", "\n  ", "&x ", "*x", "<<: ", ", ", "|\n", ">-\n", "? ", ": ", "!!str ", "!t ", "---\n", "...\n"]
PIECES = st.sampled_from([*LETTERS, *SIGNS, "%YAML 1.1\n", "\r\n"])


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
@settings(max_examples=600, deadline=None)
@example("a: &a [*a]")
@example("{a: 1, <<: {a: 2}, a: 3}")
def test_no_text_raises_and_every_place_is_in_the_text(text: str) -> None:
    loaded = load(text, FILE)
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029") + 1
    for at in [one.at for one in (*loaded.findings, *nodes(loaded.root))]:
        assert at.file == FILE
        assert 0 <= at.line <= lines
        assert at.column <= len(text) + 1
    if loaded.root is not None:
        plain(loaded.root, Schema.YAML_1_1)
        again = load(dump(loaded.root), FILE)
        assert [one for one in again.findings if one.severity is Severity.ERROR] == []


@given(st.binary(max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise(data: bytes) -> None:
    assert isinstance(load(data, FILE), Loaded)


def test_scalars_keep_their_words_through_a_dump() -> None:
    text = "a: 3.10\nb: '3.10'\nc: 010\nd: |\n  x\n  y\ne: yes\n"
    root = load(text, FILE).root
    assert root is not None
    again = load(dump(root), FILE).root
    assert [(node.value, node.plain) for node in nodes(again) if isinstance(node, Scalar)] == [
        (node.value, node.plain) for node in nodes(root) if isinstance(node, Scalar)
    ]


@pytest.mark.corpus
@pytest.mark.parametrize("folder", ["circleci", "github", "gitlab", "bitbucket", "travis", "azure"])
def test_every_file_of_the_corpus_means_what_pyyaml_says(folder: str) -> None:
    corpus = Path(__file__).parents[3] / "shared" / "corpus" / folder
    if not corpus.is_dir():
        pytest.skip(f"{corpus} is not there")
    compared = 0
    for path in sorted(path for path in corpus.rglob("*.y*ml") if path.is_file()):
        data = path.read_bytes()
        try:
            theirs = list(pyyaml.compose_all(data, Loader=getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)))
        except pyyaml.YAMLError:
            continue
        ours = load(data, path.name, duplicates=Severity.WARNING)
        if ours.root is None:
            assert not theirs, path.name
            continue
        assert ours.root.at.line == theirs[0].start_mark.line + 1, path.name
        if len(theirs) == 1 and b"!" not in data:
            assert words(ours.root) == pyyaml.load(data, Loader=Words), path.name
            compared += 1
    assert compared


class Words(pyyaml.SafeLoader):
    """PyYAML with merges, and with every scalar left as a word."""

    yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile("<<$"))]}  # noqa: RUF012 - PyYAML's own


def words(node: Node) -> Any:
    match node:
        case yaml.Scalar():
            return node.value
        case yaml.Sequence():
            return [words(item) for item in node.items]
        case yaml.Mapping():
            return {key.value: words(item) for key, item in node}
