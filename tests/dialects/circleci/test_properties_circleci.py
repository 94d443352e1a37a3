"""What holds for all cache keys and all filters, whatever is in them, each against a definition of its own."""

import base64
import hashlib
import re

from hypothesis import given
from hypothesis import strategies as some

from understudy.dialects.base import Place, Scope
from understudy.dialects.circleci.filters import allows, filtered, job_filters, matches
from understudy.dialects.circleci.keys import is_key_template, problem, render
from understudy.model.pipeline import Patterns, Text
from understudy.model.results import Facts

NAMES = some.text(alphabet="ab/-.1", min_size=1, max_size=6)
PLAIN = some.text(alphabet=some.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=8)


@some.composite
def parts(draw: some.DrawFn) -> tuple[str, str]:
    """A part of a key and what the page of key templates says that it comes to, in the scope of `test_keys`."""
    kind = draw(some.sampled_from(["text", "branch", "revision", "variable", "checksum"]))
    space = draw(some.sampled_from(["", " ", "  "]))
    if kind == "text":
        text = draw(PLAIN)
        return text, text
    if kind == "branch":
        return f"{{{{{space}.Branch{space}}}}}", "the-branch"
    if kind == "revision":
        return f"{{{{{space}.Revision{space}}}}}", "f" * 40
    if kind == "variable":
        name = draw(some.sampled_from(["ONE", "TWO_2", "MISSING"]))
        value = {"ONE": "1", "TWO_2": "{{ .Branch }}"}.get(name, "<no value>")
        return f"{{{{{space}.Environment.{name}{space}}}}}", value
    name = draw(some.sampled_from(["requirements.txt", "a b/lock.json"]))
    digest = hashlib.sha256(FILES[f"/home/ann/project/{name}"]).digest()
    return f'{{{{{space}checksum "{name}"{space}}}}}', base64.b64encode(digest).decode()


FILES = {"/home/ann/project/requirements.txt": b"numpy\n", "/home/ann/project/a b/lock.json": b"{}"}
SCOPE = Scope(
    Facts(root="/p", branch="the-branch", sha="f" * 40),
    Place("r", "job", 1, home="/home/ann", workdir="/home/ann/project"),
    env={"ONE": "1", "TWO_2": "{{ .Branch }}"},
    read_file=FILES.get,
)


@given(some.lists(parts(), max_size=6))
def test_a_key_is_its_parts_one_after_another_and_values_are_no_templates(found: list[tuple[str, str]]) -> None:
    template = "".join(written for written, _ in found)
    assert problem(template) is None
    assert render(template, SCOPE) == "".join(value for _, value in found)


@given(some.lists(parts().filter(lambda part: part[0] == part[1]), max_size=4))
def test_a_text_without_templates_is_its_own_key(found: list[tuple[str, str]]) -> None:
    text = "".join(written for written, _ in found)
    assert not is_key_template(text)
    assert render(text, SCOPE) == text


REGEXES = some.recursive(
    some.sampled_from(["a", "b", "/", "-", r"\.", "1", ".", "[ab]", "[^a]", r"\d", ".*"]),
    lambda inner: (
        some.tuples(inner, inner).map("".join)
        | inner.map("({})?".format)
        | inner.map("(?:{})+".format)
        | some.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})")
    ),
    max_leaves=6,
)
"""Regular expressions that mean the same in Java and in Python."""


@given(REGEXES, NAMES)
def test_a_regex_must_match_the_whole_of_a_name(regex: str, name: str) -> None:
    wanted = re.fullmatch(regex, name) is not None
    assert matches(f"/{regex}/", name) is wanted
    assert matches(f"/^{regex}$/", name) is wanted


@given(NAMES.filter(lambda name: not (len(name) > 1 and name[0] == name[-1] == "/")), NAMES)
def test_what_is_no_regex_matches_itself_alone(pattern: str, name: str) -> None:
    assert matches(pattern, pattern)
    assert matches(pattern, name) is (pattern == name)


PATTERNS = NAMES | some.sampled_from(["a", "b", "/.*/", "/a.*/"])
FILTERS = some.builds(
    lambda only, ignore: Patterns(None if only is None else tuple(map(Text, only)), tuple(map(Text, ignore))),
    some.none() | some.lists(PATTERNS, max_size=3),
    some.lists(PATTERNS, max_size=3),
)


@given(FILTERS, NAMES)
def test_only_lets_in_and_ignore_keeps_out(patterns: Patterns, name: str) -> None:
    let_in = patterns.only is None or any(matches(one.raw, name) for one in patterns.only)
    kept_out = any(matches(one.raw, name) for one in patterns.ignore)
    assert allows(patterns, name, "branch")[0] is (let_in and not kept_out)


@given(some.none() | FILTERS, some.none() | FILTERS, NAMES)
def test_a_branch_is_no_business_of_tag_filters_nor_a_tag_of_branch_filters(
    branches: Patterns | None, tags: Patterns | None, name: str
) -> None:
    pushed, tagged = Facts(root="/", branch=name), Facts(root="/", branch="main", tag=name)
    assert filtered(*job_filters(branches, tags), pushed) == filtered(*job_filters(branches, None), pushed)
    assert filtered(*job_filters(branches, tags), tagged) == filtered(*job_filters(None, tags), tagged)
    says_nothing = tags is None or (tags.only is None and not tags.ignore)
    assert not (says_nothing and filtered(*job_filters(branches, tags), tagged)[0])
