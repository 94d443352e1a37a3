"""Bitbucket pipelines performed beside other programs that run them, from the same file in the same image."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Bench, Row, Skipped, in_turns
from peers import IMAGE, ORIGIN, has_image, version_of
from written import committed

ROUNDS = 3
CACHE_BYTES = 200_000_000
_FILE = f"""\
image: {IMAGE}
definitions:
  caches:
    large: .large
pipelines:
  custom:
    row:
      - step: {{script: ["true"]}}
      - step: {{script: ["true"]}}
      - step: {{script: ["true"]}}
    parallel:
      - parallel:
          - step: {{script: [sleep 2]}}
          - step: {{script: [sleep 2]}}
          - step: {{script: [sleep 2]}}
          - step: {{script: [sleep 2]}}
    cache:
      - step:
          caches: [large]
          script:
            - mkdir -p .large
            - test -f .large/data || head -c {CACHE_BYTES} /dev/urandom > .large/data
"""
_WORK = {
    "row": "3 steps of `true` in a row",
    "parallel": "4 steps of 2 seconds side by side",
    "cache": f"a step with a cache of {CACHE_BYTES // 1_000_000} MB, saved before",
}


@dataclass(frozen=True)
class Runner:
    """A program: how it is called for the custom pipeline NAME, and what says its version."""

    name: str
    command: tuple[str, ...]
    version: tuple[str, ...]

    def of(self, pipeline: str) -> tuple[str, ...]:
        """The command line for `pipeline`."""
        return tuple(word.replace("NAME", pipeline) for word in self.command)


RUNNERS = (
    Runner(
        "bitbucket-pipeline-runner",
        ("pipeline-runner", "run", "custom.NAME"),
        ("pipeline-runner", "--version"),
    ),
    Runner("ktomk/pipelines", ("pipelines", "--pipeline", "custom/NAME"), ("pipelines", "--version")),
)


def pipelines(bench: Bench) -> Sequence[Row | Skipped]:
    """Seconds of each piece of work: ours in Docker, then each other program's, in turns; caches are filled first."""
    if not has_image():
        return [Skipped("Bitbucket pipelines", "no Docker, or its image isn't made: scripts/test-images")]
    rows: list[Row | Skipped] = []
    for runner in RUNNERS:
        if shutil.which(runner.command[0]) is None:
            rows.append(Skipped(runner.name, f"`{runner.command[0]}` isn't on PATH"))
        else:
            rows += [_beside(runner, pipeline, what, bench) for pipeline, what in _WORK.items()]
    return rows


def _beside(runner: Runner, pipeline: str, what: str, bench: Bench) -> Row | Skipped:
    us, them = (_repository(bench, name) for name in ("ours", "theirs"))
    ours = bench.understudy("run", f"custom.{pipeline}", "--runtime", "docker", "--jobs", "4", "--quiet")
    try:
        mine, theirs = in_turns(
            ROUNDS,
            lambda: bench.perform(ours, us).seconds,
            lambda: bench.perform(runner.of(pipeline), them).seconds,
        )
    except RuntimeError as error:
        return Skipped(f"{what}, beside {runner.name}", str(error).strip().splitlines()[-1][:200])
    note = f"{mine:.2f} s; {runner.name} {version_of(runner.version)} {theirs:.2f} s"
    return Row(f"{what}, in that of {runner.name}", mine / theirs, "x", 1, note=note)


def _repository(bench: Bench, name: str) -> Path:
    return committed(bench.new_folder(name), {"bitbucket-pipelines.yml": _FILE}, origin=ORIGIN)
