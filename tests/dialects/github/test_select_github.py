"""Which workflows an event starts: filters, types, schedules, inputs; and the event's names, refs and payload."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from understudy.dialects.github.payload import activity, event_name, payload, ref
from understudy.dialects.github.select import selected
from understudy.findings import Position
from understudy.model.pipeline import Pipeline, Tree
from understudy.model.results import EventKind, Facts

AT = Position(".github/workflows/ci.yml", 1, 1)


def facts(**more: Any) -> Facts:
    return Facts(**{"root": "/", "branch": "dev", "sha": "a" * 40, "owner": "octocat", "repository": "app", **more})


def starts(triggers: Mapping[str, Tree], **more: Any) -> tuple[bool, str]:
    return selected(Pipeline("CI", "github", AT, triggers=triggers), facts(**more))


PULL: dict[str, Any] = {"event": EventKind.PULL_REQUEST, "base_branch": "main", "pull_request": 7}


@pytest.mark.parametrize(
    ("triggers", "event", "expected"),
    [
        ({"push": None}, {}, True),
        ({"push": None}, PULL, False),
        ({"pull_request": None}, PULL, True),
        ({"push": None, "pull_request": None}, PULL, True),
        ({"workflow_dispatch": None}, {}, False),
        ({"workflow_dispatch": None}, {"event": EventKind.API}, True),
        ({"workflow_call": None}, {}, False),
        ({"push": None}, {"event": EventKind.TAG, "tag": "v1", "branch": None}, True),
        ({"release": None}, {"event_name": "release", "tag": "v1"}, True),
        ({}, {}, False),
        # branches: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore
        ({"push": {"branches": ("main", "dev")}}, {}, True),
        ({"push": {"branches": ("main", "releases/**")}}, {}, False),
        ({"push": {"branches": ("**", "!dev")}}, {}, False),
        ({"push": {"branches-ignore": ("dev",)}}, {}, False),
        ({"push": {"branches-ignore": ("main",)}}, {}, True),
        # a push of a branch, and filters of tags alone
        ({"push": {"tags": ("v*",)}}, {}, False),
        ({"push": {"branches": ("main",)}}, {"event": EventKind.TAG, "tag": "v1", "branch": None}, False),
        ({"push": {"tags": ("v*",)}}, {"event": EventKind.TAG, "tag": "v1", "branch": None}, True),
        ({"push": {"tags-ignore": ("v*",)}}, {"event": EventKind.TAG, "tag": "v1", "branch": None}, False),
        ({"push": {"branches": ("main",), "tags": ("v*",)}}, {"event": EventKind.TAG, "tag": "v1"}, True),
        # pull requests: the branch that they go to
        ({"pull_request": {"branches": ("main",)}}, PULL, True),
        ({"pull_request": {"branches": ("dev",)}}, PULL, False),
        ({"pull_request": {"branches-ignore": ("main",)}}, PULL, False),
        # types: https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
        ({"pull_request": None}, {**PULL, "event_type": "opened"}, True),
        ({"pull_request": None}, {**PULL, "event_type": "labeled"}, False),
        ({"pull_request": {"types": ("labeled",)}}, {**PULL, "event_type": "labeled"}, True),
        ({"pull_request": {"types": ("labeled",)}}, PULL, False),
        ({"release": {"types": ("published",)}}, {"event_name": "release", "tag": "v1"}, True),
        ({"issues": None}, {"event_name": "issues", "event_type": "labeled"}, True),
    ],
)
def test_events_branches_tags_and_types(triggers: dict[str, Tree], event: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    assert starts(triggers, **event)[0] is expected


@pytest.mark.parametrize(
    ("settings", "files", "expected"),
    [
        ({"paths": ("**.js",)}, ("src/a.js", "README.md"), True),
        ({"paths": ("**.js",)}, ("README.md",), False),
        ({"paths": ("sub/**", "!sub/docs/**")}, ("sub/docs/a.md",), False),
        ({"paths-ignore": ("docs/**",)}, ("docs/a.md",), False),
        ({"paths-ignore": ("docs/**",)}, ("docs/a.md", "src/b.py"), True),
        ({"paths": ("**.js",)}, (), False),
        ({"paths": ("**.js",)}, None, True),
        ({"branches": ("main",), "paths": ("**",)}, ("a",), False),
    ],
)
def test_changed_files(settings: dict[str, Tree], files: tuple[str, ...] | None, expected: bool) -> None:  # noqa: FBT001
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
    assert starts({"push": settings}, changed_files=files)[0] is expected


def test_tags_have_no_changed_files() -> None:
    event: dict[str, Any] = {"event": EventKind.TAG, "tag": "v1", "branch": None}
    assert starts({"push": {"paths": ("docs/**",)}}, changed_files=("a",), **event)[0]


def test_reasons_are_for_people() -> None:
    assert starts({"push": {"branches": ("main",)}})[1] == "the branch `dev` matches none of `branches: main`"
    assert starts({"pull_request": None})[1] == "it runs on `pull_request`, not on `push`"
    assert starts({"workflow_call": None})[1] == "it runs only when another workflow calls it"
    ignoring: dict[str, Tree] = {"push": {"paths-ignore": ("docs/**",)}}
    why = starts(ignoring, changed_files=("docs/a", "docs/b"))[1]
    assert why == "of the changed files (`docs/a`, `docs/b`) every one matches `paths-ignore: docs/**`"
    labeled: dict[str, Tree] = {"pull_request": {"types": ("labeled",)}}
    why = "the activity `synchronize` is none of its types `labeled`"
    assert starts(labeled, **PULL)[1] == f"{why} (`--event pull_request:labeled` is one)"
    assert starts(labeled, **PULL, event_type="synchronize")[1] == why
    assert starts({"push": {"branches": ("d*",)}})[1] == "on `push`: the branch `dev` matches `branches: d*`"


def test_schedules() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
    triggers: dict[str, Tree] = {"schedule": ({"cron": "30 5 * * 1,3"}, {"cron": "30 5 * * 2,4"})}
    assert starts(triggers, event=EventKind.SCHEDULE)[0]
    assert starts(triggers, event=EventKind.SCHEDULE, schedule="30 5 * * 2,4")[0]
    assert not starts(triggers, event=EventKind.SCHEDULE, schedule="0 0 * * *")[0]
    assert not starts(triggers)[0]


def test_a_required_input_that_is_not_given_is_told() -> None:
    inputs: dict[str, Tree] = {"level": {"required": True}, "other": {"required": True, "default": "x"}}
    triggers: dict[str, Tree] = {"workflow_dispatch": {"inputs": inputs}}
    why = "on `workflow_dispatch`, though the service would ask for `level`"
    assert starts(triggers, event=EventKind.API) == (True, why)
    assert starts(triggers, event=EventKind.API, inputs={"Level": "high"}) == (True, "on `workflow_dispatch`")


def test_a_commit_may_ask_for_no_workflow() -> None:
    # https://docs.github.com/actions/how-tos/manage-workflow-runs/skip-workflow-runs
    assert not starts({"push": None}, subject="docs [skip ci]")[0]
    assert starts({"push": None}, subject="docs [skip ci]", dirty=True)[0]
    assert starts({"workflow_dispatch": None}, subject="docs [skip ci]", event=EventKind.API)[0]


@pytest.mark.parametrize(
    ("event", "name", "expected"),
    [
        ({}, "push", "refs/heads/dev"),
        ({"event": EventKind.TAG, "tag": "v1", "branch": None}, "push", "refs/tags/v1"),
        (PULL, "pull_request", "refs/pull/7/merge"),
        ({"event_name": "pull_request_target", "base_branch": "main"}, "pull_request_target", "refs/heads/main"),
        ({"event": EventKind.SCHEDULE}, "schedule", "refs/heads/main"),
        ({"event": EventKind.API}, "workflow_dispatch", "refs/heads/dev"),
        ({"event_name": "release", "tag": "v2"}, "release", "refs/tags/v2"),
        ({"event_name": "issues"}, "issues", "refs/heads/main"),
        ({"payload": json.dumps({"ref": "refs/heads/given"})}, "push", "refs/heads/given"),
    ],
)
def test_names_and_refs(event: dict[str, Any], name: str, expected: str) -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
    assert (event_name(facts(**event)), ref(facts(**event))) == (name, expected)


def test_the_payload_of_a_push() -> None:
    # https://docs.github.com/webhooks/webhook-events-and-payloads#push
    found = payload(facts(base_sha="b" * 40, subject="Fix it", changed_files=("a.py",), actor="mona"))
    assert (found["ref"], found["before"], found["after"]) == ("refs/heads/dev", "b" * 40, "a" * 40)
    assert found["head_commit"]["message"] == "Fix it"
    assert found["repository"]["full_name"] == "octocat/app"
    assert found["sender"]["login"] == "mona"
    assert "action" not in found


def test_the_payload_of_a_pull_request() -> None:
    # https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request
    found = payload(facts(**PULL, from_fork=True, actor="mona", event_type="opened"))
    assert (found["action"], found["number"]) == ("opened", 7)
    pulled = found["pull_request"]
    assert (pulled["head"]["ref"], pulled["base"]["ref"]) == ("dev", "main")
    assert pulled["head"]["repo"]["full_name"] == "mona/app"
    assert pulled["base"]["repo"]["full_name"] == "octocat/app"
    assert not pulled["draft"]


def test_other_payloads() -> None:
    assert payload(facts(event=EventKind.SCHEDULE, schedule="0 0 * * *"))["schedule"] == "0 0 * * *"
    assert payload(facts(event_name="release", tag="v2"))["release"]["tag_name"] == "v2"
    asked = payload(facts(event=EventKind.API), "ci.yml", {"level": "high"})
    assert asked["inputs"] == {"level": "high"}
    assert payload(facts(event_name="gollum"))["repository"]["name"] == "app"


def test_a_given_payload_is_taken_as_it_is() -> None:
    given = {"action": "labeled", "number": 9, "pull_request": {"head": {"ref": "x"}, "base": {"ref": "y"}}}
    event = facts(event_name="pull_request", payload=json.dumps(given))
    assert payload(event) == given
    assert activity(event) == "labeled"
    assert ref(event) == "refs/pull/9/merge"
    triggers: dict[str, Tree] = {"pull_request": {"branches": ("y",), "types": ("labeled",)}}
    assert starts(triggers, event_name="pull_request", payload=json.dumps(given))[0]
    assert payload(facts(payload="no JSON"))["ref"] == "refs/heads/dev"
