"""Reading Travis files into the model. Expected values are those of the pages that the module names for each rule."""

from textwrap import dedent

import pytest

from understudy.dialects.base import Reading
from understudy.dialects.travis import TRAVIS
from understudy.findings import Severity
from understudy.model.pipeline import Checkout, Fetch, Job, Platform, Publish, RestoreCache, SaveCache, Script
from understudy.model.results import EventKind, Facts, Outcome

FACTS = Facts(root="/", branch="main", owner="acme", repository="rocket")


def read(text: str, facts: Facts = FACTS) -> Reading:
    return TRAVIS.read(".travis.yml", {".travis.yml": dedent(text).encode()}.get, facts)


def jobs(text: str, facts: Facts = FACTS) -> dict[str, Job]:
    (pipeline,) = read(text, facts).pipelines
    return {job.id: job for job in pipeline.jobs}


def job(text: str, facts: Facts = FACTS) -> Job:
    (only,) = jobs(text, facts).values()
    return only


def needs(text: str) -> dict[str, list[str]]:
    return {name: [need.job for need in job.needs] for name, job in jobs(text).items()}


def steps(text: str) -> dict[str, str]:
    return {step.id: step.name.raw for step in job(text).steps}


def findings(text: str, facts: Facts = FACTS) -> set[str]:
    return {one.code for one in read(text, facts).findings}


def test_a_file_that_is_not_there_is_a_finding() -> None:
    reading = TRAVIS.read(".travis.yml", lambda _path: None, FACTS)
    assert [one.code for one in reading.findings] == ["no-file"]


@pytest.mark.parametrize(
    "text", ["", "[]", "- a", "text", "language: [", "jobs: 3", "deploy: [[]]", "env: [[], {}, 7]"]
)
def test_bad_input_is_told_and_never_raises(text: str) -> None:
    assert isinstance(read(text), Reading)


def test_phases_are_performed_in_their_order_and_begin_with_the_checkout() -> None:
    written = """
        language: shell
        after_script: a
        after_failure: b
        after_success: c
        script: [d, e]
        before_script: f
        install: g
        before_install: h
    """
    assert steps(written) == {
        "checkout": "Check the project out",
        "before_install.1": "h",
        "install.1": "g",
        "before_script.1": "f",
        "script.1": "d",
        "script.2": "e",
        "after_success.1": "c",
        "after_failure.1": "b",
        "after_script.1": "a",
    }


def test_what_a_failure_means_depends_on_the_phase() -> None:
    written = "language: shell\ninstall: a\nscript: b\nafter_script: c\nafter_success: d\nafter_failure: e\n"
    found = {step.id.partition(".")[0]: step for step in job(written).steps}
    assert {name for name, step in found.items() if step.fatal} == {"install"}
    assert {name for name, step in found.items() if step.continue_on_error} == {
        "after_script",
        "after_success",
        "after_failure",
    }
    assert found["script"].when.after == {Outcome.PASSED, Outcome.FAILED}
    assert found["after_success"].when.after == {Outcome.PASSED}
    assert found["after_failure"].when.after == {Outcome.FAILED}


def test_a_job_has_fifty_minutes_and_a_line_ten_of_silence() -> None:
    one = job("language: shell\nscript: a\n")
    assert one.limits.timeout_s == 3000
    assert one.steps[-1].no_output_timeout_s == 600


@pytest.mark.parametrize("word", ["skip", "[skip]", "ignore"])
def test_a_phase_can_be_skipped(word: str) -> None:
    assert "install.1" not in steps(f"language: python\ninstall: {word}\nscript: a\n")


def test_a_language_has_defaults_for_what_the_file_leaves_out() -> None:
    assert [step.name.raw for step in job("language: python\n").steps] == [
        "Check the project out",
        "Set up Python 3.10",
        "pip install -r requirements.txt",
        "No script: there is no default",
    ]
    bodies = [step.action.body.raw for step in job("language: rust\n").steps if isinstance(step.action, Script)]
    assert bodies[-2:] == ["cargo build --verbose", "cargo test --verbose"]


def test_a_virtual_environment_may_see_the_system() -> None:
    one = job("language: python\nvirtualenv: {system_site_packages: true}\nscript: a\n")
    action = next(step.action for step in one.steps if step.id == "language")
    assert isinstance(action, Script)
    assert action.body.raw == "travis_use_python 3.10 --system-site-packages"


def test_jobs_are_called_by_what_tells_them_apart() -> None:
    written = """
        language: python
        python: ["3.8", "3.9"]
        env: [A=1, A=2]
        script: a
        jobs:
          include:
            - name: Docs
              python: "3.9"
              env: B=3
    """
    assert list(jobs(written)) == ["python 3.8 A=1", "python 3.8 A=2", "python 3.9 A=1", "python 3.9 A=2", "Docs"]
    assert jobs(written)["Docs"].names == ("5",)
    assert dict(jobs(written)["python 3.9 A=2"].cell) == {
        "os": "linux",
        "dist": jobs(written)["Docs"].cell["dist"],
        "python": "3.9",
        "env": "A=2",
    }


def test_jobs_of_the_same_name_are_told_apart() -> None:
    written = "language: shell\njobs: {include: [{name: x, script: a}, {name: x, script: b}]}\n"
    assert list(jobs(written)) == ["x (shell)", "x (shell) #2"]


STAGES = """
    language: shell
    script: a
    jobs:
      include:
        - {stage: one, name: a}
        - {name: b}
        - {stage: two, name: c, if: branch = dev}
        - {stage: three, name: d}
"""


def test_a_stage_waits_for_the_one_before_it_that_has_jobs() -> None:
    """https://docs.travis-ci.com/user/build-stages/"""
    assert needs(STAGES) == {"a": [], "b": [], "c": ["a", "b"], "d": ["a", "b"]}


def test_stages_come_in_their_listed_order_and_the_rest_behind_them() -> None:
    """https://docs.travis-ci.com/user/build-stages/order-and-conditions/"""
    written = """
        language: shell
        script: a
        stages: [last-named-first, one]
        jobs:
          include:
            - {stage: one, name: a}
            - {stage: extra, name: b}
            - {stage: last-named-first, name: c}
    """
    assert needs(written) == {"c": [], "a": ["c"], "b": ["a"]}


def test_a_matrix_is_in_the_stage_test() -> None:
    """https://docs.travis-ci.com/user/build-stages/#build-stages-and-build-matrix-expansion"""
    written = """
        language: python
        python: ["3.8", "3.9"]
        script: a
        jobs:
          include:
            - {stage: deploy, name: ship, python: "3.9"}
    """
    assert needs(written) == {"python 3.8": [], "python 3.9": [], "ship": ["python 3.8", "python 3.9"]}


def test_jobs_that_may_fail_are_marked_and_come_last_in_their_stage() -> None:
    written = """
        language: shell
        jobs:
          allow_failures: [{name: x}]
          include: [{name: x, script: a}, {name: y, script: a}]
    """
    assert [(name, one.limits.allow_failure) for name, one in jobs(written).items()] == [("y", False), ("x", True)]


@pytest.mark.parametrize(
    ("os", "platform"), [("linux", Platform.LINUX), ("osx", Platform.MACOS), ("windows", Platform.WINDOWS)]
)
def test_the_system_is_the_jobs_platform(os: str, platform: Platform) -> None:
    assert job(f"language: shell\nos: {os}\nscript: a\n").platform is platform


def test_another_processor_is_asked_for_by_its_name() -> None:
    assert job("language: shell\narch: arm64\nscript: a\n").resources.processor == "aarch64"
    assert job("language: shell\narch: amd64\nscript: a\n").resources.processor is None


def test_without_a_clone_there_is_no_checkout() -> None:
    one = job("language: shell\ngit: {clone: false}\nscript: a\n")
    assert not [step for step in one.steps if isinstance(step.action, Checkout)]


def test_go_is_built_where_its_imports_look_for_it() -> None:
    """https://docs.travis-ci.com/user/languages/go/#go-import-path"""
    one = job("language: go\ngo_import_path: example.org/rocket\n")
    assert one.workdir is not None
    assert one.workdir.raw == "~/gopath/src/example.org/rocket"


CACHED = "language: python\npython: '3.8'\nenv: A=1\ncache: {pip: true, directories: [$HOME/.x, made]}\nscript: a\n"


def test_a_cache_is_looked_for_on_the_branch_and_then_on_the_default_one() -> None:
    """https://docs.travis-ci.com/user/caching/#fetch-and-store-caches"""
    facts = Facts(root="/", branch="topic", default_branch="main", owner="acme", repository="rocket")
    actions = [step.action for step in job(CACHED, facts).steps]
    restore = next(one for one in actions if isinstance(one, RestoreCache))
    save = next(one for one in actions if isinstance(one, SaveCache))
    assert [key.raw.partition("/")[0] for key in restore.keys] == ["topic", "main"]
    assert restore.keys[0].raw.endswith("--python-3.8")
    assert save.key == restore.keys[0]
    assert [path.raw for path in save.paths] == ["~/.x", "made", "~/.cache/pip"]
    assert save.replaces


def test_a_pull_request_has_a_cache_of_its_own() -> None:
    """https://docs.travis-ci.com/user/caching/#pull-request-builds-and-caches"""
    facts = Facts(root="/", event=EventKind.PULL_REQUEST, branch="topic", base_branch="dev", pull_request=7)
    restore = next(step.action for step in job(CACHED, facts).steps if isinstance(step.action, RestoreCache))
    assert [key.raw.partition("/")[0] for key in restore.keys] == ["PR.7", "dev", "main"]


def test_caches_differ_by_version_and_variables() -> None:
    def key(text: str) -> str:
        return next(step.action.keys[0].raw for step in job(text).steps if isinstance(step.action, RestoreCache))

    other = (CACHED.replace("3.8", "3.9"), CACHED.replace("A=1", "A=2"))
    assert len({key(CACHED), *map(key, other)}) == 3


def test_services_are_containers_at_localhost_in_the_version_of_the_system() -> None:
    """https://docs.travis-ci.com/user/database-setup/"""
    one = job("language: shell\ndist: xenial\nservices: [postgresql, redis, xvfb]\nscript: a\n")
    assert [(service.alias, service.image.raw) for service in one.services] == [
        ("postgresql", "postgres:9.6"),
        ("redis-server", "redis:6"),
    ]
    assert "service.xvfb" in {step.id for step in one.steps}


def test_an_addon_gives_a_service_its_version() -> None:
    """https://docs.travis-ci.com/user/database-setup/#use-a-different-postgresql-version"""
    one = job('language: shell\nservices: postgresql\naddons: {postgresql: "9.4"}\nscript: a\n')
    assert [service.image.raw for service in one.services] == ["postgres:9.4"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("services: cassandra-of-old", "service-not-performed"),
        ("addons: {sonarcloud: {organization: x}}", "addon-not-performed"),
        ("deploy: {provider: npm, api_key: x}", "deploy-not-performed"),
        ("git: {sparse_checkout: a}", "git-not-reproduced"),
        ("env: [{secure: YWJj}]", "secure-variable"),
        ("notifications: {email: a@example.org}", "not-notified"),
        ("cache: {apt: true, ccache: true}", ""),
    ],
)
def test_what_is_not_performed_is_named(text: str, code: str) -> None:
    assert not code or code in findings(f"language: shell\nscript: a\n{text}\n")


def test_what_would_not_start_has_nothing_named() -> None:
    written = "language: shell\njobs: {include: [{script: a, name: x}, {if: branch = dev, services: odd, script: b}]}\n"
    assert "service-not-performed" not in findings(written)


def test_too_many_jobs_are_an_error() -> None:
    versions = ", ".join(f'"3.{number}"' for number in range(300))
    found = read(f"language: python\npython: [{versions}]\nscript: a\n").findings
    assert "too-many-jobs" in {one.code for one in found if one.severity is Severity.ERROR}


WORKSPACES = """
    language: shell
    script: a
    jobs:
      include:
        - stage: one
          name: maker
          workspaces: {create: {name: ws, paths: [built, ./deep/../x, ~/kept, $HOME/too, /opt/tool, ../beside]}}
        - stage: two
          name: taker
          workspaces: {use: [ws, unknown]}
"""


def test_what_a_workspace_holds_keeps_its_place() -> None:
    """https://docs.travis-ci.com/user/using-workspaces/"""
    made = [step.action for step in jobs(WORKSPACES)["maker"].steps if isinstance(step.action, Publish)]
    assert [(one.root.raw if one.root else None, [path.raw for path in one.paths]) for one in made] == [
        (".", ["built", "x"]),
        ("~", ["kept", "too", "build/acme/beside"]),
        ("/", ["opt/tool"]),
    ]
    taken = [step.action for step in jobs(WORKSPACES)["taker"].steps if isinstance(step.action, Fetch)]
    assert [(one.path.raw, one.name.raw if one.name else None) for one in taken] == [
        (".", "ws"),
        ("~", "ws (~)"),
        ("/", "ws (/)"),
        (".", "unknown"),
    ]
