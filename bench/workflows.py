"""GitHub workflows: performed beside act on the same image, and checked beside actionlint, where they are on PATH."""

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from measure import PROGRAM, Bench, Row, Skipped, in_turns
from peers import IMAGE, has_image, version_of
from written import committed

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "github"
STEPS = 20
ROUNDS = 3

_HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n"
_STEP = '      - run: "true"\n'
_MATRIX = "    strategy:\n      matrix:\n        x: [1, 2, 3]\n        y: [a, b]\n"


def workflows(bench: Bench) -> Sequence[Row | Skipped]:
    """Jobs against act's, then the check of real files against actionlint's."""
    return [*_performed(bench), *_checked(bench)]


def _performed(bench: Bench) -> list[Row | Skipped]:
    if shutil.which("act") is None:
        return [Skipped("workflows beside act", "`act` isn't on PATH")]
    if not has_image():
        return [Skipped("workflows beside act", "no Docker, or its image isn't made: scripts/test-images")]
    act = version_of(("act", "--version"))
    rows: list[Row | Skipped] = []
    for what, text in (
        ("a workflow of one `true` step", f"{_HEAD}    steps:\n{_STEP}"),
        (f"a workflow of {STEPS} `true` steps", f"{_HEAD}    steps:\n{_STEP * STEPS}"),
        ("a matrix of 6 cells, one step each", f"{_HEAD}{_MATRIX}    steps:\n{_STEP}"),
    ):
        root = _repository(bench, text)
        first = bench.perform(_ours(bench, cold=True), root).seconds, bench.perform(_acts(), root).seconds
        ours, theirs = in_turns(
            ROUNDS,
            lambda root=root: bench.perform(_ours(bench), root).seconds,  # type: ignore[misc]
            lambda root=root: bench.perform(_acts(), root).seconds,  # type: ignore[misc]
        )
        note = f"{ours:.2f} s; act {act} {theirs:.2f} s; the first run {first[0]:.2f} s and {first[1]:.2f} s"
        rows.append(Row(f"{what}, in act's", ours / theirs, "x", 1, note=note))
    return rows


def _ours(bench: Bench, *, cold: bool = False) -> tuple[str, ...]:
    """The command; `cold`: with a store that isn't there yet."""
    store = bench.new_folder("store") / "new" if cold else bench.folder / "store"
    return (PROGRAM, "--store", str(store), "run", "--runtime", "docker", "--quiet", "--ci", "github")


def _acts() -> tuple[str, ...]:
    return ("act", "--pull=false", "--quiet", "-P", f"ubuntu-latest={IMAGE}", "push")


def _repository(bench: Bench, text: str) -> Path:
    settings = f'[images]\n"ubuntu-latest" = "{IMAGE}"\n'
    return committed(bench.new_folder("workflow"), {".github/workflows/ci.yml": text, "understudy.toml": settings})


def _checked(bench: Bench) -> list[Row | Skipped]:
    files = sorted(CORPUS.glob("*.yml"))
    if shutil.which("actionlint") is None or not files:
        reason = "`actionlint` isn't on PATH" if files else f"{CORPUS} isn't there"
        return [Skipped("files checked beside actionlint", reason)]
    folder = bench.new_folder("checked")
    questions = "".join(
        json.dumps({"dialect": "github", "text": path.read_text(encoding="utf-8")}) + "\n" for path in files
    )
    asked = folder / "questions"
    asked.write_text(questions, encoding="utf-8")
    found: dict[str, set[str]] = {}

    def ours() -> float:
        began = time.perf_counter()
        with asked.open() as stream:
            done = subprocess.run(
                (PROGRAM, "conformance", "lint"), stdin=stream, capture_output=True, text=True, check=True
            )
        seconds = time.perf_counter() - began
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        found["ours"] = {
            path.name
            for path, answer in zip(files, answers, strict=True)
            if any(one["severity"] == "error" for one in answer["findings"])
        }
        return seconds

    def theirs() -> float:
        began = time.perf_counter()
        command = ("actionlint", "-shellcheck=", "-pyflakes=", "-format", "{{json .}}", *map(str, files))
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        seconds = time.perf_counter() - began
        found["theirs"] = {Path(one["filepath"]).name for one in json.loads(done.stdout or "[]")}
        return seconds

    mine, other = in_turns(ROUNDS, ours, theirs)
    both = len(files) - len(found["ours"] ^ found["theirs"])
    note = (
        f"{len(files) / mine:.0f} files a second; actionlint {version_of(('actionlint', '--version'))} "
        f"{len(files) / other:.0f}; errors in {len(found['ours'])} and {len(found['theirs'])} of {len(files)} files, "
        f"the same verdict on {both}"
    )
    return [Row("the check of real workflows, in actionlint's time", mine / other, "x", 100, note=note)]
