"""What is wrong with one workflow file as such: its YAML, its shape, its meaning."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from understudy.dialects.base import ReadFile
from understudy.dialects.github.checks import PERFORMED_ALL_THE_SAME
from understudy.dialects.github.checks import check as check_meaning
from understudy.dialects.github.structure_workflow import check as check_structure
from understudy.findings import Finding, Severity
from understudy.text.yaml import Loaded


def faults(loaded: Loaded, path: str, files: ReadFile) -> tuple[Finding, ...]:
    """Every finding about the file at `path`, at most one error for each place: what its shape says goes first.

    What the service performs all the same is marked so: a file that runs there runs here.
    """
    if loaded.root is None and loaded.findings:
        return loaded.findings
    told = tuple(_beside(loaded.findings, check_structure(loaded.root, path)))
    if loaded.root is None:
        return told
    meaning = (_as_performed(one) for one in check_meaning(loaded.root, path, files))
    return tuple(_beside(told, meaning))


def _beside(first: tuple[Finding, ...], others: Iterable[Finding]) -> Iterator[Finding]:
    """`first`, and of `others` what is no error at the place of one in it."""
    errors = {one.at for one in first if one.severity is Severity.ERROR}
    yield from first
    yield from (one for one in others if one.severity is not Severity.ERROR or one.at not in errors)


def _as_performed(one: Finding) -> Finding:
    if one.severity is Severity.ERROR and one.code in PERFORMED_ALL_THE_SAME:
        return replace(one, tolerated=True)
    return one
