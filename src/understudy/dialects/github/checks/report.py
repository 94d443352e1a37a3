"""Collects what the checks find."""

from collections.abc import Iterable

from understudy.findings import Finding, Position, Severity

WARNINGS = frozenset(
    {
        *("unknown-input", "docker-input", "newer-input", "duplicate-value", "unknown-runner", "not-in-background"),
    }
)
"""Codes of what GitHub takes without a word or with a warning of its own, and what can be right all the same."""

NOTES = frozenset({"old-action"})
"""Codes of what GitHub does its best about."""

PERFORMED_ALL_THE_SAME = frozenset(
    {
        *("always-true", "constant-condition", "untrusted-input", "password-in-file", "old-command", "gone-action"),
        *("deprecated-input", "missing-input", "no-such-runner", "useless-default", "unknown-property"),
        *("shell-elsewhere", "nothing-listed", "nothing-said", "empty-option", "unused-anchor"),
        *("odd-cron", "odd-labels", "useless-comparison", "unused-argument", "unused-format", "useless-exclude"),
        "bad-exclude",
        *("not-an-object", "not-a-text", "bad-argument", "bad-index"),
    }
)
"""Codes of errors in spite of which GitHub performs a workflow, or did once: they must be mended, but are no reason
to refuse a run. An expression of these mostly gives nothing, or the same in every run."""


class Report:
    """What was found so far, in the order it was noticed; aliases may make it notice a thing more than once."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found, without repeats."""
        return tuple(self._findings)

    def add(self, code: str, message: str, at: Position, *, hint: str = "", rule: str = "") -> None:
        """Something is wrong; how bad that is, its code says."""
        severity = Severity.NOTE if code in NOTES else Severity.WARNING if code in WARNINGS else Severity.ERROR
        self._findings.setdefault(Finding(severity, code, message, at, hint, rule))


def listed(words: Iterable[str]) -> str:
    """The words in backticks with commas, for a message."""
    return ", ".join(f"`{word}`" for word in words)
