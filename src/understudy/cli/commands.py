"""The commands: each asks `app`, and hands what comes back to `render`."""

import argparse
from collections.abc import Callable, Mapping
from importlib import import_module

from understudy.app import find
from understudy.app.likely import unmet_likely
from understudy.app.supply import supplier
from understudy.cli import graph, render
from understudy.cli.asked import Request
from understudy.cli.findings import finding_json
from understudy.cli.retype import command_for, typed
from understudy.errors import ExitCode
from understudy.findings import Finding, has_errors, in_order

Command = Callable[[Request, tuple[str, ...]], int]


def plan(request: Request, _arguments: tuple[str, ...]) -> int:
    """`understudy plan`: what would start, and why."""
    options = request.options
    found = find.find(request.root, request.settings, request.event, request.file)
    # A plan can be told where nothing can be performed, and without the time that trying a room takes.
    unmet = unmet_likely(request.settings.runtime)
    supply = supplier(request.settings)
    planned = find.plan_all(found, request.selection, request.settings, unmet=unmet, supply=supply)
    if options.json:
        value = graph.plan_json(planned.plans)
        render.show_json(request.console, {**value, "findings": [finding_json(one) for one in planned.findings]})
    elif options.mermaid:
        render.show_mermaid(request.console, planned.plans)
    elif options.graph:
        render.show_graph(request.console, planned.plans)
    else:
        render.show_plans(request.console, planned.plans, every_reason=True)
    wrong = has_errors(planned.findings)
    if not options.json:
        render.show_findings(request.console, planned.findings, request.source)
        if not wrong and not options.mermaid:
            perform_it = f"perform it: {command_for(options, options.workflow, options.job)}"
            started = any(one.nodes for one in planned.plans)
            request.console.say("", perform_it if started else "nothing would start")
    return int(ExitCode.INPUT if wrong else ExitCode.PASSED)


def check(request: Request, _arguments: tuple[str, ...]) -> int:
    """`understudy check`: everything that is wrong with the file."""
    findings = _checked(request)
    if request.options.json:
        render.show_json(request.console, {"findings": [finding_json(one) for one in findings]})
    else:
        render.show_findings(request.console, findings, request.source)
        if not findings:
            request.console.say("nothing is wrong with it")
        if not has_errors(findings):
            given = ("--file", request.options.file) if request.options.file else ()
            request.console.say("", f"what it would start: {typed(request.options, 'plan', *given)}")
    return int(ExitCode.INPUT if has_errors(findings) else ExitCode.PASSED)


def _checked(request: Request) -> tuple[Finding, ...]:
    found = find.find(request.root, request.settings, request.event, request.file)
    _, reading = find.read(found, supplier(request.settings))
    return in_order(reading.findings)


_HERE: Mapping[str, Command] = {"plan": plan, "check": check}
_ELSEWHERE: Mapping[str | None, str] = {
    None: "overview",
    "run": "running",
    "runs": "history",
    "show": "history",
    "logs": "logs",
    "artifacts": "history",
    "cache": "history",
    "doctor": "machine",
    "clean": "machine",
    "completion": "machine",
    "orbs": "orbs",
    "actions": "actions",
    "images": "images",
}
"""The modules of the other commands, loaded when asked for: together they take longer than most commands."""


def perform(options: argparse.Namespace, arguments: tuple[str, ...]) -> int:
    """Performs the command of `options`; gives the exit code."""
    request = Request(options)
    if options.command == "run" and request.console.error.isatty() and not (options.json or options.quiet):
        # At once: what follows has much to load, to ask git, and a room to try.
        request.console.say("looking at what would start")
    command = _HERE.get(options.command) or _loaded(options.command)
    return command(request, arguments)


def _loaded(name: str | None) -> Command:
    module = import_module(f"understudy.cli.{_ELSEWHERE[name]}")
    found: Command = getattr(module, name or "overview")
    return found
