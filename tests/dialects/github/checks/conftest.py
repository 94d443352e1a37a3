"""Checks a workflow that a test writes down."""

from collections.abc import Callable, Mapping

import pytest

from understudy.dialects.github.checks import check
from understudy.findings import Finding
from understudy.text import yaml

PATH = ".github/workflows/ci.yml"
Check = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def checked() -> Check:
    """Gives the findings about the meaning of a workflow's text, with further files of its repository by path."""

    def run(text: str, files: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
        known = {**(files or {}), PATH: text}
        loaded = yaml.load(text, PATH)
        assert loaded.root is not None
        assert not loaded.findings
        return check(loaded.root, PATH, lambda path: known[path].encode() if path in known else None)

    return run


@pytest.fixture
def codes(checked: Check) -> Callable[..., list[str]]:
    """As `checked`, but only the codes, each with its line and column: `bad-id 4:3`."""

    def run(text: str, files: Mapping[str, str] | None = None) -> list[str]:
        found = sorted(checked(text, files), key=lambda one: one.at)
        return [f"{one.code} {one.at.line}:{one.at.column}" for one in found]

    return run
