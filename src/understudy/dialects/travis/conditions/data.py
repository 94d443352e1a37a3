"""What a condition may ask of: the build's attributes and its environment variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from understudy.dialects.travis.conditions.shellwords import variables

Value = None | bool | int | float | str | tuple["Value", ...] | Mapping[str, "Value"]

_QUOTED = re.compile(r"^([\"'])(.*)\1$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Data:
    """The attributes by Travis's names (`type`, `repo`, `branch`...), and `env`; what is missing is None.

    https://docs.travis-ci.com/user/conditions-v1/#attributes
    """

    attributes: Mapping[str, Value] = field(default_factory=dict)
    env: Mapping[str, Value] = field(default_factory=dict)

    @staticmethod
    def of(given: Mapping[str, Value]) -> "Data":
        """From one mapping, whose `env` is a mapping, a list of mappings and `NAME=value` texts, or one such text."""
        return Data(given, dict(_pairs(given.get("env"))))

    def variable(self, name: str) -> Value:
        """The value of an environment variable, without quotes around it."""
        value = self.env.get(name)
        return _QUOTED.sub(r"\2", value) if isinstance(value, str) else value


def merged(data: Mapping[str, Value], config: Mapping[str, Value]) -> Mapping[str, Value]:
    """`data` with what the configuration of a build, or of a job, says: that wins, and its variables are added.

    All variables of `env` count, whether global or of a job, as on Travis.
    """
    env = config.get("env")
    if isinstance(env, Mapping):
        groups = (_listed(env.get(name)) for name in ("global", "jobs", "matrix"))
        together = dict(pair for group in groups for one in group for pair in _pairs(one))
        config = {**config, "env": (together,)}
    elif isinstance(env, str):
        config = {**config, "env": (env,)}
    return _merge(data, config)


def _merge(left: Mapping[str, Value], right: Mapping[str, Value]) -> Mapping[str, Value]:
    return {**left, **{key: _one(left[key], value) if key in left else value for key, value in right.items()}}


def _one(left: Value, right: Value) -> Value:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _merge(left, right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return (*left, *(one for one in right if one not in left))
    return right


def _listed(value: Value) -> tuple[Value, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _pairs(env: Value) -> Iterator[tuple[str, Value]]:
    if isinstance(env, Mapping):
        yield from env.items()
    elif isinstance(env, tuple):
        for one in env:
            yield from _pairs(one)
    elif env is not None and env is not False:
        yield from ((name, _plain(value)) for name, value in variables(str(env)))


def _plain(text: str) -> Value:
    found = _QUOTED.search(text)
    value = found[2] if found else text
    return {"true": True, "false": False}.get(value.lower(), value)
