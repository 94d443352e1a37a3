"""What is wrong with one workflow file as such: its YAML, its shape, its meaning."""

from importlib import import_module

from understudy.dialects.base import ReadFile
from understudy.dialects.github.structure_workflow import check as check_structure
from understudy.findings import Finding, Severity
from understudy.text.yaml import Loaded


def faults(loaded: Loaded, path: str, files: ReadFile) -> tuple[Finding, ...]:
    """Every finding about the file at `path`, at most one error for each place: what its shape says goes first."""
    if loaded.root is None and loaded.findings:
        return loaded.findings
    told = (*loaded.findings, *check_structure(loaded.root, path))
    if loaded.root is None:
        return told
    errors = {one.at for one in told if one.severity is Severity.ERROR}
    meaning = _meaning(loaded, path, files)
    return (*told, *(one for one in meaning if one.severity is not Severity.ERROR or one.at not in errors))


def _meaning(loaded: Loaded, path: str, files: ReadFile) -> tuple[Finding, ...]:
    try:
        check = import_module("understudy.dialects.github.checks").check
    except (ImportError, AttributeError):
        return ()
    found: tuple[Finding, ...] = check(loaded.root, path, files)
    return found
