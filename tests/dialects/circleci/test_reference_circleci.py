"""Sentences of CircleCI's own pages that were read beside the code, each held by a case in our words."""

import textwrap

import pytest

from understudy.dialects.base import Reading
from understudy.dialects.circleci import CIRCLECI
from understudy.dialects.circleci.values import pipeline_values
from understudy.findings import Severity
from understudy.model.pipeline import Publish, SaveCache, Script, Step
from understudy.model.results import EventKind, Facts

PATH = ".circleci/config.yml"


def reading(text: str) -> Reading:
    data = textwrap.dedent(text).encode()
    return CIRCLECI.read(PATH, {PATH: data}.get, Facts(root="", branch="dev", changed_files=("src/a.py",)))


def codes(text: str) -> list[str]:
    return [f"{one.severity.value} {one.code}:{one.at.line}" for one in reading(text).findings]


def step(line: str) -> Reading:
    """A file whose only step stands in line 6."""
    return reading(f"version: 2.1\njobs:\n  build:\n    docker: [{{image: a}}]\n    steps:\n      - {line}\n")


def only_step(found: Reading) -> Step:
    (only,) = found.pipelines[0].jobs[0].steps
    return only


# https://circleci.com/docs/reference/reusing-config/#boolean (the note below it) and, for where it is so,
# https://github.com/circleci/circleci-docs/issues/5304.
def test_flags_are_digits_in_the_environment_of_a_step_and_words_in_its_command() -> None:
    found = reading("""\
        version: 2.1
        commands:
          tell:
            parameters: {on: {type: boolean, default: true}, off: {type: boolean, default: no}}
            steps:
              - run:
                  command: tell << parameters.on >> << parameters.off >>
                  environment: {ON: << parameters.on >>, OFF: << parameters.off >>, QUOTED: "true", NUMBER: 3}
        jobs:
          build:
            docker: [{image: a}]
            environment: {ON: true}
            steps: [tell]
        """)
    assert found.findings == ()
    one = only_step(found)
    assert {name: text.raw for name, text in one.env.items()} == {
        "ON": "1",
        "OFF": "0",
        "QUOTED": "true",
        "NUMBER": "3",
    }
    assert isinstance(one.action, Script)
    assert one.action.body.raw == "tell true false"
    assert found.pipelines[0].jobs[0].env["ON"].raw == "true"


# https://circleci.com/docs/guides/optimize/caching/#saving-cache (no globbing),
# https://circleci.com/docs/guides/optimize/artifacts/#uploading-artifacts (a file or a directory),
# https://circleci.com/docs/reference/configuration-reference/#storetestresults (a directory or one file).
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("save_cache: {key: k, paths: [deps]}", []),
        ("save_cache: {key: k, paths: ['deps/*']}", ["no-wildcards"]),
        ("store_artifacts: {path: 'dist/*.whl'}", ["no-wildcards"]),
        ("store_artifacts: {path: 'pages/[id].tsx'}", []),
        ("store_test_results: {path: '**/results.xml'}", ["no-wildcards"]),
    ],
)
def test_paths_of_caches_artifacts_and_test_results_hold_no_wildcards(line: str, told: list[str]) -> None:
    found = step(line)
    assert [one.code for one in found.findings] == told
    assert all(one.severity is Severity.WARNING for one in found.findings)
    action = only_step(found).action
    assert isinstance(action, SaveCache | Publish)
    assert action.literal


# https://circleci.com/docs/reference/configuration-reference/#persisttoworkspace: there `paths` are globs.
def test_paths_of_workspaces_are_globs() -> None:
    found = step("persist_to_workspace: {root: ., paths: ['*']}")
    action = only_step(found).action
    assert isinstance(action, Publish)
    assert (found.findings, action.literal) == ((), False)


# https://circleci.com/docs/reference/configuration-reference/#macos and #install-signing-bundle there.
def test_signing_bundles_of_macos_are_known() -> None:
    assert not codes("""\
        version: 2.1
        jobs:
          build:
            macos: {xcode: 16.4.0, code_signing: [production, staging]}
            steps: [install_signing_bundle, checkout]
        """)


# https://circleci.com/docs/reference/configuration-reference/#parameters-job
@pytest.mark.parametrize("name", ["name", "requires", "context", "type", "filters", "matrix"])
def test_reserved_names_of_a_jobs_parameters_are_told(name: str) -> None:
    text = f"""\
        version: 2.1
        jobs:
          build:
            parameters:
              {name}: {{type: string, default: x}}
            docker: [{{image: a}}]
            steps: [checkout]
        """
    assert codes(text) == ["warning reserved-name:5"]


# https://circleci.com/docs/reference/configuration-reference/#job-name: unique, whatever the case.
def test_jobs_that_differ_only_in_case_are_told() -> None:
    text = """\
        version: 2.1
        jobs:
          build: {docker: [{image: a}], steps: [checkout]}
          BUILD: {docker: [{image: a}], steps: [checkout]}
        """
    assert codes(text) == ["warning same-but-case:4"]


# https://circleci.com/docs/reference/configuration-reference/#the-when-step: no expressions there.
@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('pipeline.git.branch == "main"', ["text-condition"]),
        ("<< pipeline.git.branch >> == main", ["text-condition"]),
        ("{equal: [main, << pipeline.git.branch >>]}", []),
        ("<< pipeline.git.branch >>", []),
    ],
)
def test_expressions_in_the_condition_of_a_step_are_told(condition: str, told: list[str]) -> None:
    assert [one.code for one in step(f"when: {{condition: {condition}, steps: [checkout]}}").findings] == told


# https://circleci.com/docs/reference/variables/#built-in-environment-variables (the example for GitLab below the table)
# and the values under #pipeline-values there.
def test_values_of_gitlab() -> None:
    facts = Facts(
        root="/",
        host="gitlab.com",
        owner="acme",
        repository="rocket",
        branch="dev",
        default_branch="main",
        sha="a" * 40,
    )
    values = pipeline_values(facts, {})
    prefix = "pipeline.trigger_parameters.gitlab."
    said = {name: values[prefix + name] for name in ("repo_name", "branch", "default_branch", "checkout_sha", "type")}
    assert said == {
        "repo_name": "rocket",
        "branch": "dev",
        "default_branch": "main",
        "checkout_sha": "a" * 40,
        "type": "push",
    }
    elsewhere = pipeline_values(Facts(root="/", host="github.com", branch="dev", event=EventKind.PUSH), {})
    assert elsewhere[prefix + "branch"] == ""


# https://circleci.com/docs/guides/orchestrate/using-dynamic-configuration/#pack-generate-validate
def test_path_filtering_makes_the_configuration_that_is_handed_over() -> None:
    found = reading("""\
        version: 2.1
        setup: true
        orbs: {path-filtering: circleci/path-filtering@1.0.0, continuation: circleci/continuation@1.0.0}
        jobs:
          setup:
            executor: path-filtering/default
            steps:
              - checkout
              - path-filtering/set-parameters: {mapping: "src/.* code true .circleci/code.yml"}
              - path-filtering/generate-config
              - continuation/continue: {configuration_path: /tmp/generated-config.yml}
        workflows: {setup: {jobs: [setup]}}
        """)
    assert [one for one in found.findings if one.severity is not Severity.WARNING] == []
    generate = found.pipelines[0].jobs[0].steps[2]
    assert {name: text.raw for name, text in generate.env.items()} == {
        "LIST": "/tmp/filtered-config-list",
        "GENERATED": "/tmp/generated-config.yml",
    }


# https://circleci.com/docs/guides/orchestrate/workflows/#branch-level-job-execution: workflows ignore that key.
def test_the_old_branches_of_a_job_are_ignored_and_told_in_workflows() -> None:
    found = reading("""\
        version: 2.1
        jobs:
          build:
            docker: [{image: a}]
            branches: {only: main}
            steps: [checkout]
        workflows: {w: {jobs: [build]}}
        """)
    assert [(one.severity, one.code, one.at.line) for one in found.findings] == [
        (Severity.WARNING, "ignored-branches", 5)
    ]
    assert found.pipelines[0].jobs[0].when.branches is None


SETUP = """\
version: 2.1
setup: true
jobs:
  a: {docker: [{image: a}], steps: [checkout]}
workflows:
  one: {jobs: [a]}
  two: {when: %s, jobs: [a]}
"""


# https://circleci.com/docs/guides/orchestrate/dynamic-config/: only one workflow may run of a setup configuration.
@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('pipeline.git.branch == "main"', []),
        ("false", []),
        ('pipeline.git.branch == "dev"', ["error several-setup-workflows:7"]),
        ("true", ["error several-setup-workflows:7"]),
    ],
)
def test_a_setup_configuration_starts_one_workflow(condition: str, told: list[str]) -> None:
    assert codes(SETUP % condition) == told


# https://circleci.com/docs/guides/test/collect-test-data/: the path is no hidden folder.
@pytest.mark.parametrize(("path", "told"), [(".reports", 1), ("out/.junit/x", 1), ("./reports", 0), ("../reports", 0)])
def test_test_results_of_hidden_folders_are_told(path: str, told: int) -> None:
    assert [one.code for one in step(f"store_test_results: {{path: {path}}}").findings] == ["hidden-folder"] * told
