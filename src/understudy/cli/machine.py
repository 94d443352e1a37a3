"""About this machine: `doctor`, `clean`, `completion`."""

import argparse
import sys
from collections.abc import Iterator

from understudy.app.choice import every_runtime, runtimes
from understudy.app.recover import sweep_dead
from understudy.app.stores import opened
from understudy.cli import parser
from understudy.cli.asked import Request
from understudy.cli.paint import size
from understudy.cli.retype import typed
from understudy.config import GIBIBYTE
from understudy.dialects.known import DIALECTS
from understudy.errors import ExitCode, MachineError
from understudy.runtimes.known import PREFERENCE


def doctor(request: Request, _arguments: tuple[str, ...]) -> int:
    """Says what this machine can do, what it can't, and how to mend that."""
    console = request.console
    usable = 0
    for name, missing in runtimes(request.settings_anywhere):
        usable += missing is None
        mark = console.paint.sign("✔") if missing is None else console.paint.sign("✖")
        state = console.paint.clean(missing or "ready")
        console.data(*console.paint.wrap(state, first=f"{mark} runtime {name}: ", indent="    "))
    settings = request.settings_anywhere
    with opened(settings) as stores:
        held = stores.blobs.size()
    limit = f"{settings.cache_limit_bytes / GIBIBYTE:g} GiB"  # in the words of the setting
    console.data(f"{console.paint.sign('✔')} store {settings.store}: {size(held)} of {limit}")
    names = ", ".join(sorted(settings.room_env)) or "none"
    console.data(*console.paint.wrap(names, first="  network settings given to rooms: ", indent="    "))
    console.data(f"  jobs at once: {settings.jobs}, Python {sys.version.split()[0]}")
    if not usable:
        raise MachineError("no runtime works here", hint="see the reasons above")
    console.say("", f"what would start here: {typed(request.options, 'plan')}")
    return int(ExitCode.PASSED)


def clean(request: Request, _arguments: tuple[str, ...]) -> int:
    """Ends and removes whatever dead runs left behind."""
    settings = request.settings_anywhere
    with opened(settings) as stores:
        said = sweep_dead(stores.runs, every_runtime(settings))
    for line in said or ("nothing was left behind",):
        request.console.data(line)
    return int(ExitCode.PASSED)


def completion(request: Request, _arguments: tuple[str, ...]) -> int:
    """Prints a completion script for a shell."""
    try:
        import shtab  # noqa: PLC0415 - only this command needs it
    except ImportError as error:
        hint = "pip install 'understudy[completion]'"
        raise MachineError("completion scripts are made by `shtab`, which isn't installed", hint=hint) from error
    built = parser.build()
    kinds = {"FILE": shtab.FILE, "PATH": shtab.FILE, "DIR": shtab.DIRECTORY}
    values = {"runtime": PREFERENCE, "ci": tuple(DIALECTS), "event": parser.EVENTS}
    for action in _actions(built):
        if action.metavar in kinds:
            action.complete = kinds[str(action.metavar)]  # type: ignore[attr-defined]  # where shtab looks for it
        elif action.choices is None and action.dest in values:
            action.choices = values[action.dest]
    request.console.data(shtab.complete(built, shell=request.options.shell))
    return int(ExitCode.PASSED)


def _actions(built: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every flag and argument of every command."""
    for action in built._actions:  # noqa: SLF001 - argparse has no public way to list them
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            for inner in action.choices.values():
                yield from _actions(inner)
