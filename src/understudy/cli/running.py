"""`understudy run`: performs, shows how it goes, and says what to type next."""

import gc
import signal
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType

from understudy.app import find
from understudy.app.choice import every_runtime, perform_with, unmet_by
from understudy.app.find import Planned
from understudy.app.perform import Stage, not_performed, past_durations, run_plans
from understudy.app.proceed import next_planned
from understudy.app.recover import sweep_dead
from understudy.app.secrets import never_shown
from understudy.app.stores import Rehearsed, Stores, opened
from understudy.app.supply import supplier
from understudy.cli import render, screens
from understudy.cli.asked import Request
from understudy.cli.ending import ending_of
from understudy.cli.refusal import refusal_lines
from understudy.cli.retype import command_for
from understudy.engine.stop import Stop
from understudy.errors import ExitCode
from understudy.findings import has_errors
from understudy.model.events import Event
from understudy.model.results import Outcome
from understudy.plan.merge import merge
from understudy.plan.plan import Plan
from understudy.runtimes.base import Runtime

_MOST_CONTINUATIONS = 10
_ENGINES = ("docker", "podman")
_ONE_PRESS_S = 0.1  # a program that started us may pass the terminal's signal on to us once more
_STOPPING = {1: "stopping: steps that always run still do; once more ends it now", 2: "ending now"}


def run(request: Request, arguments: tuple[str, ...]) -> int:
    """Performs what the event would start; gives the exit code."""
    settings = request.settings
    if request.options.dry_run:
        settings = replace(settings, runtime="fake")
    found = find.find(request.root, settings, request.event, request.file)
    runtime, planned = perform_with(
        settings,
        lambda one: find.plan_all(found, request.selection, settings, unmet=unmet_by(one), supply=supplier(settings)),
    )
    refused = has_errors(planned.findings)
    if refused or not request.options.json:
        render.show_findings(request.console, planned.findings, request.source)
    if refused:
        return int(ExitCode.INPUT)
    plans = [one for one in planned.plans if one.nodes]
    if not plans:
        render.show_plans(request.console, planned.plans)
        name = planned.plans[0].pipeline.name if planned.plans else "WORKFLOW"
        command = command_for(request.options, name, request.options.job)
        request.console.say("", f"nothing would start; a workflow that is named is performed all the same: {command}")
        return int(ExitCode.INPUT)
    if not settings.go_on and _refused(request, plans, runtime):
        return int(ExitCode.INPUT)
    gc.freeze()
    gc.enable()  # `main` turned it off
    with opened(settings) as stores:
        for said in sweep_dead(stores.runs, every_runtime(settings)):
            request.console.say(f"note: {said}")
        kept = replace(stores, caches=Rehearsed(stores.caches)) if request.options.dry_run else stores
        return _perform_all(request, planned, plans, kept, runtime, arguments)


def _refused(request: Request, plans: Sequence[Plan], runtime: Runtime) -> bool:
    """Says which jobs need something that isn't performed here; tells whether there are any."""
    blocked = [one for plan in plans for one in not_performed(plan, runtime)]
    if blocked:
        engine = runtime.name in _ENGINES
        request.console.say(*refusal_lines(plans, blocked, request.options, request.console.paint, engine=engine))
    return bool(blocked)


def _perform_all(
    request: Request,
    planned: Planned,
    plans: Sequence[Plan],
    stores: Stores,
    runtime: Runtime,
    arguments: tuple[str, ...],
) -> int:
    """Performs the plans, and what they say to go on with."""
    settings = request.settings
    outcome = Outcome.PASSED
    with _stopping() as (stop, shown):
        for _ in range(_MOST_CONTINUATIONS):
            past = past_durations(stores.runs, str(planned.found.root), merge(plans).pipeline.name)
            screen = screens.screen(request.console, settings, request.options, past)
            shown.screen = screen

            def emit(_run: str, event: Event, screen: screens.Screen = screen) -> None:
                screen(event)

            def ask(_node: str, prompt: str, screen: screens.Screen = screen) -> bool | None:
                return screen.ask(prompt)

            stage = Stage(settings, stores, runtime, emit, ask, stop, arguments, rehearsed=request.options.dry_run)
            try:
                performed = run_plans(planned, plans, stage)
            finally:
                screen.close()
            if not request.options.json:
                ending = ending_of(_shown_options(request), stores, performed.run, plans)
                screens.show_summary(request.console, screen, ending)
            outcome = performed.outcome
            following = next_planned(planned, performed, stores.blobs, settings, unmet_by(runtime), supplier(settings))
            if following is None or outcome is not Outcome.PASSED or stop.stage:
                break
            planned = following
            plans = [one for one in planned.plans if one.nodes]
            render.show_findings(request.console, planned.findings, request.source)
            if has_errors(planned.findings):
                return int(ExitCode.INPUT)
            if not plans:
                request.console.say("the continued configuration starts nothing")
                break
            if not settings.go_on and _refused(request, plans, runtime):
                return int(ExitCode.INPUT)
    return int(_exit_code(outcome, stopped=stop.stage > 0))


def _shown_options(request: Request) -> Namespace:
    """The options as the summary may repeat them: a parameter's value may be a secret."""
    hide = never_shown(request.settings).hide_text
    shown = {name: [hide(value) for value in getattr(request.options, name)] for name in ("param", "input", "var")}
    return Namespace(**{**vars(request.options), **shown})


def _exit_code(outcome: Outcome, *, stopped: bool) -> ExitCode:
    if stopped:
        return ExitCode.INTERRUPTED
    return {
        Outcome.PASSED: ExitCode.PASSED,
        Outcome.SKIPPED: ExitCode.MACHINE,  # nothing at all could be performed
        Outcome.FAILED: ExitCode.FAILED,
        Outcome.CANCELLED: ExitCode.FAILED,
        Outcome.ERRORED: ExitCode.MACHINE,
    }[outcome]


@dataclass
class _Shown:
    """The screen of the run that is performed now."""

    screen: screens.Screen | None = None


@contextmanager
def _stopping() -> Iterator[tuple[Stop, _Shown]]:
    """A Stop that Ctrl-C and a polite kill raise, once gracefully, twice now, and the screen that is told of it."""
    stop = Stop()
    shown = _Shown()

    last = float("-inf")

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _ONE_PRESS_S:
            stage = stop.stage
            stop.request()
            if shown.screen is not None and stop.stage > stage:
                shown.screen.say(_STOPPING[stop.stage])
        last = now

    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {one: signal.signal(one, interrupt) for one in wanted}
    try:
        yield stop, shown
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
