"""Whatever stands in a file, reading it ends with findings that have a place, and never with a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from understudy.dialects.bitbucket import BITBUCKET
from understudy.dialects.bitbucket.document import normalised
from understudy.findings import Severity
from understudy.model.results import Facts
from understudy.plan.planner import plan
from understudy.text import yaml
from understudy.text.yaml import Mapping, Node, Scalar, Sequence, dump, load

FILE = "bitbucket-pipelines.yml"
FACTS = Facts(root="/r", branch="main", changed_files=("a/b",), parameters={"REGION": "a"})
CORPUS = sorted((Path(__file__).parents[3].parent / "shared" / "corpus" / "bitbucket").glob("*.yml"))
BROKEN = {"10002856340c__ETL-OpenSearch", "1296mhz__ftrade"}
"""Files that hold what no YAML parser takes: lines of stars in place of secrets, and the marks of a merge."""
SEED = """
image: {name: python:3.11, username: $U, password: $P}
options: {max-time: 60, docker: true, size: 2x, runtime: {cloud: {version: "3"}}}
clone: {depth: 10, lfs: true, enabled: true}
definitions:
  caches: {mine: vendor, keyed: {key: {files: [a.lock]}, path: ~/.b}}
  services: {db: {image: postgres:16, memory: 512, variables: {A: b}}, engine: {type: docker, memory: 1024}}
  steps: [{step: &build {name: Build, caches: [mine, keyed, pip], script: [make]}}]
  pipelines: {shared: [{step: *build}]}
  imports: {other: ci/other.yml}
pipelines:
  default:
    - step: *build
    - parallel:
        fail-fast: true
        steps:
          - step: {<<: *build, name: A, services: [db], artifacts: [dist/**], fail-fast: false}
          - step: {script: [{pipe: atlassian/slack-notify:2.0.0, variables: {A: [b, c]}}], after-script: [done]}
    - stage:
        name: Live
        deployment: production
        trigger: manual
        condition: {changesets: {includePaths: [a/**]}}
        steps: [{step: {script: [make], output-variables: [V]}}]
    - step: {type: pipeline, custom: deploy, input-variables: {REGION: europe}}
    - step: {condition: {state: V == 1}, runs-on: [self.hosted, linux], oidc: true, script: [a]}
    - step: {on-fail: {strategy: ignore}, script: [a]}
  branches: {"{main,feature/*}": [{step: *build}]}
  tags: {"v*": [{step: {script: [a], artifacts: {download: [x], upload: [{name: x, paths: [y], type: scoped}]}}}]}
  pull-requests: {"**": {destinations: {main: [{step: *build}]}}}
  custom:
    deploy: [{variables: [{name: REGION, default: a, allowed-values: [a, b]}]}, {step: *build}]
    there: {import: build@other}
"""
ROOT = load(SEED, FILE).root
WORDS = some.sampled_from([
    "", "~", "true", "0", "-1", "1e999", "a", "step", "steps", "parallel", "stage", "variables", "import", "pipe",
    "default", "branches", "custom", "deploy", "destinations", "manual", "pipeline", "docker", "mine", "db", "$A",
    "${{A}}", "${{", "{a,b", "**", "[", "/abs", "..", "a@other", "a:b:c", "full", "32x", "V ==", "é\u0000", "<<",
])  # fmt: skip


def places(node: Node) -> int:
    """How many nodes there are below and with `node`."""
    if isinstance(node, Mapping):
        return 1 + sum(places(value) for _, value in node.pairs)
    return 1 + sum(places(item) for item in node.items) if isinstance(node, Sequence) else 1


def changed(node: Node, target: int, make: "dict[str, object]", seen: list[int]) -> Node:
    """`node` with the `target`th node of it changed; `seen` counts."""
    number = seen[0]
    seen[0] += 1
    if number == target:
        word = Scalar(str(make["word"]), node.at)
        forms: dict[str, Node] = {
            "word": word,
            "list": Sequence((node, node), node.at),
            "map": Mapping(((word, node),), node.at),
            "nothing": Mapping((), node.at),
            "no-item": Sequence((), node.at),
        }
        return forms[str(make["change"])]
    if isinstance(node, Mapping):
        pairs = [(key, changed(value, target, make, seen)) for key, value in node.pairs]
        if pairs and make["rename"] == number:
            pairs[0] = (Scalar(str(make["word"]), pairs[0][0].at), pairs[0][1])
        return Mapping(tuple(pairs), node.at)
    if isinstance(node, Sequence):
        return Sequence(tuple(changed(item, target, make, seen) for item in node.items), node.at)
    return node


def check(text: str) -> None:
    data = text.encode("utf-8", "replace")
    reading = BITBUCKET.read(FILE, {FILE: data}.get, FACTS)
    for one in reading.findings:
        assert one.at.file
        assert one.at.line >= 1 or one.code in {"file-too-large", "yaml-syntax"}, one
        assert one.at.column >= 1 or one.at.line == 0, one
        assert one.message
    for pipeline in reading.pipelines:
        ids = [job.id for job in pipeline.jobs]
        assert len(set(ids)) == len(ids)
        assert {need.job for job in pipeline.jobs for need in job.needs} <= set(ids)
    plan(reading.pipelines, FACTS, BITBUCKET)
    normalised(yaml.load(data, FILE).root)


def test_the_seed_is_good() -> None:
    reading = BITBUCKET.read(FILE, {FILE: SEED.encode()}.get, FACTS)
    errors = [one.code for one in reading.findings if one.severity is Severity.ERROR]
    assert errors == ["no-file"]  # of the import
    assert {one.name: len(one.jobs) for one in reading.pipelines} == {
        "default": 8,
        "branches.{main,feature/*}": 1,
        "tags.v*": 1,
        "pull-requests.**.main": 1,
        "custom.deploy": 1,
        "custom.there": 0,
    }


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=100)
@given(some.data())
def test_a_good_file_with_anything_changed(data: some.DataObject) -> None:
    assert ROOT is not None
    node: Node = ROOT
    for _ in range(data.draw(some.integers(1, 3))):
        make: dict[str, object] = {
            "word": data.draw(WORDS),
            "change": data.draw(some.sampled_from(["word", "list", "map", "nothing", "no-item"])),
            "rename": data.draw(some.integers(0, 40)),
        }
        node = changed(node, data.draw(some.integers(0, places(node) - 1)), make, [0])
    check(dump(node))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(some.text(max_size=200), some.integers(0, len(SEED)))
def test_a_good_file_with_any_text_in_it(text: str, at: int) -> None:
    check(SEED[:at] + text + SEED[at:])


@settings(deadline=None)
@given(some.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    reading = BITBUCKET.read(FILE, {FILE: data}.get, FACTS)
    assert reading.findings or reading.pipelines


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS, reason="the shared corpus is not at hand")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_real_file_is_read_without_an_error(path: Path) -> None:
    """They all ran on the service, so that an error in one would be ours, but for what it tolerates."""
    reading = BITBUCKET.read(FILE, {FILE: path.read_bytes()}.get, FACTS)
    errors = [one for one in reading.findings if one.severity is Severity.ERROR and not one.tolerated]
    assert [one.code for one in errors] == (["yaml-syntax"] if path.stem in BROKEN else [])
    assert {one.code for one in reading.findings if one.severity is Severity.UNSUPPORTED} <= {"import-elsewhere"}
    plan(reading.pipelines, FACTS, BITBUCKET)
