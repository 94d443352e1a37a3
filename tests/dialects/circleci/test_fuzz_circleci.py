"""Whatever stands in a file, reading it ends with findings and never with a traceback."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from understudy.dialects.circleci import CIRCLECI
from understudy.dialects.circleci.process import process
from understudy.model.results import Facts
from understudy.text.yaml import Mapping, Node, Scalar, Sequence, dump, load

PATH = ".circleci/config.yml"
SEED = r"""
version: 2.1
setup: false
parameters:
  flag: {type: boolean, default: true}
  tag: {type: string, default: x}
orbs:
  win: circleci/windows@2.4.1
  filter: circleci/path-filtering@1.0.0
  far: acme/far@1.0.0
  kit:
    orbs: {inner: {commands: {deep: {steps: [checkout]}}}}
    executors: {default: {parameters: {v: {type: string, default: a}}, docker: [{image: "a:<< parameters.v >>"}]}}
    commands: {wrap: {parameters: {inner: {type: steps, default: []}}, steps: [{steps: << parameters.inner >>}]}}
    jobs: {check: {executor: {name: default, v: b}, steps: [wrap: {inner: [inner/deep]}]}}
executors:
  py: {docker: [{image: cimg/python:3.9, auth: {username: u, password: $P}}, {image: redis}], environment: {A: b}}
  mac: {macos: {xcode: 15.0}}
commands:
  say:
    parameters:
      what: {type: enum, enum: [a, b], default: a}
      name-of: {type: env_var_name, default: HOME}
      times: {type: integer, default: 3}
    steps:
      - run: echo << parameters.what >> << parameters.times >> \<< EOF
      - when: {condition: {and: [true, {equal: [a, << parameters.what >>]}]}, steps: [checkout]}
job-groups:
  g: {jobs: [check, build: {requires: [check], e: py}]}
jobs:
  check: {machine: true, steps: [{save_cache: {key: k, paths: [p]}}, {restore_cache: {keys: [k]}}, far/step]}
  build:
    parameters: {e: {type: executor}, n: {type: integer, default: 1}}
    executor: << parameters.e >>
    parallelism: << parameters.n >>
    environment: [A=b, C: d]
    steps:
      - say: {what: b}
      - run: {command: "true", no_output_timeout: 5m, max_auto_reruns: 2, when: always, environment: {X: 1}}
      - persist_to_workspace: {root: ., paths: [a]}
      - kit/wrap: {inner: [say]}
workflows:
  version: 2
  one:
    when: pipeline.git.branch == "dev" and << pipeline.parameters.flag >>
    jobs:
      - build: &build
          name: build-<< matrix.e >>
          matrix: {parameters: {e: [py, mac], n: [1, 2]}, exclude: [{e: py, n: 2}], alias: all}
          filters: {branches: {only: [/d.*/, main], ignore: x}, tags: {only: /v.*/}}
          context: [c]
          pre-steps: [checkout]
      - hold: {type: approval, requires: [all: [success, failed]]}
      - g: {name: again, requires: [hold], serial-group: s}
      - kit/check: {requires: [again], override-with: far/x}
      - filter/filter: {mapping: "a/.* flag true", config-path: x.yml}
  two:
    unless: {or: [false, {matches: {pattern: "^a$", value: << pipeline.git.branch >>}}]}
    triggers: [{schedule: {cron: "0 0 * * *", filters: {branches: {only: main}}}}]
    jobs: [build: {e: {name: kit/default, v: c}}, check]
"""
ROOT = load(SEED, PATH).root
WORDS = st.sampled_from([
    "", "~", "true", "0", "-1", "1e999", "a", "<<", ">>", "<< parameters.x >>", "<< pipeline.parameters.tag >>",
    "<< matrix.e >>", "<< pipeline.git.branch or >>", r"\<<", "build", "say", "kit/wrap", "kit/", "/", "far/x", "g",
    "when", "steps", "run", "checkout", "/(/", "2", "2.1", "approval", "no-op", "pipeline.nothing == 1", "é\u0000",
])  # fmt: skip


def places(node: Node) -> int:
    """How many nodes there are below and with `node`."""
    if isinstance(node, Mapping):
        return 1 + sum(places(value) for _, value in node.pairs)
    return 1 + sum(places(item) for item in node.items) if isinstance(node, Sequence) else 1


def changed(node: Node, target: int, change: str, word: str, other: Node, seen: list[int]) -> Node:
    """`node` with the `target`th node of it changed; `seen` counts."""
    number = seen[0]
    seen[0] += 1
    if number == target:
        changes: dict[str, Node] = {
            "word": Scalar(word, node.at),
            "list": Sequence((node, node), node.at),
            "map": Mapping(((Scalar(word, node.at), node),), node.at),
            "nothing": Mapping((), node.at),
            "other": other,
        }
        return changes[change]
    if isinstance(node, Mapping):
        pairs = [(key, changed(value, target, change, word, other, seen)) for key, value in node.pairs]
        if number % 7 == target % 7 and change == "word" and pairs:
            pairs[0] = (Scalar(word or "x", pairs[0][0].at), pairs[0][1])
        return Mapping(tuple(pairs), node.at)
    if isinstance(node, Sequence):
        return Sequence(tuple(changed(item, target, change, word, other, seen) for item in node.items), node.at)
    return node


def nth(node: Node, target: int) -> Node:
    waiting = [node]
    while waiting:
        one = waiting.pop(0)
        if target == 0:
            return one
        target -= 1
        if isinstance(one, Mapping):
            waiting += [value for _, value in one.pairs]
        elif isinstance(one, Sequence):
            waiting += one.items
    return node


def check(text: str) -> None:
    data = text.encode("utf-8", "replace")
    facts = Facts(root="", branch="dev", changed_files=("a/b",), parameters={"tag": "<< parameters.x >>"})
    found = CIRCLECI.read(PATH, {PATH: data}.get, facts)
    for pipeline in found.pipelines:
        ids = [job.id for job in pipeline.jobs]
        assert {need.job for job in pipeline.jobs for need in job.needs} <= set(ids)
    process(PATH, {PATH: data}.get, facts)


def test_the_seed_is_good() -> None:
    assert ROOT is not None
    found = CIRCLECI.read(PATH, {PATH: SEED.encode()}.get, Facts(root="", branch="dev", changed_files=()))
    assert [one for one in found.findings if one.severity.value == "error"] == []
    assert [len(one.jobs) for one in found.pipelines] == [10, 2]


CHANGES = st.tuples(
    st.integers(0, 10_000), st.sampled_from(["word", "list", "map", "nothing", "other"]), WORDS, st.integers(0, 10_000)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_changed_trees_give_findings_only(changes: list[tuple[int, str, str, int]]) -> None:
    node = ROOT
    assert node is not None
    for target, change, word, elsewhere in changes:
        other = nth(node, elsewhere % places(node))
        node = changed(node, target % places(node), change, word, other, [0])
        if places(node) > 5_000:
            break
    check(dump(node))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SEED)), st.integers(0, len(SEED)), WORDS)
def test_cut_texts_give_findings_only(start: int, length: int, word: str) -> None:
    check(SEED[:start] + word + SEED[start + length % 40 :])
