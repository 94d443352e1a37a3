"""When a job deploys: https://docs.travis-ci.com/user/deployment-v2/conditional/."""

import pytest

from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.deployment import deployment
from understudy.model.results import EventKind, Facts

MASTER = Facts("/", branch="master", owner="travis-ci", repository="dpl")
STAGING = Facts("/", branch="staging", owner="travis-ci", repository="dpl")
TAG = Facts("/", event=EventKind.TAG, tag="v1", owner="travis-ci", repository="dpl")
PULL_REQUEST = Facts("/", event=EventKind.PULL_REQUEST, branch="fix", base_branch="master")


@pytest.mark.parametrize(
    ("on", "facts", "starts"),
    [
        (None, MASTER, True),
        (None, STAGING, False),
        ({"branch": ("staging", "production")}, STAGING, True),
        ({"branch": ("production",)}, STAGING, False),
        ({"branch": ("stag*",)}, STAGING, True),
        ({"branch": {"staging": "app"}}, STAGING, True),
        ("staging", STAGING, True),
        ({"all_branches": True}, STAGING, True),
        ({"repo": "travis-ci/dpl"}, MASTER, True),
        ({"repo": "ada/dpl"}, MASTER, False),
        ({"tags": True}, TAG, True),
        ({"tags": True}, MASTER, False),
        # "Setting `tags` to `true` causes the `branch` condition to be ignored"
        ({"tags": True, "branch": ("other",)}, TAG, True),
        ({"tags": False, "all_branches": True}, TAG, False),
        ({"tags": False}, MASTER, True),
        ({"python": "3.10", "all_branches": True}, STAGING, True),
        ({"python": "3.9", "all_branches": True}, STAGING, False),
        ({"node_js": "16", "all_branches": True}, STAGING, False),
        ({"all_branches": True}, PULL_REQUEST, False),
        ({"condition": ("$CC = gcc",), "all_branches": True}, STAGING, True),
    ],
)
def test_where_it_deploys(on: Value, facts: Facts, starts: bool) -> None:  # noqa: FBT001 - a case
    entry: dict[str, Value] = {"provider": "script", "on": on}
    found = deployment(entry, {"python": "3.10"}, facts)
    assert (found.starts, bool(found.reason)) == (starts, True)


def test_what_bash_is_asked_is_handed_on() -> None:
    entry: dict[str, Value] = {"provider": "s3", "on": {"all_branches": True, "condition": ("$CC = gcc", "-n $A")}}
    assert deployment(entry, {}, MASTER).tests == ("$CC = gcc", "-n $A")


def test_the_branches_of_an_option_are_deployed() -> None:
    entry: dict[str, Value] = {"provider": "heroku", "app": {"staging": "app-next", "production": "app"}}
    assert deployment(entry, {}, STAGING).starts
    found = deployment(entry, {}, MASTER)
    assert (found.starts, found.reason) == (
        False,
        "branch `master` is not `staging`, `production`, where it is deployed from",
    )


def test_a_secret_is_no_list_of_branches() -> None:
    entry: dict[str, Value] = {"provider": "heroku", "api_key": {"secure": "x"}}
    assert deployment(entry, {}, MASTER).starts
