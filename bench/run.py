"""Measures what is promised of speed and memory: `python bench/run.py [NAME...]`; `make bench` runs all of it."""

import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import containers
import graphs
import output
import peers
import pipelines
import rooms
import schedule
import start
import workflows
from measure import Bench, Row, Skipped
from understudy import __version__

BENCHMARKS: Mapping[str, Callable[[Bench], Sequence[Row | Skipped]]] = {
    "version": start.version,
    "plan": start.plan,
    "first-output": start.first_output,
    "steps": rooms.steps,
    "jobs": rooms.small_jobs,
    "containers": containers.containers,
    "peers": peers.peers,
    "workflows": workflows.workflows,
    "pipelines": pipelines.pipelines,
    "graph": graphs.planned,
    "fake": graphs.faked,
    "output": output.gigabyte,
    "schedule": schedule.schedule,
}
PAGE = Path(__file__).parents[1] / "docs/benchmarks.md"
BEGIN, END = "<!-- results: written by bench/run.py -->", "<!-- end of results -->"


def main(names: Sequence[str]) -> int:
    """Performs the benchmarks of `names`, or all, which also writes the page; 1 when a target is missed."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark `{unknown[0]}`; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="understudy-bench-"))
    rows: list[Row | Skipped] = []
    try:
        for name in names or BENCHMARKS:
            for row in _measured(name, Bench(folder)):
                print(_line(row), flush=True)
                rows.append(row)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not names:
        _write(rows)
    return 0 if all((isinstance(row, Row) and row.holds) or isinstance(row, Skipped) for row in rows) else 1


def _measured(name: str, bench: Bench) -> Sequence[Row | Skipped]:
    try:
        return BENCHMARKS[name](bench)
    except Exception:  # noqa: BLE001 - one that fails is told, and the others still measured
        traceback.print_exc()
        return [Row(f"`{name}` could not be measured", 1, "", 0)]


def _line(row: Row | Skipped) -> str:
    if isinstance(row, Skipped):
        return f"SKIPPED {row.name}: {row.reason}"
    return f"{'ok    ' if row.holds else 'MISSED'}  {row.name}: {_value(row)} ({_target(row)})  {row.note}"


def _value(row: Row) -> str:
    return f"{row.value:.3g} {row.unit}".strip() if row.value < 100 else f"{row.value:.0f} {row.unit}"


def _target(row: Row) -> str:
    return f"{'at least' if row.at_least else 'at most'} {row.target:g} {row.unit}".strip()


def _write(rows: Sequence[Row | Skipped]) -> None:
    lines = [BEGIN, "", _machine(), "", "| what | measured | target | |", "| --- | --- | --- | --- |"]
    for row in rows:
        if isinstance(row, Skipped):
            lines.append(f"| {row.name} | skipped | | {row.reason} |")
        else:
            mark = "" if row.holds else "**missed** "
            lines.append(f"| {row.name} | {mark}{_value(row)} | {_target(row)} | {row.note} |")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + "\n".join((*lines, "", END)) + after, encoding="utf-8")


def _machine() -> str:
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    git = subprocess.run(("git", "--version"), capture_output=True, text=True, check=True).stdout.split()[2]
    return (
        f"Measured with Understudy {__version__} on {len(os.sched_getaffinity(0))} CPUs, {memory_gib:.0f} GiB of "
        f"memory, {platform.system()} {platform.release()}, Python {platform.python_version()}, git {git}, "
        f"SQLite {sqlite3.sqlite_version}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
