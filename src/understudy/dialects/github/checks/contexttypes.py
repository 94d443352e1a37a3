"""What the contexts hold wherever they are, and where which of them can be used.

See https://docs.github.com/en/actions/reference/workflows-and-actions/contexts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from understudy.dialects.github.checks.types import (
    ANY,
    BOOLEAN,
    EMPTY,
    LOOSE,
    NUMBER,
    TEXT,
    TEXTS,
    Object,
    Type,
    strict,
)

_GITHUB_TEXTS = (
    *("action", "action_path", "action_ref", "action_repository", "action_status", "actor", "actor_id", "api_url"),
    *("artifacts", "artifacts_list", "base_ref", "env", "event_name", "event_path", "graphql_url", "head_ref", "job"),
    *("output", "path", "ref", "ref_name", "ref_type", "repository", "repository_id", "repository_owner"),
    *("repository_owner_id", "repository_visibility", "repositoryUrl", "retention_days", "run_attempt", "run_id"),
    *("run_number", "secret_source", "server_url", "sha", "state", "step_summary", "token", "triggering_actor"),
    *("workflow", "workflow_ref", "workflow_sha", "workspace"),
)
_CONTAINER = strict([("id", TEXT), ("network", TEXT)])
_SERVICE = strict([("id", TEXT), ("network", TEXT), ("ports", Object(others=TEXT, numbered=True))])
_JOB_TEXTS = ("status", "workflow_ref", "workflow_sha", "workflow_repository", "workflow_file_path")
_RUNNER = ("name", "os", "arch", "temp", "tool_cache", "debug", "environment", "workspace")


def github(inputs: Type | None = None) -> Object:
    """The `github` context; `inputs`: what is known of `github.event.inputs`."""
    event = LOOSE if inputs is None else Object({"inputs": inputs}, ANY)
    known = [(name, TEXT) for name in _GITHUB_TEXTS]
    numbers = [("artifact_cache_size_limit", NUMBER)]
    return strict([*known, *numbers, ("ref_protected", BOOLEAN), ("event", event)])


COMMON: Mapping[str, Type] = {
    "github": github(),
    "env": TEXTS,
    "vars": TEXTS,
    "job": strict(
        [
            ("check_run_id", NUMBER),
            ("container", _CONTAINER),
            ("services", Object(others=_SERVICE)),
            *((name, TEXT) for name in _JOB_TEXTS),
        ]
    ),
    "jobs": LOOSE,
    "steps": EMPTY,
    "runner": strict((name, TEXT) for name in _RUNNER),
    "secrets": TEXTS,
    "strategy": Object({"fail-fast": BOOLEAN, "job-index": NUMBER, "job-total": NUMBER, "max-parallel": NUMBER}, ANY),
    "matrix": EMPTY,
    "needs": EMPTY,
    "inputs": EMPTY,
}
"""The contexts, with what is true of them in every workflow; files say more of some."""


@dataclass(frozen=True, slots=True)
class Available:
    """What can be used at some place: contexts, and of the functions that don't exist everywhere these."""

    contexts: frozenset[str]
    functions: frozenset[str] = frozenset()


_STATUS = ("always", "cancelled", "success", "failure")
_FIRST = ("github", "inputs", "vars")
_NEEDS = (*_FIRST, "needs")
_CELL = (*_NEEDS, "strategy", "matrix")
_RUNNING = (*_CELL, "job", "runner", "env")
_STEP = (*_RUNNING, "secrets", "steps")


def _at(contexts: tuple[str, ...], functions: tuple[str, ...] = ()) -> Available:
    return Available(frozenset(contexts), frozenset(functions))


AVAILABLE: dict[str, Available] = {
    "run-name": _at(_FIRST),
    "concurrency": _at(_FIRST),
    "env": _at((*_FIRST, "secrets")),
    "on.workflow_call.inputs.<inputs_id>.default": _at(_FIRST),
    "on.workflow_call.outputs.<output_id>.value": _at((*_FIRST, "jobs")),
    "jobs.<job_id>.name": _at(_CELL),
    "jobs.<job_id>.if": _at(_NEEDS, _STATUS),
    "jobs.<job_id>.runs-on": _at(_CELL),
    "jobs.<job_id>.strategy": _at(_NEEDS),
    "jobs.<job_id>.concurrency": _at(_CELL),
    "jobs.<job_id>.continue-on-error": _at(_CELL),
    "jobs.<job_id>.timeout-minutes": _at(_CELL),
    "jobs.<job_id>.environment": _at(_CELL),
    "jobs.<job_id>.environment.url": _at((*_RUNNING, "steps")),
    "jobs.<job_id>.env": _at((*_CELL, "secrets")),
    "jobs.<job_id>.defaults.run": _at((*_CELL, "env")),
    "jobs.<job_id>.container": _at(_CELL),
    "jobs.<job_id>.container.credentials": _at((*_CELL, "env", "secrets")),
    "jobs.<job_id>.container.env.<env_id>": _at((*_RUNNING, "secrets")),
    "jobs.<job_id>.services": _at(_CELL),
    "jobs.<job_id>.services.<service_id>.credentials": _at((*_CELL, "env", "secrets")),
    "jobs.<job_id>.services.<service_id>.env.<env_id>": _at((*_RUNNING, "secrets")),
    "jobs.<job_id>.outputs.<output_id>": _at(_STEP),
    "jobs.<job_id>.with.<with_id>": _at(_CELL),
    "jobs.<job_id>.secrets.<secrets_id>": _at((*_CELL, "secrets")),
    "jobs.<job_id>.snapshot.if": _at(_CELL),
    "jobs.<job_id>.steps.if": _at((*_RUNNING, "steps"), (*_STATUS, "hashfiles")),
    **{
        f"jobs.<job_id>.steps.{key}": _at(_STEP, ("hashfiles",))
        for key in ("continue-on-error", "env", "name", "run", "timeout-minutes", "with", "working-directory")
    },
}
"""By key, as in https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability."""

EVERYTHING = Available(frozenset(COMMON), frozenset())
"""For places that the documentation says nothing about."""
