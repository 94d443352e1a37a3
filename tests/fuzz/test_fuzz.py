"""A bounded share of what `by_hand.py` tries without bound."""

import importlib.util
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def by_hand() -> ModuleType:
    """The script beside this file."""
    spec = importlib.util.spec_from_file_location("by_hand", Path(__file__).with_name("by_hand.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TARGETS = by_hand().Targets().shares


@pytest.mark.parametrize("name", TARGETS)
def test_strange_input_gives_an_answer(name: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 2**40))
    def tried(seed: int) -> None:
        _, work = TARGETS[name][1](random.Random(seed))
        work()

    tried()


def test_the_script_tells_what_it_finds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    script = by_hand()

    def broken(_text: str) -> Callable[[], object]:
        raise ValueError("broken here")

    monkeypatch.setattr(script, "parse_origin", broken)
    monkeypatch.setattr(sys, "argv", ["by_hand.py", "--inputs", "3", "--only", "origin"])
    assert script.main() == 1
    printed = capsys.readouterr().out
    assert "origin: ValueError" in printed
    assert "3 inputs, 3 bad" in printed
