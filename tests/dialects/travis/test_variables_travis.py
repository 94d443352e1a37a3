"""The variables of a job. https://docs.travis-ci.com/user/environment-variables/"""

from typing import Any

import pytest

from understudy.dialects.base import Place
from understudy.dialects.travis import TRAVIS
from understudy.dialects.travis.variables import Variable, exports, variables
from understudy.findings import NOWHERE
from understudy.model.pipeline import Job, Limits, Text
from understudy.model.results import EventKind, Facts

PLACE = Place("r", "n", 7, workdir="/home/travis/build/acme/rocket", home="/home/travis")


def told(facts: Facts, row: dict[str, Any] | None = None, **written: Any) -> dict[str, str]:
    job = Job("j", Text("j"), NOWHERE, written={"row": row or {}, "number": 2, **written}, limits=Limits())
    return dict(TRAVIS.predefined(facts, job, PLACE))


def facts(**given: Any) -> Facts:
    return Facts(root="/", **{"owner": "acme", "repository": "rocket", "branch": "main", "sha": "a" * 40, **given})


def test_what_every_build_has() -> None:
    found = told(facts(base_sha="b" * 40, message="Subject\n\nBody"))
    assert {
        "CI": "true",
        "TRAVIS": "true",
        "CONTINUOUS_INTEGRATION": "true",
        "TZ": "UTC",
        "TRAVIS_BRANCH": "main",
        "TRAVIS_BUILD_DIR": "/home/travis/build/acme/rocket",
        "TRAVIS_BUILD_NUMBER": "7",
        "TRAVIS_JOB_NUMBER": "7.2",
        "TRAVIS_COMMIT": "a" * 40,
        "TRAVIS_COMMIT_RANGE": f"{'b' * 40}...{'a' * 40}",
        "TRAVIS_COMMIT_MESSAGE": "Subject\n\nBody",
        "TRAVIS_EVENT_TYPE": "push",
        "TRAVIS_PULL_REQUEST": "false",
        "TRAVIS_PULL_REQUEST_BRANCH": "",
        "TRAVIS_REPO_SLUG": "acme/rocket",
        "TRAVIS_TAG": "",
        "TRAVIS_JOB_NAME": "",
        "TRAVIS_BUILD_STAGE_NAME": "",
        "TRAVIS_ALLOW_FAILURE": "false",
    }.items() <= found.items()


def test_what_a_tag_has() -> None:
    found = told(facts(event=EventKind.TAG, branch=None, tag="v1"))
    assert (found["TRAVIS_TAG"], found["TRAVIS_BRANCH"], found["TRAVIS_EVENT_TYPE"]) == ("v1", "v1", "push")


def test_what_a_pull_request_has() -> None:
    given = facts(event=EventKind.PULL_REQUEST, branch="topic", base_branch="dev", pull_request=12)
    assert {
        "TRAVIS_BRANCH": "dev",
        "TRAVIS_EVENT_TYPE": "pull_request",
        "TRAVIS_PULL_REQUEST": "12",
        "TRAVIS_PULL_REQUEST_BRANCH": "topic",
        "TRAVIS_PULL_REQUEST_SHA": "a" * 40,
        "TRAVIS_PULL_REQUEST_SLUG": "acme/rocket",
    }.items() <= told(given).items()


def test_what_a_cron_job_has() -> None:
    assert told(facts(event=EventKind.SCHEDULE))["TRAVIS_EVENT_TYPE"] == "cron"


@pytest.mark.parametrize(
    ("row", "name", "value"),
    [
        ({"language": "python", "python": "3.8"}, "TRAVIS_PYTHON_VERSION", "3.8"),
        ({"language": "node_js", "node_js": "12"}, "TRAVIS_NODE_VERSION", "12"),
        ({"language": "ruby", "rvm": "2.7"}, "TRAVIS_RUBY_VERSION", "2.7"),
        ({"language": "c", "compiler": "clang"}, "TRAVIS_COMPILER", "clang"),
        ({"language": "scala", "scala": "2.13", "jdk": "openjdk11"}, "TRAVIS_JDK_VERSION", "openjdk11"),
        ({"os": "osx"}, "TRAVIS_OS_NAME", "osx"),
        ({"dist": "bionic"}, "TRAVIS_DIST", "bionic"),
        ({"arch": "arm64"}, "TRAVIS_CPU_ARCH", "arm64"),
    ],
)
def test_what_the_configuration_of_the_job_says(row: dict[str, Any], name: str, value: str) -> None:
    assert told(facts(), row)[name] == value


@pytest.mark.parametrize(
    ("env", "found"),
    [
        (({"A": "1", "B": "2"},), [("A", "1"), ("B", "2")]),
        (({"A": '"two words"'},), [("A", '"two words"')]),
        (("A=1 B='x y' C=$(echo a b)",), [("A", "1"), ("B", "'x y'"), ("C", "$(echo a b)")]),
        (({"A": "1 B=2"},), [("A", "1"), ("B", "2")]),
        (({"A": ""},), [("A", "")]),
        (({"A": r"a\ b"},), [("A", r"a\ b")]),
        (({"A": {"secure": "x"}},), [("A", None)]),
        (({"secure": "x"},), [("", None)]),
        ((7,), []),
        (None, []),
    ],
)
def test_values_are_words_of_the_shell(env: Any, found: list[tuple[str, str | None]]) -> None:
    assert [(one.name, one.value) for one in variables(env)] == found


@pytest.mark.parametrize(
    ("value", "plain"), [("1", "1"), ('"a b"', "a b"), ("'$x'", "$x"), ("$x", None), ("`x`", None), (r"a\ b", None)]
)
def test_a_value_that_the_shell_would_change_is_not_known_before(value: str, plain: str | None) -> None:
    assert Variable("A", value).plain == plain


def test_variables_are_exported_in_order_and_encrypted_ones_are_not() -> None:
    lines = exports((Variable("A", "1"), Variable("S", None), Variable("B", "$A"))).splitlines()
    assert [line for line in lines if line.startswith("export")] == ["export A=1", "export B=$A"]
