"""Travis's own examples of configurations, their normal form and its messages."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.travis import document
from understudy.dialects.travis.normalise import Options, normalise

VECTORS = Path(__file__).parents[5] / "shared" / "vectors" / "travis_config.json"
SECRET = "c2VjcmV0"
MATCHER = '"#<struct Matcher kind=\\"other:secure\\", arg=nil>"'
NO_SECRET = "given a secure with a nil value"
FLOORS = {"serialize_to": 850, "have_msg": 779}
"""What passes of 853 and 784. The others want defaults, imports or matrices expanded, or were run with options that the
examples don't tell. Examples of a later version of the language (`migrate`) count neither way."""


def cases(kind: str) -> list[Mapping[str, Any]]:
    if not VECTORS.is_file():
        pytest.skip(f"{VECTORS} is not there")
    every = json.loads(VECTORS.read_text("utf-8"))["cases"]
    return [one for one in every if one["yaml"] is not None and one["kind"] == kind and "migrate" not in one["meta"]]


def repaired(case: Mapping[str, Any]) -> tuple[str, Any]:
    """The text with a secret where the collection left none, and what is expected of it.

    Travis strips a text before it reads it, and counts lines from there.
    """
    text = case["yaml"].lstrip("\n")
    if case["name"][-1] != NO_SECRET:
        text = re.sub(r"secure: *$", f"secure: {SECRET}", text, flags=re.MULTILINE)
    expected = json.dumps(case["arg"]).replace(MATCHER, f'"{SECRET}"')
    return text, json.loads(expected.replace(MATCHER.replace("secure", "empty"), "{}"))


def passes(case: Mapping[str, Any]) -> bool:
    text, expected = repaired(case)
    normal = normalise(document.load(text, ".travis.yml").root, ".travis.yml", Options.only(case["meta"]))
    if case["kind"] == "serialize_to":
        return bool((json.loads(json.dumps(normal.config)) == expected) != bool(case["neg"]))
    said = json.loads(json.dumps([message.as_list() for message in normal.messages]))
    wanted = [one.lstrip(":") if isinstance(one, str) else one for one in expected or []]
    there = any(one[: len(wanted)] == wanted for one in said)
    return there != bool(case["neg"])


@pytest.mark.corpus
@pytest.mark.parametrize("kind", FLOORS)
def test_examples_of_the_service(kind: str) -> None:
    given = cases(kind)
    failed = [(*case["name"][-2:], case["yaml"]) for case in given if not passes(case)]
    assert len(given) - len(failed) >= FLOORS[kind], failed
