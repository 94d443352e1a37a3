"""Every action that is built in stands in the documentation."""

from pathlib import Path

import pytest

from understudy.dialects.github.actions.builtin import BUILT_IN

PAGE = Path(__file__).parents[4] / "docs/github-actions.md"


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_it_is_documented(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8").lower()
    short = name.removeprefix("actions/")
    assert f"`{name}`" in text or f"`{short}`" in text
