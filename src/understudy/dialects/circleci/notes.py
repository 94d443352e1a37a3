"""Gathers what is noticed while a CircleCI file is compiled and read, and names the word that was probably meant."""

from collections.abc import Iterable

from understudy.findings import Finding, Position, Severity
from understudy.text.nearest import nearest

CONFIGURATION = "https://circleci.com/docs/reference/configuration-reference/"
REUSING = "https://circleci.com/docs/reference/reusing-config/"
ORBS = "https://circleci.com/docs/orbs/use/orb-concepts/"


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


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists the few that there are."""
    words = sorted(set(known))
    meant = nearest(name, words)
    if meant:
        return f"did you mean `{meant}`?"
    if otherwise or not words or len(words) > 12:
        return otherwise
    return "there is " + ", ".join(f"`{word}`" for word in words)
