"""The normal form: by hand, and against what an independent reader makes of the service's own examples."""

import json
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.bitbucket.document import normalised
from understudy.text import yaml

VECTORS = Path(__file__).parents[3].parent / "shared" / "vectors" / "bitbucket_reader.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"] if VECTORS.is_file() else []


def normal(text: str) -> Any:
    return normalised(yaml.load(text, "f").root)


@pytest.mark.corpus
@pytest.mark.skipif(not CASES, reason="the shared vectors are not at hand")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_an_example_of_the_service_reads_as_others_read_it(case: dict[str, Any]) -> None:
    assert normal(case["yaml"]) == json.loads(case["golden"])


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", {}),
        ("- a", {}),
        ("image: a", {"image": "a"}),
        ("image: {name: a}", {"image": "a"}),
        ("image: {name: a, run-as-user: 1000}", {"image": {"name": "a", "run-as-user": 1000}}),
        ("clone: {enabled: false, lfs: false, depth: full}", {"clone": {"enabled": False, "depth": "full"}}),
        ("options: {docker: false, max-time: 5}", {"options": {"max-time": 5}}),
        ("definitions: {caches: {a: {path: b}}}", {"definitions": {"caches": {"a": "b"}}}),
        (
            "definitions: {caches: {a: {path: b, key: {files: [c]}}}}",
            {"definitions": {"caches": {"a": {"path": "b", "key": {"files": ["c"]}}}}},
        ),
        (
            "definitions: {services: {a: {image: {name: b}, variables: {C: 1.10}}}}",
            {"definitions": {"services": {"a": {"image": "b", "variables": {"C": "1.10"}}}}},
        ),
        ("unknown: [1]", {}),
    ],
)
def test_one_way_of_saying_it(text: str, form: object) -> None:
    assert normal(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("artifacts: [a]", {"artifacts": ["a"]}),
        ("artifacts: {paths: [a]}", {"artifacts": ["a"]}),
        ("artifacts: {download: false, paths: [a]}", {"artifacts": {"download": False, "paths": ["a"]}}),
        ("artifacts: {download: [b]}", {"artifacts": {"download": ["b"]}}),
        ("runs-on: a", {"runs-on": ["a"]}),
        ("fail-fast: true", {"fail-fast": True}),
        ("script: [a, {pipe: b/c:1, variables: {D: [e, f]}}]",
         {"script": ["a", {"pipe": "b/c:1", "variables": {"D": ["e", "f"]}}]}),
        ("condition: {changesets: {includePaths: a}}", {"condition": {"changesets": {"includePaths": ["a"]}}}),
    ],
)  # fmt: skip
def test_one_way_of_saying_it_in_a_step(text: str, form: object) -> None:
    assert normal(f"pipelines: {{default: [{{step: {{{text}}}}}]}}") == {"pipelines": {"default": [{"step": form}]}}


def test_both_forms_of_a_parallel_group_are_one() -> None:
    lists = normal("pipelines: {default: [{parallel: [{step: {script: [a]}}]}]}")
    assert lists == normal("pipelines: {default: [{parallel: {steps: [{step: {script: [a]}}]}}]}")
    assert lists == {"pipelines": {"default": [{"parallel": {"steps": [{"step": {"script": ["a"]}}]}}]}}
