"""The event that started a workflow: its name, its refs, and the payload that the service would send of it."""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from understudy.model.results import EventKind, Facts

PAGE = "https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows"

PULL_REQUESTS = frozenset({"pull_request", "pull_request_target"})

_NAMES = {
    EventKind.PUSH: "push",
    EventKind.TAG: "push",
    EventKind.PULL_REQUEST: "pull_request",
    EventKind.SCHEDULE: "schedule",
    EventKind.API: "workflow_dispatch",
}
_TYPES = {
    **dict.fromkeys(PULL_REQUESTS, "synchronize"),
    "release": "published",
    "workflow_run": "completed",
    "issues": "opened",
    "issue_comment": "created",
    "pull_request_review": "submitted",
    "pull_request_review_comment": "created",
    "discussion": "created",
    "discussion_comment": "created",
    "merge_group": "checks_requested",
    "check_run": "completed",
    "check_suite": "completed",
}
"""The activity that is taken where the user names none."""

_NO_COMMIT = "0" * 40
_HOST = re.compile(r"(?:^|//)(?:[^@/:]+@)?([\w.-]+\.[\w-]+)[:/]")
"""Of `https://HOST/path`, `ssh://git@HOST/path` and `git@HOST:path`."""


def event_name(facts: Facts) -> str:
    """The event as GitHub calls it. See PAGE."""
    return facts.event_name or _NAMES[facts.event]


def activity(facts: Facts) -> str:
    """The event's activity type; empty for an event that has none, or of which none is known."""
    given = dig(given_payload(facts), "action")
    return facts.event_type or (given if isinstance(given, str) else "") or _TYPES.get(event_name(facts), "")


def given_payload(facts: Facts) -> Mapping[str, Any]:
    """The payload that the user gave; empty for none, and for one that is no JSON object."""
    return _parsed(facts.payload) if facts.payload else {}


@lru_cache(maxsize=8)
def _parsed(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def dig(value: object, *names: str) -> object:
    """What stands in `value` under `names`, one in another; None where there is nothing."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _given(facts: Facts, *names: str) -> str:
    found = dig(given_payload(facts), *names)
    return found if isinstance(found, str) else ""


def number(facts: Facts) -> int:
    """The pull request's number; 1 where it isn't known."""
    found = dig(given_payload(facts), "number") or dig(given_payload(facts), "pull_request", "number")
    return facts.pull_request or (found if isinstance(found, int) else 1)


def head_branch(facts: Facts) -> str:
    """The branch that a pull request comes from."""
    return _given(facts, "pull_request", "head", "ref") or facts.branch or ""


def base_branch(facts: Facts) -> str:
    """The branch that a pull request is to be merged into."""
    return facts.base_branch or _given(facts, "pull_request", "base", "ref") or facts.default_branch


def tag(facts: Facts) -> str:
    """The tag that was pushed or released."""
    return facts.tag or _given(facts, "release", "tag_name")


def ref(facts: Facts) -> str:
    """The ref that the event is about. See PAGE: each event says what its `GITHUB_REF` is."""
    name = event_name(facts)
    if name == "pull_request" or name.startswith("pull_request_review"):
        return f"refs/pull/{number(facts)}/merge"
    if name == "pull_request_target":
        return f"refs/heads/{base_branch(facts)}"
    if name == "release" or (name in {"push", "create", "workflow_dispatch"} and facts.tag):
        return f"refs/tags/{tag(facts)}"
    if name in {"push", "create", "workflow_dispatch", "merge_group"}:
        given = _given(facts, "ref")
        if given:
            return given if given.startswith("refs/") else f"refs/heads/{given}"
        return f"refs/heads/{facts.branch or facts.default_branch}"
    return f"refs/heads/{facts.default_branch}"


def slug(facts: Facts) -> str:
    """`owner/repository`; made-up words for what no remote says."""
    return f"{owner(facts)}/{facts.repository or 'project'}"


def owner(facts: Facts) -> str:
    """The account that the repository belongs to."""
    return facts.owner or "local"


def server(facts: Facts) -> str:
    """The address of the service: the one that `origin` is on, if it is GitHub's."""
    host = _HOST.search(facts.origin_url)
    return f"https://{host[1].lower()}" if host and "github" in host[1].lower() else "https://github.com"


def made_up(name: str) -> int:
    """A number for what only the service numbers: the same for the same name, and never 0."""
    from zlib import crc32  # noqa: PLC0415 - needed by runs alone

    return crc32(name.encode("utf-8", "replace")) + 1


def payload(facts: Facts, workflow: str = "", inputs: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """The event's payload: the given one, else as much of it as the repository tells.

    `workflow`: the path of the file; `inputs`: those of a `workflow_dispatch`, as texts.
    See https://docs.github.com/webhooks/webhook-events-and-payloads.
    """
    given = given_payload(facts)
    if given:
        return given
    common = {"repository": _repository(facts), "sender": _account(facts.actor or owner(facts))}
    kind = activity(facts)
    return {**({"action": kind} if kind else {}), **_own(facts, workflow, inputs or {}), **common}


def _own(facts: Facts, workflow: str, inputs: Mapping[str, str]) -> dict[str, Any]:
    name = event_name(facts)
    if name in PULL_REQUESTS or name.startswith("pull_request_review"):
        return {"number": number(facts), "pull_request": _pull_request(facts)}
    if name == "workflow_dispatch":
        return {"ref": ref(facts), "workflow": workflow, "inputs": dict(inputs) or None}
    if name == "schedule":
        return {"schedule": facts.schedule or "", "workflow": workflow}
    build = _BUILDERS.get(name)
    return build(facts) if build else {}


def _before(facts: Facts) -> str:
    return facts.base_sha or _NO_COMMIT


def _push(facts: Facts) -> dict[str, Any]:
    commit = _commit(facts)
    return {
        "ref": ref(facts),
        "before": _NO_COMMIT if facts.tag else _before(facts),
        "after": facts.sha,
        "base_ref": None,
        "created": bool(facts.tag),
        "deleted": False,
        "forced": False,
        "compare": f"{server(facts)}/{slug(facts)}/compare/{_before(facts)[:12]}...{facts.sha[:12]}",
        "commits": [commit],
        "head_commit": commit,
        "pusher": {"name": facts.actor or owner(facts), "email": facts.author_email},
    }


def _commit(facts: Facts) -> dict[str, Any]:
    person = {"name": facts.author_name, "email": facts.author_email, "username": facts.actor}
    return {
        "id": facts.sha,
        "message": facts.subject,
        "distinct": True,
        "url": f"{server(facts)}/{slug(facts)}/commit/{facts.sha}",
        "author": person,
        "committer": person,
        "added": [],
        "removed": [],
        "modified": list(facts.changed_files or ()),
    }


def _pull_request(facts: Facts) -> dict[str, Any]:
    fork = f"{facts.actor or 'fork'}/{facts.repository or 'project'}" if facts.from_fork else slug(facts)
    head_owner = fork.partition("/")[0]
    return {
        "number": number(facts),
        "state": "open",
        "title": facts.subject,
        "body": None,
        "draft": False,
        "merged": False,
        "labels": [],
        "user": _account(facts.actor or owner(facts)),
        "html_url": f"{server(facts)}/{slug(facts)}/pull/{number(facts)}",
        "author_association": "CONTRIBUTOR" if facts.from_fork else "MEMBER",
        "head": {
            "ref": head_branch(facts),
            "sha": facts.sha,
            "label": f"{head_owner}:{head_branch(facts)}",
            "user": _account(head_owner),
            "repo": {**_repository(facts), "full_name": fork, "fork": facts.from_fork, "owner": _account(head_owner)},
        },
        "base": {
            "ref": base_branch(facts),
            "sha": _before(facts),
            "label": f"{owner(facts)}:{base_branch(facts)}",
            "user": _account(owner(facts)),
            "repo": _repository(facts),
        },
    }


def _release(facts: Facts) -> dict[str, Any]:
    release = {
        "tag_name": tag(facts),
        "name": tag(facts),
        "target_commitish": facts.default_branch,
        "draft": False,
        "prerelease": activity(facts) == "prereleased",
        "body": "",
        "html_url": f"{server(facts)}/{slug(facts)}/releases/tag/{tag(facts)}",
        "author": _account(facts.actor or owner(facts)),
    }
    return {"release": release}


def _workflow_run(facts: Facts) -> dict[str, Any]:
    branch = facts.branch or facts.default_branch
    done = {"status": "completed", "conclusion": "success"} if activity(facts) == "completed" else {"status": "queued"}
    run = {"id": made_up(facts.sha), "event": "push", "head_branch": branch, "head_sha": facts.sha, **done}
    return {"workflow_run": run}


def _issue(facts: Facts) -> dict[str, Any]:
    user = _account(facts.actor)
    issue = {"number": number(facts), "state": "open", "title": "", "body": "", "labels": [], "user": user}
    return {"issue": issue}


def _create(facts: Facts) -> dict[str, Any]:
    kind, short = ("tag", facts.tag) if facts.tag else ("branch", facts.branch)
    return {"ref": short, "ref_type": kind, "master_branch": facts.default_branch}


def _merge_group(facts: Facts) -> dict[str, Any]:
    base = f"refs/heads/{base_branch(facts)}"
    group = {"head_ref": ref(facts), "head_sha": facts.sha, "base_ref": base, "base_sha": _before(facts)}
    return {"merge_group": group}


def _repository_dispatch(facts: Facts) -> dict[str, Any]:
    return {"branch": facts.default_branch, "client_payload": dict(facts.inputs)}


def _account(login: str) -> dict[str, Any]:
    return {"login": login, "id": made_up(login), "type": "User"}


def _repository(facts: Facts) -> dict[str, Any]:
    address = f"{server(facts)}/{slug(facts)}"
    return {
        "id": made_up(slug(facts)),
        "name": facts.repository or "project",
        "full_name": slug(facts),
        "owner": {**_account(owner(facts)), "name": owner(facts)},
        "private": False,
        "fork": False,
        "html_url": address,
        "clone_url": f"{address}.git",
        "default_branch": facts.default_branch,
        "master_branch": facts.default_branch,
    }


_BUILDERS: Mapping[str, Callable[[Facts], dict[str, Any]]] = {
    "create": _create,
    "issue_comment": _issue,
    "issues": _issue,
    "merge_group": _merge_group,
    "push": _push,
    "release": _release,
    "repository_dispatch": _repository_dispatch,
    "workflow_run": _workflow_run,
}
