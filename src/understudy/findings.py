"""What was noticed in a file, as values: gathered, sorted and shown, never raised."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum


class Severity(Enum):
    """How much a finding matters. `unsupported`: understood, and not reproduced here."""

    ERROR = "error"
    UNSUPPORTED = "unsupported"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: `line` and `column` count from 1; 0 means the file as a whole."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Position()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noticed in a file or about a run.

    `code` is a stable kebab-case word (`unknown-key`), `message` one sentence without a full stop that names the
    offender in backticks, `hint` what to do, `rule` the service's page for the rule that was broken. `tolerated`: the
    service performs the file all the same, so that an error keeps nobody from running it.
    """

    severity: Severity
    code: str
    message: str
    at: Position = NOWHERE
    hint: str = ""
    rule: str = ""
    tolerated: bool = False


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """`findings` without repeats, sorted by place and then by severity, as a report shows them."""
    ranks = list(Severity)
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda one: (one.at, ranks.index(one.severity), one.code, one.message)))


def as_performed(findings: Iterable[Finding]) -> Iterator[Finding]:
    """`findings` for whoever is about to run the file: what the service tolerates is a warning."""
    for one in findings:
        soft = one.tolerated and one.severity is Severity.ERROR
        yield replace(one, severity=Severity.WARNING) if soft else one


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of `findings` is an error."""
    return any(one.severity is Severity.ERROR for one in findings)
