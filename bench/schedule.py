"""How near a graph of sleeps comes to the best possible time."""

import random
from collections.abc import Sequence

from measure import Bench, Row
from rooms import events_of, moments
from written import config

SLOTS = 8
COUNT = 100


def schedule(bench: Bench) -> list[Row]:
    """100 jobs that sleep, on 8 slots, against a bound that no schedule can beat; the second run knows the times."""
    draw = random.Random(7)
    jobs: list[tuple[str, Sequence[str], Sequence[str]]] = []
    sleeps: list[float] = []
    for index in range(COUNT):
        needs = sorted(draw.sample(range(max(0, index - 30), index), min(index // 30, 2)))
        sleeps.append(round(draw.uniform(1, 6), 2))
        jobs.append((f"job-{index}", [f"sleep {sleeps[-1]}"], [f"job-{one}" for one in needs]))
    root = bench.repository("schedule", config(jobs))
    command = bench.understudy("run", "--runtime", "sandbox", "--jobs", str(SLOTS), "--json")
    bound = _bound(sleeps, [[int(name[4:]) for name in needs] for _, _, needs in jobs])
    taken = []
    for _ in range(2):
        events = events_of(bench, command, root)
        taken.append(moments(events, "RunFinished")[0] - moments(events, "RunStarted")[0])
    best = taken[-1]
    note = f"{best:.2f} s; no schedule can take less than {bound:.2f} s"
    return [
        Row(
            f"{COUNT} jobs of sleep on {SLOTS} slots, over the best possible",
            (best / bound - 1) * 100,
            "%",
            5,
            note=note,
        )
    ]


def _bound(sleeps: Sequence[float], needs: Sequence[Sequence[int]]) -> float:
    chain: list[float] = []
    for own, before in zip(sleeps, needs, strict=True):
        chain.append(own + max((chain[one] for one in before), default=0.0))
    return max(*chain, sum(sleeps) / SLOTS)
