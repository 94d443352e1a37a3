"""Artifacts that are one archive each: kept for people, and handed on to the jobs after."""

import re

from understudy.engine.archive import Bounds, Contents, Refused, TooLarge, take_whole
from understudy.engine.layers import Bundle
from understudy.engine.lookup import Unfit, files_of
from understudy.engine.turn import PASSED, Ended, Turn, failed
from understudy.engine.words import size_text
from understudy.model.pipeline import Fetch, Kind, Publish


def publish(turn: Turn, action: Publish) -> Ended:
    """Keeps the files that the globs of `action` fit as one archive. Finding none is no failure, but a warning.

    https://support.atlassian.com/bitbucket-cloud/docs/use-artifacts-in-steps/
    """
    name = turn.value(action.name) if action.name else ""
    root = turn.path(action.root)
    patterns = tuple(turn.value(path) for path in action.paths)
    ignore = tuple(turn.value(path) for path in action.ignore)
    try:
        found, unmatched = files_of(turn.room, root, patterns, ignore=ignore, depth=action.depth)
    except Unfit as unfit:
        return failed(unfit.message)
    for pattern in unmatched:
        turn.log.line(f"No file matches `{pattern}`.")
    if not found:
        _missing(turn, name, patterns)
        return PASSED
    try:
        return _keep(turn, action, name, root, found)
    except TooLarge as refusal:
        return _too_large(turn, action, name, refusal)
    except Refused as refusal:
        return failed(f"the artifact `{name}` was not taken: {refusal.message}")


def _keep(turn: Turn, action: Publish, name: str, root: str, found: tuple[str, ...]) -> Ended:
    contents = Contents(Bounds(size_bytes=action.most.size_bytes) if action.most else Bounds())
    (digest, size), _ = take_whole(turn.room, root, found, contents, turn.given.blobs)
    for left_out in contents.left_out:
        turn.log.line(f"warning: left out {left_out}")
    turn.layers.hand_on(Bundle(turn.node.id, name, digest, size, contents.names(), shared=action.handed_on))
    count = len(contents.names())
    turn.log.line(f"Kept {count:,} file{'' if count == 1 else 's'}, {size_text(contents.size_bytes)}.")
    turn.published(Kind.ARTIFACT, _file_name(name), digest, size)
    return PASSED


def _file_name(name: str) -> str:
    """What people get the archive as."""
    return (re.sub(r"[^\w.-]+", "-", name).strip("-.") or "artifact") + ".tar"


def _missing(turn: Turn, name: str, patterns: tuple[str, ...]) -> None:
    """Nothing is kept. A folder's own name means none of the files in it."""
    message = f"no file matches the artifact `{name}`"
    folder = next((one for one in patterns if one.strip("/") and not set(one) & set("*?[{")), None)
    hint = f"for all files of a folder write `{folder.rstrip('/')}/**`" if folder else ""
    turn.remark("warning", "empty-artifact", message, hint)


def _too_large(turn: Turn, action: Publish, name: str, refusal: TooLarge) -> Ended:
    bound = action.most
    assert bound is not None
    most = size_text(bound.size_bytes)
    message = f"the artifact `{name}` is larger than the {most} that the service keeps"
    turn.log.line(f"{message}: {refusal.message}.")
    turn.remark("error", "artifact-too-large", message, bound.rule)
    return failed(message)


def fetch(turn: Turn, action: Fetch) -> Ended:
    """Lays out what the jobs before this one have handed on, in the order of its coming.

    https://support.atlassian.com/bitbucket-cloud/docs/use-artifacts-in-steps/
    """
    names = None if action.names is None else {turn.value(name): name.at for name in action.names}
    target = turn.path(action.path)
    every = turn.layers.handed_on(turn.node.id)
    shared = {bundle.name for bundle in every}
    for name, at in (names or {}).items():
        if name in shared:
            continue
        message = f"no step before this one has shared an artifact `{name}`"
        turn.remark("warning", "unknown-artifact", message, at=at)
        turn.log.line(f"{message[0].upper()}{message[1:]}.")
    wanted = [bundle for bundle in every if names is None or bundle.name in names]
    _warn_of_clashes(turn, wanted)
    for bundle in wanted:
        turn.log.line(f"Artifact {bundle.name} of `{bundle.node}` ({size_text(bundle.size_bytes)}).")
        with turn.given.blobs.open(bundle.digest) as stored:
            turn.room.unpack(stored, target)
    if not wanted:
        turn.log.line("There are no artifacts to download.")
    return PASSED


def _warn_of_clashes(turn: Turn, bundles: list[Bundle]) -> None:
    """Files that two jobs share of which neither waits for the other: which of them a job gets is left to chance."""
    for one in turn.layers.conflicts(bundles):
        message = f"`{one.first}` and `{one.second}` may run at the same time and both share {one.what}"
        turn.remark("warning", "artifact-clash", message, "share it under different paths")
