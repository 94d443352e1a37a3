"""Caches of a step: where the predefined ones lie, what keys are made of, and the steps that restore and save them.

See https://support.atlassian.com/bitbucket-cloud/docs/cache-dependencies/.
"""

import json
from collections.abc import Mapping
from hashlib import sha256

from understudy.dialects.base import EvaluationError, Scope
from understudy.dialects.bitbucket.globs import GlobError, fits, is_pattern
from understudy.dialects.bitbucket.parts import Cache
from understudy.dialects.tracked import tracked
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Bound, RestoreCache, SaveCache, Step, Text

PAGE = "https://support.atlassian.com/bitbucket-cloud/docs/cache-dependencies/"
DOCKER = "docker"
"""The predefined cache that is no folder: the layers of the job's engine."""

PREDEFINED: Mapping[str, str] = {
    "composer": "~/.composer/cache",
    "dotnetcore": "~/.nuget/packages",
    "gradle": "~/.gradle/caches",
    "ivy2": "~/.ivy2/cache",
    "maven": "~/.m2/repository",
    "node": "node_modules",
    "pip": "~/.cache/pip",
    "sbt": "~/.sbt",
}
"""Folders by name; those without `~` are seen from the clone. See `PAGE`."""

WEEK_S = 7 * 24 * 3600.0
LARGEST = Bound(1 << 30, PAGE)
"""A cache lives for a week, and only one of up to 1 GB is kept. See `PAGE`."""

_MARK = "\0bitbucket-cache:"


def is_known(name: str) -> bool:
    """Whether the service has a cache of that name of its own."""
    return name == DOCKER or name in PREDEFINED


def restore(cache: Cache, number: int) -> Step | None:
    """The step that lays the cache out, the `number`th of its step; None for the one of the engine's layers."""
    if _is_docker(cache):
        return None
    action = RestoreCache((_key(cache, number),), exact=True, fresh_s=WEEK_S)
    return Step(_id(number), Text(f"Cache {cache.name.raw}: download", cache.name.at), cache.name.at, action)


def save(cache: Cache, number: int) -> Step | None:
    """The step that saves it after a step that has passed, unless there is one that is not a week old."""
    if _is_docker(cache):
        return None
    path = cache.path or Text(PREDEFINED.get(cache.name.raw, ""), cache.name.at)
    action = SaveCache(_key(cache, number), (path,), fresh_s=WEEK_S, most=LARGEST)
    return Step(f"save-cache-{number}", Text(f"Cache {cache.name.raw}: save", cache.name.at), cache.name.at, action)


def noted(cache: Cache) -> Finding | None:
    """What is to be known of a cache before it is used."""
    if not _is_docker(cache):
        return None
    message = "the cache `docker` is neither restored nor saved: the engine of this machine keeps its own layers"
    return Finding(Severity.NOTE, "docker-cache", message, cache.name.at, rule=PAGE)


def _is_docker(cache: Cache) -> bool:
    return cache.path is None and cache.name.raw == DOCKER


def _id(number: int) -> str:
    return f"cache-{number}"


def _key(cache: Cache, number: int) -> Text:
    """A text that `key_value` can read."""
    files = [file.raw for file in cache.files]
    return Text(_MARK + json.dumps([cache.name.raw, files, _id(number)]), cache.name.at)


def is_key(text: str) -> bool:
    """Whether `text` is one that `key_value` reads."""
    return text.startswith(_MARK)


def key_value(text: str, scope: Scope) -> str:
    """The key of a cache: its name, and the hash of the files that it goes by, as they were before the script.

    Files are found among those that git tracks, and by name. See `PAGE`, "Cache keys". Raises EvaluationError.
    """
    name, patterns, restored = json.loads(text.removeprefix(_MARK))
    if not patterns:
        return str(name)
    earlier = scope.outputs.get(restored, {}).get("key")
    return earlier or f"{name}-{_hash(patterns, scope)}"


def _hash(patterns: list[str], scope: Scope) -> str:
    known = tracked(scope.read_file)
    whole = sha256()
    for path in sorted({*_found(patterns, known)}):
        content = scope.read_file(path)
        if content is not None:
            whole.update(path.encode("utf-8", "surrogateescape") + b"\0" + sha256(content).digest())
    return whole.hexdigest()[:32]


def _found(patterns: list[str], known: frozenset[str]) -> list[str]:
    found = [pattern for pattern in patterns if not is_pattern(pattern)]
    try:
        return found + [path for path in known if any(fits(pattern, path) for pattern in patterns)]
    except GlobError as error:
        raise EvaluationError(f"a pattern of the cache's key can't be used: {error.message}") from None
