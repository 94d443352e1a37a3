"""The variables that GitHub sets for every step, and where in a room its own files lie."""

from collections.abc import Mapping
from os import uname

from understudy.dialects.base import Place
from understudy.dialects.github.command_files import FILES
from understudy.dialects.github.payload import (
    PULL_REQUESTS,
    base_branch,
    event_name,
    head_branch,
    made_up,
    owner,
    ref,
    server,
    slug,
)
from understudy.model.pipeline import Job, Pipeline, Platform, Step
from understudy.model.results import Facts

PAGE = "https://docs.github.com/actions/reference/workflows-and-actions/variables#default-environment-variables"

TEMP = "work/_temp"
"""The runner's folder for what lives as long as a job, from the job's home."""

EVENT = f"{TEMP}/_github_workflow/event.json"
COMMANDS = f"{TEMP}/_runner_file_commands"
HOME = f"{TEMP}/_github_home"
"""The home of the containers of actions."""
TOOLS = "work/_tool"

SYSTEMS = {Platform.LINUX: "Linux", Platform.MACOS: "macOS", Platform.WINDOWS: "Windows"}
_MACHINES = {"x86_64": "X64", "amd64": "X64", "aarch64": "ARM64", "arm64": "ARM64", "i686": "X86", "armv7l": "ARM"}


def home_path(place: Place, path: str) -> str:
    """`path` in the job's home, or in /tmp where that isn't known."""
    return f"{place.home.rstrip('/') or '/tmp'}/{path}"  # noqa: S108 - a room's own


def architecture() -> str:
    """The processor of this machine, by GitHub's name: rooms have no other."""
    return _MACHINES.get(uname().machine.lower(), "X64")


def environment(job: Job) -> str:
    """`self-hosted` for a job that asks for such a runner by its labels, else `github-hosted`."""
    return "self-hosted" if any(label.raw.lower() == "self-hosted" for label in job.runs_on) else "github-hosted"


def job_id(job: Job) -> str:
    """The job's id as its own file has it: without those of its callers, and of its cell."""
    written = next((name for name in reversed(job.names) if job.id.startswith(name)), job.id)
    return written.removeprefix(f"{job.caller.id}/") if job.caller else written


def run_id(place: Place) -> str:
    """A number for the run: the same for all jobs of it."""
    return str(made_up(place.run))


def workflow_path(job: Job | None, pipeline: Pipeline | None = None) -> str:
    """The file of the workflow that the event started, from the repository's root."""
    if pipeline is not None and pipeline.at.file:
        return pipeline.at.file
    return job.at.file if job else ""


def of_event(facts: Facts) -> dict[str, str]:
    """The variables that don't depend on the job, by their names without `GITHUB_`, in small letters. See PAGE."""
    name = event_name(facts)
    whole = ref(facts)
    pulled = name in PULL_REQUESTS
    address = server(facts)
    api = "https://api.github.com" if address == "https://github.com" else f"{address}/api/v3"
    actor = facts.actor or owner(facts)
    return {
        "actor": actor,
        "actor_id": str(made_up(actor)),
        "api_url": api,
        "base_ref": base_branch(facts) if pulled else "",
        "event_name": name,
        "graphql_url": f"{api.removesuffix('/v3')}/graphql",
        "head_ref": head_branch(facts) if pulled else "",
        "ref": whole,
        "ref_name": whole.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/"),
        "ref_protected": "false",
        "ref_type": "tag" if whole.startswith("refs/tags/") else "branch",
        "repository": slug(facts),
        "repository_id": str(made_up(slug(facts))),
        "repository_owner": owner(facts),
        "repository_owner_id": str(made_up(owner(facts))),
        "retention_days": "90",
        "run_attempt": "1",
        "run_number": str(facts.number),
        "server_url": address,
        "sha": facts.sha,
        "triggering_actor": actor,
        "workflow_sha": facts.sha,
    }


def built_in(facts: Facts, job: Job, place: Place, pipeline: Pipeline | None = None) -> dict[str, str]:
    """The variables of every step of `job`, except the paths that each step has of its own (`of_step`). See PAGE.

    What only the service numbers (the run, the repository, accounts) has numbers that are made up from its name.
    """
    path = workflow_path(job, pipeline)
    found = {
        **of_event(facts),
        "event_path": home_path(place, EVENT),
        "job": job_id(job),
        "run_id": run_id(place),
        "workflow": place.pipeline,
        "workflow_ref": f"{slug(facts)}/{path}@{ref(facts)}",
        "workspace": place.workdir,
    }
    runner = {f"RUNNER_{name.upper()}": value for name, value in of_runner(job, place).items()}
    github = {f"GITHUB_{name.upper()}": value for name, value in found.items()}
    return {"CI": "true", "GITHUB_ACTIONS": "true", **github, **runner}


def of_runner(job: Job, place: Place) -> dict[str, str]:
    """The `runner` context, which is also the variables `RUNNER_*`.

    See https://docs.github.com/actions/reference/workflows-and-actions/contexts#runner-context.
    """
    return {
        "os": SYSTEMS[job.platform],
        "arch": architecture(),
        "name": "understudy",
        "environment": environment(job),
        "temp": home_path(place, TEMP),
        "tool_cache": home_path(place, TOOLS),
        "workspace": place.workdir.rstrip("/").rpartition("/")[0] or "/",
    }


def command_files(job: Job, step: Step) -> Mapping[str, str]:
    """The paths of the files that `step` writes commands to, from the job's home, by their kind (`env`, `output`, ...).

    Their names are made up from the step, so that whoever has it finds them: a step of an action that is used twice
    has them twice, and empties them when it begins.
    """
    from uuid import NAMESPACE_URL, uuid5  # noqa: PLC0415 - needed by runs alone

    made = uuid5(NAMESPACE_URL, f"understudy:{job.id}:{step.id}:{step.at.file}:{step.at.line}:{step.at.column}")
    return {kind: f"{COMMANDS}/{prefix}_{made}" for kind, prefix in FILES.items()}
