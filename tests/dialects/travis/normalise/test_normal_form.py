"""The normal form of a `.travis.yml`, section by section: https://config.travis-ci.com"""

from collections.abc import Mapping

import pytest

from understudy.dialects.travis import document
from understudy.dialects.travis.normalise import Message, Normal, Options, Value, normalise
from understudy.findings import Position

BARE = Options(alert=False, defaults=False, line=False)
PATH = ".travis.yml"


def normal(text: str, options: Options = BARE) -> Normal:
    return normalise(document.load(text, PATH).root, PATH, options)


def config(text: str) -> Mapping[str, Value]:
    return normal(text).config


def said(text: str, options: Options = BARE) -> list[tuple[str, str, str]]:
    return [(one.level, one.key, one.code) for one in normal(text, options).messages]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("python: 3.10", {"python": ("3.10",)}),
        ("python: [3.9, '3.10', nightly]", {"python": ("3.9", "3.10", "nightly")}),
        ("node_js: 12", {"node_js": ("12",)}),
        ("script: make", {"script": ("make",)}),
        ("script: [[make, [make test]], done]", {"script": ("make", "make test", "done")}),
        ("install: true", {"install": ("true",)}),
        ("os: Linux", {"os": ("linux",)}),
        ("language: [python]", {"language": "python"}),
        ("language: golang", {"language": "go"}),
        ("branches: main", {"branches": {"only": ("main",)}}),
        ("branches: [main, /^v/]", {"branches": {"only": ("main", "/^v/")}}),
        ("cache: pip", {"cache": {"pip": True}}),
        ("cache: [bundler, $HOME/.m2, {directories: [vendor]}]", {
            "cache": {"bundler": True, "directories": ("$HOME/.m2", "vendor")}
        }),
        ("cache: false", {"cache": False}),
        ("services: docker", {"services": ("docker",)}),
        ("sudo: required", {"sudo": True}),
        ("git: {depth: 10, submodules: off}", {"git": {"depth": 10, "submodules": False}}),
        ("addons: {apt: [cmake, gcc]}", {"addons": {"apt": {"packages": ("cmake", "gcc")}}}),
        ("addons: {apt: {sources: ppa:x}}", {"addons": {"apt": {"sources": ({"name": "ppa:x"},)}}}),
        ("stages: [test, {name: deploy, if: branch = main}]", {
            "stages": ({"name": "test"}, {"name": "deploy", "if": "branch = main"})
        }),
        ("deploy: {provider: script, script: ./go, on: main}", {
            "deploy": ({"provider": "script", "script": "./go", "on": {"branch": ("main",)}},)
        }),
        ("deploy: {provider: pypi, user: me, true: {tags: yes}}", {
            "deploy": ({"provider": "pypi", "username": "me", "on": {"tags": True}},)
        }),
        ("notifications: me@example.com", {"notifications": {"email": ({"recipients": ("me@example.com",)},)}}),
        ("notifications: {email: false}", {"notifications": {"email": ({"enabled": False},)}}),
        ("notifications: {slack: {disabled: true}, on_success: never}", {
            "notifications": {"slack": ({"enabled": False, "on_success": "never"},)}
        }),
        ("matrix: {include: {os: osx}, fast_finish: true}", {
            "jobs": {"include": ({"os": "osx"},), "fast_finish": True}
        }),
        ("jobs: [{python: 3.10}]", {"jobs": {"include": ({"python": "3.10"},)}}),
        ("vm: {size: large}", {"vm": {"size": "large"}}),
        ("import: other.yml", {"import": ({"source": "other.yml"},)}),
        ("_shared: &x {a: 1}\nscript: a", {"script": ("a",), "_shared": {"a": 1}}),
        ("env: A=1 B='b c'", {"env": {"jobs": ({"A": "1", "B": "'b c'"},)}}),
        ("env: {global: [A=1, {B: 2}], matrix: [C=1, C=2]}", {
            "env": {"global": ({"A": "1"}, {"B": "2"}), "jobs": ({"C": "1"}, {"C": "2"})}
        }),
        ("env: {A: 1, global: [B=2]}", {"env": {"jobs": ({"A": "1"},), "global": ({"B": "2"},)}}),
        ("env: [secure: c2VjcmV0]", {"env": {"jobs": ({"secure": "c2VjcmV0"},)}}),
    ],
)  # fmt: skip
def test_forms(text: str, form: Mapping[str, Value]) -> None:
    assert config(text) == form


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo: 1", ("warn", "root", "unknown_key")),
        ("scirpt: make", ("warn", "root", "find_key")),
        ("before-install: make", ("info", "root", "underscore_key")),
        ("distro: focal", ("warn", "root", "find_key")),
        ("matrix: {include: []}", ("info", "root", "alias_key")),
        ("jobs: {}\nmatrix: {fast_finish: true}", ("error", "root", "overwrite")),
        ("language: Python", ("info", "language", "downcase")),
        ("language: phyton", ("warn", "language", "find_value")),
        ("language: golang", ("info", "language", "alias_value")),
        ("language: [ruby]", ("warn", "language", "unexpected_seq")),
        ("language: klingon", ("error", "language", "unknown_value")),
        ("script: {a: b}", ("error", "script", "invalid_type")),
        ("env: A='", ("error", "env.jobs", "invalid_env_var")),
        ("if: = foo", ("error", "if", "invalid_condition")),
        ("version: 1", ("error", "version", "invalid_format")),
        ("sudo: false", ("warn", "root", "deprecated_key")),
        ("stack: opal", ("info", "stack", "edge")),
        ("shared: &x {a: 1}", ("warn", "root", "deprecated_key")),
        ("git: {depth: 1}\ngit: {depth: 2}", ("error", "root", "duplicate_key")),
        ("jobs: {include: [{name: a}, {name: a}]}", ("info", "jobs.include", "duplicate")),
        ("notifications: {slack: {template: '%{moon}'}}", ("warn", "notifications.slack.template", "unknown_var")),
        ("deploy: {provider: npm, email: {secure: x}, api_key: {secure: '!'}}", (
            "warn", "deploy.api_token.secure", "invalid_secure"
        )),
    ],
)  # fmt: skip
def test_what_travis_says(text: str, message: tuple[str, str, str]) -> None:
    assert message in said(text)


def test_secrets_in_plain_text_are_alarming_and_variables_are_not() -> None:
    text = "deploy: {provider: pypi, password: hunter2}"
    assert said(text, Options(defaults=False)) == [("alert", "deploy.password", "secure")]
    assert said(text.replace("hunter2", "$SECRET"), Options(defaults=False)) == []


def test_defaults_follow_the_language() -> None:
    assert normal("language: objective-c", Options()).config == {"language": "objective-c", "os": ("osx",)}
    assert normal("script: make", Options()).config == {
        "language": "ruby", "os": ("linux",), "dist": "focal", "script": ("make",)
    }  # fmt: skip


def test_what_is_unknown_or_wrong_can_be_dropped() -> None:
    drop = Options(drop=True, defaults=False, line=False)
    assert normal("foo: 1\nlanguage: klingon\nscript: {a: b}\nif: = foo", drop).config == {}


def test_what_a_system_does_not_support_can_be_told() -> None:
    assert said("language: ruby\npython: 2.7", Options(support=True, defaults=False)) == [
        ("warn", "python", "unsupported")
    ]


def test_places_are_those_of_the_values() -> None:
    found = normal("os: linux\nscript:\n  - make\n  - make test\nmatrix:\n  include:\n    - name: a\n")
    assert found.place("script", 1) == Position(PATH, 4, 5)
    assert found.place("jobs", "include", 0, "name") == Position(PATH, 7, 13)
    assert found.place("os", 0) == Position(PATH, 1, 5)
    assert found.place("jobs", "include", 0, "script", 3) == found.place("jobs", "include", 0)


def test_messages_stand_where_the_key_or_value_stands() -> None:
    found = {one.code: one.at for one in normal("script: make\nfoo: 1\nlanguage: klingon\n").messages}
    assert found == {"unknown_key": Position(PATH, 2, 1), "unknown_value": Position(PATH, 3, 11)}


def test_a_message_has_the_shape_of_the_service() -> None:
    message = Message("error", "script", "invalid_type", {"expected": "str", "actual": "map", "value": {}})
    arguments = {"expected": ":str", "actual": ":map", "value": {}}
    assert message.as_list() == ["error", "script", "invalid_type", arguments]


def test_an_empty_file_has_the_defaults() -> None:
    assert normalise(None, PATH).config == {"language": "ruby", "os": ("linux",), "dist": "focal"}
