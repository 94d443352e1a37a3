"""Gathers what is noticed while a file of any service is read."""

from understudy.findings import Finding, Position, Severity


class Notes:
    """A growing list of findings; repeats are dropped when it is read out."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def error(self, code: str, message: str, at: Position, hint: str = "", rule: str = "") -> None:
        """The file is wrong there."""
        self.findings.append(Finding(Severity.ERROR, code, message, at, hint, rule))

    def unsupported(self, code: str, message: str, at: Position, hint: str = "", rule: str = "") -> None:
        """It is understood, and not reproduced here."""
        self.findings.append(Finding(Severity.UNSUPPORTED, code, message, at, hint, rule))

    def warning(self, code: str, message: str, at: Position, hint: str = "", rule: str = "") -> None:
        """It is probably not what was meant, or differs a little here."""
        self.findings.append(Finding(Severity.WARNING, code, message, at, hint, rule))
