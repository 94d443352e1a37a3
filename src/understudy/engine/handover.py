"""What jobs hand over: artifacts and test results to people, workspace layers to the jobs after them."""

import io
import posixpath
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import BinaryIO

from understudy.engine.archive import Contents, Refused, members, take, take_whole
from understudy.engine.given import Tally
from understudy.engine.layers import Conflict, Layer
from understudy.engine.lookup import Unfit, files_of
from understudy.engine.paths import absolute, expand, outside
from understudy.engine.turn import PASSED, Ended, Turn, failed
from understudy.engine.words import size_text
from understudy.findings import Finding, Severity
from understudy.model.events import TestsReported
from understudy.model.pipeline import Fetch, Kind, Publish

_LARGEST_REPORT = 64 << 20
_WORKSPACES = "https://circleci.com/docs/workspaces/"


def publish_workspace(turn: Turn, action: Publish) -> Ended:
    """Adds one layer of the files that the globs match under the root. Fails where none does, as the service does.

    https://circleci.com/docs/workspaces/ and https://circleci.com/docs/reference/configuration-reference/#persisttoworkspace
    """
    root = turn.path(action.root)
    patterns = tuple(turn.value(path) for path in action.paths)
    escaping = next((pattern for pattern in patterns if outside(pattern)), None)
    if escaping is not None:
        return failed(f"`{escaping}` is not under the workspace's root `{root}`")
    found, unmatched = expand(turn.room, root, patterns, hidden=True)
    contents = Contents()
    try:
        (digest, size), missing = take_whole(turn.room, root, found, contents, turn.given.blobs)
    except Refused as refusal:
        return failed(f"the workspace layer was not taken: {refusal.message}")
    _warn(turn, root, (*unmatched, *missing), contents)
    if not contents.entries:
        return failed(f"the paths to persist match nothing in `{root}`")
    name = turn.value(action.name) if action.name else ""
    turn.layers.add(Layer(turn.node.id, digest, size, contents.names(), name))
    what = "1 entry" if contents.entries == 1 else f"{contents.entries:,} entries"
    turn.log.line(f"Added {what}, {size_text(size)}, to the workspace.")
    turn.published(Kind.WORKSPACE, root, digest, size)
    return PASSED


def fetch_workspace(turn: Turn, action: Fetch) -> Ended:
    """Lays the layers of all jobs before this one out, in order.

    Fails, as the service does, where two jobs of which neither waits for the other added the same file.
    https://circleci.com/docs/workspaces/
    """
    target = turn.path(action.path)
    name = turn.value(action.name) if action.name else None
    layers = tuple(layer for layer in turn.layers.before(turn.node.id) if name in {None, layer.name})
    conflict = next(turn.layers.conflicts(layers), None)
    if conflict is not None:
        return _clash(turn, conflict)
    if not layers:
        turn.log.line("The workspace is empty: no job before this one added to it.")
    for layer in layers:
        turn.log.line(f"Laying out what `{layer.node}` added ({size_text(layer.size_bytes)}).")
        with turn.given.blobs.open(layer.digest) as stored:
            turn.room.unpack(stored, target)
    return PASSED


def _clash(turn: Turn, conflict: Conflict) -> Ended:
    for name in conflict.names[:20]:
        turn.log.line(f"`{conflict.first}` and `{conflict.second}` both added `{name}`")
    message = f"`{conflict.first}` and `{conflict.second}` may run at the same time and both persist {conflict.what}"
    hint = "persist them under different paths, or let one job require the other"
    turn.notice(Finding(Severity.WARNING, "workspace-conflict", message, turn.step.at, hint=hint, rule=_WORKSPACES))
    return failed(message)


def publish_artifacts(turn: Turn, action: Publish) -> Ended:
    """Takes each file at the paths into the store. What doesn't exist is told in the log and is no failure.

    https://circleci.com/docs/artifacts/
    """
    sizes: list[int] = []

    def keep(path: str, content: BinaryIO) -> None:
        digest, size_bytes = turn.given.blobs.put(content)
        turn.layers.hand_out(path, digest, size_bytes)
        turn.published(Kind.ARTIFACT, path, digest, size_bytes)
        sizes.append(size_bytes)

    ended = _each_file(turn, action, keep)
    turn.log.line(f"Kept {len(sizes):,} file{'' if len(sizes) == 1 else 's'}, {size_text(sum(sizes))}.")
    return ended


def fetch_artifacts(turn: Turn, action: Fetch) -> Ended:
    """Lays the artifacts of the run so far out, each file at its public path; `name`: those of which it opens the path.

    `name` may be a glob for the first folder. Where there are none nothing happens.
    """
    target = turn.path(action.path)
    name = None if action.name is None else turn.value(action.name)
    files = {path: kept for path, kept in turn.layers.artifacts().items() if _is_of(path, name)}
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path, (digest, size_bytes) in sorted(files.items()):
                member = tarfile.TarInfo(path)
                member.size, member.mode, member.mtime = size_bytes, 0o644, int(turn.given.clock())
                with turn.given.blobs.open(digest) as stored:
                    tar.addfile(member, stored)
        packed.seek(0)
        if files:
            turn.room.unpack(packed, target)
    size = size_text(sum(size_bytes for _, size_bytes in files.values()))
    turn.log.line(f"Fetched {len(files):,} file{'' if len(files) == 1 else 's'} of artifacts, {size}.")
    return PASSED


def _is_of(path: str, name: str | None) -> bool:
    return name is None or path == name or path.startswith(f"{name}/") or fnmatchcase(path.partition("/")[0], name)


def publish_tests(turn: Turn, action: Publish) -> Ended:
    """Reads the XML files at the paths, tells what they say and keeps the times of their tests.

    https://circleci.com/docs/collect-test-data/
    """
    tallies: list[Tally] = []

    def gather(path: str, content: BinaryIO) -> None:
        tally = _read(turn, path, content) if path.endswith(".xml") else None
        if tally is not None:
            tallies.append(tally)

    ended = _each_file(turn, action, gather)
    if not tallies:
        turn.log.line("No test results were found.")
        return ended
    total = _sum(tallies)
    turn.log.line(
        f"Read {len(tallies):,} files: {total.passed} passed, {total.failed} failed, {total.skipped} skipped."
    )
    if total.seconds:
        turn.given.timings.record(turn.given.project, turn.job.id, total.seconds)
    hide = turn.secrets.hide_text
    turn.emit(
        TestsReported(
            at=turn.given.clock(),
            job=turn.node.id,
            passed=total.passed,
            failed=total.failed,
            skipped=total.skipped,
            failing=tuple(hide(name) for name in total.failing),
        )
    )
    return ended


def _read(turn: Turn, path: str, content: BinaryIO) -> Tally | None:
    """What one file says, kept in the store; None, and a line in the log, for what is no report."""
    data = content.read(_LARGEST_REPORT + 1)
    if len(data) > _LARGEST_REPORT:
        turn.log.line(f"warning: `{path}` is larger than {size_text(_LARGEST_REPORT)} and was not read")
        return None
    try:
        tally = turn.given.read_tests(data)
    except ValueError as error:
        turn.log.line(f"warning: `{path}` is no test report: {error}")
        return None
    digest, size = turn.given.blobs.put(io.BytesIO(data))
    turn.published(Kind.TEST_RESULTS, path, digest, size)
    return tally


def _sum(tallies: list[Tally]) -> Tally:
    return Tally(
        passed=sum(one.passed for one in tallies),
        failed=sum(one.failed for one in tallies),
        skipped=sum(one.skipped for one in tallies),
        failing=tuple(name for one in tallies for name in one.failing),
        seconds={name: seconds for one in tallies for name, seconds in one.seconds.items()},
    )


def _each_file(turn: Turn, action: Publish, use: Callable[[str, BinaryIO], None]) -> Ended:
    """Calls `use` with the public path and the content of every regular file at the paths."""
    room = turn.room
    root = turn.path(action.root)
    if action.files:
        return _each_fitting(turn, action, root, use)
    for text in action.paths:
        wanted = absolute(turn.value(text), root, room.home)
        found, missing = ((wanted,), ()) if action.literal else expand(room, "/", (wanted,))
        for path in found:
            public = _public(turn, action, path, single=len(found) == 1)
            contents = Contents()
            try:
                _, gone = take(room, "/", (path.lstrip("/") or ".",), _Pass(path, public, contents, turn, use))
            except Refused as refusal:
                return failed(f"`{path}` was not taken: {refusal.message}")
            missing = (*missing, *(path for _ in gone))
            for left_out in contents.left_out:
                turn.log.line(f"warning: left out {left_out}")
        for path in missing:
            turn.log.line(f"warning: there is nothing at `{path}`")
    return PASSED


def _each_fitting(turn: Turn, action: Publish, root: str, use: Callable[[str, BinaryIO], None]) -> Ended:
    """Calls `use` with the path below `root` and the content of every regular file that the globs fit."""
    patterns = tuple(turn.value(path) for path in action.paths)
    ignore = tuple(turn.value(path) for path in action.ignore)
    try:
        found, _ = files_of(turn.room, root, patterns, ignore=ignore, depth=action.depth)
        if found:
            take(turn.room, root, found, _Pass(root, "", Contents(), turn, use, base=root))
    except Unfit as unfit:
        return failed(unfit.message)
    except Refused as refusal:
        return failed(f"the files were not taken: {refusal.message}")
    return PASSED


@dataclass(frozen=True, slots=True)
class _Pass:
    """Hands each regular file of a tar of `base` on under its public path: where it lies below `path`, in `public`."""

    path: str
    public: str
    contents: Contents
    turn: Turn
    use: Callable[[str, BinaryIO], None]
    base: str = "/"

    def __call__(self, raw: BinaryIO) -> None:
        for info, body in members(raw, self.contents):
            if info.isreg():
                below = posixpath.relpath(posixpath.join(self.base, info.name), self.path)
                self.use(posixpath.normpath(posixpath.join(self.public, below)), body)
            elif not info.isdir():
                self.turn.log.line(f"warning: left out the link `/{info.name}`")


def _public(turn: Turn, action: Publish, path: str, *, single: bool) -> str:
    """The path that `path` gets: the given name, else where it lies in the working directory or at home."""
    if action.name is not None:
        name = posixpath.normpath(turn.value(action.name).strip("/") or ".")
        name = posixpath.basename(path) if outside(name) else name
        return name if single else posixpath.join(name, posixpath.basename(path))
    for place in (turn.room.workdir, turn.room.home):
        below = posixpath.relpath(path, place)
        if not outside(below):
            return below
    return path.lstrip("/")


def _warn(turn: Turn, base: str, missing: tuple[str, ...], contents: Contents) -> None:
    for path in missing:
        turn.log.line(f"warning: there is nothing at `{posixpath.join(base, path)}`")
    for left_out in contents.left_out:
        turn.log.line(f"warning: left out {left_out}")
