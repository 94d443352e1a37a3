"""About this machine: `doctor`, `clean`, `completion`."""

import sys

from understudy.app.choice import every_runtime, runtimes
from understudy.app.recover import sweep_dead
from understudy.app.stores import opened
from understudy.cli import parser
from understudy.cli.asked import Request
from understudy.cli.paint import size
from understudy.cli.retype import typed
from understudy.errors import ExitCode, MachineError


def doctor(request: Request, _arguments: tuple[str, ...]) -> int:
    """Says what this machine can do, what it can't, and how to mend that."""
    console = request.console
    usable = 0
    for name, missing in runtimes(request.settings_anywhere):
        usable += missing is None
        mark = console.paint.sign("✔") if missing is None else console.paint.sign("✖")
        console.data(f"{mark} runtime {name}: {'ready' if missing is None else missing}")
    settings = request.settings_anywhere
    with opened(settings) as stores:
        held = stores.blobs.size()
    limit = settings.cache_limit_bytes
    console.data(f"{console.paint.sign('✔')} store {settings.store}: {size(held)} of {size(limit)}")
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
    request.console.data(shtab.complete(parser.build(), shell=request.options.shell))
    return int(ExitCode.PASSED)
