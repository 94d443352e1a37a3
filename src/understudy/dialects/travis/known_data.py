"""What Travis knows of a build when it judges conditions, out of the facts of a run.

https://docs.travis-ci.com/user/conditions-v1/#attributes
"""

from collections.abc import Mapping

from understudy.dialects.travis.conditions import Value
from understudy.model.results import EventKind, Facts

EVENTS = ("push", "pull_request", "api", "cron")
"""What starts a build, by Travis's names; a tag is pushed."""

_TYPES = {
    EventKind.PUSH: "push",
    EventKind.TAG: "push",
    EventKind.PULL_REQUEST: "pull_request",
    EventKind.SCHEDULE: "cron",
    EventKind.API: "api",
}


def event_type(facts: Facts) -> str:
    """The event by Travis's name: one of EVENTS."""
    return facts.event_name if facts.event_name in EVENTS else _TYPES[facts.event]


def branch_of(facts: Facts) -> str:
    """The branch, as `TRAVIS_BRANCH` has it: a pull request's is the one it goes into, a tag's is the tag.

    https://docs.travis-ci.com/user/environment-variables/#default-environment-variables
    """
    if event_type(facts) == "pull_request":
        return facts.base_branch or facts.default_branch
    return facts.branch or facts.tag or facts.default_branch


def slug(facts: Facts) -> str:
    """The repository as `owner/name`."""
    return f"{facts.owner}/{facts.repository}" if facts.owner else facts.repository


def data(facts: Facts) -> Mapping[str, Value]:
    """The attributes and the project's own variables, for `matrix.expand`, `verdict.judged` and `Data.of`.

    The rest of the attributes (`os`, `dist`, `language`...) comes from the configuration of the build or of the job.
    """
    pull_request = event_type(facts) == "pull_request"
    head = f"{facts.actor}/{facts.repository}" if facts.from_fork else slug(facts)
    return {
        "type": event_type(facts),
        "repo": slug(facts),
        "branch": branch_of(facts),
        "tag": None if pull_request else facts.tag,
        "commit_message": facts.message or facts.subject,
        "sender": facts.actor,
        "fork": False,
        "draft": False if pull_request else None,
        "head_repo": head if pull_request else None,
        "head_branch": facts.branch if pull_request else None,
        "env": (dict(facts.variables),) if facts.variables else (),
    }
