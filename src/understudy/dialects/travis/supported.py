"""Which keys, and which of their values, Travis takes only with certain languages and systems.

https://config.travis-ci.com, where each key's page lists them. A key that isn't supported takes no part in the matrix,
and is dropped from the jobs it isn't supported for.
"""

from collections.abc import Mapping, Sequence

from understudy.dialects.travis.conditions.data import Value

EXPANDED = (
    *("os", "arch", "compiler", "osx_image", "jdk", "crystal", "dotnet", "mono", "solution", "d", "dart", "dart_task"),
    *("elixir", "otp_release", "elm", "node_js", "go", "hhvm", "php", "ghc", "haxe", "julia", "matlab", "nix", "perl"),
    *("perl6", "python", "r", "rvm", "gemfile", "xcode_scheme", "xcode_sdk", "rust", "scala", "smalltalk"),
    *("smalltalk_config", "smalltalk_vm", "env"),
)
"""The keys that multiply jobs, the first one changing slowest: https://config.travis-ci.com/matrix_expansion."""

_BY_LANGUAGES: Mapping[tuple[str, ...], str] = {
    ("c", "cpp"): "compiler",
    ("android", "clojure", "groovy", "java", "ruby", "scala"): "jdk",
    ("android",): "android",
    ("clojure",): "lein",
    ("crystal",): "crystal",
    ("csharp",): "dotnet mono solution",
    ("d",): "d",
    ("dart",): "dart dart_task with_content_shell",
    ("elixir",): "elixir",
    ("elixir", "erlang"): "otp_release",
    ("elm",): "elm elm_format elm_test",
    ("elm", "node_js"): "node_js",
    ("go",): "go gobuild_args go_import_path gimme_config",
    ("hack",): "hhvm",
    ("hack", "php"): "php",
    ("haskell",): "ghc",
    ("haxe",): "haxe hxml neko",
    ("julia",): "julia",
    ("matlab",): "matlab",
    ("nix",): "nix",
    ("node_js",): "npm_args",
    ("perl",): "perl",
    ("perl6",): "perl6",
    ("php",): "composer_args",
    ("python",): "python virtualenv",
    ("r",): (
        "r r_packages r_binary_packages r_github_packages apt_packages bioc_packages brew_packages bioc bioc_check"
        " bioc_required bioc_use_devel cran disable_homebrew latex pandoc pandoc_version r_build_args r_check_args"
        " r_check_revdep warnings_are_errors remotes repos"
    ),
    ("ruby", "objective-c"): "rvm gemfile bundler_args",
    ("objective-c",): "xcode_scheme xcode_sdk podfile xcode_destination xcode_project xcode_workspace xctool_args",
    ("rust",): "rust",
    ("scala",): "scala sbt_args",
    ("smalltalk",): "smalltalk smalltalk_config smalltalk_vm smalltalk_edge",
}
_KEYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    **{key: ("language", languages) for languages, keys in _BY_LANGUAGES.items() for key in keys.split()},
    "arch": ("os", ("linux",)),
    "osx_image": ("os", ("osx",)),
}
_LINUX, _POWER_TOO = ("linux",), ("linux", "linux-ppc64le")
_DISTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("trusty", "precise", "bionic", "jammy", "noble", "rhel8"), _LINUX),
    **dict.fromkeys(("xenial", "focal"), _POWER_TOO),
    "server-2016": ("windows",),
}
_NO_OBJECTIVE_C = ("linux", "windows", "freebsd")


def takes_key(config: Mapping[str, Value], key: str) -> bool:
    """Whether a build or job with the language and systems of `config` takes `key`. What it doesn't say allows all."""
    if key not in _KEYS:
        return True
    about, allowed = _KEYS[key]
    given = _texts(config.get(about))
    return not given or any(one in allowed for one in given)


def takes(config: Mapping[str, Value], key: str, value: Value) -> bool:
    """Whether it takes `key` with this `value`."""
    if value is None or value is False:
        return True
    return takes_key(config, key) and _takes_value(config, key, value)


def _takes_value(config: Mapping[str, Value], key: str, value: Value) -> bool:
    if key == "dist" and isinstance(value, str) and value in _DISTS:
        given = _texts(config.get("os"))
        return not given or any(one in _DISTS[value] for one in given)
    if key == "os" and value in _NO_OBJECTIVE_C:
        given = _texts(config.get("language"))
        return not given or any(one != "objective-c" for one in given)
    return True


def _texts(value: Value) -> Sequence[str]:
    if value is None:
        return ()
    return [str(one) for one in value] if isinstance(value, tuple) else [str(value)]
