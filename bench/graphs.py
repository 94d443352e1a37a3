"""Large graphs: planned, and performed on the fake runtime."""

import gc
import sys
import time
from pathlib import Path

from measure import PYTHON, Bench, Row, in_turns
from understudy.dialects.known import DIALECTS
from understudy.plan.facts import gather
from understudy.plan.planner import plan
from written import config, layered

MANY = 10_000


def planned(bench: Bench) -> list[Row]:
    """10,000 jobs: the planner alone, and the whole of `understudy plan`, which reads the YAML and prints."""
    root = bench.repository("graph", config(layered(MANY, 100)))
    peaks: list[float] = []

    def whole() -> float:
        ended = bench.perform(bench.understudy("plan", "--json"), root)
        peaks.append(ended.peak_mib)
        return ended.seconds

    def alone() -> float:
        ended = bench.perform((PYTHON, __file__, str(root)), bench.folder, keep=True)
        return float(ended.output)

    seconds, planner = in_turns(3, whole, alone)
    size_kb = (root / ".circleci/config.yml").stat().st_size / 1000
    note = (
        f"the whole of `understudy plan`, with {size_kb:.0f} kB of YAML to read and the plan to print: {seconds:.1f} s"
    )
    return [
        Row(f"a graph of {MANY:,} jobs, planned", planner, "s", 2, note=note),
        Row(f"`understudy plan` of {MANY:,} jobs: peak memory", max(peaks), "MiB", 300),
    ]


def faked(bench: Bench) -> list[Row]:
    """The same graph performed on the fake runtime."""
    root = bench.repository("fake", config(layered(MANY, 100)))
    command = bench.understudy("run", "--runtime", "fake", "--quiet")
    ended = bench.perform(command, root)
    note = f"{ended.seconds:.1f} s for {MANY:,} jobs, planning included; peak memory {ended.peak_mib:.0f} MiB"
    return [Row("a job of a large graph on the fake runtime", ended.seconds / MANY * 1e3, "ms", 40, note=note)]


def _plan_alone(root: Path) -> float:
    """Seconds that the planner takes for the file of `root`, once it is read."""
    gc.disable()
    dialect = DIALECTS["circleci"]
    facts = gather(root)
    reading = dialect.read(".circleci/config.yml", lambda path: (root / path).read_bytes(), facts)
    began = time.perf_counter()
    (plans,) = plan(reading.pipelines, facts, dialect)
    seconds = time.perf_counter() - began
    assert len(plans.nodes) == MANY, len(plans.nodes)
    return seconds


if __name__ == "__main__":
    print(_plan_alone(Path(sys.argv[1])))
