"""What the store remembers: `runs`, `show`, `artifacts`, `cache`."""

import shutil
from dataclasses import replace
from datetime import datetime, tzinfo
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from understudy.app.stores import Stores, collect, opened
from understudy.cli import render, tables
from understudy.cli.asked import Request
from understudy.cli.paint import counted, size
from understudy.cli.past import chosen, died
from understudy.cli.retype import typed
from understudy.cli.view import RunView
from understudy.errors import ExitCode, InputError
from understudy.model.codec import encode
from understudy.model.events import Published
from understudy.model.pipeline import Kind

_PIECE_BYTES = 1024 * 1024


def runs(request: Request, _arguments: tuple[str, ...]) -> int:
    """Lists past runs, the newest first."""
    options = request.options
    everywhere = options.all
    with opened(request.settings_anywhere) as stores:
        rows = stores.runs.recent(options.limit, project=None if everywhere else str(request.root))
    rows = tuple(replace(row, interrupted=died(row)) for row in rows)
    if options.json:
        render.show_json(request.console, {"runs": [encode(row) for row in rows]})
        return int(ExitCode.PASSED)
    request.console.data(*tables.runs_table(rows, request.console.paint, zone=_zone(), projects=everywhere))
    if not rows:
        request.console.say("no runs yet; `understudy run` makes the first")
    else:
        request.console.say("", f"a run's steps: {typed(options, 'show', rows[0].id)}")
    return int(ExitCode.PASSED)


def show(request: Request, _arguments: tuple[str, ...]) -> int:
    """Shows a run's jobs and steps."""
    with opened(request.settings_anywhere) as stores:
        row = chosen(stores, request)
        stream = [event for _, event in stores.runs.events(row.id)]
    if request.options.json:
        for event in stream:
            request.console.json(encode(event))
        return int(ExitCode.PASSED)
    dead = died(row)
    view = RunView(interrupted=dead).fold_all(stream)
    request.console.data(*tables.show_lines(view, request.console.paint))
    if dead:
        request.console.data("interrupted: its program ended before the run did")
    request.console.say("", f"what they printed: {typed(request.options, 'logs', row.id)}")
    return int(ExitCode.PASSED)


def artifacts(request: Request, _arguments: tuple[str, ...]) -> int:
    """Lists a run's artifacts, or copies them out."""
    options = request.options
    with opened(request.settings_anywhere) as stores:
        row = chosen(stores, request)
        view = RunView().fold_all(event for _, event in stores.runs.events(row.id))
        kept = [one for job in view.jobs.values() for one in job.published if one.kind == Kind.ARTIFACT.value]
        if options.output:
            for one in kept:
                request.console.data(str(_copy_out(stores, one, request.start / options.output)))
            return int(ExitCode.PASSED)
    if options.json:
        render.show_json(request.console, {"artifacts": [encode(one) for one in kept]})
        return int(ExitCode.PASSED)
    request.console.data(*tables.artifact_table(view, request.console.paint))
    copying = f"copy them out: {typed(options, 'artifacts', row.id, '-o', 'artifacts')}"
    request.console.say(*(("", copying) if kept else (f"run {row.id} stored no artifacts",)))
    return int(ExitCode.PASSED)


def cache(request: Request, arguments: tuple[str, ...]) -> int:
    """`cache ls`, `cache rm`, `cache gc`."""
    return {"ls": _cache_list, "rm": _cache_remove, "gc": _cache_collect}[request.options.cache_command](
        request, arguments
    )


def _cache_list(request: Request, _arguments: tuple[str, ...]) -> int:
    everywhere = request.options.all
    with opened(request.settings_anywhere) as stores:
        rows = stores.caches.list(None if everywhere else str(request.root))
    if request.options.json:
        render.show_json(request.console, {"caches": [encode(row) for row in rows]})
        return int(ExitCode.PASSED)
    request.console.data(*tables.cache_table(rows, request.console.paint, zone=_zone(), projects=everywhere))
    if not rows:
        request.console.say("no caches are kept")
    else:
        request.console.say("", f"forget one: {typed(request.options, 'cache', 'rm', rows[0].key)}")
    return int(ExitCode.PASSED)


def _cache_remove(request: Request, _arguments: tuple[str, ...]) -> int:
    patterns = request.options.key
    with opened(request.settings_anywhere) as stores:
        rows = stores.caches.list(str(request.root))
        meant = [row for row in rows if any(row.key == one or fnmatchcase(row.key, one) for one in patterns)]
        for row in meant:
            stores.caches.remove(row.project, row.dialect, row.key)
            request.console.data(f"forgot {request.console.paint.clean(row.key)}")
    if not meant:
        raise InputError(f"no cache matches `{' '.join(patterns)}`", hint="`understudy cache ls` lists them")
    request.console.say("their space is freed by `understudy cache gc`")
    return int(ExitCode.PASSED)


def _cache_collect(request: Request, _arguments: tuple[str, ...]) -> int:
    settings = request.settings_anywhere
    keep = request.options.keep
    bound = int(keep * 1024**3) if keep is not None else settings.cache_limit_bytes
    with opened(settings) as stores:
        done = collect(stores, bound)
    runs_gone, caches_gone = counted(len(done.runs), "run"), counted(len(done.caches), "cache")
    request.console.data(
        f"freed {size(done.freed_bytes)}, {size(done.held_bytes)} kept; forgot {caches_gone}, {runs_gone}"
    )
    return int(ExitCode.PASSED)


def _copy_out(stores: Stores, one: Published, folder: Path) -> Path:
    """Copies an artifact to `folder`/job/path; its path was made by a job and can't be trusted to stay inside."""
    parts = [part for part in PurePosixPath(one.path).parts if part not in ("/", "..", ".")]
    job = one.job.replace("/", "_").strip(".") or "job"
    target = folder.joinpath(job, *parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with stores.blobs.open(one.digest) as source, target.open("wb") as stream:
        shutil.copyfileobj(source, stream, _PIECE_BYTES)
    return target


def _zone() -> tzinfo:
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None
    return zone
