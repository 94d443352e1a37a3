"""What `run` says instead of starting: which jobs need what isn't performed here, where, and what to type."""

from argparse import Namespace
from collections.abc import Sequence

from understudy.app.perform import Blocked
from understudy.cli.paint import Paint, counted, width_of
from understudy.cli.retype import command_for
from understudy.model.engines import ENGINES
from understudy.plan.graph import dependents, transitive_needs
from understudy.plan.plan import Plan

_MOST_NAMED = 4


def refusal_lines(
    plans: Sequence[Plan], blocked: Sequence[Blocked], options: Namespace, paint: Paint, *, engine: bool = False
) -> list[str]:
    """Each blocked job with what it needs and where the file says so; then the commands that do start something.

    `engine`: its rooms could be given a container engine.
    """
    jobs = {(one.workflow, one.job) for one in blocked}
    need = "needs" if len(jobs) == 1 else "need"
    lead = paint.styled("not started", "error")
    lines = [f"{lead}: {counted(len(jobs), 'job')} {need} what is not performed here"]
    column = max(width_of(paint.clean(one.job)) for one in blocked)
    for one in blocked:
        place = f"  {paint.clean(str(one.at))}" if one.at.line else ""
        lead = f"  {paint.pad(paint.clean(one.job), column)}  "
        lines += paint.wrap(f"{paint.clean(one.what)}{place}", first=lead, indent=" " * (column + 4))
    if engine and any(name in one.what for name in ENGINES for one in blocked):
        command = command_for(options, options.workflow, options.job, "--docker-in-jobs", "nested")
        lines += ["", "give jobs a container engine, if you trust this file (docs/docker.md says what it costs):"]
        lines += [f"  {paint.clean(command)}"]
    lines += ["", "start the others, or all of it without those parts:"]
    for plan in plans:
        free = _free(plan, {job for workflow, job in jobs if workflow == plan.pipeline.name})
        if 0 < len(free) <= _MOST_NAMED:
            lines.append(f"  {paint.clean(command_for(options, plan.pipeline.name, free))}")
    return [*lines, f"  {paint.clean(command_for(options, options.workflow, options.job, '--go-on'))}"]


def _free(plan: Plan, blocked: set[str]) -> list[str]:
    """The jobs of `plan` that neither are blocked nor wait for one that is."""
    needs = {node.job.id: [need.job for need in node.job.needs] for node in plan.nodes}
    out = transitive_needs(dependents(needs), blocked)
    unmet = {node.job.id for node in plan.nodes if node.unmet is not None}
    return [job for job in needs if job not in out | unmet]
