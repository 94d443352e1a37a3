"""What expressions of a workflow can name, made of what the engine knows at that moment.

See https://docs.github.com/actions/reference/workflows-and-actions/contexts.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from understudy.dialects.base import JobState, Scope
from understudy.dialects.github.commands import MATCHERS, is_debugging
from understudy.dialects.github.expression import template
from understudy.dialects.github.expression.contexts import Contexts, by_status, hashing
from understudy.dialects.github.expression.values import Object, Value, from_plain
from understudy.dialects.github.hash_files import hash_files
from understudy.dialects.github.inputs import as_texts, dispatched, handed_in
from understudy.dialects.github.payload import payload, slug
from understudy.dialects.github.strategy import matrix, strategy
from understudy.dialects.github.variables import (
    EVENT,
    home_path,
    job_id,
    of_event,
    of_runner,
    run_id,
    workflow_path,
)
from understudy.model.pipeline import Caller
from understudy.model.results import Outcome

RESULTS = {
    Outcome.PASSED: "success",
    Outcome.FAILED: "failure",
    Outcome.ERRORED: "failure",
    Outcome.CANCELLED: "cancelled",
    Outcome.SKIPPED: "skipped",
}
"""See https://docs.github.com/actions/reference/workflows-and-actions/contexts#needs-context."""


def contexts(scope: Scope) -> Contexts:
    """All contexts and functions. Which of them a place of a workflow may name is checked when it is read."""
    values: dict[str, Value | Callable[[], Value]] = {
        "github": lambda: github(scope),
        "env": lambda: Object(environment(scope), case_sensitive=True),
        "vars": lambda: Object(dict(scope.facts.variables)),
        "job": lambda: job(scope),
        "jobs": lambda: jobs(scope),
        "steps": lambda: steps(scope),
        "runner": lambda: runner(scope),
        "secrets": lambda: Object(dict(secrets(scope))),
        "strategy": lambda: strategy(scope, contexts),
        "matrix": lambda: matrix(scope, contexts),
        "needs": lambda: needs(scope),
        "inputs": lambda: Object(inputs(scope)),
    }
    hashed = hashing(lambda patterns, _follow: hash_files(patterns, scope))
    return Contexts(values, {**by_status(status(scope)), "hashFiles": hashed})


def status(scope: Scope) -> str:
    """What the status functions go by: of the steps so far, or of what goes before a job, where nothing is success."""
    if scope.status is Outcome.SKIPPED and (in_room(scope) or scope.job is None or not scope.job.needs):
        return RESULTS[Outcome.PASSED]
    return RESULTS[scope.status]


def in_room(scope: Scope) -> bool:
    """Whether the job has begun: what belongs to its steps is evaluated."""
    return scope.place is not None and bool(scope.place.workdir)


def outside(scope: Scope, caller: Caller) -> Scope:
    """What is seen where the job `caller` stands, by what is evaluated for the workflow that it calls."""
    if scope.job is None:
        return scope
    job = replace(scope.job, id=caller.id, names=(), needs=caller.needs, when=caller.when, caller=caller.caller)
    return replace(scope, job=job, group=None, inputs={}, steps={}, env={}, written={}, cell={})


def github(scope: Scope) -> Value:
    """See https://docs.github.com/actions/reference/workflows-and-actions/contexts#github-context."""
    facts, place = scope.facts, scope.place
    path = workflow_path(scope.job, scope.pipeline)
    found: dict[str, object] = {
        **of_event(facts),
        "ref_protected": False,
        "repositoryUrl": f"git://github.com/{slug(facts)}.git",
        "secret_source": "Actions" if scope.secrets else "None",
        "workflow": scope.pipeline.name if scope.pipeline else (place.pipeline if place else ""),
        "workflow_ref": f"{slug(facts)}/{path}@{of_event(facts)['ref']}",
        "event": event_of(scope),
        "token": scope.secrets.get("GITHUB_TOKEN", ""),
    }
    if place is not None:
        found["run_id"] = run_id(place)
    if place is not None and in_room(scope):
        found |= {
            "workspace": place.workdir,
            "event_path": home_path(place, EVENT),
            "job": job_id(scope.job) if scope.job else "",
            **{name: scope.env.get(f"GITHUB_{name.upper()}", "") for name in _OF_ACTIONS},
        }
    if scope.group is not None:
        found["action_status"] = status(scope)
        if scope.group.path is not None:
            found["action_path"] = _action_path(scope, scope.group.path.raw)
    return from_plain(found)


_OF_ACTIONS = ("action", "action_repository", "action_ref", "action_path")


def event_of(scope: Scope) -> Mapping[str, object]:
    """The payload of the event, with the inputs of a workflow that was started by hand."""
    path = workflow_path(scope.job, scope.pipeline)
    return payload(scope.facts, path, as_texts(dispatched(scope.facts, scope.pipeline)))


def _action_path(scope: Scope, folder: str) -> str:
    place = scope.place
    if place is None:
        return folder
    if folder.startswith("~/"):
        return f"{place.home.rstrip('/')}/{folder[2:]}"
    return folder if folder.startswith("/") else f"{place.workdir.rstrip('/')}/{folder}"


def environment(scope: Scope) -> dict[str, Value]:
    """What the workflow, its jobs, its steps and `GITHUB_ENV` have set; not what the room or the service sets.

    See https://docs.github.com/actions/reference/workflows-and-actions/contexts#env-context.
    """
    return {name: value for name, value in scope.written.items() if name != MATCHERS}


def job(scope: Scope) -> Value:
    """See https://docs.github.com/actions/reference/workflows-and-actions/contexts#job-context."""
    facts, one = scope.facts, scope.job
    file = one.at.file if one else ""
    found: dict[str, object] = {
        "status": RESULTS[Outcome.PASSED] if scope.status is Outcome.SKIPPED else RESULTS[scope.status],
        "workflow_file_path": file,
        "workflow_ref": f"{slug(facts)}/{file}@{of_event(facts)['ref']}",
        "workflow_repository": slug(facts),
        "workflow_sha": facts.sha,
    }
    network = "understudy"
    if one is not None and one.container is not None:
        found["container"] = {"id": "", "network": network}
    if one is not None and one.services:
        names = [service.alias or service.image.raw for service in one.services]
        found["services"] = {
            name: {"id": "", "network": network, "ports": dict(scope.ports.get(name, {}))} for name in names
        }
    return from_plain(found)


def jobs(scope: Scope) -> Value:
    """The jobs of the workflow that this job calls, for its outputs.

    See https://docs.github.com/actions/reference/workflows-and-actions/contexts#jobs-context.
    """
    lead = f"{scope.job.id}/" if scope.job else ""
    inside = {name.removeprefix(lead): state for name, state in scope.jobs.items() if name.startswith(lead)}
    return from_plain({name: _ended(state) for name, state in inside.items() if "/" not in name})


def _ended(state: JobState) -> dict[str, object]:
    return {"result": RESULTS[state.outcome], "outputs": dict(state.outputs)}


def needs(scope: Scope) -> Value:
    """The jobs that this one needs, of its own workflow; those that its callers need are none of its business.

    See https://docs.github.com/actions/reference/workflows-and-actions/contexts#needs-context.
    """
    if scope.job is None:
        return Object({})
    lead = f"{scope.job.caller.id}/" if scope.job.caller else ""
    found: dict[str, object] = {}
    for need in scope.job.needs:
        name = need.job.removeprefix(lead)
        if need.job.startswith(lead) and "/" not in name and need.job in scope.jobs:
            found[name] = _ended(scope.jobs[need.job])
    return from_plain(found)


def steps(scope: Scope) -> Value:
    """See https://docs.github.com/actions/reference/workflows-and-actions/contexts#steps-context."""
    return from_plain(
        {
            name: {
                "outputs": dict(state.outputs),
                "outcome": RESULTS[state.outcome],
                "conclusion": RESULTS[state.conclusion],
            }
            for name, state in scope.steps.items()
            if not name.startswith("__")
        }
    )


def runner(scope: Scope) -> Value:
    """See https://docs.github.com/actions/reference/workflows-and-actions/contexts#runner-context."""
    if scope.job is None or scope.place is None:
        return Object({})
    debug = {"debug": "1"} if is_debugging(scope) else {}
    return from_plain({**of_runner(scope.job, scope.place), **debug})


def secrets(scope: Scope) -> Mapping[str, str]:
    """All secrets, or in a called workflow those that its caller passes; the token is always among them.

    See https://docs.github.com/actions/how-tos/reuse-automations/reuse-workflows#passing-inputs-and-secrets-to-a-reusable-workflow.
    """
    caller = scope.job.caller if scope.job else None
    if caller is None:
        return scope.secrets
    around = outside(scope, caller)
    if caller.secrets is None:
        return secrets(around)
    seen = contexts(around)
    passed = {name: template.text(text.raw, seen) for name, text in caller.secrets.items()}
    token = {name: value for name, value in scope.secrets.items() if name == "GITHUB_TOKEN"}
    return {**token, **passed}


def inputs(scope: Scope) -> dict[str, Value]:
    """Those of the composite action, of the called workflow, or of who started the workflow by hand.

    See https://docs.github.com/actions/reference/workflows-and-actions/contexts#inputs-context.
    """
    if scope.group is not None:
        return dict(scope.inputs)
    caller = scope.job.caller if scope.job else None
    if caller is None:
        return dispatched(scope.facts, scope.pipeline)
    return handed_in(caller, contexts(outside(scope, caller)))
