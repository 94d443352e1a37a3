"""What steps, rooms and small jobs cost in the sandbox."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measure import Bench, Row, Skipped, in_turns, spawned_s
from understudy.runtimes.sandbox import Sandbox
from written import config

STEPS = 50
JOBS = 200


def missing() -> str | None:
    """Why there is no sandbox here."""
    return Sandbox().missing()


def events_of(bench: Bench, command: Sequence[str], root: Path) -> list[dict[str, Any]]:
    """The events of the run that `command` performs."""
    return [
        json.loads(line) for line in bench.perform(command, root, keep=True).output.splitlines() if line[:1] == b"{"
    ]


def moments(events: list[dict[str, Any]], kind: str) -> list[float]:
    """When events of one kind happened."""
    return [event["at"] for event in events if event["class"] == kind]


def steps(bench: Bench) -> list[Row | Skipped]:
    """A job of 50 steps: what each costs above the shell itself, and what the room costs."""
    if reason := missing():
        return [Skipped("steps in the sandbox", reason)]
    root = bench.repository("steps", config([("build", ["'true'"] * STEPS, ())]))
    command = bench.understudy("run", "--runtime", "sandbox", "--json")
    told: list[list[dict[str, Any]]] = []

    def perform() -> float:
        told.append(events_of(bench, command, root))
        return _step_s(told[-1])

    ours, plain = in_turns(7, perform, lambda: sum(spawned_s(("bash", "-c", "true")) for _ in range(STEPS)) / STEPS)
    rooms = sorted(_room_s(events) for events in told[1:])
    note = f"a step takes {ours * 1e3:.1f} ms, `bash -c true` {plain * 1e3:.1f} ms"
    return [
        Row("a `true` step, over plain `bash -c true`", (ours - plain) * 1e3, "ms", 3, note=note),
        Row("a room: opened, furnished and removed", rooms[len(rooms) // 2] * 1e3, "ms", 80),
    ]


def _step_s(events: list[dict[str, Any]]) -> float:
    return (moments(events, "StepFinished")[-1] - moments(events, "StepStarted")[0]) / STEPS


def _room_s(events: list[dict[str, Any]]) -> float:
    whole = moments(events, "JobFinished")[0] - moments(events, "JobStarted")[0]
    return whole - _step_s(events) * STEPS


def small_jobs(bench: Bench) -> list[Row | Skipped]:
    """200 jobs of one step on two slots, the whole run divided by 200."""
    if reason := missing():
        return [Skipped("200 jobs in the sandbox", reason)]
    jobs = [(f"job-{index}", ["'true'"], ()) for index in range(JOBS)]
    root = bench.repository("jobs", config(jobs))
    command = bench.understudy("run", "--runtime", "sandbox", "--jobs", "2", "--quiet")
    (seconds,) = in_turns(1, lambda: bench.perform(command, root).seconds)
    cores = len(os.sched_getaffinity(0))
    name = f"one of {JOBS} jobs of one step, two at once on {cores} cores"
    return [Row(name, seconds / JOBS * 1e3, "ms", 40, note=f"the whole run takes {seconds:.1f} s")]
