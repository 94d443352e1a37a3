"""A file becomes pipelines: jobs, environments, steps, conditions, each with its place in the file."""

import json
import textwrap

import pytest

from understudy.dialects.base import Reading, Scope
from understudy.dialects.circleci import CIRCLECI
from understudy.dialects.known import DIALECTS, FILES, detect
from understudy.findings import Severity
from understudy.model.pipeline import (
    ALWAYS,
    ON_FAILURE,
    ON_SUCCESS,
    Checkout,
    Fetch,
    Job,
    Kind,
    Platform,
    Publish,
    RestoreCache,
    SaveCache,
    Script,
    Step,
    Text,
    Use,
)
from understudy.model.results import Facts

PATH = ".circleci/config.yml"


def reading(text: str, facts: Facts | None = None) -> Reading:
    data = textwrap.dedent(text).encode()
    return CIRCLECI.read(PATH, {PATH: data}.get, facts or Facts(root="", branch="dev"))


def one_job(body: str, version: str = "2.1") -> Job:
    """The only job of a file, which must be free of findings."""
    head = f"version: {version}\njobs:\n  build:\n"
    found = reading(head + textwrap.indent(textwrap.dedent(body), "    "))
    assert found.findings == ()
    (job,) = found.pipelines[0].jobs
    return job


def raw(texts: object) -> list[str]:
    assert isinstance(texts, tuple)
    return [text.raw for text in texts]


def steps(body: str) -> tuple[Step, ...]:
    return one_job("docker: [{image: a}]\nsteps:\n" + textwrap.indent(textwrap.dedent(body), "  ")).steps


def test_images_the_first_is_the_jobs_the_rest_are_services() -> None:
    """The example of configuration-reference, #docker-auth, shortened."""
    job = one_job("""\
        docker:
          - image: buildpack-deps:trusty
            auth: {username: someone, password: $PASSWORD}
            environment: {ENV: CI}
          - image: mongo:2.6.8
            name: db
            command: [--smallfiles]
            user: root
          - image: postgres:14.2
            entrypoint: /bin/sh -c "sleep 1"
            environment: [POSTGRES_USER: user, POSTGRES_DB=main]
        steps: [checkout]
        """)
    assert job.container
    assert job.container.image.raw == "buildpack-deps:trusty"
    assert {name: text.raw for name, text in job.container.credentials.items()} == {
        "username": "someone",
        "password": "$PASSWORD",
    }
    assert {name: text.raw for name, text in job.container.env.items()} == {"ENV": "CI"}
    mongo, postgres = job.services
    assert (mongo.alias, raw(mongo.command), mongo.user and mongo.user.raw) == ("db", ["--smallfiles"], "root")
    assert raw(postgres.entrypoint) == ["/bin/sh", "-c", "sleep 1"]
    assert {name: text.raw for name, text in postgres.env.items()} == {"POSTGRES_USER": "user", "POSTGRES_DB": "main"}


@pytest.mark.parametrize(
    ("body", "platform", "labels"),
    [
        ("machine: {image: 'ubuntu-2404:current'}", Platform.LINUX, ["ubuntu-2404:current"]),
        ("machine: true\nresource_class: medium", Platform.LINUX, []),
        ("macos: {xcode: 15.4.0}", Platform.MACOS, ["xcode:15.4.0"]),
        (
            "machine: {image: 'windows-server-2022-gui:current', shell: cmd.exe}\nresource_class: windows.medium",
            Platform.WINDOWS,
            ["windows-server-2022-gui:current"],
        ),
    ],
)
def test_machines(body: str, platform: Platform, labels: list[str]) -> None:
    job = one_job(f"{body}\nsteps: [checkout]\n")
    assert (job.machine, job.platform, raw(job.runs_on), job.container) == (True, platform, labels, None)


def test_a_jobs_own_keys() -> None:
    job = one_job("""\
        docker: [{image: a}]
        resource_class: xlarge
        parallelism: 4
        shell: /bin/sh -e
        working_directory: ~/my-app
        environment: {FLAG: yes, VERSION: 3.10, QUOTED: "3.10", EMPTY: , NUMBER: 42}
        steps: [checkout]
        """)
    assert (job.resources.cpus, job.resources.memory_mib) == (8, 16 * 1024)
    assert job.limits.parallelism == 4
    assert job.shell
    assert job.workdir
    assert (job.shell.raw, job.workdir.raw) == ("/bin/sh -e", "~/my-app")
    # YAML 1.1 reads `yes` as true and 3.10 as a number.
    assert {name: text.raw for name, text in job.env.items()} == {
        "FLAG": "true",
        "VERSION": "3.1",
        "QUOTED": "3.10",
        "EMPTY": "",
        "NUMBER": "42",
    }


def test_the_working_directory_is_project_where_none_is_given() -> None:
    job = one_job("docker: [{image: a}]\nsteps: [checkout]\n")
    assert job.workdir
    assert (job.workdir.raw, job.limits.parallelism, job.resources.label) == ("~/project", 1, None)


def test_run_in_short_form_is_named_by_its_first_line() -> None:
    (step,) = steps("- run: |\n    make test\n    make lint\n")
    assert (step.id, step.name.raw, step.when) == ("0", "make test", ON_SUCCESS)
    assert isinstance(step.action, Script)
    assert step.action.body.raw == "make test\nmake lint\n"
    assert step.no_output_timeout_s == 600


def test_run_in_long_form() -> None:
    (step,) = steps("""\
        - run:
            name: Test
            command: make test
            shell: /bin/zsh
            environment: {A: b}
            background: true
            working_directory: sub
            no_output_timeout: 1.25h
            when: always
        """)
    assert isinstance(step.action, Script)
    assert step.action.shell
    assert step.workdir
    assert (step.name.raw, step.action.shell.raw, step.workdir.raw) == ("Test", "/bin/zsh", "sub")
    assert (step.background, step.no_output_timeout_s, step.when) == (True, 4500, ALWAYS)
    assert step.env["A"].raw == "b"


def test_run_may_be_repeated() -> None:
    (step,) = steps("- run: {command: make, max_auto_reruns: 3, auto_rerun_delay: 2m, when: on_fail}\n")
    assert (step.retries, step.retry_delay_s, step.when) == (3, 120, ON_FAILURE)


def test_special_steps() -> None:
    found = steps("""\
        - checkout
        - checkout: {path: sub, method: full}
        - setup_remote_docker: {version: default}
        - restore_cache: {key: first, keys: [second, third]}
        - save_cache: {key: k, paths: [a, ~/b], when: always, name: Keep}
        - store_artifacts: {path: dist, destination: out}
        - store_test_results: {path: results}
        - persist_to_workspace: {root: /tmp, paths: [a, b/*]}
        - attach_workspace: {at: /tmp/w}
        - add_ssh_keys: {fingerprints: ["aa:bb", "cc:dd"]}
        """)
    actions = [step.action for step in found]
    assert isinstance(actions[0], Checkout)
    assert actions[0].path is None
    assert isinstance(actions[1], Checkout)
    assert actions[1].path
    assert actions[1].path.raw == "sub"
    assert isinstance(actions[2], Use)
    assert (actions[2].ref.raw, actions[2].inputs["version"].raw) == ("setup_remote_docker", "default")
    assert isinstance(actions[3], RestoreCache)
    assert raw(actions[3].keys) == ["first", "second", "third"]
    assert isinstance(actions[4], SaveCache)
    assert (actions[4].key.raw, raw(actions[4].paths)) == ("k", ["a", "~/b"])
    artifacts, results, workspace = actions[5:8]
    assert isinstance(artifacts, Publish)
    assert artifacts.name
    assert (artifacts.kind, raw(artifacts.paths), artifacts.name.raw) == (Kind.ARTIFACT, ["dist"], "out")
    assert isinstance(results, Publish)
    assert (results.kind, raw(results.paths)) == (Kind.TEST_RESULTS, ["results"])
    assert isinstance(workspace, Publish)
    assert workspace.root
    assert (workspace.kind, workspace.root.raw, raw(workspace.paths)) == (Kind.WORKSPACE, "/tmp", ["a", "b/*"])
    assert isinstance(actions[8], Fetch)
    assert (actions[8].kind, actions[8].path.raw) == (Kind.WORKSPACE, "/tmp/w")
    assert isinstance(actions[9], Use)
    assert actions[9].inputs["fingerprints"].raw == "aa:bb\ncc:dd"
    # Artifacts and test results are stored even after a step has failed.
    assert [step.id for step in found if step.when == ALWAYS] == ["4", "5", "6"]
    assert found[4].name.raw == "Keep"
    assert found[0].name.raw == "Checkout code"


def test_steps_of_a_command_stand_where_the_command_is_written() -> None:
    found = reading("""\
        version: 2.1
        commands:
          test:
            steps:
              - run: make test
        jobs:
          build:
            docker: [{image: a}]
            steps:
              - checkout
              - test
        """)
    first, second = found.pipelines[0].jobs[0].steps
    assert (first.at.line, first.at.column) == (10, 9)
    assert (second.at.line, second.at.column) == (5, 9)


def test_a_workflow_each_is_a_pipeline_with_its_condition() -> None:
    text = """\
        version: 2.1
        parameters: {nightly: {type: boolean, default: false}}
        jobs: {a: {docker: [{image: a}], steps: [checkout]}}
        workflows:
          version: 2
          plain: {jobs: [a]}
          by-parameter: {when: << pipeline.parameters.nightly >>, jobs: [a]}
          by-logic:
            when:
              and:
                - equal: [main, << pipeline.git.branch >>]
                - not: {matches: {pattern: "^x.*$", value: << pipeline.git.tag >>}}
            jobs: [a]
          by-expression: {unless: pipeline.git.branch == "main", jobs: [a]}
        """
    for branch, expected in (("main", [True, False, True, False]), ("dev", [True, False, False, True])):
        facts = Facts(root="", branch=branch)
        found = reading(text, facts)
        assert found.findings == ()
        assert [one.name for one in found.pipelines] == ["plain", "by-parameter", "by-logic", "by-expression"]
        assert [CIRCLECI.holds(one.when, Scope(facts))[0] for one in found.pipelines] == expected
    given = Facts(root="", branch="main", parameters={"nightly": "true"})
    assert CIRCLECI.holds(reading(text, given).pipelines[1].when, Scope(given))[0]


def test_a_logic_statement_is_kept_as_json_with_its_values_in_place() -> None:
    found = reading("""\
        version: 2.1
        jobs: {a: {docker: [{image: a}], steps: [checkout]}}
        workflows:
          w: {when: {or: [{equal: [main, << pipeline.git.branch >>]}, false]}, jobs: [a]}
        """)
    expression = found.pipelines[0].when.expression
    assert expression
    assert json.loads(expression.raw) == {"or": [{"equal": ["main", "dev"]}, False]}


def test_filters_of_jobs() -> None:
    found = reading(r"""
        version: 2.1
        jobs: {a: {docker: [{image: a}], steps: [checkout]}}
        workflows:
          w:
            jobs:
              - a: {name: free}
              - a: {name: branches, filters: {branches: {only: [dev, /user-.*/], ignore: main}}}
              - a: {name: tags, filters: {tags: {only: /^v.*/}, branches: {ignore: /.*/}}}
              - a: {name: expression, filters: pipeline.git.branch == "main"}
        """)
    assert found.findings == ()
    jobs = {job.id: job for job in found.pipelines[0].jobs}
    branches = jobs["branches"].when.branches
    assert branches
    assert (raw(branches.only), raw(branches.ignore)) == (["dev", "/user-.*/"], ["main"])

    def run(facts: Facts) -> list[str]:
        return [name for name, job in jobs.items() if CIRCLECI.holds(job.when, Scope(facts))[0]]

    assert run(Facts(root="", branch="dev")) == ["free", "branches"]
    assert run(Facts(root="", tag="v1")) == ["tags"]


def test_schedules_contexts_groups_and_setup() -> None:
    found = reading("""\
        version: 2.1
        setup: true
        jobs:
          a: {docker: [{image: a}], steps: [checkout]}
          gate: {type: no-op}
        workflows:
          nightly:
            triggers:
              - schedule:
                  cron: "0 0 * * *"
                  filters: {branches: {only: main}}
            jobs:
              - gate
              - a: {context: [one, two], serial-group: deploys, requires: [gate]}
        """)
    assert found.findings == ()
    (pipeline,) = found.pipelines
    (schedule,) = pipeline.schedules
    assert schedule.branches
    assert (schedule.cron.raw, raw(schedule.branches.only), pipeline.prepares) == ("0 0 * * *", ["main"], True)
    gate, job = pipeline.jobs
    assert (gate.steps, gate.container) == ((), None)
    assert (raw(job.contexts), job.group) == (["one", "two"], "deploys")


def test_version_2_0_without_workflows_runs_the_job_build() -> None:
    found = reading("version: 2\njobs:\n  build: {docker: [{image: a}], steps: [checkout]}\n")
    assert found.findings == ()
    assert [[job.id for job in one.jobs] for one in found.pipelines] == [["build"]]


def test_the_old_branches_key_of_a_job_filters_it() -> None:
    job = reading("version: 2\njobs:\n  build: {branches: {only: main}, docker: [{image: a}], steps: [checkout]}\n")
    patterns = job.pipelines[0].jobs[0].when.branches
    assert patterns
    assert raw(patterns.only) == ["main"]


def test_override_with_takes_the_other_job_when_there_is_one() -> None:
    found = reading("""\
        version: 2.1
        orbs:
          team:
            jobs: {custom: {docker: [{image: theirs}], steps: [checkout]}}
        jobs:
          test: {docker: [{image: ours}], steps: [checkout]}
          lint: {docker: [{image: ours}], steps: [checkout]}
        workflows:
          w:
            jobs: [test: {override-with: team/custom}, lint: {override-with: team/nothing}]
        """)
    assert found.findings == ()
    assert [job.container and job.container.image.raw for job in found.pipelines[0].jobs] == ["theirs", "ours"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["empty-file"]),
        ("a: [", ["yaml-syntax"]),
        ("- a", ["bad-value"]),
    ],
)
def test_files_that_are_none(text: str, codes: list[str]) -> None:
    found = reading(text)
    assert found.pipelines == ()
    assert [one.severity for one in found.findings] == [Severity.ERROR] * len(codes)


def test_a_file_that_is_not_there() -> None:
    found = CIRCLECI.read(PATH, lambda _path: None, Facts(root=""))
    assert [one.code for one in found.findings] == ["no-file"]


@pytest.mark.parametrize(
    ("step", "column"),
    [
        ("run: {name: a}", 5),
        ("save_cache: {key: a}", 5),
        ("restore_cache: {name: a}", 5),
        ("persist_to_workspace: {paths: [a]}", 5),
        ("attach_workspace: {}", 5),
        ("store_artifacts: {destination: a}", 5),
    ],
)
def test_steps_that_lack_a_key(step: str, column: int) -> None:
    found = reading(f"version: 2.1\njobs:\n build:\n  docker: [{{image: a}}]\n  steps:\n  - {step}\n")
    assert [(one.severity, one.at.line) for one in found.findings] == [(Severity.ERROR, 6)]
    assert found.pipelines[0].jobs[0].steps == ()
    assert found.findings[0].at.column >= column


def test_what_is_understood_and_not_reproduced_is_said() -> None:
    found = reading("""\
        version: 2.1
        jobs:
          build:
            machine: true
            resource_class: acme/runner
            circleci_ip_ranges: true
            steps: [checkout]
          out: {type: release, plan_name: p}
        workflows: {w: {max_auto_reruns: 2, jobs: [build, out]}}
        """)
    assert sorted((one.code, one.at.line) for one in found.findings) == [
        ("ip-ranges", 6),
        ("self-hosted-runner", 5),
        ("service-job", 9),
        ("workflow-reruns", 9),
    ]


def test_an_old_deploy_step_in_a_job_of_several_parts_is_told_of() -> None:
    text = "version: 2\njobs:\n build:\n  docker: [{image: a}]\n  parallelism: 2\n  steps: [deploy: {command: make}]\n"
    assert "deploy-in-parallel" in [one.code for one in reading(text).findings]
    alone = reading(text.replace("parallelism: 2", "parallelism: 1"))
    assert "deploy-in-parallel" not in [one.code for one in alone.findings]
    (step,) = alone.pipelines[0].jobs[0].steps
    assert isinstance(step.action, Script)


def test_a_condition_that_is_only_a_text_is_told_of() -> None:
    found = reading("""\
        version: 2.1
        jobs: {a: {docker: [{image: a}], steps: [checkout]}}
        workflows: {w: {when: '<< pipeline.git.branch >> == "main"', jobs: [a]}}
        """)
    assert [(one.severity, one.code) for one in found.findings] == [(Severity.WARNING, "text-condition")]


def test_the_dialect_is_known_by_name_and_by_its_file() -> None:
    assert DIALECTS["circleci"] is CIRCLECI
    assert {name: dialect.FILES for name, dialect in DIALECTS.items()} == FILES
    assert detect(lambda path: path == PATH) == ((CIRCLECI, PATH),)
    assert detect(lambda _path: False) == ()


def test_writing_is_one_loss() -> None:
    found = CIRCLECI.write(reading("version: 2\njobs:\n  build: {docker: [{image: a}], steps: [checkout]}\n").pipelines)
    assert found.files == {}
    assert [one.severity for one in found.losses] == [Severity.UNSUPPORTED]


def test_texts_know_their_place() -> None:
    (step,) = steps("- run: make\n")
    assert isinstance(step.action, Script)
    assert step.action.body == Text("make", step.action.body.at)
    assert step.action.body.at.line > 0
