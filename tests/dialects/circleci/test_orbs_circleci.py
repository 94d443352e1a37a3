"""Orbs: inline, nested, from a folder, from the lock file, absent, and the three that need no source."""

import hashlib
import json
import textwrap
from collections.abc import Mapping
from types import MappingProxyType

from understudy.dialects.base import Reading
from understudy.dialects.circleci.orbs import needed
from understudy.dialects.circleci.read import read
from understudy.findings import Severity
from understudy.model.pipeline import Platform, Script, Use
from understudy.model.results import Facts
from understudy.text.yaml import load

PATH = ".circleci/config.yml"
ORB = """\
version: 2.1
executors:
  default: {docker: [{image: "cimg/tool:1"}]}
commands:
  install: {steps: [{run: install tool}]}
jobs:
  check:
    executor: default
    steps: [install, {run: tool check}]
"""
FILE = """\
version: 2.1
orbs:
  tool: acme/tool@1.2.3
jobs:
  build:
    docker: [{image: a}]
    steps: [tool/install, checkout]
workflows:
  w:
    jobs: [build, tool/check]
"""


def reading(
    text: str, changed: tuple[str, ...] | None = (), files: Mapping[str, str] = MappingProxyType({})
) -> Reading:
    there = {PATH: textwrap.dedent(text).encode()} | {name: content.encode() for name, content in files.items()}
    return read(PATH, there.get, Facts(root="", branch="dev", changed_files=changed))


def scripts(found: Reading, job: str) -> list[str]:
    jobs = {one.id: one for pipeline in found.pipelines for one in pipeline.jobs}
    return [step.action.body.raw for step in jobs[job].steps if isinstance(step.action, Script)]


def test_names_inside_an_orb_mean_the_orbs_own_first() -> None:
    found = reading("""\
        version: 2.1
        orbs:
          outer:
            orbs:
              inner:
                commands: {say: {steps: [{run: the inner's}]}}
            executors: {default: {docker: [{image: outer}]}}
            commands:
              say: {steps: [{run: the outer's}]}
            jobs:
              talk: {executor: default, steps: [say, inner/say]}
        executors: {default: {docker: [{image: mine}]}}
        commands: {say: {steps: [{run: mine}]}}
        jobs:
          own: {executor: outer/default, steps: [say, outer/say]}
        workflows: {w: {jobs: [own, outer/talk]}}
        """)
    assert found.findings == ()
    assert scripts(found, "own") == ["mine", "the outer's"]
    assert scripts(found, "outer/talk") == ["the outer's", "the inner's"]
    images = {job.id: job.container.image.raw for job in found.pipelines[0].jobs if job.container}
    assert images == {"own": "outer", "outer/talk": "outer"}


def test_pipeline_parameters_are_out_of_scope_inside_an_orb() -> None:
    found = reading("""\
        version: 2.1
        parameters: {tag: {type: string, default: x}}
        orbs:
          kit:
            jobs:
              a: {docker: [{image: "a:<< pipeline.parameters.tag >>"}], steps: [{run: echo << pipeline.number >>}]}
        workflows: {w: {jobs: [kit/a]}}
        """)
    assert [(one.code, one.at.line) for one in found.findings] == [("unknown-value", 6)]
    assert scripts(found, "kit/a") == ["echo 1"]


def test_an_orb_is_read_from_either_folder() -> None:
    for folder in (".circleci/orbs", ".understudy/orbs"):
        found = reading(FILE, files={f"{folder}/acme/tool@1.2.3.yml": ORB})
        assert found.findings == ()
        assert scripts(found, "build") == ["install tool"]
        assert scripts(found, "tool/check") == ["install tool", "tool check"]


def test_the_lock_file_says_where_an_orb_is_and_what_it_was() -> None:
    entry = {"path": "vendor/tool.yml", "version": "1.2.3", "sha256": hashlib.sha256(ORB.encode()).hexdigest()}
    lock = json.dumps({"orbs": {"acme/tool@1.2.3": entry}})
    assert reading(FILE, files={"understudy.lock": lock, "vendor/tool.yml": ORB}).findings == ()
    changed = reading(FILE, files={"understudy.lock": lock, "vendor/tool.yml": ORB + "\n"})
    assert [one.code for one in changed.findings] == ["orb-changed"]
    lost = reading(FILE, files={"understudy.lock": lock})
    assert [one.code for one in lost.findings] == ["orb-not-here", "orb-lost"]
    broken = reading(FILE, files={"understudy.lock": "{"})
    assert "lock-file" in [one.code for one in broken.findings]


def test_an_absent_orb_is_named_once_and_the_plan_is_whole() -> None:
    found = reading(FILE)
    assert [(one.severity, one.code, one.at.line) for one in found.findings] == [
        (Severity.UNSUPPORTED, "orb-not-here", 3)
    ]
    assert "`acme/tool@1.2.3`" in found.findings[0].message
    assert "understudy orbs add acme/tool@1.2.3" in found.findings[0].hint
    build, check = found.pipelines[0].jobs
    assert [step.action.ref.raw for step in build.steps if isinstance(step.action, Use)] == ["tool/install"]
    assert [step.action.ref.raw for step in check.steps if isinstance(step.action, Use)] == ["tool/check"]
    assert check.executor == "tool/check"


def test_an_absent_orb_that_nobody_uses_is_no_matter() -> None:
    found = reading(FILE.replace("tool/install, ", "").replace(", tool/check", ""))
    assert found.findings == ()


def test_unknown_orbs_and_elements() -> None:
    found = reading("""\
        version: 2.1
        orbs:
          tool: {commands: {install: {steps: [checkout]}}}
        jobs:
          build:
            docker: [{image: a}]
            steps: [tol/install, tool/instal]
        """)
    told = [(one.code, one.at.line, one.at.column, one.hint) for one in found.findings]
    assert told == [
        ("unknown-orb", 7, 13, "did you mean `tool`?"),
        ("unknown-command", 7, 26, "did you mean `tool/install`?"),
    ]


def test_needed_lists_what_must_be_fetched() -> None:
    text = """\
        orbs:
          tool: acme/tool@1.2.3
          win: circleci/windows@5.0
          path-filtering: circleci/path-filtering@1
          mine:
            orbs: {far: https://example.com/orb.yml}
        """
    wanted = needed(load(textwrap.dedent(text), PATH).root)
    assert [(one.alias, one.ref) for one in wanted] == [
        ("tool", "acme/tool@1.2.3"),
        ("far", "https://example.com/orb.yml"),
    ]


def test_windows_executors_are_planned_for_windows() -> None:
    found = reading("""\
        version: 2.1
        orbs: {win: circleci/windows@2.4.1}
        jobs:
          build:
            executor: {name: win/default, size: large, shell: bash.exe}
            steps: [checkout]
        """)
    assert found.findings == ()
    (job,) = found.pipelines[0].jobs
    assert (job.platform, job.machine, job.executor) == (Platform.WINDOWS, True, "win/default")
    assert job.resources.label
    assert (job.resources.label.raw, job.resources.cpus) == ("windows.large", 8)
    assert job.shell
    assert job.shell.raw == "bash.exe"


FILTER = """\
version: 2.1
setup: true
orbs: {path-filtering: circleci/path-filtering@1.0.0}
workflows:
  setup:
    jobs:
      - path-filtering/filter:
          base-revision: main
          config-path: .circleci/go-on.yml
          mapping: |
            # what changed -> what to do
            docs/.* docs true
            src/.* target "fast"
            ^((?!docs/).)*$ code true
"""


def environment(found: Reading) -> dict[str, str]:
    (job,) = found.pipelines[0].jobs
    return {name: text.raw for step in job.steps for name, text in step.env.items() if "/" not in text.raw} | {
        name: text.raw for step in job.steps for name, text in step.env.items() if name == "CONFIGURATION"
    }


def test_path_filtering_matches_whole_paths_of_changed_files() -> None:
    docs = reading(FILTER, ("docs/index.md", "docs"))
    assert docs.pipelines[0].prepares
    assert json.loads(environment(docs)["PARAMETERS"]) == {"docs": True, "code": True}
    only = environment(reading(FILTER, ("docs/index.md",)))
    assert (json.loads(only["PARAMETERS"]), only["CONFIGURATION"]) == ({"docs": True}, ".circleci/go-on.yml")
    source = environment(reading(FILTER, ("src/a.py",)))
    assert json.loads(source["PARAMETERS"]) == {"target": "fast", "code": True}
    assert json.loads(environment(reading(FILTER, ("lib/src/a.py",)))["PARAMETERS"]) == {"code": True}
    assert scripts(docs, "path-filtering/filter")[-1].startswith("understudy-continue ")


def test_path_filtering_may_choose_the_configuration() -> None:
    lines = "docs/.* docs true .circleci/docs.yml\nsrc/.* code true .circleci/code.yml"
    text = FILTER[: FILTER.index("            #")] + textwrap.indent(lines, " " * 12)
    assert environment(reading(text, ("src/a.py",)))["CONFIGURATION"] == ".circleci/code.yml"
    assert environment(reading(text, ("other",)))["CONFIGURATION"] == ".circleci/go-on.yml"
    both = reading(text, ("src/a.py", "docs/b"))
    assert [one.code for one in both.findings] == ["merged-configuration"]


def test_path_filtering_without_known_changes_says_so() -> None:
    assert [one.code for one in reading(FILTER, None).findings] == ["changed-files-unknown"]


def test_path_mappings_that_are_wrong() -> None:
    for line in ("src/.* code", "src/( code true", "src/.* code True"):
        text = FILTER[: FILTER.index("            #")] + f"            {line}\n"
        assert [one.code for one in reading(text, ("src/a",)).findings] == ["path-mapping"], line


def test_the_continuation_orb_hands_over_by_the_tool_in_the_room() -> None:
    found = reading("""\
        version: 2.1
        setup: true
        orbs: {continuation: circleci/continuation@1.1.0}
        jobs:
          set:
            executor: continuation/default
            steps:
              - continuation/continue:
                  parameters: '{ "further": true }'
                  configuration_path: ./next.yml
        workflows: {w: {jobs: [set]}}
        """)
    assert found.findings == ()
    (step,) = found.pipelines[0].jobs[0].steps
    assert {name: text.raw for name, text in step.env.items()} == {
        "CONFIG_PATH": "./next.yml",
        "PARAMETERS": '{ "further": true }',
    }
    assert isinstance(step.action, Script)
    assert step.action.body.raw == 'understudy-continue "$CONFIG_PATH" "$PARAMETERS"'
