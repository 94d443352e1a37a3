"""Travis's messages, as findings."""

import pytest

from understudy.dialects.travis import document, messages
from understudy.dialects.travis.normalise import Message, normalise
from understudy.findings import Finding, Position, Severity

AT = Position(".travis.yml", 3, 1)


def found(text: str) -> dict[str, Finding]:
    normal = normalise(document.load(text, ".travis.yml").root, ".travis.yml")
    return {one.code: one for one in messages.findings(normal.messages)}


@pytest.mark.parametrize(
    ("level", "severity", "tolerated"),
    [
        ("info", Severity.NOTE, False),
        ("warn", Severity.WARNING, False),
        ("alert", Severity.WARNING, False),
        ("error", Severity.ERROR, True),
    ],
)
def test_travis_builds_what_it_complains_of(level: str, severity: Severity, *, tolerated: bool) -> None:
    message = Message(level, "script", "strange", {}, AT)  # type: ignore[arg-type]
    one = messages.finding(message)
    assert (one.severity, one.tolerated, one.at, one.code) == (severity, tolerated, AT, "strange")


def test_an_import_that_is_missing_keeps_travis_from_building() -> None:
    assert not messages.finding(Message("error", "import", "unknown_import", {"source": "a.yml"})).tolerated


def test_what_is_filled_in_is_only_told_of_the_language() -> None:
    assert [one.message for one in found("script: make").values()] == ["without `language`, Travis takes `ruby`"]


def test_the_offender_is_named() -> None:
    one = found("language: python\nscirpt: make\n")["find-key"]
    assert "`scirpt`" in one.message
    assert one.hint == "write `script`"
    assert (one.at.line, one.at.column) == (2, 1)


def test_a_key_that_belongs_elsewhere_is_said_to() -> None:
    assert "indented" in found("language: python\ncache: {global: [A=1]}\n")["unknown-key"].hint
    assert "indented" not in found("language: python\ncache: {qwertz: [A=1]}\n")["unknown-key"].hint


def test_long_values_are_cut() -> None:
    text = f"language: python\nscript: {{a: {'x' * 500}}}\n"
    assert len(found(text)["invalid-type"].message) < 120


@pytest.mark.parametrize("code", messages._RULES)
def test_every_rule_has_a_page_and_a_sentence(code: str) -> None:
    one = messages.finding(Message("warn", "deploy.on", code, {}, AT))
    assert one.rule.startswith(("https://docs.travis-ci.com/user/", "https://config.travis-ci.com"))
    assert one.message
    assert not one.message.endswith(".")
    assert "https://" in (messages._RULES[code].__doc__ or "")
