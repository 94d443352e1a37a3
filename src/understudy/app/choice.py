"""Which runtime performs, and what it can't; apart from performing, so that a plan needn't load all of that."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.config import Settings
from understudy.errors import MachineError
from understudy.findings import Finding, Severity, in_order
from understudy.model.pipeline import Job
from understudy.plan.plan import Plan
from understudy.runtimes.base import RoomSpec, Runtime
from understudy.runtimes.known import PREFERENCE, available, choose

if TYPE_CHECKING:
    from understudy.app.find import Planned


def every_runtime(settings: Settings) -> Mapping[str, Callable[[], Runtime]]:
    """Every runtime by name, those of container engines with the user's settings."""
    from understudy.runtimes.oci_settings import InJobs, OciSettings, Pull  # noqa: PLC0415 - a plan needs none of it

    values = dict(settings.containers)
    values["pull"] = Pull(values.get("pull", "missing"))
    values["in_jobs"] = InJobs(values.get("in_jobs", "none"))
    return available(OciSettings(**values))


def perform_with(settings: Settings, plan: "Callable[[Runtime], Planned]") -> "tuple[Runtime, Planned]":
    """The runtime for a run, and what it makes of the plan: the one that was asked for, or the first that can do it.

    Unasked, a container engine is passed over where an image of the plan can't be had: the finding says which.
    Raises InputError or MachineError.
    """
    runtimes = every_runtime(settings)
    if settings.runtime is not None:
        chosen = choose(settings.runtime, runtimes)
        return chosen, plan(chosen)
    passed_over: list[Finding] = []
    reasons = []
    for name in PREFERENCE:
        runtime = runtimes[name]()
        if reason := runtime.missing():
            reasons.append(f"`{name}` can't be used here: {reason}")
            continue
        planned = plan(runtime)
        finding = _lacking(runtime, planned.plans)
        if finding is None:
            return runtime, _with_findings(planned, passed_over)
        passed_over.append(finding)
        reasons.append(finding.message)
    raise MachineError("; ".join(reasons))


def _lacking(runtime: Runtime, plans: Iterable[Plan]) -> Finding | None:
    """The first image of `plans` that `runtime` can't have."""
    from understudy.runtimes.oci import Oci, image_name  # noqa: PLC0415 - as above

    if not isinstance(runtime, Oci):
        return None
    for job in (node.job for plan in plans for node in plan.nodes if node.unmet is None and node.job.steps):
        services = (one.image.raw for one in job.services)
        images = dict.fromkeys((image_name(spec_of(job)), *services, *_images_of_steps(job)))
        for image in images if _needs_room(job) else ():
            if why := runtime.unobtainable(image):
                lacked = f"the image `{image}` of job `{job.id}` can't be had: {why}"
                message = f"{runtime.name} was passed over, for {lacked}"
                hint = f"`--runtime {runtime.name}` insists on it"
                at = job.container.image.at if job.container else job.at
                return Finding(Severity.WARNING, "images-not-here", message, at, hint)
    return None


def _images_of_steps(job: Job) -> Iterable[str]:
    """The images of containers that steps run, as far as they are written out."""
    from understudy.model.layout import every_step  # noqa: PLC0415 - as above
    from understudy.model.pipeline import RunContainer  # noqa: PLC0415

    images = (one.step.action.image for one in every_step(job) if isinstance(one.step.action, RunContainer))
    return (image.raw for image in images if image is not None and "${{" not in image.raw)


def _needs_room(job: Job) -> bool:
    from understudy.model.pipeline import Approve  # noqa: PLC0415

    return any(not isinstance(step.action, Approve) for step in job.steps)


def _with_findings(planned: "Planned", found: list[Finding]) -> "Planned":
    if not found:
        return planned
    first, *others = planned.plans or (None,)
    plans = (replace(first, findings=(*first.findings, *found)), *others) if first else planned.plans
    return replace(planned, plans=plans, findings=in_order((*planned.findings, *found)))


def runtimes(settings: Settings) -> tuple[tuple[str, str | None], ...]:
    """Every runtime that performs anything, in order of preference, with the reason why it can't be used here."""
    every = every_runtime(settings)
    return tuple((name, every[name]().missing()) for name in PREFERENCE)


def unmet_by(runtime: Runtime) -> Callable[[Job], str | None]:
    """Tells why `runtime` can't perform a job at all."""
    return lambda job: runtime.unmet(spec_of(job))


def spec_of(job: Job) -> RoomSpec:
    """The room of `job` as far as the file tells before anything runs."""
    from understudy.model.engines import wants_engine  # noqa: PLC0415 - as above

    return RoomSpec(
        job.id,
        Path(),
        job.container.image.raw if job.container else None,
        job.platform,
        job.machine,
        services=job.services,
        resources=job.resources,
        options=job.container.options.raw if job.container and job.container.options else "",
        volumes=tuple(one.raw for one in job.container.volumes) if job.container else (),
        labels=tuple(one.raw for one in job.runs_on),
        wants_engine=wants_engine(job),
    )
