"""The environment variables of one job, out of its own and the build's.

https://docs.travis-ci.com/user/environment-variables/#defining-multiple-variables-per-item
"""

from collections.abc import Iterable, Mapping

from understudy.dialects.travis.conditions import Value

Config = Mapping[str, Value]


def inherited(config: Config, row: Config) -> Config:
    """`row` with `env` as a tuple of entries: the global ones of `config`, then its own.

    A listed job without any gets the first of `env.jobs`, as Travis has always done.
    """
    written = row.get("env")
    entries = None if written is None or written is False else _entries(written)
    first = _first(config.get("env"))
    if entries is None and first:
        entries = (first,)
    shared = _global(config)
    if shared is not None:
        entries = _unique((*shared, *(entries or ())))
    return row if entries is None else {**row, "env": entries}


def own(config: Config, row: Config) -> Value:
    """The entries of a complete `row` without the global ones; None where it has none at all."""
    entries = row.get("env")
    if not isinstance(entries, tuple):
        return entries
    shared = _global(config) or ()
    return tuple(one for one in entries if one not in shared)


def _entries(env: Value) -> tuple[Value, ...]:
    if isinstance(env, Mapping):
        kept = {key: value for key, value in env.items() if key != "global"}
        return (kept,) if kept else ()
    if isinstance(env, tuple):
        return tuple(entry for one in env for entry in _entries(one))
    return (env,)


def _first(env: Value) -> Value:
    if isinstance(env, Mapping):
        env = env.get("jobs")
    return env[0] if isinstance(env, tuple) and env else None


def _global(config: Config) -> tuple[Value, ...] | None:
    env = config.get("env")
    found = (env.get("global") if isinstance(env, Mapping) else None) or config.get("global_env")
    if found is None or found is False:
        return None
    return found if isinstance(found, tuple) else (found,)


def _unique(entries: Iterable[Value]) -> tuple[Value, ...]:
    found: list[Value] = []
    for one in entries:
        if one not in found:
            found.append(one)
    return tuple(found)


def covers(config: Config, row: Config, entries: Value) -> bool:
    """Whether `env` of an entry of `jobs.allow_failures` is that of a complete `row`, global ones left aside."""
    mine = own(config, row)
    if not isinstance(mine, tuple) or not isinstance(entries, tuple):
        return mine is not None and mine == entries
    if mine == entries:
        return True
    env = config.get("env")
    shared = env.get("global") if isinstance(env, Mapping) else None
    others = [one for one in entries if one not in mine]
    return bool(others) and isinstance(shared, tuple) and all(one in shared for one in others)
