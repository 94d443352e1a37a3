"""How long the program takes to start, to plan a real file, and to show its first line."""

from pathlib import Path

from measure import PASS, PROGRAM, Bench, Row, in_turns
from written import like_parlai

PARLAI = Path(__file__).parents[2] / "shared/corpus/circleci/facebookresearch__ParlAI.yml"


def version(bench: Bench) -> list[Row]:
    """`understudy --version`, in starts of Python."""
    ours, python = in_turns(
        21,
        lambda: bench.perform((PROGRAM, "--version"), bench.folder).seconds,
        lambda: bench.perform(PASS, bench.folder).seconds,
    )
    note = f"{ours * 1e3:.1f} ms; `python -c pass` takes {python * 1e3:.1f} ms"
    return [Row("`understudy --version`, in starts of Python", ours / python, "x", 6, note=note)]


def plan(bench: Bench) -> list[Row]:
    """`understudy plan` of a real file of 500 lines, in starts of Python."""
    real = PARLAI.exists()
    text = PARLAI.read_text(encoding="utf-8") if real else like_parlai()
    root = bench.repository("plan", text)
    command = bench.understudy("plan")
    ours, python = in_turns(15, lambda: bench.perform(command, root).seconds, lambda: bench.perform(PASS, root).seconds)
    what = "ParlAI's file" if real else "a file like ParlAI's (the real one is not here: SKIPPED)"
    note = f"{ours * 1e3:.0f} ms; `python -c pass` takes {python * 1e3:.1f} ms"
    return [Row(f"`understudy plan` of {what}, in starts of Python", ours / python, "x", 15, note=note)]


def first_output(bench: Bench) -> list[Row]:
    """Until `understudy run` shows something on a terminal."""
    root = bench.repository(
        "first", "version: 2.1\njobs:\n  build:\n    machine: true\n    steps:\n      - run: 'true'\n"
    )
    (seconds,) = in_turns(11, lambda: bench.first_byte_s(bench.understudy("run"), root))
    return [Row("`understudy run` to its first output on a terminal", seconds * 1e3, "ms", 150)]
