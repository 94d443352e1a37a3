"""`understudy orbs`: what the file needs from the registry, and `orbs add`, which puts it into the repository."""

from dataclasses import asdict
from pathlib import Path

from understudy.app.orbs import Added, OrbPlace, add, registry_orbs
from understudy.cli import render
from understudy.cli.asked import Request
from understudy.cli.needed import show_needed
from understudy.cli.retype import typed
from understudy.errors import ExitCode, InputError


def orbs(request: Request, _arguments: tuple[str, ...]) -> int:
    """Lists the orbs, or adds some."""
    return _add(request) if request.options.orbs_command == "add" else _list(request)


def _list(request: Request) -> int:
    rows = registry_orbs(request.root, request.settings)
    if request.options.json:
        render.show_json(request.console, {"orbs": [asdict(one) for one in rows]})
        return int(ExitCode.PASSED)
    lacks = f"put them into the repository: {typed(request.options, 'orbs', 'add')}"
    missing = any(one.path is None for one in rows)
    show_needed(request, [(one.orb, _where(one)) for one in rows], lacks if missing else "")
    if not rows:
        request.console.say("the file needs no orb from the registry")
    return int(ExitCode.PASSED)


def _where(one: OrbPlace) -> str:
    if one.path is not None:
        return one.path
    return f"version {one.kept}, in the store" if one.kept else f"not here; looked for {', '.join(one.looked)}"


def _add(request: Request) -> int:
    options, console = request.options, request.console
    references = tuple(options.reference)
    if options.source is not None and len(references) != 1:
        raise InputError("`--from` gives the source of one orb", hint="name that orb, and no other")
    done: list[Added] = []
    for one in add(request.root, request.settings, references, _given(request)):
        done.append(one)
        if not options.json:
            console.data(f"{console.paint.clean(one.orb)}  {one.path}  sha256:{one.sha256[:12]}")
    if options.json:
        render.show_json(console, {"added": [asdict(one) for one in done]})
    elif done:
        console.say("", "pinned in understudy.lock; commit both, then:", f"  {typed(options, 'plan')}")
    else:
        console.say("every orb that the file needs is here already")
    return int(ExitCode.PASSED)


def _given(request: Request) -> bytes | None:
    source = request.options.source
    if source is None:
        return None
    try:
        return Path(request.start, source).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"`{source}` can't be read: {reason}", hint="give the orb's source, packed") from error
