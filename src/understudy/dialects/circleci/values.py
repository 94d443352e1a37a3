"""CircleCI's pipeline values: what `<< pipeline.* >>` stands for, from the facts of a run."""

from collections.abc import Mapping

from understudy.model.results import EventKind, Facts

UNKNOWN_VALUES = (
    "pipeline.definition.id",
    "pipeline.git.repo_id",
    "pipeline.git.commit.body",
    "pipeline.git.commit.author_login",
    "pipeline.trigger.id",
    "pipeline.trigger.received_at",
    "pipeline.schedule.id",
    "pipeline.event.github.pull_request.draft",
    "pipeline.event.github.pull_request.title",
    "pipeline.event.github.pull_request.merged",
    "pipeline.event.github.label.name",
    "pipeline.event.github.comment.body",
    "pipeline.event.github.sender.type",
    "pipeline.event.github.sender.avatar_url",
    "pipeline.trigger_parameters.circleci.event_time",
    "pipeline.trigger_parameters.circleci.actor_id",
    "pipeline.trigger_parameters.github_app.user_id",
    "pipeline.trigger_parameters.github_app.user_avatar",
    "pipeline.trigger_parameters.github_app.commit_message",
    "pipeline.trigger_parameters.github_app.commit_timestamp",
    "pipeline.trigger_parameters.gitlab.user_id",
    "pipeline.trigger_parameters.gitlab.user_avatar",
    "pipeline.trigger_parameters.gitlab.commit_message",
    "pipeline.trigger_parameters.gitlab.commit_timestamp",
    "pipeline.trigger_parameters.gitlab.commit_author_email",
    "pipeline.trigger_parameters.gitlab.x_gitlab_event_id",
    "pipeline.trigger_parameters.webhook.body",
    "pipeline.deploy.component_name",
    "pipeline.deploy.environment_name",
    "pipeline.deploy.target_environment_name",
    "pipeline.deploy.target_version",
    "pipeline.deploy.current_version",
    "pipeline.deploy.namespace",
    "pipeline.deploy.reason",
)
"""Values that the service has and that can't be known here: empty strings. One who uses them is to be told."""

_PROVIDERS = {"github.com": "github", "bitbucket.org": "bitbucket", "gitlab.com": "gitlab"}
_EVENTS = {EventKind.PULL_REQUEST: "pull_request", EventKind.SCHEDULE: "schedule", EventKind.API: "api"}
_SOURCES = {EventKind.SCHEDULE: "scheduled_pipeline", EventKind.API: "api"}


def provider(facts: Facts) -> str:
    """The service's word for where the project is hosted: `github` where that can't be told."""
    return _PROVIDERS.get(facts.host, "github")


def project_url(facts: Facts) -> str:
    """The project's page at its host, without `.git`: `https://github.com/circleci/circleci-docs`."""
    if not facts.owner or not facts.repository:
        return ""
    return f"https://{facts.host or 'github.com'}/{facts.owner}/{facts.repository}"


def pull_request_url(facts: Facts) -> str:
    """The page of the pull request, empty when there is none."""
    if facts.pull_request is None or not project_url(facts):
        return ""
    word = {"bitbucket": "pull-requests", "gitlab": "-/merge_requests"}.get(provider(facts), "pull")
    return f"{project_url(facts)}/{word}/{facts.pull_request}"


def pipeline_values(
    facts: Facts, parameters: Mapping[str, object], *, in_setup: bool = False, path: str = ".circleci/config.yml"
) -> dict[str, object]:
    """Every documented `pipeline.*` value by its dotted name, `pipeline.parameters.*` included, with their types.

    A value that does not apply to this trigger (`pipeline.git.tag` of a branch) is the empty string, as on the service;
    so is one that can't be known here, and those are named in `UNKNOWN_VALUES`. `path` is that of the configuration.
    See https://circleci.com/docs/reference/variables/#pipeline-values.
    """
    values: dict[str, object] = dict.fromkeys(UNKNOWN_VALUES, "")
    values |= _identity(facts) | _checkout(facts) | _configuration(facts, path) | _trigger(facts)
    values |= _github(facts) | _old_trigger_parameters(facts) | _gitlab(facts)
    values["pipeline.in_setup"] = in_setup
    return values | {f"pipeline.parameters.{name}": value for name, value in parameters.items()}


def _branch(facts: Facts) -> str:
    return "" if facts.tag else facts.branch or ""


def _ref(facts: Facts) -> str:
    return f"refs/tags/{facts.tag}" if facts.tag else f"refs/heads/{_branch(facts)}"


def _identity(facts: Facts) -> dict[str, object]:
    short = {"github": "gh", "bitbucket": "bb"}.get(provider(facts), provider(facts))
    return {
        "pipeline.id": facts.pipeline_id,
        "pipeline.number": facts.number,
        "pipeline.name": "build",
        "pipeline.project.git_url": project_url(facts) or facts.origin_url,
        "pipeline.project.type": provider(facts),
        "pipeline.project.slug": f"{short}/{facts.owner}/{facts.repository}",
        "pipeline.integration_source": provider(facts),
    }


def _checkout(facts: Facts) -> dict[str, object]:
    url = project_url(facts)
    return {
        "pipeline.git.tag": facts.tag or "",
        "pipeline.git.branch": _branch(facts),
        "pipeline.git.branch.is_default": _branch(facts) == facts.default_branch,
        "pipeline.git.revision": facts.sha,
        # The service has none for a run that nobody pushed.
        "pipeline.git.base_revision": "" if facts.event is EventKind.API else facts.base_sha or "",
        "pipeline.git.repo_url": url or facts.origin_url,
        "pipeline.git.repo_owner": facts.owner,
        "pipeline.git.repo_name": facts.repository,
        "pipeline.git.commit.url": f"{url}/commit/{facts.sha}" if url else "",
        "pipeline.git.commit.subject": facts.subject,
    }


def _configuration(facts: Facts, path: str) -> dict[str, object]:
    return {
        "pipeline.config.repository.name": f"{facts.owner}/{facts.repository}",
        "pipeline.config.repository.url": project_url(facts) or facts.origin_url,
        "pipeline.config.file_path": path,
        "pipeline.config.ref": _ref(facts),
        "pipeline.config.sha": facts.sha,
    }


def _trigger(facts: Facts) -> dict[str, object]:
    name = _EVENTS.get(facts.event, "push")
    hook = {"github": "github_oauth", "bitbucket": "bitbucket_cloud"}.get(provider(facts), provider(facts))
    return {
        "pipeline.trigger.type": name if name in {"schedule", "api"} else hook,
        "pipeline.trigger_source": _SOURCES.get(facts.event, "webhook"),
        "pipeline.schedule.name": facts.schedule or "",
        "pipeline.event.name": name,
        # Whether a pull request was opened or pushed to can't be told; a push is what happens most.
        "pipeline.event.action": "synchronize" if name == "pull_request" else name,
        "pipeline.trigger_parameters.circleci.trigger_type": provider(facts),
        "pipeline.trigger_parameters.circleci.event_type": name,
    }


def _github(facts: Facts) -> dict[str, object]:
    url = project_url(facts)
    asked = facts.event is EventKind.PULL_REQUEST
    pushed = facts.event in {EventKind.PUSH, EventKind.TAG}
    request = "pipeline.event.github.pull_request"
    return {
        "pipeline.event.github.after": facts.sha if pushed else "",
        "pipeline.event.github.head_commit.url": f"{url}/commit/{facts.sha}" if pushed and url else "",
        "pipeline.event.github.ref": _ref(facts) if pushed else "",
        "pipeline.event.context.github.pr_url": pull_request_url(facts),
        f"{request}.base.ref": facts.default_branch if asked else "",
        f"{request}.base.sha": (facts.base_sha or "") if asked else "",
        f"{request}.head.ref": _branch(facts) if asked else "",
        f"{request}.head.sha": facts.sha if asked else "",
        f"{request}.number": facts.pull_request if asked and facts.pull_request is not None else "",
        f"{request}.url": pull_request_url(facts) if asked else "",
        "pipeline.event.github.sender.login": facts.actor,
        "pipeline.event.github.repository.name": facts.repository,
        "pipeline.event.github.repository.owner.login": facts.owner,
        "pipeline.event.github.repository.url": url,
    }


def _old_trigger_parameters(facts: Facts) -> dict[str, object]:
    return {f"pipeline.trigger_parameters.github_app.{name}": value for name, value in _webhook(facts).items()}


def _webhook(facts: Facts) -> dict[str, object]:
    """What the webhooks of every host say, under the names that all of them have."""
    url = project_url(facts) or facts.origin_url
    return {
        "ref": _ref(facts),
        "checkout_sha": facts.sha,
        "user_name": facts.actor,
        "user_username": facts.actor,
        "repo_name": facts.repository,
        "repo_url": url,
        "web_url": url,
        "commit_sha": facts.sha,
        "commit_title": facts.subject,
        "commit_author_name": facts.author_name,
        "branch": _branch(facts),
    }


def _gitlab(facts: Facts) -> dict[str, object]:
    """What a webhook of GitLab says; empty where the project is hosted elsewhere, as on the service."""
    here = provider(facts) == "gitlab"
    kind = {EventKind.TAG: "tag_push", EventKind.PULL_REQUEST: "merge_request"}.get(facts.event, "push")
    said: dict[str, object] = {
        **_webhook(facts),
        "type": kind,
        "default_branch": facts.default_branch,
        "is_fork_merge_request": facts.from_fork,
    }
    return {f"pipeline.trigger_parameters.gitlab.{name}": value if here else "" for name, value in said.items()}
