"""Which keys, and which of their values, Travis takes only with certain languages and systems.

A key that isn't supported takes no part in the matrix, and is dropped from the jobs it isn't supported for.
"""

from collections.abc import Mapping

from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.normalise.supported import is_supported
from understudy.dialects.travis.schema.forms import Attributes, Node, OneOf, Scalar
from understudy.dialects.travis.schema.root import root

EXPANDED = (
    *("os", "arch", "compiler", "osx_image", "jdk", "crystal", "dotnet", "mono", "solution", "d", "dart", "dart_task"),
    *("elixir", "otp_release", "elm", "node_js", "go", "hhvm", "php", "ghc", "haxe", "julia", "matlab", "nix", "perl"),
    *("perl6", "python", "r", "rvm", "gemfile", "xcode_scheme", "xcode_sdk", "rust", "scala", "smalltalk"),
    *("smalltalk_config", "smalltalk_vm", "env"),
)
"""The keys that multiply jobs, the first one changing slowest: https://config.travis-ci.com/matrix_expansion."""

_ASKED = ("language", "os", "arch")


def takes_key(config: Mapping[str, Value], key: str) -> bool:
    """Whether a build or job with the language and systems of `config` takes `key`. What it doesn't say allows all."""
    form = root().keys.get(key)
    return form is None or is_supported(form.all_support, _here(config))


def takes(config: Mapping[str, Value], key: str, value: Value) -> bool:
    """Whether it takes `key` with this `value`."""
    if value is None or value is False:
        return True
    form = _scalar(root().keys.get(key))
    choice = form.choice(value) if form is not None else None
    return takes_key(config, key) and (choice is None or is_supported(choice.support, _here(config)))


def _scalar(form: Node | None) -> Scalar | None:
    """The form of a single value."""
    if isinstance(form, OneOf):
        return next((one for one in form.forms if isinstance(one, Scalar)), None)
    return form if isinstance(form, Scalar) else None


def _here(config: Mapping[str, Value]) -> Attributes:
    return {key: _words(config[key]) for key in _ASKED if config.get(key) is not None}


def _words(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple) else (str(value),)
