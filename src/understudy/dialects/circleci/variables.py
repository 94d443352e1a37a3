"""CircleCI's built-in environment variables, from the facts of a run, its job and its place."""

import re

from understudy.dialects.base import Place
from understudy.dialects.circleci.values import project_url, provider, pull_request_url
from understudy.model.pipeline import Job
from understudy.model.results import Facts

UNKNOWN_VARIABLES = (
    "CIRCLE_OIDC_TOKEN",
    "CIRCLE_OIDC_TOKEN_V2",
    "CIRCLE_PREVIOUS_BUILD_NUM",
    "CIRCLE_INTERNAL_TASK_DATA",
)
"""Documented variables that are never set here: the service alone can sign a token, and the rest is its own affair."""

DEFAULT_WORKDIR = "~/project"
"""See https://circleci.com/docs/reference/configuration-reference/#job-name."""

_LONGEST_NAME = 200
"""Bytes of a file's name, of which there may be 255: no room has two jobs, so the beginning of a name will do."""


def bash_env_path(place: Place) -> str:
    """The file that every bash step of the job sources first: in the home folder, or in /tmp where that isn't known."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", f".bash_env-{place.run}-{place.node}")[:_LONGEST_NAME]
    return f"{place.home.rstrip('/') or '/tmp'}/{name}"  # noqa: S108 - a room's own


def built_in(facts: Facts, job: Job, place: Place) -> dict[str, str]:
    """The variables that the service sets for every step of `job`.

    Identifiers of the project and its organization are made up from their address: stable, and not the service's own.
    What can't be known is unset and listed in `UNKNOWN_VARIABLES`.
    See https://circleci.com/docs/reference/variables/#built-in-environment-variables.
    """
    return {
        "CI": "true",
        "CIRCLECI": "true",
        "BASH_ENV": bash_env_path(place),
        "CIRCLE_SHELL_ENV": bash_env_path(place),
        **_job(job, place),
        **_project(facts),
        **_commit(facts),
        **_workflow(facts, place),
        **_pull_request(facts),
        "CIRCLE_BUILD_URL": f"https://circleci.com/{_slug(facts)}/{place.number}",
    }


def _slug(facts: Facts) -> str:
    short = {"github": "gh", "bitbucket": "bb"}.get(provider(facts), provider(facts))
    return f"{short}/{facts.owner or 'local'}/{facts.repository or 'project'}"


def _job(job: Job, place: Place) -> dict[str, str]:
    return {
        "CIRCLE_JOB": job.name.raw,
        "CIRCLE_BUILD_NUM": str(place.number),
        "CIRCLE_NODE_INDEX": str(place.index),
        "CIRCLE_NODE_TOTAL": str(place.total),
        "CIRCLE_WORKING_DIRECTORY": place.workdir or (job.workdir.raw if job.workdir else DEFAULT_WORKDIR),
    }


def _project(facts: Facts) -> dict[str, str]:
    found = {
        "CIRCLE_PROJECT_USERNAME": facts.owner,
        "CIRCLE_PROJECT_REPONAME": facts.repository,
        "CIRCLE_REPOSITORY_URL": facts.origin_url,
    }
    if project_url(facts):
        found["CIRCLE_PROJECT_ID"] = _made_up(project_url(facts))
        found["CIRCLE_ORGANIZATION_ID"] = _made_up(project_url(facts).rpartition("/")[0])
    return {name: value for name, value in found.items() if value}


def _commit(facts: Facts) -> dict[str, str]:
    """A branch or a tag, never both: the service sets the one that it checked out."""
    found = {"CIRCLE_SHA1": facts.sha}
    if facts.tag:
        found["CIRCLE_TAG"] = facts.tag
    elif facts.branch:
        found["CIRCLE_BRANCH"] = facts.branch
    if facts.actor:
        found["CIRCLE_USERNAME"] = facts.actor
    return found


def _workflow(facts: Facts, place: Place) -> dict[str, str]:
    workflow = _made_up(f"{place.run}/{place.pipeline}")
    return {
        "CIRCLE_PIPELINE_ID": facts.pipeline_id or _made_up(place.run),
        "CIRCLE_WORKFLOW_ID": workflow,
        "CIRCLE_WORKFLOW_WORKSPACE_ID": workflow,
        "CIRCLE_WORKFLOW_JOB_ID": _made_up(f"{place.run}/{place.pipeline}/{place.node}"),
    }


def _made_up(name: str) -> str:
    """An identifier of the service's form: the same for the same name."""
    from uuid import NAMESPACE_URL, uuid5  # noqa: PLC0415 - needed by runs alone

    return str(uuid5(NAMESPACE_URL, f"understudy:{name}"))


def _pull_request(facts: Facts) -> dict[str, str]:
    url = pull_request_url(facts)
    if not url:
        return {}
    found = {"CIRCLE_PULL_REQUEST": url, "CIRCLE_PULL_REQUESTS": url, "CI_PULL_REQUEST": url}
    if facts.from_fork:
        # Whose fork it is can't be told here; that CIRCLE_PR_USERNAME exists is what scripts ask.
        found["CIRCLE_PR_NUMBER"] = str(facts.pull_request)
        found["CIRCLE_PR_REPONAME"] = facts.repository
        found["CIRCLE_PR_USERNAME"] = facts.actor
    return {name: value for name, value in found.items() if value}
