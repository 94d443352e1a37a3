"""Keys that belong to languages: https://docs.travis-ci.com/user/languages/ and the page of each language."""

from collections.abc import Mapping
from dataclasses import replace

from understudy.dialects.travis.schema.build import fields, text, texts
from understudy.dialects.travis.schema.forms import Map, Node, OneOf, Sequence, Support, merged

_KEYS = {
    "android": "jdk:versions android:own",
    "clojure": "jdk:versions lein",
    "crystal": "crystal:versions",
    "csharp": "dotnet:versions mono:versions solution:versions",
    "d": "d:versions",
    "dart": "dart:versions dart_task:own with_content_shell:flag",
    "elixir": "elixir:versions otp_release:versions",
    "elm": "elm:versions node_js:versions elm_format elm_test",
    "erlang": "otp_release:versions",
    "go": "go:versions gobuild_args go_import_path gimme_config:own",
    "groovy": "jdk:versions",
    "hack": "hhvm:versions php:versions",
    "haskell": "ghc:versions",
    "haxe": "haxe:versions hxml:texts neko",
    "java": "jdk:versions",
    "julia": "julia:versions",
    "matlab": "matlab:versions",
    "nix": "nix:versions",
    "node_js": "node_js=node:versions npm_args",
    "perl": "perl:versions",
    "perl6": "perl6:versions",
    "php": "php:versions composer_args",
    "python": "python:versions virtualenv=virtual_env:own",
    "r": (
        "r:versions r_packages:texts r_binary_packages:texts r_github_packages:texts apt_packages:texts "
        "bioc_packages:texts brew_packages:texts bioc bioc_check:flag bioc_required=use_bioc:flag bioc_use_devel:flag "
        "cran disable_homebrew:flag latex:flag pandoc:flag pandoc_version r_build_args r_check_args "
        "r_check_revdep:flag warnings_are_errors:flag remotes repos:own"
    ),
    "ruby": "rvm=ruby,rbenv:versions gemfile=gemfiles:versions jdk:versions bundler_args",
    "objective-c": (
        "rvm=ruby,rbenv:versions gemfile:versions xcode_scheme:versions xcode_sdk:versions podfile bundler_args "
        "xcode_destination xcode_project xcode_workspace xctool_args"
    ),
    "rust": "rust:versions",
    "scala": "scala:versions jdk:versions sbt_args",
    "smalltalk": ("smalltalk:versions smalltalk_config:versions smalltalk_vm:versions smalltalk_edge:own"),
}
"""`versions` multiply the matrix: several at the root, one in a job. `own`: a form of its own, below."""

_DART_TASK = Map(keys=fields("test dartanalyzer dartfmt:flag install_dartium:flag xvfb:flag"))
_DART_TASKS = OneOf(forms=(_DART_TASK, text()))
_OWN: Mapping[str, Node] = {
    "android": Map(keys=fields("components:texts licenses:texts")),
    "gimme_config": Map(keys=fields("url force_reinstall:flag")),
    "virtualenv": Map(keys=fields("system_site_packages:flag"), strict=False),
    "repos": Map(strict=False),
    "smalltalk_edge": Map(keys=fields("source branch")),
}
_AT_ROOT: Mapping[str, Node] = {"dart_task": OneOf(forms=(Sequence(item=_DART_TASKS, normal=True), *_DART_TASKS.forms))}
_IN_JOB: Mapping[str, Node] = {"dart_task": _DART_TASK, "smalltalk_config": texts(), "smalltalk_vm": texts()}

UNGUESSED = frozenset(name.partition(":")[0].partition("=")[0] for name in _KEYS["r"].split()) - {"r"}
"""Keys of R that no misspelling is taken for: there are too many of them."""


def _forms(*, root: bool) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for language, line in _KEYS.items():
        for word in line.split():
            name, form = _form(word, root=root)
            here = Support({"language": (language,)})
            if name in found:
                aliases = tuple(dict.fromkeys((*found[name].aliases, *form.aliases)))
                found[name] = replace(found[name], aliases=aliases, support=merged(found[name].support, here))
            else:
                found[name] = replace(form, support=here)
    return found


def _form(word: str, *, root: bool) -> tuple[str, Node]:
    key, _, kind = word.partition(":")
    name, _, aliases = key.partition("=")
    others = _AT_ROOT if root else _IN_JOB
    if name in others:
        form = others[name]
    elif kind == "own":
        form = _OWN[name]
    elif kind == "versions":
        form = texts() if root else text()
    else:
        return next(iter(fields(word).items()))
    return name, replace(form, aliases=tuple(aliases.split(",")) if aliases else ())


ROOT_KEYS = _forms(root=True)
JOB_KEYS = _forms(root=False)
