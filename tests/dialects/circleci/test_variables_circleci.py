"""Built-in variables, by CircleCI's table of them."""

from uuid import UUID

import pytest

from understudy.dialects.base import Place
from understudy.dialects.circleci.variables import UNKNOWN_VARIABLES, bash_env_path, built_in
from understudy.findings import Position
from understudy.model.pipeline import Job, Text
from understudy.model.results import EventKind, Facts

JOB = Job("test-2", Text("test"), Position())
PLACE = Place("7f3a", "test-2#1", 12, index=1, total=4, workdir="/home/ci/project", home="/home/ci", pipeline="build")
PUSH = Facts(
    root="/p",
    branch="main",
    sha="a" * 40,
    host="github.com",
    owner="ann",
    repository="serve",
    origin_url="git@github.com:ann/serve.git",
    actor="bob",
)


def test_of_a_push() -> None:
    found = built_in(PUSH, JOB, PLACE)
    expected = {
        "CI": "true",
        "CIRCLECI": "true",
        "CIRCLE_BRANCH": "main",
        "CIRCLE_BUILD_NUM": "12",
        "CIRCLE_BUILD_URL": "https://circleci.com/gh/ann/serve/12",
        "CIRCLE_JOB": "test",
        "CIRCLE_NODE_INDEX": "1",
        "CIRCLE_NODE_TOTAL": "4",
        "CIRCLE_PROJECT_REPONAME": "serve",
        "CIRCLE_PROJECT_USERNAME": "ann",
        "CIRCLE_REPOSITORY_URL": "git@github.com:ann/serve.git",
        "CIRCLE_SHA1": "a" * 40,
        "CIRCLE_USERNAME": "bob",
        "CIRCLE_WORKING_DIRECTORY": "/home/ci/project",
    }
    assert {name: found[name] for name in expected} == expected
    assert found["BASH_ENV"] == found["CIRCLE_SHELL_ENV"] == bash_env_path(PLACE)
    assert not {"CIRCLE_TAG", "CIRCLE_PULL_REQUEST", "CIRCLE_PR_NUMBER", *UNKNOWN_VARIABLES} & set(found)


def test_of_a_tag() -> None:
    found = built_in(Facts(root="/p", event=EventKind.TAG, branch="main", tag="v1"), JOB, PLACE)
    assert found["CIRCLE_TAG"] == "v1"
    assert "CIRCLE_BRANCH" not in found


@pytest.mark.parametrize("from_fork", [False, True])
def test_of_a_pull_request(from_fork: bool) -> None:  # noqa: FBT001
    facts = Facts(
        root="/p",
        branch="x",
        host="github.com",
        owner="o",
        repository="r",
        actor="eve",
        pull_request=7,
        from_fork=from_fork,
    )
    found = built_in(facts, JOB, PLACE)
    assert found["CIRCLE_PULL_REQUEST"] == found["CIRCLE_PULL_REQUESTS"] == "https://github.com/o/r/pull/7"
    assert (found.get("CIRCLE_PR_NUMBER"), found.get("CIRCLE_PR_USERNAME")) == (
        ("7", "eve") if from_fork else (None, None)
    )


def test_identifiers_are_shared_where_the_service_shares_them() -> None:
    one = built_in(PUSH, JOB, PLACE)
    other = built_in(PUSH, JOB, Place("7f3a", "lint", 13, pipeline="build"))
    same = ("CIRCLE_PIPELINE_ID", "CIRCLE_WORKFLOW_ID", "CIRCLE_WORKFLOW_WORKSPACE_ID", "CIRCLE_PROJECT_ID")
    assert [one[name] for name in same] == [other[name] for name in same]
    assert one["CIRCLE_WORKFLOW_JOB_ID"] != other["CIRCLE_WORKFLOW_JOB_ID"]
    assert all(str(UUID(one[name])) == one[name] for name in same)


def test_the_default_working_directory() -> None:
    place = Place("r", "n", 1)
    assert built_in(PUSH, JOB, place)["CIRCLE_WORKING_DIRECTORY"] == "~/project"
    job = Job("j", Text("j"), Position(), workdir=Text("/srv"))
    assert built_in(PUSH, job, place)["CIRCLE_WORKING_DIRECTORY"] == "/srv"


def test_the_file_of_bash_env_is_the_jobs_own() -> None:
    assert bash_env_path(PLACE) == "/home/ci/.bash_env-7f3a-test-2-1"
