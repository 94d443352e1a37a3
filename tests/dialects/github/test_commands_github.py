"""Workflow commands and problem matchers, by the service's documentation and the rules of its runner."""

import json
from collections.abc import Mapping

import pytest

from understudy.dialects.base import Annotation, EvaluationError, Place, Scope
from understudy.dialects.github import matchers
from understudy.dialects.github.command_lines import Command, parse
from understudy.dialects.github.commands import MATCHERS, Listener
from understudy.model.results import Facts

WORKSPACE = "/home/me/work/app/app"


def scope(
    files: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Scope:
    content = {name: text.encode() for name, text in (files or {}).items()}
    facts = Facts(root="/", variables=variables or {})
    return Scope(facts, Place("r", "n", 1, workdir=WORKSPACE), env or {}, read_file=content.get)


def said(listener: Listener, *lines: str) -> list[str | None]:
    return [listener.line(line) for line in lines]


def knows(name: str) -> bool:
    return name == "do-something"


@pytest.mark.parametrize(
    ("line", "data", "properties"),
    [
        ("::do-something k1=v1,::msg", "msg", {"k1": "v1"}),
        ("::do-something::", "", {}),
        ("::do-something k1=;=%2C=%0D=%0A=]=%3A,::;-%0D-%0A-]-:-,", ";-\r-\n-]-:-,", {"k1": ";=,=\r=\n=]=:"}),
        ("::do-something k1=%252C=%253A::-%250D-%250A", "-%0D-%0A", {"k1": "%2C=%3A"}),
        ("::do-something k1=,k2=,::", "", {}),
        ("   ::do-something k1=v1,::msg", "msg", {"k1": "v1"}),
        ("::Do-Something::x::y", "x::y", {}),
        ("##[do-something k1=v1;]msg", "msg", {"k1": "v1"}),
        ("##[do-something k1=%3B=%0D=%0A=%5D;]%3B-%0D-%0A-%5D", ";-\r-\n-]", {"k1": ";=\r=\n=]"}),
        (">>>   ##[do-something k1=v1;]msg", "msg", {"k1": "v1"}),
    ],
)
def test_the_two_forms_and_their_escapes(line: str, data: str, properties: dict[str, str]) -> None:
    assert parse(line, knows) == Command("do-something", data, properties)


@pytest.mark.parametrize(
    "line",
    ["do-something", ">>> ::do-something::x", "::do-something", "::other::x", "##[do-something", "##[other]x", ""],
)
def test_what_is_no_command(line: str) -> None:
    assert parse(line, knows) is None


def test_errors_warnings_and_notices() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
    listener = Listener(scope())
    shown = said(
        listener,
        "::notice file=app.js,line=1,col=5,endColumn=7::Missing semicolon",
        "::warning::careful",
        "::error file=/home/me/work/app/app/src/a.py,line=1,endLine=2,title=Oh::Broken%0Atwice",
    )
    assert shown == [
        "Notice: app.js:1:5: Missing semicolon",
        "Warning: careful",
        "Error: src/a.py:1: Oh: Broken\ntwice",
    ]
    assert listener.effects().annotations == (
        Annotation("notice", "Missing semicolon", "app.js", 1, None, 5),
        Annotation("warning", "careful"),
        Annotation("error", "Broken\ntwice", "src/a.py", 1, 2, title="Oh"),
    )


@pytest.mark.parametrize(
    ("properties", "line", "end_line", "column"),
    [
        ("line=3,col=2", 3, None, 2),
        ("endLine=3", 3, 3, None),
        ("col=2", None, None, None),
        ("line=1,endLine=2,col=3", 1, 2, None),
        ("line=2,endLine=2,col=3", 2, 2, 3),
        ("line=3,endLine=2", None, None, None),
        ("line=1,col=5,endColumn=3", 1, None, None),
        ("line=1,endColumn=3", 1, None, 3),
        ("line=one", None, None, None),
    ],
)
def test_places_that_contradict_one_another(
    properties: str, line: int | None, end_line: int | None, column: int | None
) -> None:
    listener = Listener(scope())
    listener.line(f"::error file=a.py,{properties}::x")
    (found,) = listener.effects().annotations
    assert (found.line, found.end_line, found.column) == (line, end_line, column)


def test_groups_and_output_like_any_other() -> None:
    listener = Listener(scope())
    assert said(listener, "::group::My title", "Inside group", "::endgroup::", "::unknown::x") == [
        "▸ My title",
        "Inside group",
        None,
        "::unknown::x",
    ]


def test_masks_hold_at_once_for_the_whole_and_for_each_line() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log
    listener = Listener(scope())
    assert listener.line("::add-mask::Mona The Octocat") is None
    assert listener.masks() == ("Mona The Octocat",)
    assert listener.line("::add-mask::one%0A two%0D%0A") is None
    assert listener.masks() == ("Mona The Octocat", "one\n two\r\n", "one", "two")
    assert listener.effects().masks == listener.masks()
    assert listener.line("::add-mask:: ") == "Warning: `add-mask` hides nothing: its value is empty"


def test_stopping_commands() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
    listener = Listener(scope())
    lines = ["::stop-commands::Token12", "::warning::not one", "::token12::", "::warning::one"]
    assert said(listener, *lines) == [*lines[:3], "Warning: one"]
    assert [one.message for one in listener.effects().annotations] == ["one"]
    assert listener.masks() == ("Token12",)


@pytest.mark.parametrize("token", ["", "pause-logging", "warning", "Stop-Commands"])
def test_tokens_that_the_service_refuses(token: str) -> None:
    listener = Listener(scope())
    listener.line(f"::stop-commands::{token}")
    assert "token" in listener.effects().error
    assert listener.line("::warning::still heard") == "Warning: still heard"
    allowed = Listener(scope(env={"ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS": "true"}))
    allowed.line(f"::stop-commands::{token}")
    assert allowed.effects().error == ""


def test_debug_is_shown_to_who_asks_for_it() -> None:
    assert Listener(scope()).line("::debug::x") is None
    assert Listener(scope(variables={"ACTIONS_STEP_DEBUG": "true"})).line("::debug::x") == "Debug: x"


def test_deprecated_commands_still_work_with_a_warning() -> None:
    # https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/
    listener = Listener(scope())
    assert said(listener, "::set-output name=a::1%0A2", "::save-state name=b::3") == [
        "Warning: `set-output` is deprecated: write to the file `$GITHUB_OUTPUT` instead",
        "Warning: `save-state` is deprecated: write to the file `$GITHUB_STATE` instead",
    ]
    assert listener.effects().outputs == {"a": "1\n2"}
    assert listener.effects().state == {"b": "3"}
    assert listener.effects().error == ""


def test_disabled_commands_fail_the_step_unless_they_are_allowed() -> None:
    # https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/
    listener = Listener(scope())
    shown = listener.line("::set-env name=A::1")
    assert shown is not None
    assert shown.startswith("Error: ")
    assert "set-env" in listener.effects().error
    assert listener.effects().env == {}
    allowed = Listener(scope(env={"ACTIONS_ALLOW_UNSECURE_COMMANDS": "True"}))
    assert said(allowed, "::set-env name=A::1", "::add-path::/a", "::add-path::/b") == [None, None, None]
    assert allowed.effects().env == {"A": "1"}
    assert allowed.effects().path == ("/b", "/a")
    assert allowed.line("::set-env name=NODE_OPTIONS::x") == "Error: `NODE_OPTIONS` can't be set by a command"
    assert allowed.effects().error == ""


def test_echo() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#echoing-command-outputs
    listener = Listener(scope())
    lines = ["::set-output name=a::1", "::echo::on", "::set-output name=a::2", "::warning::w", "::echo::off"]
    shown = said(listener, *lines)
    assert shown[0] is not None
    assert not shown[0].startswith("::")
    assert shown[1] is None
    assert shown[2] is not None
    assert shown[2].startswith("::set-output name=a::2\n")
    assert shown[3:] == ["Warning: w", "::echo::off"]
    listener.line("::echo::perhaps")
    assert "perhaps" in listener.effects().error


def test_what_a_block_must_hold_to_be_looked_at() -> None:
    listener = Listener(scope())
    assert not listener.wants(b"plain\nlines\n")
    assert listener.wants(b"plain\n::error::x\n")
    assert listener.wants(b"##[group]x\n")


# https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md
ESLINT = {
    "problemMatcher": [
        {
            "owner": "eslint-stylish",
            "pattern": [
                {"regexp": r"^([^\s].*)$", "file": 1},
                {
                    "regexp": r"^\s+(\d+):(\d+)\s+(error|warning|info)\s+(.*)\s\s+(.*)$",
                    "line": 1,
                    "column": 2,
                    "severity": 3,
                    "message": 4,
                    "code": 5,
                    "loop": True,
                },
            ],
        }
    ]
}


def one(owner: str, pattern: str, **groups: object) -> dict[str, object]:
    return {"owner": owner, "pattern": [{"regexp": pattern, **groups}]}


def test_a_matcher_over_several_lines_that_loops() -> None:
    listener = Listener(scope({"eslint.json": json.dumps(ESLINT)}))
    shown = said(
        listener,
        "::add-matcher::eslint.json",
        "test.js",
        '  1:0   error  Missing "use strict" statement                 strict',
        "  5:10  error  'addOne' is defined but never used             no-unused-vars",
        "✖ 2 problems (2 errors, 0 warnings)",
    )
    assert shown[0] is None
    assert shown[2] == 'Error:   1:0   error  Missing "use strict" statement                 strict'
    assert [(one.file, one.line, one.column, one.title) for one in listener.effects().annotations] == [
        ("test.js", 1, 0, "strict"),
        ("test.js", 5, 10, "no-unused-vars"),
    ]
    assert [one.message.strip() for one in listener.effects().annotations] == [
        'Missing "use strict" statement',
        "'addOne' is defined but never used",
    ]


def test_matchers_go_on_to_hold_for_later_steps() -> None:
    first = Listener(scope({"eslint.json": json.dumps(ESLINT)}))
    first.line("::add-matcher::eslint.json")
    later = Listener(scope(env=first.effects().env))
    said(later, "a.js", "  1:1  warning  message  code")
    assert [one.level for one in later.effects().annotations] == ["warning"]
    said(later, "::remove-matcher owner=ESLint-Stylish::", "a.js", "  1:1  error  message  code")
    assert len(later.effects().annotations) == 1
    assert not Listener(scope(env=later.effects().env)).wants(b"plain")


def test_later_matchers_go_first_and_replace_those_of_their_owner() -> None:
    files = {
        "1.json": json.dumps(
            {"problemMatcher": [one("a", "ERROR: (.+)", message=1), one("b", "BAD: (.+)", message=1)]}
        ),
        "2.json": json.dumps({"problemMatcher": [one("A", "ERROR: (.+) END", message=1)]}),
    }
    listener = Listener(scope(files))
    said(listener, "::add-matcher::1.json", "ERROR: 1", "BAD: 2", "::add-matcher::2.json", "ERROR: 3 END")
    assert listener.line("ERROR: 4") == "ERROR: 4"
    assert [one.message for one in listener.effects().annotations] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("(12,34): real bad", (12, 34)),
        ("(12,thirty-four): it is broken", (12, None)),
        ("(twelve,34): not working", (None, 34)),
        ("\x1b[31m(1,2)\x1b[m: red", (1, 2)),
    ],
)
def test_places_of_matches(line: str, found: tuple[int | None, int | None]) -> None:
    written = {"problemMatcher": [one("m", r"\((.+),(.+)\): (.+)", line=1, column=2, message=3)]}
    listener = Listener(scope(env={MATCHERS: json.dumps(written)}))
    listener.line(line)
    (annotation,) = listener.effects().annotations
    assert (annotation.line, annotation.column) == found


@pytest.mark.parametrize(
    ("file", "from_path", "expected"),
    [
        ("src/a.cs", "", "src/a.cs"),
        ("./a.py", "", "a.py"),
        ("a.cs", "lib/lib.csproj", "lib/a.cs"),
        (f"{WORKSPACE}/src/a.cs", "", "src/a.cs"),
        ("/usr/include/stdio.h", "", ""),
        ("../other/a.py", "", ""),
    ],
)
def test_files_of_matches_lie_in_the_workspace(file: str, from_path: str, expected: str) -> None:
    matcher = one("m", "^(.+): (.+)$", file=1, message=2) | {"fromPath": from_path, "severity": "warning"}
    listener = Listener(scope(env={MATCHERS: json.dumps({"problemMatcher": [matcher]})}))
    listener.line(f"{file}: text")
    assert listener.effects().annotations == (Annotation("warning", "text", expected),)


def test_a_match_without_message_or_with_an_unknown_severity_is_output() -> None:
    written = {"problemMatcher": [one("m", "^(.*)\\|(.*)$", severity=1, message=2)]}
    listener = Listener(scope(env={MATCHERS: json.dumps(written)}))
    assert said(listener, "error|", "info|x") == ["error|", "info|x"]
    assert listener.effects().annotations == ()


@pytest.mark.parametrize(
    "matcher",
    [
        one("", "(.)", message=1),
        one("m", "(.)"),
        one("m", "(", message=1),
        one("m", "(.)", message=2),
        one("m", "(.)", message=1, loop=True),
        {"owner": "m", "pattern": []},
        {"owner": "m", "pattern": [{"regexp": "(.)", "message": 1}, {"regexp": "(.)", "message": 1}]},
        one("m", "(.)", message=1) | {"severity": "info"},
    ],
)
def test_matchers_that_the_service_refuses(matcher: dict[str, object]) -> None:
    with pytest.raises(EvaluationError):
        matchers.read(json.dumps({"problemMatcher": [matcher]}).encode())


def test_a_matcher_that_is_not_there_fails_the_step() -> None:
    listener = Listener(scope())
    listener.line("::add-matcher::none.json")
    assert "none.json" in listener.effects().error
