"""What events say, without the secrets that the words of a file, a flag or a tool may hold."""

from dataclasses import replace

from understudy.engine.hidden_finding import hidden_finding
from understudy.engine.mask import Secrets
from understudy.model.events import (
    ApprovalAsked,
    Continued,
    Event,
    JobFinished,
    Multiplied,
    Noticed,
    PlannedJob,
    RunStarted,
)


def hidden(event: Event, secrets: Secrets) -> Event:
    """`event` with all of its free text masked. Ids of jobs stay: they are how events belong together.

    What steps print, and their names and reasons, are masked where they arise.
    """
    if not secrets:
        return event
    hide = secrets.hide_text
    match event:
        case RunStarted() | Multiplied():
            jobs = tuple(_job(one, secrets) for one in event.jobs)
            return replace(event, jobs=jobs)
        case Noticed():
            return replace(event, finding=hidden_finding(event.finding, secrets))
        case ApprovalAsked():
            return replace(event, prompt=hide(event.prompt))
        case JobFinished():
            outputs = {name: hide(value) for name, value in event.result.outputs.items()}
            return replace(event, result=replace(event.result, reason=hide(event.result.reason), outputs=outputs))
        case _:
            return event


def hidden_parameters(event: Continued, secrets: Secrets) -> Continued:
    """`event` for people and the store; who goes on with the pipeline needs the parameters as they are."""
    hide = secrets.hide_text
    given = event.parameters.items()
    return replace(event, parameters={name: hide(one) if isinstance(one, str) else one for name, one in given})


def _job(job: PlannedJob, secrets: Secrets) -> PlannedJob:
    hide = secrets.hide_text
    cell = {axis: hide(value) if isinstance(value, str) else value for axis, value in job.cell.items()}
    return replace(job, name=hide(job.name), steps=tuple(map(hide, job.steps)), cell=cell)
