"""`understudy actions`: what the workflows use, and `actions add`, which fetches what isn't here and pins it."""

from dataclasses import asdict

from understudy.app import find
from understudy.app.actions import ActionPlace, Fetched, add, places
from understudy.cli import render
from understudy.cli.asked import Request
from understudy.cli.needed import show_needed
from understudy.cli.retype import typed
from understudy.errors import ExitCode


def actions(request: Request, _arguments: tuple[str, ...]) -> int:
    """Lists the actions, or fetches some."""
    return _add(request) if request.options.actions_command == "add" else _list(request)


def _found(request: Request) -> find.Found:
    return find.find(request.root, request.settings, request.event)


def _list(request: Request) -> int:
    rows = places(_found(request), request.settings)
    if request.options.json:
        render.show_json(request.console, {"actions": [asdict(one) for one in rows]})
        return int(ExitCode.PASSED)
    lacks = f"fetch them: {typed(request.options, 'actions', 'add')}"
    missing = any(one.where == "missing" for one in rows)
    show_needed(request, [(one.uses, _where(one)) for one in rows], lacks if missing else "")
    if not rows:
        request.console.say("no workflow uses an action")
    return int(ExitCode.PASSED)


def _where(one: ActionPlace) -> str:
    match one.where:
        case "kept":
            return f"commit {(one.commit or '')[:12]}, in the store"
        case "folder":
            return f"the folder {one.path}"
        case "here":
            return "in the repository"
        case "missing":
            return "not here"
        case _:
            return one.where


def _add(request: Request) -> int:
    options, console = request.options, request.console
    done: list[Fetched] = []
    for one in add(_found(request), request.settings, tuple(options.reference)):
        done.append(one)
        if not options.json:
            console.data(f"{console.paint.clean(one.reference)}  commit {one.commit[:12]}")
    if options.json:
        render.show_json(console, {"fetched": [asdict(one) for one in done]})
    elif done:
        console.say("", "pinned in understudy.lock; commit it, then:", f"  {typed(options, 'plan')}")
    else:
        console.say("every action that the workflows need is here already")
    return int(ExitCode.PASSED)
