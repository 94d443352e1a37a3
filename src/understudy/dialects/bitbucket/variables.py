"""The variables that Bitbucket gives every step, as far as they can be known here.

See https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/#Default-variables.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from uuid import NAMESPACE_URL, uuid5

from understudy.dialects.base import Asked, Place, Setting
from understudy.dialects.bitbucket.shell import named_in
from understudy.findings import Position
from understudy.model.layout import every_step
from understudy.model.pipeline import Action, Job, Pipeline, RunContainer, Script, Text
from understudy.model.results import EventKind, Facts

CLONE_DIR = "/opt/atlassian/pipelines/agent/build"
"""Where the service clones to."""

HANDED = ".understudy-shell/variables"
"""Beneath the job's home: what `BITBUCKET_PIPELINES_VARIABLES_PATH` names."""

UNKNOWN = (
    "BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID",
    "BITBUCKET_PR_ID",
    "BITBUCKET_PROJECT_KEY",
    "BITBUCKET_PROJECT_UUID",
    "BITBUCKET_REPO_OWNER_UUID",
    "BITBUCKET_REPO_UUID",
    "BITBUCKET_SSH_KEY_FILE",
    "BITBUCKET_STEP_TRIGGERER_UUID",
)
"""Those that only the service itself can tell."""

_MENTIONED = re.compile(r"BITBUCKET_[A-Z_]+")


def built_in(facts: Facts, job: Job, place: Place) -> dict[str, str]:
    """The variables of every step of `job`. A variable of the project takes the place of one of the same name."""
    workspace = facts.owner.rpartition("/")[2] or "local"
    slug = facts.repository or facts.root.rstrip("/").rpartition("/")[2]
    found = {
        "CI": "true",
        "BITBUCKET_BUILD_NUMBER": str(place.number),
        "BITBUCKET_CLONE_DIR": place.workdir or CLONE_DIR,
        "BITBUCKET_COMMIT": facts.sha,
        "BITBUCKET_GIT_HTTP_ORIGIN": f"http://bitbucket.org/{workspace}/{slug}",
        "BITBUCKET_GIT_SSH_ORIGIN": f"git@bitbucket.org:{workspace}/{slug}.git",
        "BITBUCKET_PIPELINES_VARIABLES_PATH": f"{place.home}/{HANDED}",
        "BITBUCKET_PIPELINE_UUID": _uuid(place.run),
        "BITBUCKET_REPO_FULL_NAME": f"{workspace}/{slug}",
        "BITBUCKET_REPO_OWNER": workspace,
        "BITBUCKET_REPO_SLUG": slug,
        "BITBUCKET_STEP_RUN_NUMBER": "1",
        "BITBUCKET_STEP_UUID": _uuid(f"{place.run}/{place.node}"),
        "BITBUCKET_WORKSPACE": workspace,
    }
    if job.siblings is not None:
        found["BITBUCKET_PARALLEL_STEP"] = str(job.siblings.index)
        found["BITBUCKET_PARALLEL_STEP_COUNT"] = str(job.siblings.count)
    if job.deployment is not None:
        found["BITBUCKET_DEPLOYMENT_ENVIRONMENT"] = _slug(job.deployment.raw)
    return {**found, **_of_event(facts), **facts.variables}


def _of_event(facts: Facts) -> dict[str, str]:
    """A tag's build has no branch, and only that of a pull request knows where it goes."""
    if facts.tag is not None:
        return {"BITBUCKET_TAG": facts.tag}
    found = {"BITBUCKET_BRANCH": facts.branch} if facts.branch else {}
    if facts.event is EventKind.PULL_REQUEST:
        found["BITBUCKET_PR_DESTINATION_BRANCH"] = facts.base_branch or facts.default_branch
        if facts.base_sha:
            found["BITBUCKET_PR_DESTINATION_COMMIT"] = facts.base_sha
        if facts.pull_request is not None:
            found["BITBUCKET_PR_ID"] = str(facts.pull_request)
    return found


def _slug(name: str) -> str:
    """A name as it stands in an address of the service."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _uuid(name: str) -> str:
    """As the service writes them: in braces."""
    return f"{{{uuid5(NAMESPACE_URL, f'understudy:{name}')}}}"


def asked(job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
    """The variables that `job` can't do without and that nothing here gives, each once, as far as that can be told.

    Of the service's own those that its scripts mention, but for those that a step like it doesn't have on the service
    either; of the project's those in texts that the service fills in itself, unless a script sets them.
    """
    triggers = pipeline.triggers if isinstance(pipeline.triggers, Mapping) else {}
    without = set() if triggers.get("section") == "pull-requests" else {"BITBUCKET_PR_ID"}
    without |= set() if job.deployment else {"BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID"}
    lines = [text for laid in every_step(job) for text in _lines(laid.step.action)]
    filled_in = list(_filled_in(job))
    found: dict[str, Position] = {}
    for text in (*lines, *filled_in):
        for one in _MENTIONED.finditer(text.raw):
            if one.group() in UNKNOWN and one.group() not in without:
                found.setdefault(one.group(), text.at)
    for text in filled_in:
        for name in named_in([text]):
            if not (name.startswith("BITBUCKET_") or name in {*pipeline.env, *job.env} or _is_set(name, lines)):
                found.setdefault(name, text.at)
    return tuple(Asked(Setting.VARIABLE, name, at) for name, at in found.items())


def _lines(action: Action) -> Iterator[Text]:
    if isinstance(action, Script):
        yield from action.lines or (action.body,)


def _filled_in(job: Job) -> Iterator[Text]:
    """What pipes are told, and what images are fetched and services made with."""
    for laid in every_step(job):
        if isinstance(laid.step.action, RunContainer):
            yield from laid.step.action.env.values()
    for container in (*((job.container,) if job.container else ()), *job.services):
        yield from (container.image, *container.env.values(), *container.credentials.values())


def _is_set(name: str, lines: Iterable[Text]) -> bool:
    """Whether a script seems to set the variable, itself or by a file that it reads."""
    sets = re.compile(rf"(?:^|[\s;&|(]){name}=|\bread\b.*\b{name}\b|^\s*(?:source|\.)\s", re.MULTILINE)
    return any(sets.search(line.raw) for line in lines)


def read_handed(content: bytes, names: Iterable[str]) -> dict[str, str]:
    """What a step hands on of the variables `names`: lines `NAME=value`, of which the last counts.

    See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Output-variables.
    """
    pairs: dict[str, str] = {}
    for line in content.decode("utf-8", "surrogateescape").splitlines():
        name, equals, value = line.partition("=")
        if equals:
            pairs[name.strip().removeprefix("export ")] = value
    return {name: _unquoted(pairs[name]) for name in names if name in pairs}


def _unquoted(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
