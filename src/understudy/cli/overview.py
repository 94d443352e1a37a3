"""`understudy` alone: what it found here, and what to type next."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from understudy.app import find
from understudy.app.choice import runtimes
from understudy.app.find import Found
from understudy.app.supply import supplier
from understudy.cli import render
from understudy.cli.asked import Request
from understudy.cli.paint import Paint, counted, width_of
from understudy.cli.retype import typed
from understudy.errors import ExitCode
from understudy.findings import has_errors
from understudy.plan.plan import Plan
from understudy.plan.planner import Selection

_SHOWN = 3
"""How many findings the first screen has room for; `plan` and `check` have the others."""


def overview(request: Request, _arguments: tuple[str, ...]) -> int:
    """Prints where we are, what the CI file holds, what works here, and commands to try."""
    console, settings = request.console, request.settings
    found = find.find(request.root, settings, request.event)
    # The first screen shall be there at once: it waits for no registry.
    planned = find.plan_all(found, Selection(), settings, supply=supplier(replace(settings, offline=True)))
    paint = console.paint
    console.data(*paint.wrap(_place(found, paint), indent="  ", first=""), f"{_files(found)}  {_count(planned.plans)}")
    column = min(
        max((width_of(paint.clean(plan.pipeline.name)) for plan in planned.plans), default=0), paint.width // 2
    )
    for plan in planned.plans:
        lead = f"  {paint.pad(paint.clean(plan.pipeline.name), column)}  "
        console.data(*paint.wrap(paint.clean(_state(plan)), first=lead, indent=" " * (column + 4)))
    for service, paths in _elsewhere(found).items():
        console.data(paint.clean(f"also here: {_named(paths)} (used with --ci {service})"))
    console.data(*paint.wrap(_machine(runtimes(settings)), first="", indent="      "))
    if planned.findings:
        console.say("")
        render.show_findings(console, planned.findings, request.source, most=_SHOWN)
    if has_errors(planned.findings):
        console.say("", f"mend that, then: {typed(request.options, 'check')}")
        return int(ExitCode.INPUT)
    tries = _tries(planned.plans, request.options)
    console.data(*_try_lines(tries, paint))
    return int(ExitCode.PASSED)


def _place(found: Found, paint: Paint) -> str:
    facts = found.facts
    project = f"{facts.owner}/{facts.repository}" if facts.owner else found.root.name
    where = f"branch {facts.branch}" if facts.branch else f"detached at {facts.sha[:7]}"
    dot = paint.sign("·")
    if facts.changed_files is None:
        return paint.clean(f"{project} {dot} {where}")
    since = f"since {facts.default_branch}" if facts.branch != facts.default_branch else "since the commit before"
    return paint.clean(f"{project} {dot} {where} {dot} {counted(len(facts.changed_files), 'file')} changed {since}")


def _files(found: Found) -> str:
    """The file, or the folder of several."""
    return _named([one.path for one in found.used])


def _elsewhere(found: Found) -> dict[str, list[str]]:
    """The files of other services, by service."""
    paths: dict[str, list[str]] = {}
    for one in found.others:
        if one not in found.used:
            paths.setdefault(one.dialect.NAME, []).append(one.path)
    return paths


def _named(paths: Sequence[str]) -> str:
    return f"{PurePosixPath(paths[0]).parent}/" if len(paths) > 1 else paths[0]


def _count(plans: tuple[Plan, ...]) -> str:
    jobs = sum(len(plan.pipeline.jobs) for plan in plans)
    return f"{counted(len(plans), 'workflow')}, {counted(jobs, 'job')}"


def _state(plan: Plan) -> str:
    jobs = counted(len(plan.pipeline.jobs), "job")
    if plan.nodes:
        starting = len({node.origin or node.job.id for node in plan.nodes})  # of a matrix, the job in the file
        some = "" if starting == len(plan.pipeline.jobs) else f" ({starting} of them)"
        then = ", and prepares the configuration that is performed next" if plan.pipeline.prepares else ""
        return f"{jobs}{some}, would start on push{then}"
    reason = next((choice.reason for choice in plan.choices if choice.job is None), "")
    return f"{jobs}, not on push: {reason}" if reason else f"{jobs}, not on push"


def _machine(usable: tuple[tuple[str, str | None], ...]) -> str:
    parts = ["ready" if missing is None else "not usable" for _, missing in usable]
    names = [name for name, _ in usable]
    shown = ", ".join(f"{name} {part}" for name, part in zip(names, parts, strict=True))
    return f"here: {shown} (understudy doctor says more)"


def _tries(plans: tuple[Plan, ...], options: argparse.Namespace) -> list[tuple[str, str]]:
    """Commands that lead on, each with what it does."""
    started = [plan for plan in plans if plan.nodes]
    lines = [(typed(options, "plan"), "what would start, and why")]
    if not started:
        named = [typed(options, "run", plan.pipeline.name) for plan in plans[:1]]
        return [*lines, *((command, "a workflow, whatever the event") for command in named)]
    plan = max(started, key=lambda one: len(one.nodes))
    able = [node for node in plan.nodes if node.unmet is None]
    one = [typed(options, "run", plan.pipeline.name, "-j", node.job.id) for node in able[-1:]]
    lines.append((typed(options, "run"), "all that a push would start"))
    return [*lines, *((command, "one job, and what it requires") for command in one)]


def _try_lines(tries: Sequence[tuple[str, str]], paint: Paint) -> Iterator[str]:
    """Each command beside what it does; below it where the terminal is too narrow for both."""
    column = max(width_of(command) for command, _ in tries)
    fits = 8 + column + max(width_of(what) for _, what in tries) <= paint.width
    for index, (command, what) in enumerate(tries):
        lead = "      " if index else "try:  "
        if fits:
            yield f"{lead}{paint.pad(command, column)}  {paint.styled(what, 'dim')}"
        else:
            yield from (f"{lead}{command}", f"        {paint.styled(what, 'dim')}")
