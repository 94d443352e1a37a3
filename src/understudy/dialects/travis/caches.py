"""What Travis CI keeps between builds: one cache for a job's branch, system and versions, with all its folders.

https://docs.travis-ci.com/user/caching/
"""

import hashlib
import re
from collections.abc import Iterator, Mapping

from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.known_data import branch_of, event_type
from understudy.dialects.travis.languages import LANGUAGES, Row, language_of, text, texts
from understudy.dialects.travis.variables import DIST, Variable, variables
from understudy.findings import Position
from understudy.model.pipeline import RestoreCache, SaveCache, Text
from understudy.model.results import Facts

PAGE = "https://docs.travis-ci.com/user/caching/"
FRESH_S = 45 * 24 * 3600.0
"""https://docs.travis-ci.com/user/caching/#caches-expiration"""

_NOT_PATHS = frozenset({"directories", "timeout", "edge", "branch", "debug", "apt"})
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)


def paths(row: Row) -> tuple[str, ...]:
    """The paths that the job keeps: of folders as written, and of what words like `pip` stand for. May be none."""
    cache = row.get("cache")
    words = set(_words(cache)) | _by_default(row)
    known = {name: found for language in LANGUAGES.values() for name, found in language.caches.items()}
    known |= language_of(row).caches
    folders = texts(cache.get("directories")) if isinstance(cache, Mapping) else ()
    env = {one.name: one.plain for one in variables(row.get("env"))}
    named = (path for word in sorted(words) for path in known.get(word, ()))
    return tuple(dict.fromkeys((*(_expanded(folder, env) for folder in folders), *named)))


def _by_default(row: Row) -> set[str]:
    """https://docs.travis-ci.com/user/caching/#npm-cache"""
    cache = row.get("cache")
    off = cache is False or (isinstance(cache, Mapping) and cache.get("npm") is False)
    return {"npm"} if row.get("language") == "node_js" and not off else set()


def unknown(row: Row) -> tuple[str, ...]:
    """The words of `cache` that stand for nothing that is kept here."""
    known = {name for language in LANGUAGES.values() for name in language.caches}
    return tuple(sorted(word for word in _words(row.get("cache")) if word not in known))


def _words(cache: Value) -> Iterator[str]:
    """The words that are on: `cache: pip`, `[pip, npm]`, `{pip: true}`."""
    if isinstance(cache, str):
        yield cache
    elif isinstance(cache, tuple):
        yield from (word for one in cache for word in _words(one))
    elif isinstance(cache, Mapping):
        yield from (name for name, value in cache.items() if value is True and name not in _NOT_PATHS)


def _expanded(folder: str, env: Mapping[str, str | None]) -> str:
    """A folder with the variables that are known before the job, as `$HOME`; the rest of them are empty then."""
    places = {"HOME": "~", "TRAVIS_HOME": "~", "TRAVIS_BUILD_DIR": "."}
    return _REFERENCE.sub(lambda one: places.get(name := one[1] or one[2], env.get(name) or ""), folder) or "."


def keys(row: Row, facts: Facts) -> tuple[str, ...]:
    """The caches that the job looks for: its branch's, or pull request's and target's, and the default branch's.

    https://docs.travis-ci.com/user/caching/#pull-request-builds-and-caches
    """
    groups = [branch_of(facts), facts.default_branch]
    if event_type(facts) == "pull_request":
        groups.insert(0, f"PR.{facts.pull_request or 1}")
    return tuple(f"{group}/{slug(row)}" for group in dict.fromkeys(groups))


def slug(row: Row) -> str:
    """The part of a key that tells a job from others: system, variables that are no secrets, the language's version.

    https://docs.travis-ci.com/user/caching/#caches-and-build-matrices
    """
    language = language_of(row)
    parts = [
        "cache",
        text(row.get("arch")) or "amd64",
        text(row.get("os")) or "linux",
        text(row.get("dist")) or DIST,
        hashlib.sha256("=".join(sorted(_written(variables(row.get("env"))))).encode()).hexdigest(),
    ]
    version = language.version(row)
    if language.mark and version:
        parts.append(f"-{language.mark}-{version}")
    if row.get("language") == "ruby":
        parts.append(f"-gemfile-{text(row.get('gemfile')) or 'Gemfile'}")
    return "-".join(parts)


def _written(found: tuple[Variable, ...]) -> Iterator[str]:
    return (f"{one.name}={one.value}" for one in found if one.value is not None)


def restore(row: Row, facts: Facts, at: Position) -> RestoreCache:
    """Takes the first cache there is."""
    return RestoreCache(tuple(Text(key, at) for key in keys(row, facts)), exact=True, fresh_s=FRESH_S)


def save(row: Row, facts: Facts, at: Position) -> SaveCache:
    """Puts what there is in the place of what was kept."""
    kept = tuple(Text(path, at) for path in paths(row))
    return SaveCache(Text(keys(row, facts)[0], at), kept, literal=True, replaces=True)
