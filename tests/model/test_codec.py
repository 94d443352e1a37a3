"""The codec: what goes in comes out, by the annotations alone; what can't be is said with its path."""

import json
import math
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from understudy.findings import Finding, Position, Severity
from understudy.model.codec import decode, encode
from understudy.model.events import CacheUsed, Event, JobFinished, Noticed, RunFinished
from understudy.model.pipeline import Job, Pipeline, Script, Step, Text
from understudy.model.results import Facts, JobResult, Outcome, StepResult


class Colour(Enum):
    RED = "red"
    BLUE = 2


@dataclass(frozen=True)
class Leaf:
    size: int
    name: str = "leaf"


@dataclass(frozen=True)
class Twig:
    leaves: tuple[Leaf, ...] = ()


@dataclass(frozen=True)
class Tree:
    root: "Tree | None" = None
    part: Leaf | Twig | None = None
    colours: frozenset[Colour] = frozenset()
    by_colour: Mapping[Colour, tuple[int, str]] = field(default_factory=dict)
    path: PurePosixPath = PurePosixPath(".")  # noqa: RUF009 - it is immutable
    raw: bytes = b""
    ratio: float = 0.0
    value: str | int | float | bool | None = None
    mode: Literal["on", "off"] = "on"


def through_json(value: object) -> Any:
    return json.loads(json.dumps(encode(value), allow_nan=False))


st.register_type_strategy(PurePosixPath, st.text("ab/. ").map(PurePosixPath))
small = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def check_comes_back(kind: Any, value: object) -> None:
    assume("nan" not in repr(value))  # it equals nothing, and has a test of its own
    assert decode(kind, through_json(value)) == value


@small
@given(st.one_of([st.from_type(kind) for kind in get_args(Event)]))
def test_every_event_comes_back(event: Event) -> None:
    check_comes_back(Event, event)


@pytest.mark.parametrize("kind", [Step, Finding, StepResult, JobResult, Facts, Tree])
def test_values_come_back(kind: type) -> None:
    @small
    @given(st.from_type(kind))
    def comes_back(value: object) -> None:
        check_comes_back(kind, value)

    comes_back()


@settings(small, max_examples=10)
@given(st.builds(Job, steps=st.lists(st.from_type(Step), max_size=2).map(tuple)))
def test_a_job_comes_back(job: Job) -> None:
    pipeline = Pipeline("build", "circleci", Position("config.yml", 1, 1), jobs=(job,))
    check_comes_back(Pipeline, pipeline)


def test_the_shape_is_readable() -> None:
    finding = Finding(Severity.WARNING, "stand-in", "ran elsewhere", Position("a.yml", 3, 4))
    assert encode(Noticed(1.5, None, finding)) == {
        "class": "Noticed",
        "at": 1.5,
        "job": None,
        "finding": {
            "severity": "warning",
            "code": "stand-in",
            "message": "ran elsewhere",
            "at": {"file": "a.yml", "line": 3, "column": 4},
            "hint": "",
            "rule": "",
            "tolerated": False,
        },
    }


def test_only_a_union_of_several_classes_is_tagged_inside() -> None:
    data = encode(Tree(root=Tree(part=Twig((Leaf(3),)))))
    assert "class" not in data["root"]
    assert data["root"]["part"] == {"class": "Twig", "leaves": [{"size": 3, "name": "leaf"}]}


def test_equal_sets_give_equal_data() -> None:
    assert encode(Tree(colours=frozenset([Colour.RED, Colour.BLUE])))["colours"] == ["red", 2]
    assert encode(Tree(colours=frozenset([Colour.BLUE, Colour.RED])))["colours"] == ["red", 2]


def test_numbers_keep_their_kind() -> None:
    for value in (True, False, 0, 1, 1.0, -0.0, "1", None):
        found = decode(Tree, through_json(Tree(value=value))).value
        assert found == value
        assert type(found) is type(value)


def test_a_whole_number_is_read_as_a_float_where_one_is_meant() -> None:
    found = decode(RunFinished, {"at": 3, "outcome": "passed"})
    assert found == RunFinished(3.0, Outcome.PASSED)
    assert type(found.at) is float


def test_numbers_that_json_has_no_word_for() -> None:
    found = decode(Tree, through_json(Tree(ratio=math.nan, value=-math.inf)))
    assert math.isnan(found.ratio)
    assert found.value == -math.inf


def test_text_that_is_no_unicode_comes_back() -> None:
    value = Text("caf\udce9")
    assert decode(Text, through_json(value)) == value


def test_any_mapping_is_written() -> None:
    facts = Facts("/p", parameters=types.MappingProxyType({"a": "b"}))
    assert decode(Facts, through_json(facts)).parameters == {"a": "b"}


def test_unknown_fields_are_ignored_and_missing_ones_take_their_defaults() -> None:
    data = {
        "class": "CacheUsed",
        "at": 1.0,
        "job": "a",
        "step": 2,
        "action": "save",
        "key": "k",
        "found": None,
        "new": 1,
    }
    assert decode(Event, data) == CacheUsed(1.0, "a", 2, "save", "k", None, 0)


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (Leaf, {"size": "3"}, "`size`: expected int, found '3'"),
        (Leaf, {"size": True}, "`size`: expected int, found True"),
        (Leaf, {}, "`size`: is missing"),
        (Leaf, [], "`the whole`: expected dict, found []"),
        (Leaf, {"class": "Twig", "size": 1}, "`the whole`: expected Leaf, found 'Twig'"),
        (Twig, {"leaves": [{"size": 1}, {"size": None}]}, "`leaves[1].size`: expected int, found None"),
        (Tree, {"by_colour": [["red", [1]]]}, "`by_colour[0][1]`: expected 2 items, found 1"),
        (Tree, {"by_colour": [[[], [1, "a"]]]}, "`by_colour[0][0]`: expected one of red, 2, found []"),
        (Tree, {"raw": "?"}, "`raw`: expected base64 text, found '?'"),
        (Tree, {"mode": "maybe"}, "`mode`: expected one of on, off, found 'maybe'"),
        (Tree, {"part": {"class": ["x"]}}, "`part`: expected Leaf or Twig or NoneType, found {'class': ['x']}"),
        (Facts, {"root": "/", "parameters": {"a": 1}}, "`parameters[a]`: expected str, found 1"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(kind: type, data: object, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared below
        decode(kind, data)
    assert str(caught.value) == message


def test_an_event_of_an_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected RunStarted or .* found {'class': 'Teleported'}"):
        decode(Event, {"class": "Teleported"})


def test_what_can_not_be_told_apart_is_refused() -> None:
    with pytest.raises(TypeError, match="can't be told"):
        decode(str | PurePosixPath, "x")
    with pytest.raises(TypeError, match="has no form"):
        decode(complex, 1)
    with pytest.raises(TypeError, match="has no form"):
        encode(object())


def test_a_union_refuses_to_write_what_it_can_not_read() -> None:
    wrong: Any = Script(Text("x"))
    with pytest.raises(TypeError, match="`Script` is none of"):
        encode(Tree(part=wrong))


def test_plain_containers_are_written_item_by_item() -> None:
    done = JobFinished(1.0, "a", JobResult(Outcome.PASSED, 0.0, 1.0))
    assert [one["class"] for one in encode((done, done))] == ["JobFinished"] * 2
    assert encode({"a": Outcome.FAILED}) == {"a": "failed"}
